#pragma once

#include <vector>

#include "actors/kernel/capability.hpp"

namespace careline {

/// The capabilities beside reception, routing, the sessions and the board, new. Whoever has models
/// has these: the engine, `simulate`, a replay, the simulation with faults. A capability joins by
/// its line here and its rows in messages/owners.cpp.
std::vector<kernel::desk> make_desks();

/// The same as a virtual centre borrows them.
std::vector<std::pair<owner, kernel::capability*>> lent(const std::vector<kernel::desk>& desks);

} // namespace careline
