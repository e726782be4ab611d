#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "actors/board/waits.hpp"
#include "messages/time.hpp"
#include "messages/value.hpp"

namespace careline::board {

/// Abandons shorter than this are left out of `sl_no_short` (contract §4: short_abandon_s).
inline constexpr span short_abandon_s = 5s;
inline constexpr span interval_length = 15min;
inline constexpr std::size_t minutes_shown = 60;

/// What happened in one period: a day, an interval, the whole run. A *wait* begins when a contact
/// is queued and ends when it is answered, abandoned, timed out, diverted outside, refused on a
/// move, or turned into a callback; docs/metrics.md says it in full.
struct counters {
  std::uint32_t offered = 0;          ///< opened; at a queue: queued or refused
  std::uint32_t queued = 0;           ///< waits begun
  std::uint32_t answered = 0;         ///< waits that ended at an agent
  std::uint32_t answered_in = 0;      ///< … within the queue's service_level_s, inclusive
  std::uint32_t abandoned = 0;        ///< waits that the person ended
  std::uint32_t abandoned_in = 0;     ///< … within service_level_s
  std::uint32_t abandoned_short = 0;  ///< … under short_abandon_s
  std::uint32_t left = 0;             ///< waits that ended, however
  std::uint32_t left_in = 0;          ///< … within service_level_s
  std::uint32_t refused = 0;
  std::uint32_t timed_out = 0;
  std::uint32_t diverted = 0;         ///< to a place outside
  std::uint32_t moved = 0;            ///< queues only: waits that went on in another queue
  std::uint32_t finished = 0;
  std::uint32_t transferred = 0;
  std::uint32_t callbacks = 0;        ///< waits that ended by asking for a callback
  std::uint32_t callbacks_answered = 0;
  std::uint32_t callbacks_lost = 0;   ///< given up, or never reached
  std::uint32_t greeted = 0;
  std::uint32_t first_answered = 0;   ///< contacts answered for the first time
  std::uint32_t handled = 0;          ///< conversations ended
  std::int64_t wait_ms = 0;           ///< of the answered
  std::int64_t greet_ms = 0;
  std::int64_t human_wait_ms = 0;
  std::int64_t handle_ms = 0;         ///< talk, hold and wrap-up
  std::int64_t longest_ms = -1;       ///< the longest wait that ended; -1: none did

  /// The one list of what is counted: adding, saving and comparing go by it.
  template <class F, class Self>
  static void each(F&& f, Self& x) {
    f(x.offered), f(x.queued), f(x.answered), f(x.answered_in), f(x.abandoned);
    f(x.abandoned_in), f(x.abandoned_short), f(x.left), f(x.left_in), f(x.refused);
    f(x.timed_out), f(x.diverted), f(x.moved), f(x.finished), f(x.transferred);
    f(x.callbacks), f(x.callbacks_answered), f(x.callbacks_lost), f(x.greeted);
    f(x.first_answered), f(x.handled), f(x.wait_ms), f(x.greet_ms), f(x.human_wait_ms);
    f(x.handle_ms), f(x.longest_ms);
  }
  void add(const counters& more) noexcept;
  friend bool operator==(const counters&, const counters&) = default;
};

/// What the end of a wait of this length adds to `what`: in time or not is said per queue.
counters closed(counters what, span wait, span service_level_s) noexcept;

/// What holds at this moment, beside what was counted.
struct present {
  int waiting = 0;
  int in_progress = 0;
  int callbacks_waiting = 0;
  std::optional<instant> oldest_since;
  std::optional<double> wait_estimate_s;
  std::optional<double> occupancy;
};

/// How figures are written: `exact` for questions and reports; `rounded` for pages (shares to four
/// places, seconds to a tenth), so that what a person cannot see does not change a frame.
enum class precision { exact, rounded };

/// Figures by contract §4's names. What has no base is left out, never divided.
value write_figures(const counters& did, const present& is, instant now, precision how);
/// answered_in / (answered + abandoned late), the board's service level.
std::optional<double> late_service_level(std::uint32_t answered_in, std::uint32_t answered,
                                         std::uint32_t abandoned_late) noexcept;
double rounded_to(double x, double unit) noexcept;

/// Time that several run up side by side: each start and stop is one step, whatever their number.
class running_sum {
public:
  void start(instant at) noexcept;
  /// Requires: started at `since`, and no reset later than `since` unless `since` was raised to it.
  void stop(instant since, instant at) noexcept;
  /// Begins a new day; what was run up before is kept in `before`.
  void reset(instant midnight) noexcept;
  /// Since the last reset.
  std::int64_t ms(instant now) const noexcept;
  /// As if there had been a reset at `midnight`, which is later than the last one.
  std::int64_t ms_after(instant midnight, instant now) const noexcept;
  std::int64_t all_ms(instant now) const noexcept { return before_ + ms(now); }
  value save() const;
  bool load(const value& from);

private:
  std::int64_t before_ = 0;
  std::int64_t closed_ = 0;
  std::int64_t running_ = 0;
  std::int64_t starts_ = 0;  ///< sum of the starting times of those that run
};

/// Agents' wall clock: on a contact (talk, hold, wrap-up; however many at once) or idle.
struct work_clock {
  running_sum on_contact;
  running_sum idle;
};
std::optional<double> share_of(std::int64_t on_ms, std::int64_t idle_ms) noexcept;

/// One minute of the chart.
struct minute_row {
  std::int64_t start_ms = 0;
  std::uint32_t waiting = 0;  ///< at the end of the minute
  std::uint32_t offered = 0;
  std::uint32_t answered = 0;
  std::uint32_t answered_in = 0;
  std::uint32_t abandoned = 0;
  std::uint32_t abandoned_late = 0;
};
struct interval_row {
  std::int64_t start_ms = 0;
  counters did;
  std::int64_t on_contact_ms = 0;  ///< whole centre only
  std::int64_t idle_ms = 0;
};

/// What is counted of one queue, one channel or the centre: by day, by interval, by minute, in all.
/// Rows exist only where something happened, and old ones go (`intervals_max`).
class scope {
public:
  counters day;
  counters all;
  waits waiting;
  int in_progress = 0;
  int callbacks_waiting = 0;
  std::uint64_t changes = 0;  ///< grows with each change: tells who must be shown anew
  instant touched{};          ///< when it changed last

  /// Takes in what happened at `at`, and that the present has changed.
  void count(const counters& did, instant at, int offset_minutes, std::size_t intervals_max);
  /// Only the present has changed: `waiting`, `in_progress`.
  void touch(instant at);
  void begin_day() noexcept;

  /// The row of the interval that `at` is in, made when there is none.
  interval_row& interval_of(instant at, int offset_minutes, std::size_t intervals_max);
  const std::deque<interval_row>& intervals() const noexcept { return intervals_; }
  /// The last 60 minutes up to the one of `now`, oldest first; none before the first event.
  value history(instant now) const;
  /// The last `rows_max` intervals that began at or before `now`.
  value interval_list(instant now, std::size_t rows_max, precision how) const;

  /// All but the set of waits, which its owner restores from the contacts.
  value save() const;
  bool load(const value& from);

private:
  minute_row& minute_of(instant at);

  std::deque<minute_row> minutes_;
  std::deque<interval_row> intervals_;
};

} // namespace careline::board
