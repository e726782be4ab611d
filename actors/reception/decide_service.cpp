#include <algorithm>

#include "actors/reception/model.hpp"
#include "actors/reception/tables/triage.hpp"

namespace careline::reception {

using kernel::decision;

namespace {

constexpr std::size_t businesses_of_contact_max = 32;
/// That are known at once: of a day.
constexpr std::size_t episodes_max = 100'000;

value list_of(const std::vector<code_word>& codes) {
  value::list out;
  out.reserve(codes.size());
  for (const auto& one : codes)
    out.emplace_back(one.text());
  return out;
}

value list_of(const std::vector<document_row>& documents) {
  value::list out;
  out.reserve(documents.size());
  for (const auto& one : documents)
    out.push_back(to_value(one));
  return out;
}

bool is_on(const std::vector<document_row>& documents, const code_word& one) {
  return std::ranges::find(documents, one, &document_row::document) != documents.end();
}

/// What is required by any list that the person has, and was not shown.
std::vector<code_word> missing(const std::map<code_word, std::vector<document_row>>& issued,
                               const std::set<code_word>& presented) {
  std::set<code_word> out;
  for (const auto& [business, documents] : issued)
    for (const auto& one : documents)
      if (one.required && !presented.contains(one.document))
        out.insert(one.document);
  return {out.begin(), out.end()};
}

} // namespace

reception_model::verdict reception_model::on(const contact_classify& c, const context&) const {
  const auto who = known(c.contact);
  if (!who)
    return no(who.error());
  if (auto wrong = check_complexity(c.complexity, "complexity"))
    return no(*wrong);
  contact_classified e;
  e.was = (*who)->is ? *(*who)->is : contact_class{};
  e.contact = c.contact;
  e.by = c.by;
  e.duty = word_of(c.duty);
  e.business = c.business.empty() ? e.was.business : c.business;
  e.complexity = c.complexity ? c.complexity : e.was.complexity;
  decision d;
  if (e.was != contact_class{e.duty, e.business, e.complexity})
    d.events.emplace_back(std::move(e));
  return d;
}

reception_model::verdict reception_model::on(const contact_issue_materials& c,
                                             const context&) const {
  const auto who = known(c.contact);
  if (!who)
    return no(who.error());
  const auto list = materials_.find(c.business);
  if (list == materials_.end())
    return no(because("reception.unknown_business", "business", c.business.text()));
  const auto& has = (*who)->more.get();
  auto issued = has.issued;
  const auto before = issued.find(c.business);
  const bool is_so = before != issued.end() && before->second == list->second;
  if (before == issued.end() && issued.size() >= businesses_of_contact_max)
    return no(because("reception.too_many", {},
                      "at most " + std::to_string(businesses_of_contact_max)));
  issued[c.business] = list->second;
  decision d;
  d.reply.set("documents", list_of(list->second));
  d.reply.set("missing", list_of(missing(issued, has.presented)));
  if (!is_so) {
    contact_materials_issued e;
    e.contact = c.contact;
    e.business = c.business;
    e.documents = list->second;
    d.events.emplace_back(std::move(e));
  }
  return d;
}

reception_model::verdict reception_model::on(const contact_present_materials& c,
                                             const context&) const {
  const auto who = known(c.contact);
  if (!who)
    return no(who.error());
  if (c.documents.empty())
    return no(expected("documents", "at least one document").value());
  const auto& has = (*who)->more.get();
  auto presented = has.presented;
  contact_materials_presented e;
  e.contact = c.contact;
  for (const auto& one : c.documents) {
    if (std::ranges::none_of(has.issued,
                             [&](const auto& list) { return is_on(list.second, one); }))
      return no(because("reception.not_issued", "documents", one.text()));
    if (presented.insert(one).second)
      e.presented.push_back(one);
  }
  e.missing = missing(has.issued, presented);
  decision d;
  d.reply.set("missing", list_of(e.missing));
  if (!e.presented.empty())
    d.events.emplace_back(std::move(e));
  return d;
}

reception_model::verdict reception_model::on(const contact_remind& c, const context&) const {
  const auto who = known(c.contact);
  if (!who)
    return no(who.error());
  if (c.wordings.empty())
    return no(expected("wordings", "at least one wording").value());
  auto told = (*who)->more.get().reminded;
  contact_reminded e;
  e.contact = c.contact;
  for (const auto& one : c.wordings) {
    if (!has_wording(one))
      return no(because("reception.unknown_wording", "wordings", one.text()));
    if (told.insert(one).second)
      e.wordings.push_back(one);
  }
  decision d;
  if (!e.wordings.empty())
    d.events.emplace_back(std::move(e));
  return d;
}

// --- those who help themselves -------------------------------------------------------------------

episode_id reception_model::fresh_episode() const {
  for (auto n = helped_.opened + 1;; ++n)
    if (episode_id id{"E-" + std::to_string(n)}; !episodes_.contains(id))
      return id;
}

reception_model::verdict reception_model::on(const self_service_open& c, const context&) const {
  decision d;
  if (const auto found = episodes_.find(c.episode); found != episodes_.end()) {
    const auto& there = found->second;
    if (there.channel != c.channel || there.need != c.need || there.business != c.business)
      return no(because("reception.episode_exists", "episode", c.episode.text()));
    d.reply.set("episode", c.episode.text());
    return d;
  }
  if (episodes_.size() >= episodes_max)
    return no(because("reception.too_many", {}, "at most " + std::to_string(episodes_max)));
  self_service_opened e;
  static_cast<self_service_open&>(e) = c;
  if (e.episode.empty())
    e.episode = fresh_episode();
  d.reply.set("episode", e.episode.text());
  d.events.emplace_back(std::move(e));
  return d;
}

reception_model::verdict reception_model::on(const self_service_end& c, const context&) const {
  const auto found = episodes_.find(c.episode);
  if (found == episodes_.end())
    return no(because("reception.unknown_episode", "episode", c.episode.text()));
  if (!c.contact.empty() && c.outcome != self_service_outcome::handed_over)
    return no(expected("contact", "only with handed_over").value());
  if (!c.contact.empty() && !visits_.contains(c.contact))
    return no(because("reception.unknown_contact", "contact", c.contact.text()));
  const auto& ended = found->second.ended;
  if (ended && *ended != c.outcome)
    return no(because("reception.episode_ended", "outcome", std::string{word_of(*ended)}));
  decision d;
  if (!ended) {
    self_service_ended e;
    static_cast<self_service_end&>(e) = c;
    d.events.emplace_back(std::move(e));
  }
  return d;
}

} // namespace careline::reception
