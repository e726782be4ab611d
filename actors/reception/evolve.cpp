#include <algorithm>

#include "actors/reception/model.hpp"
#include "messages/saved_rows.hpp"

namespace careline::reception {

namespace {

constexpr span ended_kept = 24h;
constexpr int form = 2; ///< of the saved state; another is not read

} // namespace

void reception_model::evolve(const event& e, instant at) {
  forget_ended(at);
  std::visit(overloaded{
                 [&](const contact_opened& x) {
                   visits_.try_emplace(x.contact);
                   ++opened_;
                 },
                 [&](const contact_rated& x) { visits_[x.contact].score = x.score; },
                 [](const contact_triaged&) {},
                 [&](const routing::contact_finished& x) { end(x.contact, at); },
                 [&](const routing::contact_abandoned& x) { end(x.contact, at); },
                 [&](const routing::contact_refused& x) { end(x.contact, at); },
                 [&](const routing::contact_timed_out& x) { end(x.contact, at); },
                 [&](const routing::contact_diverted& x) {
                   if (x.to.starts_with("external:"))
                     end(x.contact, at);
                 },
                 [](const one_of<routing::event> auto&) {},
                 [](const one_of<session::event> auto&) {},
                 [](const one_of<engine::event> auto&) {},
                 [](const one_of<security::event> auto&) {},
             },
             e);
}

void reception_model::end(const contact_id& id, instant at) {
  const auto found = visits_.find(id);
  if (found == visits_.end() || found->second.ended)
    return;
  found->second.ended = at;
  ended_.emplace_back(at, found);
}

void reception_model::forget_ended(instant at) {
  for (; !ended_.empty() && ended_.front().first + ended_kept <= at; ended_.pop_front())
    visits_.erase(ended_.front().second);
}

value reception_model::save() const {
  value::list visits;
  visits.reserve(visits_.size());
  for (const auto& [id, one] : visits_)
    visits.push_back(row_of(id.text(), one.score ? value{*one.score} : value{},
                                    one.ended ? value{to_ms(*one.ended)} : value{}));
  return value{value::map{
      {"form", form}, {"opened", value{opened_}}, {"visits", value{std::move(visits)}}}};
}

/// They were saved in their order.
bool reception_model::load_visit(const value& from) {
  row_reader row{from};
  std::string id;
  row >> id;
  visit one;
  if (const auto* score = row.any().as<std::int64_t>())
    one.score = static_cast<int>(*score);
  if (const auto* ended = row.any().as<std::int64_t>())
    one.ended = from_ms(*ended);
  const auto before = visits_.size();
  const auto at = visits_.emplace_hint(visits_.end(), contact_id{std::move(id)}, one);
  if (one.ended)
    ended_.emplace_back(*one.ended, at);
  return row && visits_.size() > before;
}

bool reception_model::load(const value& state) {
  const auto* all = state.find("visits");
  const auto* items = all ? all->as<value::list>() : nullptr;
  if (state.int_or("form", 0) != form || !items)
    return false;
  visits_.clear();
  ended_.clear();
  opened_ = static_cast<std::uint64_t>(state.int_or("opened", 0));
  if (!std::all_of(items->begin(), items->end(),
                   [this](const value& item) { return load_visit(item); })) {
    visits_.clear();
    ended_.clear();
    opened_ = 0;
    return false;
  }
  std::stable_sort(ended_.begin(), ended_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  return true;
}

} // namespace careline::reception
