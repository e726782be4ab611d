#include "actors/reception/tables/triage.hpp"

namespace careline::reception {

namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

} // namespace

triage triage_need(const std::vector<triage_row>& table, std::string_view need) {
  const auto said = lower(need);
  const triage_row* best = nullptr;
  bool several = false;
  for (const auto& row : table) {
    const auto word = lower(row.need);
    if (said == word)
      return {row.queue, row.duty, 1.0};
    if (word.empty() || said.find(word) == std::string::npos)
      continue;
    several = several || (best && best->queue != row.queue);
    if (!best || row.need.size() > best->need.size())
      best = &row;
  }
  if (!best)
    return {};
  return {best->queue, best->duty, several ? 0.4 : 0.8};
}

} // namespace careline::reception
