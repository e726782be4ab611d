#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/kernel/engine_clock.hpp"
#include "actors/kernel/intake.hpp"
#include "actors/kernel/session_model.hpp"
#include "actors/kernel/shell.hpp"
#include "store/writer.hpp"

namespace careline::kernel {

/// The models, as recovered. `board` may be null.
struct engine_models {
  std::unique_ptr<capability> reception;
  std::unique_ptr<capability> routing;
  std::unique_ptr<session_model> session;
  std::unique_ptr<capability> board;
  std::vector<desk> desks;

  /// Those that are there; each takes in an event before the next does.
  std::vector<capability*> each() const;
};

/// What the engine works with; all outlive it. The functions may be called on any thread.
struct engine_ports {
  store::event_log& log;
  store::log_writer& writer;
  sealer& keys;
  engine_clock& clock;
  /// What a command is known again by; it gets into the log, so it must tell nothing of the data.
  digest_function digest;
  std::function<void(journal_level, std::string)> journal;
  /// Must not return to a half-dead engine: ends the process (a test only notes it).
  std::function<void(int code, std::string sentence)> fatal;
  /// Each tick, on the board's own thread; must not keep anything of the capability. May be empty.
  std::function<void(capability& board, position at, instant now)> board_tick;
};

struct engine_options {
  std::uint64_t seed = 0;
  int offset_minutes = 480;
  position head = 0;               ///< where the models were recovered to
  position reacted = 0;            ///< routing's checkpoint
  intake_options intake;
  /// Submissions not yet looked at; beyond, `engine.busy` at once.
  std::size_t submissions_max = 2048;
  /// Deliveries that the board has not taken in; beyond, `deliver` waits (and the bus catches up).
  std::size_t deliveries_max = 64;
  span restart_grace = 10s;        ///< leases after a restart
  span patience = 1s;              ///< of a query with `min_position`
  span board_tick = 200ms;
  unsigned threads = 2;
  /// No thread at all: the actors' messages and timers wait for `step` and `go_on`, and one thread
  /// calls everything. Simulation drives the engine so, one seed one order.
  bool by_hand = false;
};

/// How an actor keeps up, by the last `pulse`.
struct actor_figures {
  std::string name;
  bool has_answered = false;         ///< the last one
  std::uint64_t waiting = 0;         ///< messages in its mailbox when it answered last
  std::chrono::nanoseconds delay{};  ///< from the question to the answer, or until now without one
};

struct engine_figures {
  std::vector<actor_figures> actors;
  outcome_counts commands;
  std::uint64_t in_flight = 0;
  std::uint64_t safety_handed_over = 0;  ///< without an event: the log could take none
  std::uint64_t slow_handlers = 0;
  std::uint64_t deliveries_waiting = 0;
  position board_at = 0;
  std::size_t sessions_open = 0;
  std::int64_t room_bytes = 0;
  std::optional<clock_jump> jumped;   ///< the last one, while the clocks are apart
};

/// The actors of one partition: intake, one shell per capability, desks among them, the board as a
/// follower, and a supervisor that ends the process when one of them dies. No CAF name leaves this
/// folder.
class actor_engine {
public:
  actor_engine(engine_options options, engine_ports ports, engine_models models);
  /// Calls `stop`.
  ~actor_engine();
  actor_engine(const actor_engine&) = delete;
  actor_engine& operator=(const actor_engine&) = delete;

  /// Takes a command or query; `answer` is called once, on any thread. Never blocks.
  void submit(command_envelope what, std::string connection, respond answer);
  /// Durable events in log order, as the bus's subscriber hands them on; each position once.
  /// Waits while the board is far behind. Those up to `options.head` are only reacted to. May be
  /// called while `stop` runs; `submit` and `drain` may not.
  void deliver(const std::vector<event_record>& events);
  /// Runs `with` on the board's thread, between two events. False when there is no board.
  bool visit_board(std::function<void(capability&, position at, instant now)> with);
  /// Asks the live models how parts of their state are, and where in the log they stand; routing,
  /// the sessions and the board can tell. Says how many will answer. Never blocks.
  std::size_t look_at_parts(parts_question of);
  /// Puts an event of the engine or of a door into the log. Never blocks; lost once it stops.
  void note(event what);
  /// Places named in `busy` for a queue (queue.define's `fallback`); kept up by itself afterwards.
  void set_fallback(const std::string& queue, const std::string& place);

  /// From now on commands are answered `engine.stopping`.
  void stop_taking();
  /// Waits until nothing is in flight; false when `most` passes first.
  bool drain(std::chrono::milliseconds most);
  /// Ends the actors, then waits for what they gave the writer.
  void stop();

  engine_figures figures() const;
  /// Asks each actor for a sign of life that has answered the last time; `figures` tells what came.
  /// Never blocks.
  void pulse();

  // By hand only.

  /// How many actors have something to do.
  std::size_t busy_actors() const;
  /// One message of one of them; which < busy_actors().
  void step(std::size_t which);
  /// How long until the next timer; nothing when there is none.
  std::optional<std::chrono::nanoseconds> next_timer() const;
  /// Time passes for the timers: what falls due is in the mailboxes afterwards.
  void go_on(std::chrono::nanoseconds by);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace careline::kernel
