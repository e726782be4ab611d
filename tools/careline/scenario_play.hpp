#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "actors/board/model.hpp"
#include "actors/kernel/virtual_kernel.hpp"
#include "actors/reception/model.hpp"
#include "tools/careline/people.hpp"
#include "tools/careline/scenario.hpp"

namespace careline::program {

/// How long a scenario without an end goes on behind its last line, at most: a rule that fires
/// each minute would else never let it end.
inline constexpr span scenario_tail = 24h;

/// A virtual centre with simulated people: the models that `serve` runs, in one thread.
class virtual_centre {
public:
  using listener = kernel::virtual_kernel::listener;
  using refusal_listener = std::function<void(instant, const people::doing&, const problem&)>;

  /// Told of each event, `log.created` first. `to` may be empty. `desk`: what reception works by.
  /// `keeps_log`: questions of the log are answered too; every event then stays in memory.
  virtual_centre(kernel::virtual_options options, listener to,
                 reception::reception_policy desk = {}, bool keeps_log = false);
  ~virtual_centre();
  virtual_centre(const virtual_centre&) = delete;
  virtual_centre& operator=(const virtual_centre&) = delete;

  kernel::virtual_kernel& engine();
  people& folk();
  const board::board_model& board() const;
  /// Told of what people did that was refused; they go on as if they had not.
  void on_refusal(refusal_listener to);

  /// Lets everything happen that is due before `at`, and answers of people at `at` itself; the
  /// timers of `at` fire with the next command, as in the engine.
  void run_before(instant at);
  /// Lets everything happen that is due at or before `until`. Without more to do it stands still
  /// where the last thing happened.
  void run_until(instant until);

private:
  bool one_deed(instant until);

  struct parts;
  std::unique_ptr<parts> parts_;
};

/// Plays cues in the order of their time, with a progress bar; behind the last one there are as
/// many hours as a caller of the longest patience may need. Returns when it ended. Requires: a cue.
instant play(virtual_centre& centre, std::vector<cue> cues);

/// What a played scenario tells, as it happens.
struct play_listener {
  std::function<void(const kernel::logged_event&)> event;
  /// A command that was refused or not understood; one of people is told as a line of their own.
  std::function<void(instant, const scenario_line&, const problem&)> refused;
  /// A query's answer.
  std::function<void(instant, const scenario_line&, const value&)> answered;
};

/// Plays the scenario to its end, or to `until` when that comes first, with a reception that works
/// by `desk`. Returns the board as it then
/// stands, and when that is.
struct played {
  std::unique_ptr<virtual_centre> centre;
  instant ended{};
};
played play(const scenario& what, std::optional<instant> until, const play_listener& to,
            reception::reception_policy desk = {});

} // namespace careline::program
