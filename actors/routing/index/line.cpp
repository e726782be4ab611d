#include "actors/routing/index/line.hpp"

namespace careline::routing {

namespace {

/// Room for twenty grants between two neighbours.
constexpr std::int64_t nudge_step = std::int64_t{1} << 20;

bool same_age(const place& a, const place& b) noexcept {
  return a.urgency == b.urgency && a.age_key == b.age_key;
}

} // namespace

place place_for(const contact& c, const line& in) {
  const place own{c.where.urgency, to_ms(c.opened - c.credit), 0};
  if (!c.asked_place || *c.asked_place < 1)
    return own;
  auto at = in.find_by_order(static_cast<std::size_t>(*c.asked_place - 1));
  // The first that is not more urgent, from the asked place on.
  const auto first_not_above = in.lower_bound({{own.urgency, INT64_MIN, INT64_MIN}, &c});
  if (at == in.end() || at->where.urgency > own.urgency)
    at = first_not_above;
  if (at == in.end() || at->where.urgency < own.urgency)
    return own;
  if (stands_before{}({own, &c}, *at))
    return own;
  place granted = at->where;
  granted.nudge -= nudge_step;
  if (at != in.begin())
    if (const auto& ahead = (--at)->where; same_age(ahead, granted) && ahead.nudge >= granted.nudge)
      granted.nudge = ahead.nudge + (granted.nudge + nudge_step - ahead.nudge) / 2;
  return granted;
}

} // namespace careline::routing
