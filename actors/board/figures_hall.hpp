#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>

#include "messages/reception_tables.hpp"
#include "messages/routing_counter.hpp"
#include "messages/routing_parties.hpp"

namespace careline::board {

/// What people who come in person are led by: the areas, which of them are open, and which tickets
/// were called last, and where (R2.1.4, R2.1.6).
class hall_figures {
public:
  /// Of each prefix.
  static constexpr std::size_t called_shown = 5;

  void take(const reception::area_defined& e);
  void take(const reception::area_removed& e);
  void take(const routing::ticket_called& e, instant at);
  void take(const routing::ticket_missed& e);
  /// A site was closed or opened, which areas are open by.
  void take(const routing::site_state_changed&) { ++changes_; }

  /// True once there was one: who has none is not shown that there are none.
  bool has_areas() const noexcept { return has_areas_; }
  bool has_tickets() const noexcept { return !called_.empty(); }
  /// {area: {kind, queue, open, site}}; `open` by its hours at `now`, and by its site.
  value show_areas(instant now, int offset_minutes,
                   const std::function<bool(const site_id&)>& is_closed) const;
  /// Counts what may change that beside the minutes.
  std::uint64_t changes() const noexcept { return changes_; }
  /// {prefix: [{ticket, counter}]} of the day, the one called last at the end.
  value show_tickets(instant now, int offset_minutes) const;

  value save() const;
  bool load(const value& from);

private:
  struct call {
    std::string ticket;
    counter_id counter;
    instant at{};
  };
  std::map<area_id, reception::service_area> areas_;
  bool has_areas_ = false;
  std::uint64_t changes_ = 0;                       ///< derived: since this process began
  std::map<std::string, std::deque<call>> called_;  ///< by prefix
};

} // namespace careline::board
