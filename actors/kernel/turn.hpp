#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/kernel/capability.hpp"

namespace careline::kernel {

/// An event and the engine time it happened at.
struct dated_event {
  event what;
  instant at{};
};

/// What one command did. `before`: what fell due first, which is true whatever became of the
/// command. On success `events` holds the command's own events and its decision step.
struct turn_result {
  std::vector<dated_event> before;
  answer<decision> outcome{decision{}};
  std::vector<dated_event> events;
};

/// One turn of one capability: timers due, decide, evolve, decision step (design §5 "The turn").
/// Part of the model library; the CAF shell and the virtual-time kernel only drive it.
///
/// Before a command at time t everything due at or before t fires; what was due earlier is also
/// decided on earlier, and what falls due at t itself is decided on together with the command.
class turn {
public:
  /// `of` outlives the turn.
  explicit turn(capability& of) : of_(of) {}

  /// Handles one command. When the outcome hands over, nothing of the command was evolved: the
  /// caller passes it on by `take_over` and gives the result back by `follow`.
  turn_result handle(const command& c, turn_context in);
  /// Goes on with another capability's undurable decision; its events come first in `events`.
  turn_result take_over(const command& c, const decision& from, turn_context in);
  /// Fires all that is due at or before `in.now`, then decides.
  std::vector<dated_event> wake(turn_context in);
  /// Reacts to a durable event of another capability.
  std::vector<dated_event> react(const event& e, turn_context in);
  /// Takes in events of another capability that this one follows (no decision step).
  void follow(const std::vector<dated_event>& events);

  capability& of() const noexcept { return of_; }

private:
  void take(std::vector<event> events, const turn_context& in, std::vector<dated_event>& into);
  void fire_before(const turn_context& in, std::vector<dated_event>& into);
  void fire_now(const turn_context& in, std::vector<dated_event>& into);
  void decide_all(const turn_context& in, std::vector<dated_event>& into);

  capability& of_;
};

} // namespace careline::kernel
