#pragma once

#include <utility>

#include "actors/kernel/capability.hpp"

namespace careline::security {

/// The event says what the command did.
template <class Event, class Command>
Event said_by(const Command& c) {
  Event e;
  static_cast<Command&>(e) = c;
  return e;
}

template <class Event, class Command>
kernel::decision told(const Command& c) {
  kernel::decision d;
  d.events.push_back(said_by<Event>(c));
  return d;
}

/// Asked again: it is so already.
inline kernel::decision nothing_new() {
  return {};
}

} // namespace careline::security
