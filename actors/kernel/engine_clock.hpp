#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "messages/time.hpp"

namespace careline::kernel {

/// The machine's clocks as two functions, so that a test can turn them by hand.
struct clock_readings {
  std::function<std::chrono::nanoseconds()> steady;  ///< never goes back
  std::function<instant()> wall;
};

/// The wall clock and engine time have drifted apart by more than 5 s.
struct clock_jump {
  span difference{};
  bool back = false;  ///< the wall clock is behind engine time
  friend bool operator==(const clock_jump&, const clock_jump&) = default;
};

/// Engine time (design §5.8): an anchor plus the steady clock × speed. At speed 1 it is drawn
/// towards the wall clock by at most 10 %; it never goes back. At another speed it runs on its own,
/// and the ids of commands, which clients make by the wall clock, are judged by `id_now`.
/// Safe to call from any thread.
class engine_clock {
public:
  /// `anchor`: the later of the last logged time and the wall clock. Requires: speed > 0.
  engine_clock(instant anchor, double speed, clock_readings readings);

  instant now();
  /// What the time inside a command's id is compared with.
  instant id_now();
  /// Steady time as an instant of its own scale: bus leases run on it, whatever the speed.
  instant lease_now() const;
  /// How long to wait on the steady clock until engine time is `at` at the earliest; zero when it
  /// is past. While engine time is drawn forward it may take a tenth longer: ask again then.
  std::chrono::nanoseconds until(instant at);

  double speed() const noexcept { return speed_; }
  /// Wall clock minus engine time; zero when speed is not 1.
  span difference();
  /// A jump that was not reported yet; each is reported once, until the clocks agree again.
  std::optional<clock_jump> take_jump();

private:
  std::chrono::nanoseconds advance();

  const double speed_;
  const clock_readings readings_;
  std::mutex mutex_;
  std::chrono::nanoseconds engine_;       ///< since 1970
  std::chrono::nanoseconds last_steady_;
  bool jump_reported_ = false;
};

/// Clocks that a test turns by hand. Outlives every clock made from its readings.
class manual_clocks {
public:
  explicit manual_clocks(instant wall) : wall_(wall) {}
  clock_readings readings();
  /// Both clocks go on.
  void go_on(std::chrono::milliseconds by);
  /// Only the wall clock is set, as an operator or NTP does.
  void set_wall(instant to);

private:
  std::mutex mutex_;
  std::chrono::nanoseconds steady_{};
  instant wall_;
};

} // namespace careline::kernel
