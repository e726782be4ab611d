#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace careline::store {

/// What a log may take and has left (docs/log-format.md "Room"). All in bytes.
struct disk_room {
  std::uint64_t budget = 0;   ///< the map, or what the disk can still hold where that is less
  std::uint64_t reserve = 0;  ///< kept back so that all that is open can be ended
  std::uint64_t free = 0;     ///< of the budget, with the reserve
  /// Until opening is refused; negative below the reserve.
  std::int64_t room() const noexcept {
    return static_cast<std::int64_t>(free) - static_cast<std::int64_t>(reserve);
  }
  /// Part of the budget without the reserve that is used: at 1 opening is refused.
  double full() const noexcept;
};
/// `disk_free`: with what the log holds of it in its ballast. `reserve_chosen` 0: the default.
disk_room weigh_room(std::uint64_t used, std::uint64_t map, std::uint64_t disk_free,
                     std::uint64_t reserve_chosen = 0) noexcept;

/// What a data folder takes on its disk, by the files' sizes. Looks at names and sizes only, so it
/// works beside an engine and in it.
struct disk_use {
  std::uint64_t log = 0;  ///< the log's file: it never shrinks, what is freed in it is used again
  std::uint64_t keys = 0;
  std::uint64_t streams = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t ballast = 0;
  disk_room room;
};
disk_use look_at_disk(const std::string& data_folder, std::uint64_t map_bytes);

/// How near the end is.
enum class disk_level { ok, warning, alarm, full };
std::string_view word_of(disk_level level) noexcept;
/// Percents of `disk_room::full`.
struct disk_limits {
  int warn = 80;
  int alarm = 90;
};
disk_level level_of(const disk_room& room, const disk_limits& limits) noexcept;

} // namespace careline::store
