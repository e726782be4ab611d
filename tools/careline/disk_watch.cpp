#include "tools/careline/disk_watch.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace careline::program {

namespace {

/// Some hundred kilobytes.
constexpr position events_between_looks = 1000;

} // namespace

store::disk_limits limits_of(const config& c) {
  return {c.disk_warn_percent, c.disk_alarm_percent};
}

std::string disk_sentence(const store::disk_room& room) {
  const auto left = std::max<std::int64_t>(0, room.room());
  return fmt::format("{:.1f} % of what the log may take is used, {:.1f} MB are left until opening "
                     "is refused", 100 * room.full(), static_cast<double>(left) / 1e6);
}

std::optional<std::string> disk_watch::reached(position head, const store::event_log& log) {
  if (head < next_look_)
    return {};
  next_look_ = head + events_between_looks;
  const auto room = log.usage().room;
  const auto before = std::exchange(told_, store::level_of(room, limits_of(config_)));
  if (told_ <= before)
    return {};
  return fmt::format("disk {}: {}", store::word_of(told_), disk_sentence(room));
}

} // namespace careline::program
