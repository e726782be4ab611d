#include "actors/routing/strategies/strategies.hpp"

namespace careline::routing {

/// By the sum of the levels in the skills that the contact asks for; "ALL" stands for those that an
/// agent does not name.
std::int64_t highest_level_score(const agent& a, const queue&, const contact& c) {
  const auto level_in = [&](const skill_id& s) {
    const auto named = a.can.skills.find(s);
    return named == a.can.skills.end() ? 0 : named->second;
  };
  const int in_all = level_in(skill_id{"ALL"});
  std::int64_t sum = 0;
  for (const auto& asked : c.skills)
    sum += a.can.skills.contains(asked) ? level_in(asked) : in_all;
  return -sum;
}

} // namespace careline::routing
