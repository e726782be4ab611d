#include "store/disk_use.hpp"

#include <algorithm>
#include <filesystem>

#include <sys/statvfs.h>

namespace careline::store {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t reserve_min = 256ULL << 20U;

std::uint64_t size_of(const std::string& file) {
  std::error_code absent;
  const auto bytes = fs::file_size(file, absent);
  return absent ? 0 : bytes;
}

/// Files may go while they are looked at.
std::uint64_t size_of_all_in(const std::string& folder) {
  std::uint64_t sum = 0;
  std::error_code wrong;
  for (const auto& entry : fs::directory_iterator{folder, wrong})
    if (const auto name = entry.path().filename(); name != "lock.mdb")
      sum += size_of(entry.path().string());
  return sum;
}

} // namespace

double disk_room::full() const noexcept {
  if (budget <= reserve)
    return 1;
  const auto used = budget - std::min(budget, free);
  return static_cast<double>(used) / static_cast<double>(budget - reserve);
}

disk_room weigh_room(std::uint64_t used, std::uint64_t map, std::uint64_t disk_free,
                     std::uint64_t reserve_chosen) noexcept {
  disk_room room;
  map = std::max(map, used);
  room.budget = std::min(map, used + disk_free);
  room.reserve = reserve_chosen != 0 ? reserve_chosen : std::max(room.budget / 10, reserve_min);
  room.free = std::min(map - used, disk_free);
  return room;
}

disk_use look_at_disk(const std::string& data_folder, std::uint64_t map_bytes) {
  disk_use use;
  use.log = size_of(data_folder + "/log/data.mdb");
  use.keys = size_of_all_in(data_folder + "/keys");
  use.streams = size_of_all_in(data_folder + "/streams");
  use.snapshots = size_of_all_in(data_folder + "/snapshots");
  use.ballast = size_of(data_folder + "/ballast");
  struct statvfs disk {};
  std::uint64_t left = 0;
  if (::statvfs(data_folder.c_str(), &disk) == 0)
    left = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  use.room = weigh_room(use.log, map_bytes, left + use.ballast);
  return use;
}

std::string_view word_of(disk_level level) noexcept {
  switch (level) {
    case disk_level::ok: return "ok";
    case disk_level::warning: return "warning";
    case disk_level::alarm: return "alarm";
    case disk_level::full: return "full";
  }
  return {};
}

disk_level level_of(const disk_room& room, const disk_limits& limits) noexcept {
  const auto percent = 100 * room.full();
  if (room.room() <= 0)
    return disk_level::full;
  return percent >= limits.alarm  ? disk_level::alarm
         : percent >= limits.warn ? disk_level::warning
                                  : disk_level::ok;
}

} // namespace careline::store
