#pragma once

#include <vector>

#include "actors/kernel/capability.hpp"
#include "actors/promise/model.hpp"
#include "actors/registration/model.hpp"

namespace careline {

/// What they work by; comes from the configuration.
struct desk_policy {
  registration::registration_policy registration{};
  promise::promise_policy promise{};
};

/// The capabilities beside reception, routing, the sessions and the board, new. Whoever has models
/// has these: the engine, `simulate`, a replay, the simulation with faults. A capability joins by
/// its line here and its rows in messages/owners.cpp.
std::vector<kernel::desk> make_desks(const desk_policy& with = {});

/// The same as a virtual centre borrows them.
std::vector<std::pair<owner, kernel::capability*>> lent(const std::vector<kernel::desk>& desks);

} // namespace careline
