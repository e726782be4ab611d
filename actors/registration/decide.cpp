#include <algorithm>
#include <map>

#include "actors/registration/decide_form.hpp"
#include "actors/registration/model.hpp"
#include "messages/json.hpp"

namespace careline::registration {

using kernel::decision;

namespace {

problem not_ours(std::string_view type) {
  return because("command.type_unknown", "type", std::string{type});
}

} // namespace

registration_model::verdict registration_model::decide(const command& c, const context& in) const {
  auto out = std::visit(overloaded{
                            [&](const one_of<registration::command> auto& x) { return on(x, in); },
                            [&](const auto&) { return verdict{no(not_ours(type_of(c)))}; },
                        },
                        c);
  if (out)
    number(out->events, in.client);
  return out;
}

registration_model::verdict registration_model::take_over(const command& c, const decision&,
                                                          const context&) const {
  return no(not_ours(type_of(c)));
}

/// Counts on, party by party, from where each stands; and says who it was.
void registration_model::number(events& all, const std::string& client) const {
  std::map<party_id, int> steps;
  for (auto& e : all)
    std::visit(
        [&](auto& x) {
          if constexpr (std::is_base_of_v<party_event, std::remove_cvref_t<decltype(x)>>) {
            const auto found = parties_.find(x.party);
            auto& step = steps[x.party];
            x.step = (found == parties_.end() ? 0 : found->second.steps) + ++step;
          }
          if constexpr (one_of<decltype(x), registration::event>)
            x.client = client;
        },
        e);
}

answer<const registration_model::entry*> registration_model::known(const party_id& id) const {
  const auto found = parties_.find(id);
  if (found == parties_.end())
    return no(because("registration.unknown_party", "party", id.text()));
  if (found->second.is_erased())
    return no(because("person.erased", "party", id.text()));
  if (!found->second.more.get().into.empty())
    return no(because("registration.merged", "party", root_of(id).first.text()));
  return &*found;
}

const registration_model::entry& registration_model::root_of(const party_id& id) const {
  auto at = parties_.find(id);
  while (!at->second.more.get().into.empty())
    at = parties_.find(at->second.more.get().into);
  return *at;
}

std::vector<const registration_model::entry*>
registration_model::group_of(const entry& root) const {
  std::vector<const entry*> out{&root};
  for (std::size_t i = 0; i < out.size(); ++i)
    for (const auto& id : out[i]->second.more.get().merged)
      out.push_back(&*parties_.find(id));
  return out;
}

/// By id, each once, whatever of its names has the key.
std::vector<const registration_model::entry*>
registration_model::with_key(const std::string& line) const {
  std::vector<const entry*> out;
  const auto [first, last] = by_key_.equal_range(std::hash<std::string>{}(line));
  for (auto at = first; at != last; ++at) {
    if (find_line(at->second->second.keys, line) == std::string::npos)
      continue;
    if (const auto* root = &root_of(at->second->first);
        std::find(out.begin(), out.end(), root) == out.end())
      out.push_back(root);
  }
  std::sort(out.begin(), out.end(),
            [](const entry* a, const entry* b) { return a->first < b->first; });
  return out;
}

/// A gateway names a person by either, and what it brings is sealed under that key.
std::vector<const registration_model::entry*>
registration_model::owners_of(const std::string& key, const context& in) const {
  auto out = with_key(key_line(key_kind::customer, key));
  const auto [first, last] = by_key_.equal_range(mark_of(key));
  for (auto at = first; at != last; ++at) {
    const auto& name = at->second->first;
    if (in.keys->person_of(name.text()).text() != key)
      continue;
    if (const auto* root = &root_of(name); std::find(out.begin(), out.end(), root) == out.end())
      out.push_back(root);
  }
  return out;
}

std::optional<problem> registration_model::check_contact(const contact_id& contact,
                                                         const party_id& whose) const {
  const auto found = visits_.find(contact);
  if (contact.empty() || found == visits_.end() || found->second.whose.empty())
    return {};
  const auto& other = found->second.whose;
  if (const auto there = parties_.find(whose);
      other == whose || (there != parties_.end() && &root_of(other) == &root_of(whose)))
    return {};
  return because("registration.linked_elsewhere", "contact", other.text());
}

answer<value> registration_model::opened(const entry& of, const context& in) const {
  const auto clear = in.keys->open(in.keys->person_of(of.first.text()), of.second.sealed);
  if (!clear)
    return no(clear.error());
  value out;
  from_clear_text(*clear, out);
  return out;
}

/// Nobody's name, and nobody's customer number.
party_id registration_model::fresh_party(const context& in) const {
  for (auto n = registered_ + 1;; ++n)
    if (party_id id{"party-" + std::to_string(n)};
        !parties_.contains(id) && owners_of(in.keys->person_of(id.text()).text(), in).empty())
      return id;
}

right_id registration_model::fresh_right() const {
  return right_id{"right-" + std::to_string(requested_ + 1)};
}

bool registration_model::has_consent(const entry& root, const code_word& purpose) const {
  const auto group = group_of(root);
  return std::any_of(group.begin(), group.end(), [&](const entry* one) {
    const auto& all = one->second.more.get().consents;
    return std::any_of(all.begin(), all.end(),
                       [&](const consent& c) { return c.purpose == purpose; });
  });
}

bool registration_model::has_right(const entry& root, right_kind kind) const {
  const auto group = group_of(root);
  return std::any_of(group.begin(), group.end(), [&](const entry* one) {
    const auto& open = one->second.more.get().rights;
    return std::any_of(open.begin(), open.end(),
                       [&](const right_id& id) { return rights_.at(id).kind == kind; });
  });
}

} // namespace careline::registration
