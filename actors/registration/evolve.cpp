#include <algorithm>

#include "actors/registration/model.hpp"

namespace careline::registration {

namespace {

constexpr span visit_kept = 24h;

/// The contact that has ended, if that is what happened.
const contact_id* ended_by(const careline::event& e) {
  const auto contact = [](const auto* x) { return x ? &x->contact : nullptr; };
  if (const auto* x = std::get_if<routing::contact_diverted>(&e))
    return x->to.starts_with("external:") ? &x->contact : nullptr;
  if (const auto* id = contact(std::get_if<routing::contact_finished>(&e)))
    return id;
  if (const auto* id = contact(std::get_if<routing::contact_abandoned>(&e)))
    return id;
  if (const auto* id = contact(std::get_if<routing::contact_refused>(&e)))
    return id;
  return contact(std::get_if<routing::contact_timed_out>(&e));
}

template <class Ids, class Id>
void insert_sorted(Ids& into, const Id& id) {
  if (const auto at = std::lower_bound(into.begin(), into.end(), id);
      at == into.end() || *at != id)
    into.insert(at, id);
}

std::string keys_in(const party_record& e) {
  std::string out;
  if (!e.document_key.empty())
    out += key_line(key_kind::document, e.document_key);
  if (!e.customer_key.empty())
    out += key_line(key_kind::customer, e.customer_key);
  for (const auto& hash : e.phone_keys)
    out += key_line(key_kind::phone, hash);
  out.shrink_to_fit();
  return out;
}

field_set set_of(const std::vector<code_word>& names) {
  field_set out = 0;
  for (const auto& name : names)
    if (const auto* row = find_field(name.text()))
      out |= row->bit;
  return out;
}

/// Calls `f` with the hash of each line of a party's keys, and of its name.
template <class F>
void each_key(const party& of, F f) {
  const auto& keys = of.keys;
  if (of.name_mark != 0)
    f(static_cast<std::size_t>(of.name_mark));
  for (std::size_t at = 0; at < keys.size();) {
    const auto end = keys.find('\n', at) + 1;
    f(std::hash<std::string>{}(keys.substr(at, end - at)));
    at = end;
  }
}

} // namespace

/// The ends of contacts, and nothing else: what is here does not depend on which of two came first,
/// an end or its own event.
bool registration_model::follows(const event& e) const {
  return ended_by(e) != nullptr;
}

void registration_model::evolve(const event& e, instant at) {
  const bool is_own = std::visit(
      [](const auto& x) { return one_of<decltype(x), registration::event>; }, e);
  const auto* ended = is_own ? nullptr : ended_by(e);
  if (!is_own && !ended)
    return;
  if (ended)
    touched(*ended, at).has_ended = true;
  else
    std::visit(overloaded{
                   [&](const one_of<registration::event> auto& x) {
                     if constexpr (std::is_base_of_v<party_event,
                                                     std::remove_cvref_t<decltype(x)>>)
                       stepped(x);
                     took(x, at);
                   },
                   [](const auto&) {},
               },
               e);
  seen_ = std::max(seen_, at);
  forget_visits(seen_);
}

/// A log that lacks one of them is told by the steps that it has (R2.3.5).
void registration_model::stepped(const party_event& e) {
  auto& who = parties_[e.party];
  if (e.step != who.steps + 1)
    who.more.edit().missing += std::max(1, e.step - who.steps - 1);
  who.steps = e.step;
}

visit& registration_model::touched(const contact_id& id, instant at) {
  auto& v = visits_[id];
  const auto until = at + visit_kept;
  if (until > v.kept_until) {
    leaving_.erase({v.kept_until, id});
    v.kept_until = until;
    leaving_.emplace(until, id);
  }
  return v;
}

void registration_model::forget_visits(instant at) {
  for (; !leaving_.empty() && leaving_.begin()->first <= at; leaving_.erase(leaving_.begin()))
    visits_.erase(leaving_.begin()->second);
}

void registration_model::index(const entry& who) {
  each_key(who.second, [&](std::size_t hash) { by_key_.emplace(hash, &who); });
}

void registration_model::unindex(const entry& who) {
  each_key(who.second, [&](std::size_t hash) {
    const auto [first, last] = by_key_.equal_range(hash);
    const auto mine = std::find_if(first, last,
                                   [&](const auto& one) { return one.second == &who; });
    if (mine != last)
      by_key_.erase(mine);
  });
}

void registration_model::set_record(const party_record& e) {
  auto& who = *parties_.find(e.party);
  unindex(who);
  if (const person_id before{customer_key_in(who.second.keys)};
      !before.empty() && before.text() != e.customer_key)
    insert_sorted(who.second.more.edit().numbers, before);
  who.second.name_mark = mark_of(e.person.text());
  who.second.sealed = e.fields_given.is_sealed() ? e.fields_given.sealed_form() : std::string{};
  who.second.keys = keys_in(e);
  who.second.given = set_of(e.given);
  if (const auto* form = find_form(e.purpose.text()))
    who.second.purposes |= form->bit;
  index(who);
}

void registration_model::took(const customer_registered& e, instant at) {
  ++registered_;
  set_record(e);
  parties_.at(e.party).registered = at;
}

void registration_model::took(const customer_amended& e, instant at) {
  set_record(e);
  auto& more = parties_.at(e.party).more.edit();
  more.amended = e.step;
  more.amended_at = at;
}

void registration_model::took(const customer_linked& e, instant at) {
  touched(e.contact, at).whose = e.party;
  ++parties_.at(e.party).contacts;
}

void registration_model::took(const customer_unlinked& e, instant at) {
  auto& v = touched(e.contact, at);
  if (v.whose == e.party)
    v.whose = {};
  auto& count = parties_.at(e.party).contacts;
  count = std::max(0, count - 1);
}

void registration_model::took(const customer_merged& e, instant) {
  parties_.at(e.party).more.edit().into = e.into;
  insert_sorted(parties_[e.into].more.edit().merged, e.party);
}

void registration_model::took(const customer_split_off& e, instant) {
  parties_.at(e.party).more.edit().into = {};
  std::erase(parties_[e.from].more.edit().merged, e.party);
}

void registration_model::took(const customer_revealed& e, instant at) {
  auto& window = reveals_[e.client].at;
  while (!window.empty() && window.front() + reveals_window <= at)
    window.pop_front();
  window.push_back(at);
  if (window.size() > reveals_max)
    window.pop_front();
}

void registration_model::took(const customer_reveal_limited& e, instant at) {
  reveals_[e.client].told = at;
}

/// What is left says that somebody was here and is forgotten, and what they are another name of.
void registration_model::took(const customer_erased& e, instant at) {
  auto& who = *parties_.find(e.party);
  unindex(who);
  auto& p = who.second;
  p.sealed = {};
  p.keys = {};
  p.name_mark = 0;
  p.given = 0;
  p.purposes = 0;
  party_more left;
  left.into = p.more.get().into;
  left.merged = p.more.get().merged;
  left.missing = p.more.get().missing;
  left.erased = at;
  left.copies_until = e.copies_until;
  p.more.edit() = std::move(left);
}

void registration_model::took(const identity_verified& e, instant at) {
  auto& v = touched(e.contact, at);
  v.verified = e.party;
  v.level = e.level;
  v.method = e.method;
  v.until = e.until;
  auto& p = parties_.at(e.party);
  if (p.more.get().failures > 0) {
    p.more.edit().failures = 0;
    p.more.edit().locked_until.reset();
  }
}

void registration_model::took(const identity_verification_failed& e, instant at) {
  touched(e.contact, at);
  auto& more = parties_.at(e.party).more.edit();
  more.failures = e.failures;
  more.locked_until = e.locked_until;
}

void registration_model::took(const consent_given& e, instant at) {
  auto& all = parties_.at(e.party).more.edit().consents;
  std::erase_if(all, [&](const consent& c) { return c.purpose == e.purpose; });
  const auto place = std::find_if(all.begin(), all.end(),
                                  [&](const consent& c) { return c.purpose > e.purpose; });
  all.insert(place, {e.purpose, e.channel, e.proof, at});
}

void registration_model::took(const consent_withdrawn& e, instant) {
  std::erase_if(parties_.at(e.party).more.edit().consents,
                [&](const consent& c) { return c.purpose == e.purpose; });
}

void registration_model::took(const right_requested& e, instant at) {
  ++requested_;
  const auto& [id, r] = *rights_.emplace(e.right, open_right{e.party, e.kind, at, e.due, e.step, 0})
                             .first;
  parties_.at(e.party).more.edit().rights.push_back(id);
  arm(id, r);
}

void registration_model::took(const right_warned& e, instant) {
  auto& r = rights_.at(e.right);
  disarm(e.right, r);
  ++r.stage;
  arm(e.right, r);
}

void registration_model::took(const right_lapsed& e, instant) {
  auto& r = rights_.at(e.right);
  disarm(e.right, r);
  ++r.stage;
}

void registration_model::close(const right_event& e) {
  const auto found = rights_.find(e.right);
  if (found == rights_.end())
    return;
  disarm(e.right, found->second);
  std::erase(parties_.at(e.party).more.edit().rights, e.right);
  rights_.erase(found);
}

void registration_model::took(const right_fulfilled& e, instant) {
  close(e);
}

void registration_model::took(const right_refused& e, instant) {
  close(e);
}

std::vector<party_id> registration_model::erased() const {
  std::vector<party_id> out;
  for (const auto& [id, p] : parties_)
    if (p.is_erased())
      out.push_back(id);
  return out;
}

} // namespace careline::registration
