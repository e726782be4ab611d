#include "actors/routing/index/line.hpp"

namespace careline::routing {

namespace {

/// Room for twenty grants between two neighbours.
constexpr std::int64_t nudge_step = std::int64_t{1} << 20;

bool same_neighbour(const standing& a, const contact_id& beside) noexcept {
  return a.who->beside == beside;
}

} // namespace

void take_place(contact& c, const line& in) {
  c.where = {c.where.urgency, to_ms(c.opened - c.credit), 0};
  c.beside = {};
  if (!c.asked_place || *c.asked_place < 1)
    return;
  auto at = in.find_by_order(static_cast<std::size_t>(*c.asked_place - 1));
  if (at != in.end() && at->where.urgency > c.where.urgency)
    at = in.lower_bound({{c.where.urgency, INT64_MIN, INT64_MIN}, &c}); // behind the more urgent
  if (at == in.end() || at->where.urgency < c.where.urgency || stands_before{}({c.where, &c}, *at))
    return;
  c.beside = at->who->beside.empty() ? at->who->id : at->who->beside.get();
  c.where = at->where;
  c.where.nudge -= nudge_step;
  if (at == in.begin())
    return;
  const auto next = at->where.nudge;
  if (const auto& ahead = *--at;
      same_neighbour(ahead, c.beside) && ahead.where.nudge >= c.where.nudge)
    c.where.nudge = ahead.where.nudge + (next - ahead.where.nudge) / 2;
}

} // namespace careline::routing
