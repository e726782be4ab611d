#include "actors/routing/strategies/strategies.hpp"

namespace careline::routing {

/// Since the last contact ended; never used counts as longest.
std::int64_t least_recent_score(const agent& a, const queue&, const contact&) {
  return ready_key(ready_order::last_ended, a);
}

} // namespace careline::routing
