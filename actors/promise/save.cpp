#include <algorithm>

#include "actors/promise/model.hpp"
#include "messages/saved_rows.hpp"

namespace careline::promise {

namespace {

constexpr int form = 1; ///< of the saved state; another is not read

} // namespace

value promise_model::row_of(const entry& e) {
  const auto& [id, p] = e;
  return careline::row_of(id.text(), p.contact.text(), p.kind.text(), p.owner.text(),
                          p.lead.text(), to_ms(p.since), to_ms(p.due), static_cast<int>(p.next),
                          p.kept ? value{to_ms(*p.kept)} : value{});
}

bool promise_model::load_row(const value& from) {
  row_reader row{from};
  std::string id, contact, kind, owner, lead;
  int next = 0;
  given_promise p;
  row >> id >> contact >> kind >> owner >> lead >> p.since >> p.due >> next;
  p.contact = contact_id{std::move(contact)};
  p.kind = code_word{std::move(kind)};
  p.owner = agent_id{std::move(owner)};
  p.lead = agent_id{std::move(lead)};
  p.next = static_cast<step>(next);
  if (const auto* kept = row.any().as<std::int64_t>())
    p.kept = from_ms(*kept);
  if (!row || next < 0 || next > static_cast<int>(step::nothing))
    return false;
  const auto there = promises_.emplace_hint(promises_.end(), promise_id{std::move(id)},
                                            std::move(p));
  if (there->second.kept)
    kept_.emplace_back(*there->second.kept, &*there);
  else
    arm(*there);
  broken_ += state_of(there->second) == promise_state::broken ? 1 : 0;
  return true;
}

value promise_model::save() const {
  long_list rows;
  for (const auto& one : promises_)
    rows.push_back(row_of(one));
  return value{value::map{{"form", form}, {"made", value{made_}}, {"promises", rows.take()}}};
}

bool promise_model::load(const value& state) {
  promises_.clear();
  wakes_.clear();
  by_due_.clear();
  kept_.clear();
  broken_ = 0;
  made_ = static_cast<std::uint64_t>(state.int_or("made", 0));
  const auto* rows = state.find("promises");
  if (state.int_or("form", 0) != form || !rows
      || !long_list::each(*rows, [this](const value& row) { return load_row(row); }))
    return false;
  std::stable_sort(kept_.begin(), kept_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  return true;
}

value promise_model::part(std::string_view subject) const {
  if (subject.empty())
    return value{value::list{value{made_}}};
  constexpr std::string_view kind = "promise/";
  if (!subject.starts_with(kind))
    return {};
  const auto found = promises_.find(promise_id{std::string{subject.substr(kind.size())}});
  return found == promises_.end() || found->second.kept ? value{} : row_of(*found);
}

} // namespace careline::promise
