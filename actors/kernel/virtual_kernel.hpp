#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/kernel/capability.hpp"
#include "actors/kernel/turn.hpp"
#include "actors/kernel/turn_answer.hpp"
#include "messages/envelope.hpp"

namespace careline::kernel {

/// What the log of a virtual centre begins with.
struct virtual_options {
  instant start{};
  std::uint64_t seed = 1;
  std::string time_zone = "Asia/Shanghai";
  int offset_minutes = 480;
  std::string safety_place = "external:emergency";  ///< of a call for help that cannot be read
  packed_size size_of{};  ///< how much of a reply is kept goes by it; empty: all is
};

/// The capabilities of a virtual centre; all outlive its kernel. `session` and `board` may be null.
struct virtual_parts {
  capability* reception = nullptr;
  capability* routing = nullptr;
  capability* session = nullptr;  ///< its leases do not lapse here: its deadlines are never fired
  capability* board = nullptr;    ///< told of every event
  std::vector<std::pair<owner, capability*>> desks{};
  /// Answers what is asked of the log or the engine, and completes what a model `told` of its own;
  /// may be empty.
  std::function<answer<value>(const command& query, answer<value> told)> log{};
};

/// An event with its place in the virtual log.
struct logged_event {
  position at = 0;
  instant time{};
  event what;
  std::string actor{};      ///< the client or capability
  std::string causation{};  ///< the command's id, where it had one
};

/// Drives the same models as `serve`, by the same turn, in one thread on virtual time: no socket,
/// no disk, no clock. What `serve` makes durable is here simply told to the listener, in order.
class virtual_kernel {
public:
  /// Told of each event in log order, during the call that caused it. Must not call the kernel.
  using listener = std::function<void(const logged_event&)>;

  /// Begins the log: `log.created` is told at once, at position 1.
  virtual_kernel(virtual_options options, virtual_parts parts, listener to);

  /// Fires what is due at or before `at`, then handles one command or query and its decision step.
  /// An envelope with an id is remembered: the same again gets the same reply and no events,
  /// another body is `command.id_reused`. A query for a position that is not reached is
  /// `engine.behind` at once: nothing else happens while it would wait.
  /// Requires: `at` is not before the last call's.
  reply submit(const command_envelope& e, instant at);
  /// The same for a command that is already understood and carries no id.
  reply submit(const command& c, const std::string& client, instant at);
  /// Fires all deadlines at or before `at`, one instant after the other, each with its decisions.
  void advance_to(instant at);

  /// The next deadline, if there is any.
  std::optional<instant> wakes_at() const;
  instant now() const noexcept { return now_; }
  /// Position of the last event.
  position head() const noexcept { return head_; }

private:
  struct remembered {
    std::string digest;
    reply answer;
  };

  /// Who is behind what is told.
  struct cause {
    std::string actor;
    std::string id{};
  };

  turn_context context(const std::string& client) const;
  static cause name_of(turn& of) { return {std::string{of.of().name()}}; }
  reply run(const command& c, const cause& by, instant at);
  void advance_before(instant at);
  void fire(instant at);
  reply turn_away(const command_envelope& e, problem why) const;
  reply decide(const command& c, const cause& by);
  reply decide_session(const command& c, const cause& by);
  reply ask(const command& query, const std::string& client);
  value status() const;
  capability* part_of(owner who) const noexcept;
  turn* turn_of(owner who) noexcept;
  void take(std::vector<dated_event> events, owner from, const cause& by, int depth = 0);
  void react_to(const event& e, owner from, int depth);
  void tell(event e, instant at, const cause& by);

  virtual_options options_;
  virtual_parts parts_;
  turn reception_;
  turn routing_;
  std::vector<std::pair<owner, turn>> desks_;
  listener to_;
  mutable clear_sealer keys_;
  std::unordered_map<std::string, remembered> memory_;
  bool told_once_ = false;  ///< what the last reply said is not kept
  instant now_{};
  position head_ = 0;
};

} // namespace careline::kernel
