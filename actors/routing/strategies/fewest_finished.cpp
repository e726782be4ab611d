#include "actors/routing/strategies/strategies.hpp"

namespace careline::routing {

std::int64_t fewest_finished_score(const agent& a, const queue&, const contact&) {
  return a.finished;
}

} // namespace careline::routing
