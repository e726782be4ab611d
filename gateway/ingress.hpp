#pragma once

#include <functional>
#include <string>
#include <utility>

#include "messages/envelope.hpp"

namespace careline::gateway {

/// Called exactly once, from any thread; must not block.
using respond = std::function<void(reply)>;

/// Where a gateway hands commands and queries in. Implemented by tools/careline over the actors,
/// so that gateways and actors do not know each other.
class ingress {
public:
  virtual ~ingress() = default;

  /// Takes a command whose envelope was read. `connection` tells two connections of one client
  /// apart (for session.replaced). Always answered: over the limit at once, with busy. Any thread.
  virtual void submit(command_envelope command, std::string connection, respond answer) = 0;

  /// What a gateway answers by itself to a command that it takes no more. Not always no: a call
  /// for help is handed over. Any thread.
  virtual reply turn_away(const command_envelope& command, problem why) {
    return refuse(command.id, std::move(why));
  }
};

} // namespace careline::gateway
