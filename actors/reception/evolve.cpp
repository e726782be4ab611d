#include <algorithm>

#include "actors/reception/model.hpp"

namespace careline::reception {

namespace {

constexpr span ended_kept = 24h;
/// Of each wording; older ones are in the log.
constexpr std::size_t versions_kept = 100;

} // namespace

void reception_model::evolve(const event& e, instant at) {
  if (is_of_desk(e))
    return;
  forget_ended(at);
  std::visit(overloaded{
                 [&](const one_of<reception::event> auto& x) { took(x, at); },
                 [&](const one_of<routing::event> auto&) { took_of_routing(e, at); },
                 [](const one_of<session::event> auto&) {},
                 [](const desk_event auto&) {},
                 [](const one_of<engine::event> auto&) {},
             },
             e);
}

void reception_model::took_of_routing(const event& e, instant at) {
  std::visit(overloaded{
                 [&](const routing::contact_finished& x) { end(x.contact, at); },
                 [&](const routing::contact_abandoned& x) { end(x.contact, at); },
                 [&](const routing::contact_refused& x) { end(x.contact, at); },
                 [&](const routing::contact_timed_out& x) { end(x.contact, at); },
                 [&](const routing::contact_diverted& x) {
                   if (leads_outside(x.to))
                     end(x.contact, at);
                 },
                 [&](const routing::queue_defined& x) { queues_.insert(x.queue); },
                 [&](const routing::queue_removed& x) { queues_.erase(x.queue); },
                 [&](const routing::site_state_changed& x) {
                   if (x.state == routing::site_state::closed)
                     closed_sites_.insert(x.site);
                   else
                     closed_sites_.erase(x.site);
                 },
                 [](const auto&) {},
             },
             e);
}

visit* reception_model::find(const contact_id& id) {
  const auto found = visits_.find(id);
  return found == visits_.end() ? nullptr : &found->second;
}

/// Contacts differ in what they are about by a few rows of a table: each has one place in memory.
const contact_class* reception_model::kept(contact_class one) {
  return &*classes_.insert(std::move(one)).first;
}

void reception_model::took(const contact_opened& e, instant) {
  visits_.try_emplace(e.contact);
  ++opened_;
}

void reception_model::took(const contact_triaged& e, instant) {
  if (e.method == "given")
    return;
  const bool by_table = e.method == "table";
  if (e.table_version.value_or(0) == number_)
    ++(by_table ? counts_.by_table : counts_.by_default);
  auto* v = find(e.contact);
  if (!v || (!by_table && e.duty.empty()))
    return;
  v->table = e.table_version.value_or(0);
  v->is = kept({e.duty, e.business, e.complexity});
  v->sorted = by_table ? v->is : nullptr;
}

void reception_model::took(const contact_classified& e, instant) {
  auto* v = find(e.contact);
  if (!v)
    return;
  const int before = v->was_corrected() ? 1 : 0;
  v->is = kept({e.duty, e.business, e.complexity});
  if (!counts(*v))
    return;
  const int more = (v->was_corrected() ? 1 : 0) - before;
  counts_.corrected += more;
  counts_.ended_corrected += v->ended ? more : 0;
}

void reception_model::took(const contact_materials_issued& e, instant) {
  if (auto* v = find(e.contact))
    v->more.edit().issued[e.business] = e.documents;
}

void reception_model::took(const contact_materials_presented& e, instant) {
  if (auto* v = find(e.contact))
    v->more.edit().presented.insert(e.presented.begin(), e.presented.end());
}

void reception_model::took(const contact_reminded& e, instant) {
  if (auto* v = find(e.contact))
    v->more.edit().reminded.insert(e.wordings.begin(), e.wordings.end());
}

/// A new table is judged by what it does itself.
void reception_model::took(const triage_defined& e, instant) {
  rows_ = e.rows;
  number_ = e.number;
  counts_ = {};
}

void reception_model::took(const wording_defined& e, instant) {
  auto& kept_texts = wordings_[{e.wording, e.language, e.channel}];
  if (kept_texts.texts.empty())
    kept_texts.first = e.number;
  kept_texts.texts.push_back(e.text);
  kept_texts.is_forbidden = false;  // else it would not have been taken
  if (kept_texts.texts.size() > versions_kept) {
    kept_texts.texts.pop_front();
    ++kept_texts.first;
  }
}

void reception_model::took(const wording_forbidden& e, instant) {
  forbidden_ = forbidden_words{e.words};
  mark_greetings();
}

/// They are said at every arrival: whether they may be is found out once.
void reception_model::mark_greetings() {
  for (auto at = wordings_.lower_bound({code_word{greeting_word}, {}, {}});
       at != wordings_.end() && at->first.wording.text() == greeting_word; ++at)
    at->second.is_forbidden = !forbidden_.in(at->second.texts.back()).empty();
}

void reception_model::took(const self_service_opened& e, instant at) {
  forget_episodes(at);
  const auto [there, is_new] = episodes_.try_emplace(
      e.episode, episode{e.channel, e.need, e.business, at, std::nullopt});
  ++helped_.opened;
  if (is_new)
    by_opening_.push_back(there);
}

void reception_model::took(const self_service_ended& e, instant) {
  switch (e.outcome) {
    case self_service_outcome::solved: ++helped_.solved; break;
    case self_service_outcome::handed_over: ++helped_.handed_over; break;
    case self_service_outcome::left: ++helped_.left; break;
  }
  if (const auto found = episodes_.find(e.episode); found != episodes_.end())
    found->second.ended = e.outcome;
}

void reception_model::end(const contact_id& id, instant at) {
  const auto found = visits_.find(id);
  if (found == visits_.end() || found->second.ended)
    return;
  auto& v = found->second;
  v.ended = at;
  ended_.emplace_back(at, found);
  if (!counts(v))
    return;
  ++counts_.ended;
  counts_.ended_corrected += v.was_corrected() ? 1 : 0;
}

void reception_model::forget_ended(instant at) {
  for (; !ended_.empty() && ended_.front().first + ended_kept <= at; ended_.pop_front())
    visits_.erase(ended_.front().second);
}

/// Whether it ended or not: who walked away from a machine does not say so.
void reception_model::forget_episodes(instant at) {
  for (; !by_opening_.empty() && by_opening_.front()->second.opened + episode_kept <= at;
       by_opening_.pop_front())
    episodes_.erase(by_opening_.front());
}

} // namespace careline::reception
