#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/kernel/engine_clock.hpp"
#include "messages/envelope.hpp"

namespace careline::program {

/// The answer of `/readyz`, a line a check: "[+]log ok: …", "[-]clock failing: …" and, for what is
/// wrong and no reason to send nobody here, "[!]snapshots warning: …". Without `verbose` only what
/// fails, as "clock: …".
class readiness_report {
public:
  explicit readiness_report(bool verbose) : verbose_(verbose) {}

  /// `figure` is told in either case; what to do only where it fails.
  void check(std::string_view name, bool good, std::string_view figure, std::string_view to_do);
  /// The same, but the engine stays ready.
  void warn(std::string_view name, bool good, std::string_view figure, std::string_view to_do);

  bool is_ready() const noexcept { return ready_; }
  const std::string& text() const noexcept { return text_; }

private:
  void say(char mark, std::string_view name, std::string_view word, std::string_view figure,
           std::string_view to_do);

  bool verbose_;
  bool ready_ = true;
  std::string text_;
};

/// What a serving engine is judged by. All of one moment.
struct engine_health {
  std::int64_t room_bytes = 1;          ///< until opening is refused
  std::uint64_t disk_free_bytes = 0;
  double commit_running_s = 0;          ///< of the commit that runs now; 0: none does
  double commit_mean_s = 0;
  std::uint64_t queued_batches = 0;
  double clock_difference_s = 0;
  std::optional<kernel::clock_jump> jumped;
  position head = 0;
  position board_at = 0;
  position published_at = 0;            ///< by the bus
  bool has_keys = false;                ///< clients of the bus need one
  bool lets_in = true;                  ///< false: the handler of keys has ended
  std::uint64_t in_flight = 0;
  std::vector<std::string> silent;      ///< parts that gave no sign of life
  std::uint64_t reader_slots = 0;
  std::uint64_t reader_slots_max = 0;
  std::uint64_t open_files = 0;
  std::uint64_t open_files_max = 0;
  std::uint64_t http_connections = 0;
  std::uint64_t http_connections_max = 0;
  position snapshot_at = 0;
  std::uint64_t snapshot_events = 0;    ///< one is due each so many events; 0: never
  std::uint64_t snapshots_failed = 0;
  std::uint64_t state_differences = 0;
  std::uint64_t safety_handed_over = 0; ///< without an event
};

struct health_limits {
  double commit_slow_s = 5;
  position events_behind_max = 10'000;  ///< a board or bus further behind shows the past
  double slots_share_max = 0.9;         ///< of reader slots
  double files_share_max = 0.95;        ///< of open files
};

/// One line a check, each with its figure.
void add_checks(readiness_report& to, const engine_health& of, const health_limits& by = {});

} // namespace careline::program
