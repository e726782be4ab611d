#include "actors/routing/strategies/strategies.hpp"

namespace careline::routing {

/// By the share of its room that is used, whatever the room is.
std::int64_t least_loaded_score(const agent& a, const queue&, const contact&) {
  return load_share(a.can, a.load);
}

} // namespace careline::routing
