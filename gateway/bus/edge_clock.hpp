#pragma once

#include "messages/time.hpp"

namespace careline::gateway::bus {

/// Milliseconds of a clock that never goes back, for time-outs at the edge. Decides nothing.
span since_boot();

/// What the clock on the wall says, for the ids of this process' own commands.
instant wall_time();

} // namespace careline::gateway::bus
