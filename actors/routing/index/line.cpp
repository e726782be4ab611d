#include "actors/routing/index/line.hpp"

#include "messages/planted.hpp"

namespace careline::routing {

namespace {

/// Room for twenty grants between two neighbours.
constexpr std::int64_t nudge_step = std::int64_t{1} << 20;

const contact_id& neighbour_of(const standing& s) noexcept {
  return s.who->beside.empty() ? s.who->id : s.who->beside.get();
}

/// Just before the one at `at`, of the same urgency.
void stand_before(contact& c, const line& in, line::const_iterator at) {
  c.beside = neighbour_of(*at);
  c.where = at->where;
  c.where.nudge -= nudge_step;
  if (at == in.begin())
    return;
  const auto next = at->where.nudge;
  if (const auto& ahead = *--at;
      neighbour_of(ahead) == c.beside && ahead.where.nudge >= c.where.nudge)
    c.where.nudge = ahead.where.nudge + (next - ahead.where.nudge) / 2;
}

/// Called in vain: behind so many others, but before whoever is less urgent, and not before the
/// place that its age gives it.
void stand_behind(contact& c, const line& in, std::size_t others) {
  const auto at = in.find_by_order(others);
  if (at != in.end() && at->where.urgency >= c.where.urgency) {
    if (at->where.urgency == c.where.urgency && stands_before{}({c.where, &c}, *at))
      stand_before(c, in, at);
    return;
  }
  auto last = in.lower_bound({{c.where.urgency, INT64_MAX, INT64_MAX}, &c});
  if (last == in.begin())
    return;
  --last;
  if (last->where.urgency != c.where.urgency || !stands_before{}({c.where, &c}, *last))
    return;
  const auto end = *last;
  c.beside = neighbour_of(end);
  c.where = end.where;
  c.where.nudge += nudge_step;
}

} // namespace

void take_place(contact& c, const line& in) {
  const auto began = planted(bug::ages_from_queueing) ? c.queued : c.opened;
  c.where = {c.where.urgency, to_ms(began - c.credit), 0};
  c.beside = {};
  if (const auto others = c.ticket.get().behind; others > 0)
    return stand_behind(c, in, static_cast<std::size_t>(others));
  if (!c.asked_place || *c.asked_place < 1)
    return;
  auto at = in.find_by_order(static_cast<std::size_t>(*c.asked_place - 1));
  if (at != in.end() && at->where.urgency > c.where.urgency)
    at = in.lower_bound({{c.where.urgency, INT64_MIN, INT64_MIN}, &c}); // behind the more urgent
  if (at == in.end() || at->where.urgency < c.where.urgency || stands_before{}({c.where, &c}, *at))
    return;
  stand_before(c, in, at);
}

} // namespace careline::routing
