#include "actors/reception/model.hpp"
#include "actors/reception/tables/hours.hpp"

namespace careline::reception {

using kernel::decision;

namespace {

constexpr std::size_t areas_max = 1000;
constexpr std::size_t businesses_max = 1000;
constexpr std::size_t documents_max = 100;
constexpr std::size_t note_bytes_max = 500;

problem too_many(std::size_t most) {
  return because("reception.too_many", {}, "at most " + std::to_string(most));
}

problem no_queue(std::string field, const std::string& queue) {
  return because("routing.unknown_queue", std::move(field), queue);
}

std::optional<problem> check(const std::vector<document_row>& documents) {
  if (documents.size() > documents_max)
    return expected("documents", "at most 100 documents");
  std::set<code_word> seen;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const auto path = "documents[" + std::to_string(i) + "].";
    if (!seen.insert(documents[i].document).second)
      return expected(path + "document", "each document once");
    if (documents[i].note.size() > note_bytes_max)
      return expected(path + "note", "at most 500 bytes");
  }
  return {};
}

} // namespace

/// The whole table at once: rows that fit together are not seen half changed.
reception_model::verdict reception_model::on(const triage_define& c, const context&) const {
  if (auto wrong = check(c.rows))
    return no(*wrong);
  for (std::size_t i = 0; i < c.rows.size(); ++i) {
    const auto& row = c.rows[i];
    const auto path = "rows[" + std::to_string(i) + "].";
    if (row.area.empty() && !queues_.contains(row.queue))
      return no(no_queue(path + "queue", row.queue.text()));
    if (!row.area.empty() && !areas_.contains(row.area))
      return no(because("reception.unknown_area", path + "area", row.area.text()));
  }
  const bool is_so = rows_ && *rows_ == c.rows;
  triage_defined e;
  e.rows = c.rows;
  e.number = is_so ? number_ : number_ + 1;
  decision d;
  d.reply.set("version", e.number);
  if (!is_so)
    d.events.emplace_back(std::move(e));
  return d;
}

reception_model::verdict reception_model::on(const area_define& c, const context&) const {
  if (auto wrong = check_hours(c))
    return no(*wrong);
  if (!queues_.contains(c.queue))
    return no(no_queue("queue", c.queue.text()));
  const bool is_there = areas_.contains(c.area);
  if (!is_there && areas_.size() >= areas_max)
    return no(too_many(areas_max));
  if (auto wrong = check_ways(c))
    return no(*wrong);
  decision d;
  const service_area& now = c;
  if (is_there && areas_.at(c.area) == now)
    return d;
  area_defined e;
  static_cast<service_area&>(e) = now;
  d.events.emplace_back(std::move(e));
  return d;
}

/// Where the area sends people when it is closed, and that no area sends them round. The name of an
/// area goes before that of a queue, so any area may be on a new way.
std::optional<problem> reception_model::check_ways(const service_area& with) const {
  const auto& to = with.otherwise;
  if (!to.empty() && !is_valid_id(to))
    return expected("otherwise", "an area, a queue or a place that begins with external:");
  if (!to.empty() && !leads_outside(to) && to != with.area.text()
      && !areas_.contains(area_id{to}) && !queues_.contains(queue_id{to}))
    return no_queue("otherwise", to);
  std::map<std::string_view, std::string_view> ways;
  for (const auto& [id, area] : areas_)
    ways[id.text()] = area.otherwise;
  ways[with.area.text()] = to;
  for (const auto& way : ways) {
    int areas = 1;
    for (auto next = ways.find(way.second); next != ways.end(); next = ways.find(next->second))
      if (++areas > areas_in_a_row_max)
        return because("reception.area_chain", "otherwise", std::string{way.first});
  }
  return {};
}

reception_model::verdict reception_model::on(const area_remove& c, const context&) const {
  if (!areas_.contains(c.area))
    return no(because("reception.unknown_area", "area", c.area.text()));
  for (const auto& row : table())
    if (row.area == c.area)
      return no(because("reception.area_in_use", "area", row.need));
  for (const auto& [id, area] : areas_)
    if (id != c.area && area.otherwise == c.area.text())
      return no(because("reception.area_in_use", "area", id.text()));
  area_removed e;
  e.area = c.area;
  decision d;
  d.events.emplace_back(std::move(e));
  return d;
}

reception_model::verdict reception_model::on(const materials_define& c, const context&) const {
  if (auto wrong = check(c.documents))
    return no(*wrong);
  const auto before = materials_.find(c.business);
  if (before == materials_.end() && materials_.size() >= businesses_max)
    return no(too_many(businesses_max));
  decision d;
  if (before != materials_.end() && before->second == c.documents)
    return d;
  materials_defined e;
  e.business = c.business;
  e.documents = c.documents;
  d.events.emplace_back(std::move(e));
  return d;
}

} // namespace careline::reception
