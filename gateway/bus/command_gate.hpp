#pragma once

#include <optional>

#include "gateway/bus/sockets.hpp"
#include "gateway/door_keeper.hpp"
#include "messages/envelope.hpp"

namespace careline::gateway::bus {

/// What the bus asks the keeper about each command: who sends it, and whether he may.
class command_gate {
public:
  explicit command_gate(door_keeper& keeper) : keeper_(keeper) {}

  /// Gives the command the name of the client behind its key as its source, and lets `log.read` ask
  /// for nothing that the client may not see. Says why where it is refused; the keeper was told. A
  /// call for help is never refused. What comes out of this process passes as it is.
  std::optional<problem> look(const sender_marks& from, command_envelope& command);

private:
  problem refuse(const sender_marks& from, const client_id& client, security::refusal what,
                 std::string word, problem why);
  std::optional<problem> look_as(const client_id& client, const sender_marks& from,
                                 const command_envelope& command);
  void narrow(const client_id& client, command_envelope& command) const;

  door_keeper& keeper_;
};

} // namespace careline::gateway::bus
