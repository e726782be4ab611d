#pragma once

#include "actors/kernel/log_recovery.hpp"
#include "tests/simulation/engine_life.hpp"

namespace careline::simulation {

/// The snapshots that lie on the machine.
kernel::find_snapshot snapshots_of(machine& on, const store::event_log& log);

/// As the engine does in the background: folded from the log, to where it is durable.
void make_snapshot(machine& on, const store::event_log& log);

/// Of a log that went on otherwise: beyond our head, or with another hash.
void leave_old_snapshot(machine& on, position head);

} // namespace careline::simulation
