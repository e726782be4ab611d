#include "actors/routing/model.hpp"

#include <algorithm>
#include <tuple>

#include "messages/planted.hpp"
#include "messages/saved_rows.hpp"

namespace careline::routing {

namespace {

constexpr int form = 7; ///< of the saved state; another is not read

/// Names that stand in many rows are written once, and in the rows as numbers.
class name_list {
public:
  int number_of(std::string_view name) {
    if (const auto known = numbers_.find(name); known != numbers_.end())
      return known->second;
    const auto n = static_cast<int>(numbers_.size());
    numbers_.emplace(name, n);
    names_.emplace_back(name);
    return n;
  }
  value take() { return std::move(names_); }

private:
  std::map<std::string, int, std::less<>> numbers_;
  value::list names_;
};

/// Of ended contacts there are a day's: they are saved as rows, without the names of their fields.
value row_of_ended(const ended_contact& c, name_list& names) {
  value::list row;
  row.reserve(20);
  row.emplace_back(c.id.text());
  row.emplace_back(c.fingerprint);
  for (const std::string_view name : {std::string_view{c.channel.text()},
                                      std::string_view{c.gateway},
                                      std::string_view{c.queue.text()},
                                      std::string_view{c.agent.text()}, c.as,
                                      std::string_view{c.disposition.get()}})
    row.emplace_back(names.number_of(name));
  row.emplace_back(c.where.urgency);
  row.emplace_back(c.where.age_key);
  row.emplace_back(c.where.nudge);
  row.emplace_back(to_ms(c.opened));
  row.emplace_back(to_ms(c.queued));
  row.push_back(c.answered ? value{to_ms(*c.answered)} : value{});
  row.emplace_back(to_ms(c.ended));
  row.emplace_back(c.callback ? 1 : 0);
  row.emplace_back(c.offer_number);
  row.emplace_back(c.caller.get());
  row.emplace_back(c.beside.text());
  row.emplace_back(c.consult ? 1 : 0);
  return row;
}

/// The names that the rows have the numbers of.
class named {
public:
  explicit named(const value& list) : names_(list.as<value::list>()) {}
  bool is_there() const noexcept { return names_ != nullptr; }
  /// False when there is no such name.
  bool read(row_reader& row, std::string& out) const {
    std::size_t n = 0;
    const auto* name = row >> n && n < names_->size() ? (*names_)[n].as<std::string>() : nullptr;
    if (name)
      out = *name;
    return name != nullptr;
  }
  template <class Tag>
  bool read(row_reader& row, name_of<Tag>& out) const {
    std::string text;
    const bool known = read(row, text);
    out = name_of<Tag>{std::move(text)};
    return known;
  }

private:
  const value::list* names_;
};

/// The text of the type itself, which outlives all contacts; empty for what ends none.
std::string_view ending(std::string_view type) {
  for (const std::string_view one :
       {std::string_view{contact_finished::type}, std::string_view{contact_refused::type},
        std::string_view{contact_abandoned::type}, std::string_view{contact_timed_out::type},
        std::string_view{contact_diverted::type}})
    if (type == one)
      return one;
  return {};
}

bool read_ended(const value& from, const named& names, ended_contact& c) {
  row_reader row{from};
  std::string id;
  std::string as;
  std::string disposition;
  row >> id >> c.fingerprint;
  c.id = contact_id{std::move(id)};
  if (!names.read(row, c.channel) || !names.read(row, c.gateway) || !names.read(row, c.queue)
      || !names.read(row, c.agent) || !names.read(row, as) || !names.read(row, disposition))
    return false;
  c.as = ending(as);
  c.disposition = std::move(disposition);
  row >> c.where.urgency >> c.where.age_key >> c.where.nudge >> c.opened >> c.queued;
  if (const auto* answered = row.any().as<std::int64_t>())
    c.answered = from_ms(*answered);
  std::string caller;
  std::string beside;
  row >> c.ended >> c.callback >> c.offer_number >> caller >> beside >> c.consult;
  c.caller = std::move(caller);
  c.beside = contact_id{std::move(beside)};
  return row && !c.as.empty();
}

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

/// By id, so that equal models are saved alike.
template <class Map>
auto in_order(const Map& items) {
  std::vector<typename Map::mapped_type::pointer> out;
  out.reserve(items.size());
  for (const auto& [id, item] : items)
    out.push_back(item.get());
  std::sort(out.begin(), out.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  return out;
}

} // namespace

value routing_model::save() const {
  value::list contacts;
  for (const auto* c : in_order(contacts_))
    contacts.push_back(to_value(*c));
  value::list ended;
  ended.reserve(ended_.size());
  name_list names;
  for (const auto* e : in_order(ended_))
    ended.push_back(row_of_ended(*e, names));
  value v{value::map{}};
  v.add("form", form);
  v.add("queues", list_of(queues_));
  v.add("agents", list_of(agents_));
  v.add("contacts", std::move(contacts));
  v.add("halls", list_of(halls_));
  v.add("names", names.take());
  v.add("ended", std::move(ended));
  if (!planted(bug::saves_less))
    v.add("sign_ins", sign_ins_);
  v.add("last", to_ms(last_));
  value::list closed;
  for (const auto& site : closed_)
    closed.emplace_back(site.text());
  if (!closed.empty())
    v.add("closed_sites", std::move(closed));
  return v;
}

/// Those that have ended.
bool routing_model::load_ended(const value& state) {
  static const value nothing;
  const auto* list = state.find("names");
  const auto* rows = state.find("ended");
  const named names{list ? *list : nothing};
  const auto* all = rows ? rows->as<value::list>() : nullptr;
  if (!all || !names.is_there())
    return false;
  ended_.reserve(all->size());
  for (const auto& row : *all) {
    ended_contact e;
    if (!read_ended(row, names, e) || find(e.id))
      return false;
    add(std::move(e));
  }
  return true;
}

void routing_model::forget_all() {
  queues_.clear();
  agents_.clear();
  contacts_.clear();
  ended_.clear();
  by_end_.clear();
  wakes_.clear();
  leaving_.clear();
  delays_.clear();
  held_by_.clear();
  unserved_.clear();
  dropped_.clear();
  closed_.clear();
  closing_.clear();
  halls_.clear();
  tells_.clear();
  index_ = {};
  sign_ins_ = 0;
  last_ = {};
}

bool routing_model::load(const value& state) {
  if (state.int_or("form", 0) != form)
    return false;
  forget_all();
  const bool read =
      read_list<queue>(state, "queues",
                       [&](queue q) { queues_.emplace(q.policy.queue, std::move(q)); })
      && read_list<agent>(state, "agents", [&](agent a) { agents_.emplace(a.id, std::move(a)); })
      && read_list<contact>(state, "contacts",
                            [&](contact c) { add(std::move(c)); })
      && read_list<hall>(state, "halls",
                         [&](hall h) { halls_.emplace(h.prefix, std::move(h)); })
      && load_ended(state);
  if (!read) {
    forget_all();
    return false;
  }
  sign_ins_ = static_cast<std::uint64_t>(state.int_or("sign_ins", 0));
  last_ = from_ms(state.int_or("last", 0));
  replayed_until_ = last_;
  if (const auto* closed = state.find("closed_sites"); closed && closed->as<value::list>())
    for (const auto& site : *closed->as<value::list>())
      if (const auto* name = site.as<std::string>())
        closed_.insert(site_id{*name});
  reindex();
  return true;
}

value routing_model::part(std::string_view subject) const {
  std::int64_t tickets = 0;
  for (const auto& [prefix, area] : halls_)
    tickets += area.count;
  if (subject.empty())
    return value{value::map{{"queues", value{std::uint64_t{queues_.size()}}},
                            {"agents", value{std::uint64_t{agents_.size()}}},
                            {"open", value{std::uint64_t{contacts_.size()}}},
                            {"sign_ins", value{sign_ins_}},
                            {"closed_sites", value{std::uint64_t{closed_.size()}}},
                            {"tickets", tickets},
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
    index_.know(a);
    refresh(a, last_);
  }
  for (auto& [id, a] : agents_)
    look_at_delays(a.can, last_);
  for (auto& [id, one] : contacts_) {
    auto& c = *one;
    held_by_[c.gateway].contacts.insert(&c);
    if (c.in_queue())
      start_clocks(c, last_ + span{1});
    refresh(c, last_);
  }
  for (auto& [id, q] : queues_)
    plan_telling_anew(q, last_);
  for (const auto& [id, e] : ended_)
    by_end_.push_back(e.get());
  std::sort(by_end_.begin(), by_end_.end(), [](const auto* a, const auto* b) {
    return std::tie(a->ended, a->id) < std::tie(b->ended, b->id);
  });
  for (const auto* e : by_end_) {
    remember_unserved(*e);
    remember_dropped(*e);
  }
}

} // namespace careline::routing
