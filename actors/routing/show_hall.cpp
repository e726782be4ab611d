#include <algorithm>

#include "actors/routing/model.hpp"

namespace careline::routing {

namespace {

/// So many counters are shown at once.
constexpr std::size_t serving_max = 1000;

value whole_seconds(span s) {
  return s.count() % 1000 == 0 ? value{s.count() / 1000} : value{to_seconds(s)};
}

/// The last first, so many at most.
value::list last_of(std::vector<hall_call> calls) {
  std::stable_sort(calls.begin(), calls.end(),
                   [](const hall_call& a, const hall_call& b) { return a.at > b.at; });
  value::list out;
  for (const auto& one : calls) {
    if (out.size() >= calls_kept)
      break;
    out.push_back(value{value::map{{"ticket", one.ticket},
                                   {"counter", one.counter.text()},
                                   {"at", to_rfc3339(one.at)}}});
  }
  return out;
}

} // namespace

value routing_model::show_hall(const query::hall_show& asked, const context& in) const {
  const auto is_at_site = [&](const queue_id& of) {
    const auto* q = find(of);
    return asked.site.empty() || (q && q->policy.site == asked.site);
  };
  const auto is_of_area = [&](const std::string& prefix) {
    return asked.prefix.empty() || prefix == asked.prefix;
  };
  const auto today = to_local(in.now, in.offset_minutes).day;
  std::vector<hall_call> called;
  std::vector<hall_call> missed;
  const auto gather = [&](const std::vector<hall_call>& from, std::vector<hall_call>& into) {
    // Of each area newest first, so that those of one moment stay in that order.
    for (auto one = from.rbegin(); one != from.rend(); ++one)
      if (is_at_site(one->queue) && to_local(one->at, in.offset_minutes).day == today)
        into.push_back(*one);
  };
  for (const auto& [prefix, area] : halls_)
    if (is_of_area(prefix)) {
      gather(area.called, called);
      gather(area.missed, missed);
    }
  value v{value::map{}};
  v.add("serving", show_serving(is_of_area, is_at_site));
  v.add("called", last_of(std::move(called)));
  v.add("missed", last_of(std::move(missed)));
  v.add("areas", show_areas(is_of_area, is_at_site));
  return v;
}

/// Who is at which counter. Looks at the agents: they are fewer than those who wait.
value::list routing_model::show_serving(const std::function<bool(const std::string&)>& is_of_area,
                                        const std::function<bool(const queue_id&)>& is_at_site)
    const {
  value::list out;
  for (const auto& [id, a] : agents_) {
    if (out.size() >= serving_max)
      break;
    const auto* c = called_by(a, {});
    if (!c || !is_of_area(c->ticket.get().prefix) || !is_at_site(c->queue))
      continue;
    out.push_back(value{value::map{{"ticket", c->ticket.get().number},
                                   {"counter", c->ticket.get().counter.text()},
                                   {"since", to_rfc3339(c->connected.value_or(c->opened))}}});
  }
  return out;
}

/// Of each prefix how many wait in its queues, and what a newcomer to the slowest of them is told.
value::list routing_model::show_areas(const std::function<bool(const std::string&)>& is_of_area,
                                      const std::function<bool(const queue_id&)>& is_at_site)
    const {
  struct area_row {
    std::int64_t waiting = 0;
    std::optional<span> wait;
  };
  std::map<std::string, area_row> rows;
  for (const auto& [id, q] : queues_) {
    if (q.policy.ticket.empty() || !is_of_area(q.policy.ticket) || !is_at_site(id))
      continue;
    auto& row = rows[q.policy.ticket];
    row.waiting += length(id);
    if (const auto wait = estimate(q, length(id)))
      row.wait = std::max(*wait, row.wait.value_or(*wait));
  }
  value::list out;
  for (const auto& [prefix, row] : rows) {
    value one{value::map{{"prefix", prefix}, {"waiting", row.waiting}}};
    if (row.wait)
      one.add("wait_s", whole_seconds(*row.wait));
    out.push_back(std::move(one));
  }
  return out;
}

} // namespace careline::routing
