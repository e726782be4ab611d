#include "actors/routing/strategies/strategies.hpp"

namespace careline::routing {

/// Steps from the agent that was offered last, in the order of signing in.
std::int64_t round_robin_score(const agent& a, const queue& q, const contact&) {
  constexpr std::int64_t one_round = std::int64_t{1} << 40U;
  const auto steps = static_cast<std::int64_t>(a.order) - static_cast<std::int64_t>(q.last_offered);
  return steps > 0 ? steps : steps + one_round;
}

} // namespace careline::routing
