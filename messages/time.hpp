#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace careline {

/// A moment of engine time, in milliseconds since 1970 UTC. Models are handed it; none asks a
/// clock.
using instant = std::chrono::sys_time<std::chrono::milliseconds>;
/// A span of time. On the wire its fields are named `…_s` and counted in seconds.
using span = std::chrono::milliseconds;

using namespace std::chrono_literals;

/// What RFC 3339 can say of 1970 and after: a moment beyond is a mistake.
inline constexpr instant instant_min{};
inline constexpr instant instant_max{
    std::chrono::sys_days{std::chrono::year{9999} / 12 / 31} + 24h - 1ms};

inline std::int64_t to_ms(instant at) noexcept {
  return at.time_since_epoch().count();
}
inline instant from_ms(std::int64_t ms) noexcept {
  return instant{span{ms}};
}
/// Seconds as a number for formulas and figures.
inline double to_seconds(span s) noexcept {
  return static_cast<double>(s.count()) / 1000.0;
}
/// `seconds` rounded to the millisecond.
span from_seconds(double seconds) noexcept;

/// "2026-03-02T01:00:00.000Z" (RFC 3339, UTC, milliseconds).
std::string to_rfc3339(instant at);
/// "2026-03-02T09:00:00.000+08:00": the same moment on a wall clock `offset_minutes` east of UTC.
std::string to_rfc3339(instant at, int offset_minutes);

/// A moment and the offset it was written with.
struct zoned_instant {
  instant at;
  int offset_minutes = 0;
};
/// Reads RFC 3339 with `Z` or an offset, up to nanoseconds (cut to ms). Nothing when malformed.
std::optional<zoned_instant> parse_rfc3339(std::string_view text) noexcept;

/// Local calendar of a fixed offset, for intervals, days and rules by hour or weekday.
struct local_time {
  std::int64_t day = 0;  ///< days since 1970-01-01, local
  int ms_of_day = 0;     ///< 0 .. 86,399,999
  int hour = 0;          ///< 0 .. 23
  int weekday = 0;       ///< 1 = Monday .. 7 = Sunday (ISO 8601)
};
local_time to_local(instant at, int offset_minutes) noexcept;
/// Local midnight that begins the day of `at`.
instant local_midnight(instant at, int offset_minutes) noexcept;

} // namespace careline
