#include "actors/board/show.hpp"

#include <algorithm>

namespace careline::board {

namespace {

constexpr std::size_t intervals_shown = 96;

/// The teams that serve a queue, each once.
template <class F>
void each_team(const state& s, const queue& q, F&& f) {
  for (const auto* t : q.teams)
    f(*t);
  if (const auto* all = q.members ? nullptr : s.everywhere())
    f(*all);
}

/// What a clock ran up in the period, in ms.
std::int64_t ran(const state& s, const running_sum& sum, instant now, period of) {
  if (of == period::all)
    return sum.all_ms(now);
  return s.is_new_day(now) ? sum.ms_after(local_midnight(now, s.offset_minutes), now) : sum.ms(now);
}

const counters& counted(const state& s, const scope& what, instant now, period of) {
  static const counters nothing;
  if (of == period::all)
    return what.all;
  return s.is_new_day(now) ? nothing : what.day;
}

present now_of(const scope& what) {
  present is;
  is.waiting = static_cast<int>(what.waiting.size());
  is.in_progress = what.in_progress;
  is.callbacks_waiting = what.callbacks_waiting;
  if (!what.waiting.empty())
    is.oldest_since = what.waiting.oldest();
  return is;
}

/// The figures of any scope, with when its oldest wait began.
value scope_figures(const counters& did, const present& is, instant now, precision how) {
  auto out = write_figures(did, is, now, how);
  if (is.oldest_since)
    out.add("oldest_since", to_ms(*is.oldest_since));
  return out;
}

std::optional<double> seconds_of(std::int64_t ms) {
  return static_cast<double>(ms) / 1000.0;
}

/// What a contact that comes now would be told (contract §2 "wait_estimate"), to the millisecond as
/// routing tells it. Those who asked for a callback keep their place, so they are ahead as well.
std::optional<double> wait_estimate(const state& s, const queue& q) {
  using enum routing::wait_estimate_kind;
  switch (q.wait_estimate) {
    case recent: return q.recent_ms ? seconds_of(*q.recent_ms) : std::nullopt;
    case smoothed: return q.smoothed_s ? seconds_of(*q.smoothed_s * 1000) : std::nullopt;
    case staffed: break;
  }
  int signed_in = 0;
  each_team(s, q, [&](const team& t) { signed_in += t.signed_in; });
  const auto handled = q.figures.all.handled - q.handled_before;
  const auto ahead = static_cast<int>(q.figures.waiting.size()) + q.figures.callbacks_waiting
                     + q.consults;
  if (signed_in > 0 && ahead == 0)
    return 0.0;
  if (signed_in == 0 || handled == 0)
    return std::nullopt;
  const auto mean_s = to_seconds(span{q.figures.all.handle_ms - q.handle_ms_before}) / handled;
  return to_seconds(from_seconds(mean_s * ahead / signed_in));
}

value sessions_of(const state& s) {
  std::map<std::string, int> kinds;
  for (const auto& [name, kind] : s.sessions)
    ++kinds[kind.empty() ? "other" : kind];
  value out{value::map{}};
  for (const auto& [kind, n] : kinds)
    out.add(kind, n);
  return out;
}

/// The first keys of every answer: where and when it is true.
value head_of(const state& s, instant now) {
  value out{value::map{}};
  out.add("position", s.events);
  out.add("time", to_rfc3339(now));
  out.add("offset_minutes", s.offset_minutes);
  out.add("speed", s.speed);
  out.add("simulated", s.speed != 1);
  return out;
}

} // namespace

state_counts agents_on(const state& s, const queue& q) {
  state_counts out{};
  each_team(s, q, [&](const team& t) {
    for (std::size_t i = 0; i < agent_states; ++i)
      out[i] += t.states[i];
  });
  return out;
}

value agents_of(const state_counts& counts) {
  using enum routing::agent_state;
  value out{value::map{}};
  for (const auto shown : {ready, offered, busy, wrap_up, not_ready})
    out.add(word_of(shown), counts[static_cast<std::size_t>(shown)]);
  return out;
}

value centre_figures(const state& s, instant now, precision how, period of) {
  auto is = now_of(s.centre);
  is.occupancy = share_of(ran(s, s.clock.on_contact, now, of), ran(s, s.clock.idle, now, of));
  return scope_figures(counted(s, s.centre, now, of), is, now, how);
}

value channel_figures(const state& s, const channel& c, instant now, precision how, period of) {
  return scope_figures(counted(s, c.figures, now, of), now_of(c.figures), now, how);
}

value queue_figures(const state& s, const queue& q, instant now, precision how, period of) {
  auto is = now_of(q.figures);
  is.wait_estimate_s = wait_estimate(s, q);
  auto on_ms = of == period::all ? q.gone_on_ms : 0;
  auto idle_ms = of == period::all ? q.gone_idle_ms : 0;
  each_team(s, q, [&](const team& t) {
    on_ms += ran(s, t.clock.on_contact, now, of);
    idle_ms += ran(s, t.clock.idle, now, of);
  });
  is.occupancy = share_of(on_ms, idle_ms);
  auto out = scope_figures(counted(s, q.figures, now, of), is, now, how);
  out.add("agents", agents_of(agents_on(s, q)));
  out.add("service_level_s", to_seconds(q.service_level_s));
  out.add("weight", q.weight);
  return out;
}

namespace {

/// Of all queues that are there: the waits in each, as a queue counts them.
value site_figures(const state& s, std::size_t row, instant now, precision how, period of) {
  const auto& at = s.sites[row];
  counters did;
  present is;
  for (const auto& q : s.queues) {
    if (q.site != static_cast<int>(row))
      continue;
    did.add(counted(s, q.figures, now, of));
    const auto its = now_of(q.figures);
    is.waiting += its.waiting;
    is.in_progress += its.in_progress;
    is.callbacks_waiting += its.callbacks_waiting;
    if (its.oldest_since)
      is.oldest_since = std::min(*its.oldest_since, is.oldest_since.value_or(*its.oldest_since));
  }
  auto out = scope_figures(did, is, now, how);
  out.add("state", word_of(at.closed ? routing::site_state::closed : routing::site_state::open));
  out.add("agents", agents_of(at.agents));
  return out;
}

} // namespace

value sites_figures(const state& s, instant now, precision how, period of) {
  value out{value::map{}};
  for (std::size_t i = 0; i < s.sites.size(); ++i)
    out.add(s.sites[i].id.text(), site_figures(s, i, now, how, of));
  return out;
}

value areas_figures(const state& s, instant now) {
  return s.hall.show_areas(now, s.offset_minutes, [&](const site_id& at) {
    return std::any_of(s.sites.begin(), s.sites.end(),
                       [&](const site& one) { return one.closed && one.id == at; });
  });
}

value show(const state& s, instant now) {
  auto out = head_of(s, now);
  value channels{value::map{}};
  for (const auto& c : s.channels)
    channels.add(c.id.text(), channel_figures(s, c, now, precision::exact));
  value queues{value::map{}};
  for (const auto& q : s.queues)
    if (!q.removed)
      queues.add(q.id.text(), queue_figures(s, q, now, precision::exact));
  out.add("centre", centre_figures(s, now, precision::exact));
  out.add("channels", std::move(channels));
  out.add("agents", agents_of(s.agents_by_state));
  out.add("queues", std::move(queues));
  if (!s.sites.empty())
    out.add("sites", sites_figures(s, now, precision::exact));
  if (s.promises.has_any())
    out.add("promises", s.promises.show());
  if (s.hall.has_areas())
    out.add("areas", areas_figures(s, now));
  if (s.hall.has_tickets())
    out.add("tickets", s.hall.show_tickets(now, s.offset_minutes));
  out.add("sessions", sessions_of(s));
  out.add("history", s.centre.history(now));
  out.add("intervals", s.centre.interval_list(now, intervals_shown, precision::exact));
  return out;
}

value show_queue(const state& s, const queue& q, instant now) {
  auto out = head_of(s, now);
  value queues{value::map{}};
  queues.add(q.id.text(), queue_figures(s, q, now, precision::exact));
  out.add("queues", std::move(queues));
  out.add("history", q.figures.history(now));
  out.add("intervals", q.figures.interval_list(now, intervals_shown, precision::exact));
  return out;
}

} // namespace careline::board
