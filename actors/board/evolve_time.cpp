#include <iterator>

#include "actors/board/state.hpp"

namespace careline::board {

namespace {

/// Books the centre's clock of each interval that ended before `at`.
void roll_intervals(state& s, instant at) {
  const auto offset = s.offset_minutes;
  const auto begun = [&](instant t) {
    const auto midnight = local_midnight(t, offset);
    return midnight + (t - midnight) / interval_length * interval_length;
  };
  if (!s.interval_end)
    s.interval_end = begun(at) + interval_length;
  if (at < *s.interval_end)
    return;
  constexpr auto rows_max = static_cast<std::int64_t>(centre_intervals_max);
  const auto rows_end = begun(at) - interval_length * rows_max;
  if (*s.interval_end < rows_end) {  // so long ago that its rows would be gone again
    s.interval_end = rows_end;
    s.interval_on_ms = s.clock.on_contact.all_ms(rows_end);
    s.interval_idle_ms = s.clock.idle.all_ms(rows_end);
  }
  for (; at >= *s.interval_end; *s.interval_end += interval_length) {
    const auto on = s.clock.on_contact.all_ms(*s.interval_end);
    const auto idle = s.clock.idle.all_ms(*s.interval_end);
    if (on > s.interval_on_ms || idle > s.interval_idle_ms) {
      auto& row = s.centre.interval_of(*s.interval_end - 1ms, offset, centre_intervals_max);
      row.on_contact_ms = on - s.interval_on_ms;
      row.idle_ms = idle - s.interval_idle_ms;
    }
    s.interval_on_ms = on;
    s.interval_idle_ms = idle;
  }
}

/// Teams that nobody is in go; what they worked stays with their queues.
void drop_empty_teams(state& s, instant now) {
  for (auto it = s.teams.begin(); it != s.teams.end();) {
    auto& t = it->second;
    if (t.members > 0 || t.serves.everywhere) {
      ++it;
      continue;
    }
    for (const int row : t.serves.queues) {
      auto& q = s.queues[static_cast<std::size_t>(row)];
      q.gone_on_ms += t.clock.on_contact.all_ms(now);
      q.gone_idle_ms += t.clock.idle.all_ms(now);
      std::erase(q.teams, &t);
    }
    it = s.teams.erase(it);
  }
}

void begin_day(state& s, instant midnight) {
  s.day_start = midnight;
  s.centre.begin_day();
  for (auto& q : s.queues)
    q.figures.begin_day();
  for (auto& c : s.channels)
    c.figures.begin_day();
  for (auto* sum : {&s.clock.on_contact, &s.clock.idle})
    sum->reset(midnight);
  for (auto& [key, t] : s.teams) {
    t.clock.on_contact.reset(midnight);
    t.clock.idle.reset(midnight);
    ++t.changes;
  }
  drop_empty_teams(s, midnight);
}

} // namespace

void roll(state& s, instant at) {
  roll_intervals(s, at);
  const auto midnight = local_midnight(at, s.offset_minutes);
  if (!s.day_start)
    s.day_start = midnight;
  else if (midnight > *s.day_start)
    begin_day(s, midnight);
}

} // namespace careline::board
