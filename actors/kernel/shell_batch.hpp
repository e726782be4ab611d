#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/kernel/intake.hpp"
#include "actors/kernel/turn.hpp"
#include "store/event_log.hpp"

namespace careline::kernel {

/// Why events happened: what the log keeps beside each of them.
struct event_cause {
  std::string actor;                ///< the client or capability
  std::string causation;            ///< a command's id; for a reaction its stem, see `numbered`
  std::optional<instant> occurred;
  std::string traceparent;
  bool numbered = false;            ///< a reaction: "<causation>/<n>" for the n-th event
};

/// Seals events and writes them as records. Fails with `engine.no_key` when no key could be made,
/// and with `command.too_large` for what could not be read again: no engine would start on it.
answer<std::vector<event_record>> records_of(const std::vector<dated_event>& events,
                                             const event_cause& cause, sealer& keys);

/// True when all personal values in `events` could be sealed now: asked before anything is evolved.
answer<void> can_seal(const std::vector<event>& events, sealer& keys);

/// An answer as the log remembers it: of its data what `kept_data` leaves.
store::remembered remembered_of(const reply& answer, const command_digest& digest);
/// And back, without the command's id.
known_reply reply_of(const store::remembered& row);

/// The event inside a record; nothing for a type this version does not know.
std::optional<event> event_in(const event_record& record);

} // namespace careline::kernel
