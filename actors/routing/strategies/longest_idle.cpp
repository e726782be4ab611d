#include "actors/routing/strategies/strategies.hpp"

namespace careline::routing {

std::int64_t longest_idle_score(const agent& a, const queue&, const contact&) {
  return to_ms(a.idle_since);
}

} // namespace careline::routing
