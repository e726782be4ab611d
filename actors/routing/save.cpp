#include "actors/routing/model.hpp"

#include "messages/planted.hpp"

namespace careline::routing {

namespace {

constexpr int form = 2; ///< of the saved state; another is not read

template <class Map>
value::list list_of(const Map& items) {
  value::list out;
  out.reserve(items.size());
  for (const auto& [id, item] : items)
    out.push_back(to_value(item));
  return out;
}

/// Reads a list of T; false when one of them is none.
template <class T, class Take>
bool read_list(const value& from, std::string_view key, Take take) {
  const auto* items = from.find(key);
  const auto* all = items ? items->as<value::list>() : nullptr;
  if (!all)
    return false;
  for (const auto& item : *all) {
    T one;
    if (!from_value(item, one))
      return false;
    take(std::move(one));
  }
  return true;
}

} // namespace

value routing_model::save() const {
  std::map<contact_id, const contact*> in_order;
  for (const auto& [id, c] : contacts_)
    in_order.emplace(id, &c);
  value::list contacts;
  contacts.reserve(in_order.size());
  for (const auto& [id, c] : in_order)
    contacts.push_back(to_value(*c));
  value v{value::map{}};
  v.add("form", form);
  v.add("queues", list_of(queues_));
  v.add("agents", list_of(agents_));
  v.add("contacts", std::move(contacts));
  if (!planted(bug::saves_less))
    v.add("sign_ins", sign_ins_);
  v.add("last", to_ms(last_));
  return v;
}

bool routing_model::load(const value& state) {
  if (state.int_or("form", 0) != form)
    return false;
  queues_.clear();
  agents_.clear();
  contacts_.clear();
  ended_.clear();
  wakes_.clear();
  leaving_.clear();
  delays_.clear();
  held_by_.clear();
  unserved_.clear();
  index_ = {};
  sign_ins_ = static_cast<std::uint64_t>(state.int_or("sign_ins", 0));
  last_ = from_ms(state.int_or("last", 0));
  replayed_until_ = last_;
  const bool read =
      read_list<queue>(state, "queues",
                       [&](queue q) { queues_.emplace(q.policy.queue, std::move(q)); })
      && read_list<agent>(state, "agents", [&](agent a) { agents_.emplace(a.id, std::move(a)); })
      && read_list<contact>(state, "contacts",
                            [&](contact c) { contacts_.emplace(c.id, std::move(c)); });
  if (read)
    reindex();
  return read;
}

value routing_model::part(std::string_view subject) const {
  if (subject.empty())
    return value{value::map{{"queues", value{std::uint64_t{queues_.size()}}},
                            {"agents", value{std::uint64_t{agents_.size()}}},
                            {"open", value{std::uint64_t{contacts_.size() - ended_.size()}}},
                            {"sign_ins", value{sign_ins_}},
                            {"last", to_ms(last_)}}};
  const auto dash = subject.find('/');
  const auto kind = subject.substr(0, dash);
  const std::string id{subject.substr(dash == subject.npos ? subject.size() : dash + 1)};
  if (kind == "contact")
    if (const auto* c = find(contact_id{id}); c && c->at != phase::ended)
      return to_value(*c);
  if (kind == "agent")
    if (const auto* a = find(agent_id{id}))
      return to_value(*a);
  if (kind == "queue")
    if (const auto* q = find(queue_id{id}))
      return to_value(*q);
  return {};
}

/// Makes all that is derived from the state anew.
void routing_model::reindex() {
  for (auto& [id, q] : queues_) {
    index_.define(q);
    if (q.policy.leave_when)
      leaving_.insert(id);
  }
  for (auto& [id, a] : agents_) {
    held_by_[a.client].agents.insert(&a);
    refresh(a, last_);
  }
  for (auto& [id, a] : agents_)
    look_at_delays(a.can, last_);
  for (auto& [id, c] : contacts_) {
    if (c.at == phase::ended) {
      ended_.emplace_back(c.ended.value_or(last_), id);
      remember_unserved(c);
      continue;
    }
    held_by_[c.gateway].contacts.insert(&c);
    if (c.in_queue())
      start_clocks(c, last_ + span{1});
    refresh(c, last_);
  }
  std::sort(ended_.begin(), ended_.end());
}

} // namespace careline::routing
