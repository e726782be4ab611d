#include "tools/careline/report_books.hpp"

#include <algorithm>
#include <array>

#include "actors/kernel/log_recovery.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/log_commands.hpp"

namespace careline::program {

namespace {

using board::counters;

double seen(const counters& c) {
  return static_cast<double>(c.answered) + c.abandoned;
}

double seconds(std::int64_t ms) {
  return static_cast<double>(ms) / 1000;
}

// One row for each figure; the test holds each against what the board writes.
constexpr std::array metrics{
    metric_sum{"offered", [](const counters& c) { return 1.0 * c.offered; }, nullptr},
    metric_sum{"queued", [](const counters& c) { return 1.0 * c.queued; }, nullptr},
    metric_sum{"answered", [](const counters& c) { return 1.0 * c.answered; }, nullptr},
    metric_sum{"abandoned", [](const counters& c) { return 1.0 * c.abandoned; }, nullptr},
    metric_sum{"refused", [](const counters& c) { return 1.0 * c.refused; }, nullptr},
    metric_sum{"timed_out", [](const counters& c) { return 1.0 * c.timed_out; }, nullptr},
    metric_sum{"diverted", [](const counters& c) { return 1.0 * c.diverted; }, nullptr},
    metric_sum{"moved", [](const counters& c) { return 1.0 * c.moved; }, nullptr},
    metric_sum{"finished", [](const counters& c) { return 1.0 * c.finished; }, nullptr},
    metric_sum{"transferred", [](const counters& c) { return 1.0 * c.transferred; },
               nullptr},
    metric_sum{"callbacks", [](const counters& c) { return 1.0 * c.callbacks; }, nullptr},
    metric_sum{"callbacks_answered",
               [](const counters& c) { return 1.0 * c.callbacks_answered; }, nullptr},
    metric_sum{"callbacks_lost", [](const counters& c) { return 1.0 * c.callbacks_lost; },
               nullptr},
    metric_sum{"abandon_rate", [](const counters& c) { return 1.0 * c.abandoned; },
               [](const counters& c) { return 1.0 * c.queued; }},
    metric_sum{"asa_s", [](const counters& c) { return seconds(c.wait_ms); },
               [](const counters& c) { return 1.0 * c.answered; }},
    metric_sum{"greet_s", [](const counters& c) { return seconds(c.greet_ms); },
               [](const counters& c) { return 1.0 * c.greeted; }},
    metric_sum{"human_wait_s", [](const counters& c) { return seconds(c.human_wait_ms); },
               [](const counters& c) { return 1.0 * c.first_answered; }},
    metric_sum{"aht_s", [](const counters& c) { return seconds(c.handle_ms); },
               [](const counters& c) { return 1.0 * c.handled; }},
    metric_sum{"sl_answered", [](const counters& c) { return 1.0 * c.answered_in; },
               [](const counters& c) { return 1.0 * c.answered; }},
    metric_sum{"sl_offered",
               [](const counters& c) { return 1.0 * c.answered_in + c.abandoned_in; }, seen},
    metric_sum{"sl_left", [](const counters& c) { return 1.0 * c.left_in; },
               [](const counters& c) { return 1.0 * c.queued; }},
    metric_sum{"sl_strict", [](const counters& c) { return 1.0 * c.answered_in; }, seen},
    metric_sum{"sl_no_short", [](const counters& c) { return 1.0 * c.answered_in; },
               [](const counters& c) { return seen(c) - c.abandoned_short; }},
    metric_sum{"sl_late", [](const counters& c) { return 1.0 * c.answered_in; },
               [](const counters& c) { return seen(c) - c.abandoned_in; }},
};

/// Of the moment, and so of no period.
constexpr std::array present_only{"waiting", "in_progress", "callbacks_waiting"};

} // namespace

const metric_sum* find_metric(std::string_view name) {
  const auto found = std::ranges::find(metrics, name, &metric_sum::name);
  return found == metrics.end() ? nullptr : &*found;
}

std::vector<std::string_view> explained_metrics() {
  std::vector<std::string_view> out;
  for (const auto& one : metrics)
    out.push_back(one.name);
  return out;
}

instant report_books::period_of(instant at) const {
  if (wish_.each == report_period::all)
    return {};
  const auto midnight = local_midnight(at, wish_.offset_minutes);
  if (wish_.each == report_period::day)
    return midnight;
  return midnight + (at - midnight) / board::interval_length * board::interval_length;
}

instant report_books::end_of(instant period) const {
  switch (wish_.each) {
  case report_period::all:
    return instant::max();
  case report_period::day:
    return period + 24h;  // a fixed offset: each day has 24 hours
  case report_period::interval:
    break;
  }
  return period + board::interval_length;
}

std::string report_books::group_of(const board::booking& one) const {
  switch (wish_.by) {
  case report_group::queue:
    return one.in ? one.in->id.text() : std::string{};
  case report_group::channel:
    return one.through ? one.through->id.text() : std::string{};
  case report_group::agent:
    return one.agent.text();
  case report_group::centre:
    break;
  }
  return "(centre)";
}

void report_books::booked(const board::booking& one) {
  const bool of_queues = wish_.by == report_group::queue || wish_.by == report_group::agent;
  if (one.of_queue != of_queues || one.at < wish_.from || one.at >= wish_.to)
    return;
  const auto group = group_of(one);
  if (group.empty() || (!wish_.only.empty() && group != wish_.only))
    return;
  auto& row = rows_[{period_of(one.at), group}];
  row.did.add(one.did);
  const auto* metric = wish_.explain.empty() ? nullptr : find_metric(wish_.explain);
  if (!metric)
    return;
  const double part = metric->part(one.did);
  const double base = metric->base ? metric->base(one.did) : 0;
  if (part != 0 || base != 0)
    row.counted.push_back({one.at, one.contact.text(), one.in ? one.in->id.text() : "",
                           one.agent.text(), part, base});
}

void report_books::worked(const agent_id& who, board::phase what, instant from, instant to) {
  const bool is_counted = wish_.by == report_group::agent || wish_.by == report_group::centre;
  if (what == board::phase::out || !is_counted)
    return;
  const auto group = wish_.by == report_group::agent ? who.text() : std::string{"(centre)"};
  if (!wish_.only.empty() && group != wish_.only)
    return;
  from = std::max(from, wish_.from);
  to = std::min(to, wish_.to);
  while (from < to) {
    const auto period = period_of(from);
    const auto until = std::min(to, end_of(period));
    auto& row = rows_[{period, group}];
    (what == board::phase::idle ? row.idle_ms : row.on_contact_ms) += (until - from).count();
    from = until;
  }
}

void report_books::close(const board::state& centre, instant end) {
  for (const auto& [who, a] : centre.agents)
    worked(who, a.clock, a.clock_since, end);
}

result<std::pair<instant, instant>, int> days_of(const store::event_log& log,
                                                 const std::string& day, int days) {
  if (day.empty())
    return std::pair{instant{}, instant::max()};
  const auto birth = kernel::read_birth(log);
  if (!birth)
    return no(failed(birth.error()));
  const auto offset = *birth ? (*birth)->offset_minutes : 480;
  const auto first = parse_rfc3339(day + "T00:00:00Z");
  if (!first || day.size() != 10) {
    complain("--day is written as 2026-03-02");
    return no(exit_code::wrong_usage);
  }
  const auto from = first->at - std::chrono::minutes{offset};
  return std::pair{from, from + days * 24h};
}

value figures_of(const report_row& row) {
  board::present is;
  is.occupancy = board::share_of(row.on_contact_ms, row.idle_ms);
  const auto all = board::write_figures(row.did, is, {}, board::precision::exact);
  value out{value::map{}};
  for (const auto& [name, figure] : *all.as<value::map>())
    if (std::ranges::find(present_only, name) == present_only.end())
      out.add(name, figure);
  return out;
}

} // namespace careline::program
