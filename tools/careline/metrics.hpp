#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/kernel/caf_engine.hpp"
#include "gateway/bus/bus_server.hpp"
#include "gateway/http/http_server.hpp"
#include "messages/value.hpp"
#include "store/disk_use.hpp"
#include "store/writer.hpp"

namespace careline::program {

/// What the process takes from the machine.
struct process_figures {
  double start_time_s = 0;   ///< seconds since 1970
  double cpu_s = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t private_bytes = 0;  ///< without the mapped log
  std::uint64_t open_files = 0;
  std::uint64_t open_files_max = 0;
  std::uint64_t threads = 0;
};
/// Reads them from /proc; what cannot be read stays 0.
process_figures read_process_figures();

/// Everything `/metrics` tells. Fill in what there is: what a process does not know of, it does not
/// tell, so that nobody takes a zero for a measurement.
struct metrics_input {
  /// The board as `board.show` answers it: {"centre": figures, "channels": {…}, "queues": {…},
  /// "agents": {state: count}}. Nil: no board figures.
  value board;
  std::optional<gateway::bus::bus_figures> bus;
  std::optional<gateway::http::http_figures> http;
  std::optional<store::writer_figures> writer;
  /// Commands answered, by outcome word and problem code (empty for accepted).
  std::optional<std::map<std::pair<std::string, std::string>, std::uint64_t>> commands;
  std::optional<std::uint64_t> commands_in_flight;
  std::optional<std::uint64_t> safety_handed_over;  ///< without an event: the log took none
  std::optional<std::uint64_t> slow_handlers;       ///< that took longer than 50 ms
  std::optional<std::uint64_t> snapshots;
  std::optional<std::uint64_t> snapshot_failures;  ///< times that none were made when due
  std::optional<position> snapshot_at;             ///< where the newest stand
  std::optional<std::uint64_t> parts_compared;
  std::optional<std::uint64_t> state_differences;
  std::optional<store::log_usage> log;
  std::optional<std::int64_t> reserve_bytes;
  std::vector<kernel::actor_figures> actors;
  std::optional<std::uint64_t> deliveries_waiting; ///< that the board has not taken in
  std::optional<std::uint64_t> silent_parts;
  position head = 0;
  position board_at = 0;                  ///< position the board has reached
  std::optional<std::int64_t> room_bytes; ///< until opening is refused
  std::optional<store::disk_level> disk_level;  ///< how near the end of the log's room is
  double engine_time_s = 0;               ///< seconds since 1970
  std::optional<double> clock_difference_s;  ///< wall clock minus engine time; 0 at another speed
  double speed = 1;
  bool ready = true;
  process_figures process;
};

/// Prometheus text, format 0.0.4: contract §4's names in base units (`_seconds`, `_ratio`,
/// `_total`), the centre's prefixed `careline_`, a channel's `careline_channel_` with the label
/// `channel`, a queue's `careline_queue_` with the label `queue`. No id of a person, agent or
/// contact is a label.
std::string metrics_text(const metrics_input& from);

} // namespace careline::program
