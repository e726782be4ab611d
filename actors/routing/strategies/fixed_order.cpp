#include "actors/routing/strategies/strategies.hpp"

namespace careline::routing {

/// Always from the same end: who signed in first. Also the order in which `ring_all` rings.
std::int64_t fixed_order_score(const agent& a, const queue&, const contact&) {
  return static_cast<std::int64_t>(a.order);
}

} // namespace careline::routing
