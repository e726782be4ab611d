#include "actors/reception/tables/triage.hpp"

#include "messages/routing_policy.hpp"

namespace careline::reception {

namespace {

constexpr int complexity_max = 3;
constexpr std::size_t need_bytes_max = 256;

std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool same_place(const triage_row& a, const triage_row& b) {
  return a.queue == b.queue && a.area == b.area;
}

/// The words of an enum, as the reader of fields lists them.
std::string duties() {
  std::string out{"one of"};
  for (const auto& [item, word] : names(duty_class{}))
    out += (item == duty_class::consult ? " " : ", ") + std::string{word};
  return out;
}

bool is_duty(std::string_view word) {
  for (const auto& [item, name] : names(duty_class{}))
    if (word == name)
      return true;
  return false;
}

std::optional<problem> check(const triage_row& row, const std::string& path) {
  if (row.need.empty() || row.need.size() > need_bytes_max)
    return expected(path + "need", "1 to 256 bytes");
  if (row.queue.empty() == row.area.empty())
    return expected(path + "queue", "a queue or an area, and not both");
  if (!is_duty(row.duty))
    return expected(path + "duty", duties());
  if (!routing::is_urgency(row.urgency.value_or(0)))
    return expected(path + "urgency", "-1,000,000 to 1,000,000");
  return check_complexity(row.complexity, path + "complexity");
}

} // namespace

triage triage_need(const std::vector<triage_row>& table, std::string_view need) {
  const auto said = lower(need);
  const triage_row* best = nullptr;
  bool several = false;
  for (const auto& row : table) {
    const auto word = lower(row.need);
    if (said == word)
      return {&row, 1.0};
    if (word.empty() || said.find(word) == std::string::npos)
      continue;
    several = several || (best && !same_place(*best, row));
    if (!best || row.need.size() > best->need.size())
      best = &row;
  }
  if (!best)
    return {};
  return {best, several ? 0.4 : 0.8};
}

std::optional<problem> check(const std::vector<triage_row>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (auto wrong = check(rows[i], "rows[" + std::to_string(i) + "]."))
      return wrong;
  return {};
}

std::optional<problem> check_complexity(std::optional<int> given, std::string_view path) {
  if (given && (*given < 1 || *given > complexity_max))
    return expected(std::string{path}, "1 to 3");
  return {};
}

} // namespace careline::reception
