#include "actors/routing/strategies/strategies.hpp"

namespace careline::routing {

/// The specialist first, so that who can do more stays free for more.
std::int64_t fewest_skills_score(const agent& a, const queue&, const contact&) {
  const bool can_all = a.can.skills.contains(skill_id{"ALL"});
  return can_all ? std::int64_t{skills_max} + 1 : static_cast<std::int64_t>(a.can.skills.size());
}

} // namespace careline::routing
