#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/time.hpp"
#include "tools/careline/scenario.hpp"

namespace careline::program {

/// How a recorded call ended.
enum class call_end { answered, abandoned };

/// One call that asked for an agent, cleaned.
struct recorded_call {
  std::size_t row = 0;         ///< in the file, from 1, without its header
  std::int64_t day = 0;        ///< local day it belongs to, since 1970-01-01
  instant arrival{};           ///< when it began to wait: q_start, or vru_exit when it never queued
  span wait{};
  call_end end = call_end::answered;
  std::optional<span> service; ///< recorded talk; nothing where there was none
  instant served{};            ///< when the service began; only with a server
  std::string type;
  std::string server;          ///< empty: unknown
  bool priority = false;
};

/// What was met in the file, and what was done about it, one line each.
struct dirty_row_kind {
  std::string_view name;   ///< for JSON
  std::string_view what;
  std::string_view done;
  std::size_t rows = 0;
};

/// A call log in the form of docs/call-log.md, in the order of arrival.
struct call_log {
  std::vector<recorded_call> calls;
  std::vector<dirty_row_kind> dirty;
  std::size_t rows = 0;
};

/// Where the log's own clock stands: summer time of the place it was written in. Its local times
/// carry no zone, and any would do.
inline constexpr int call_log_offset_minutes = 180;

/// Reads and cleans a log. Keeps only the calls of `days` (local, "1999-08-03") when there are any.
result<call_log, bad_file> read_call_log(const std::string& file, std::string_view text,
                                         const std::vector<std::string>& days);

/// The same of a file's text.
result<call_log, bad_file> load_call_log(const std::string& file,
                                         const std::vector<std::string>& days);

/// "1999-08-03" of a local day.
std::string date_text(std::int64_t day);
/// Local midnight that begins the day.
instant day_start(std::int64_t day);

} // namespace careline::program
