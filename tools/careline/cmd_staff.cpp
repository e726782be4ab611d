#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>

#include "messages/json.hpp"
#include "tools/careline/call_log_report.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/staff_plan.hpp"

namespace careline::program {

namespace {

using side = text_table::side;

enum class form { table, json, csv };

struct asked {
  double calls = 0;
  double handle_s = 0;
  double patience_s = 0;
  double interval_s = 1800;
  double wrap_up_s = 9.5;
  double target_percent = 80;
  double blocked_percent = 1;
  double shrinkage_percent = 30;
  double most_lost_percent = 100;
  double most_busy_percent = 100;
  double hours = 400;
  std::string file;
  std::vector<std::string> days;
  std::uint64_t seed = 1;
  bool simulate = false;
  staff_wish wish;
};

std::string percent(double share) {
  return fmt::format("{:.1f} %", share * 100);
}

std::string wait_text(double s) {
  return std::isfinite(s) ? fmt::format("{:.1f} s", s) : "endless";
}

std::string number_text(int n) {
  return n < 0 ? "none is enough" : std::to_string(n);
}

double share(std::size_t part, std::size_t of) {
  return of == 0 ? 0 : static_cast<double>(part) / static_cast<double>(of);
}

int on_plan(int agents, const staff_wish& wish) {
  return agents < 0 ? agents : workforce::scheduled_for(agents, wish.shrinkage);
}

double mean_wait(const staffed_result& r) {
  return r.calls == 0 ? 0 : r.waited_s / static_cast<double>(r.calls);
}

value expectation_map(int agents, const workforce::expectation& is, const staff_wish& wish) {
  value out{value::map{}};
  out.add("agents", agents);
  out.add("scheduled", on_plan(agents, wish));
  out.add("sl_strict", is.answered_in);
  if (std::isfinite(is.mean_wait_s))
    out.add("mean_wait_s", is.mean_wait_s);
  out.add("lost", is.lost);
  out.add("occupancy", is.occupancy);
  return out;
}

value result_map(const staffed_result& r) {
  value out{value::map{}};
  out.add("offered", static_cast<std::int64_t>(r.calls));
  out.add("answered", static_cast<std::int64_t>(r.answered));
  out.add("abandoned", static_cast<std::int64_t>(r.abandoned));
  if (r.calls > 0) {
    out.add("sl_strict", share(r.answered_in, r.calls));
    out.add("abandon_rate", share(r.abandoned, r.calls));
    out.add("mean_wait_s", mean_wait(r));
  }
  return out;
}

std::string steady_text(const asked& what, const staffed_interval& one,
                        const std::optional<staffed_result>& played) {
  const auto& load = one.load;
  auto out = fmt::format("{:g} calls in {:g} s, {:g} s each: {:.2f} erlangs. Wanted: {:g} % "
                         "answered in {:g} s.\n\n",
                         what.calls, what.interval_s, what.handle_s, load.erlangs(),
                         what.target_percent, what.wish.wanted.within_s);
  text_table table{{{"formula"},
                    {"agents", side::right},
                    {"on the plan", side::right},
                    {"answered in time", side::right},
                    {"mean wait", side::right},
                    {"lost", side::right},
                    {"busy", side::right},
                    {"who finds nobody free"}}};
  const auto add = [&](const char* name, int agents, const workforce::expectation& is,
                       std::string says) {
    table.add({name, number_text(agents), number_text(on_plan(agents, what.wish)),
               percent(is.answered_in), wait_text(is.mean_wait_s), percent(is.lost),
               percent(is.occupancy), std::move(says)});
  };
  add("Erlang C", one.agents_c, one.of_c, "waits for as long as it takes");
  if (load.patience_s > 0)
    add("Erlang A", one.agents_a, one.of_a,
        fmt::format("hangs up after {:g} s, on the mean", load.patience_s));
  add("Erlang B", one.lines, expect(workforce::formula::b, load, std::max(0, one.lines), 0),
      fmt::format("is refused: lines for at most {:g} %", what.blocked_percent));
  if (played)
    table.add({"simulated", std::to_string(one.agents_a), "",
               percent(share(played->answered_in, played->calls)),
               wait_text(mean_wait(*played)),
               percent(share(played->abandoned, played->calls)), "",
               fmt::format("{} calls, {:g} h through this engine's routing", played->calls,
                           what.hours)});
  return out + table.text();
}

int staff_steady(const asked& what, form as) {
  const workforce::work load{what.calls / what.interval_s, what.handle_s, what.patience_s};
  const auto one = staffed(load, what.wish);
  std::optional<staffed_result> played;
  if (what.simulate && one.agents_a > 0)
    played = play_steady(load, one.agents_a, what.wish.wanted.within_s, what.hours, what.seed);
  if (as == form::table)
    return print(steady_text(what, one, played)) ? exit_code::done : exit_code::work_failed;
  value out{value::map{}};
  out.add("erlangs", load.erlangs());
  out.add("erlang_c", expectation_map(one.agents_c, one.of_c, what.wish));
  if (load.patience_s > 0)
    out.add("erlang_a", expectation_map(one.agents_a, one.of_a, what.wish));
  out.add("erlang_b",
          expectation_map(one.lines, expect(workforce::formula::b, load, std::max(0, one.lines), 0),
                          what.wish));
  if (played)
    out.add("simulated", result_map(*played));
  return print(to_json(out) + "\n") ? exit_code::done : exit_code::work_failed;
}

std::string clock_text(span after_midnight) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(after_midnight).count();
  return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

struct day_plan {
  std::vector<staffed_interval> plan;
  std::vector<staffed_result> played;  ///< empty: not asked for
};

std::string day_table(const day_plan& day, const asked& what) {
  std::vector<text_table::column> columns{{"from"},
                                          {"calls", side::right},
                                          {"handle", side::right},
                                          {"erlangs", side::right},
                                          {"Erlang C", side::right},
                                          {"Erlang A", side::right},
                                          {"on the plan", side::right},
                                          {"in time", side::right},
                                          {"lost", side::right}};
  if (!day.played.empty())
    for (const char* title : {"played in time", "played lost"})
      columns.push_back({title, side::right});
  text_table table{std::move(columns)};
  for (std::size_t i = 0; i < day.plan.size(); ++i) {
    const auto& one = day.plan[i];
    if (one.calls == 0)
      continue;
    std::vector<std::string> cells{clock_text(one.from),
                                   fmt::format("{:.1f}", one.calls),
                                   fmt::format("{:.0f} s", one.load.handle_s),
                                   fmt::format("{:.2f}", one.load.erlangs()),
                                   number_text(one.agents_c),
                                   number_text(one.agents_a),
                                   number_text(on_plan(one.agents_a, what.wish)),
                                   percent(one.of_a.answered_in),
                                   percent(one.of_a.lost)};
    if (!day.played.empty()) {
      const auto& r = day.played[i];
      cells.push_back(percent(share(r.answered_in, r.calls)));
      cells.push_back(percent(share(r.abandoned, r.calls)));
    }
    table.add(std::move(cells));
  }
  return table.text();
}

struct whole_day {
  double calls = 0;
  double answered_in = 0;
  double lost = 0;
  double agent_hours = 0;
  staffed_result played;
};

whole_day whole_of(const day_plan& day, double interval_s) {
  whole_day out;
  for (const auto& one : day.plan) {
    out.calls += one.calls;
    out.answered_in += one.calls * one.of_a.answered_in;
    out.lost += one.calls * one.of_a.lost;
    out.agent_hours += std::max(0, one.agents_a) * interval_s / 3600;
  }
  for (const auto& r : day.played) {
    out.played.calls += r.calls;
    out.played.answered += r.answered;
    out.played.answered_in += r.answered_in;
    out.played.abandoned += r.abandoned;
    out.played.waited_s += r.waited_s;
  }
  return out;
}

std::string day_text(const day_plan& day, const call_log& log, const asked& what) {
  const auto whole = whole_of(day, what.interval_s);
  auto out = day_table(day, what);
  out += fmt::format("\n{:.0f} calls a day, {:.0f} agent hours, mean patience {:.0f} s. By Erlang "
                     "A {} are answered in {:g} s and {} hang up.\n",
                     whole.calls, whole.agent_hours, mean_patience_s(log),
                     percent(whole.answered_in / whole.calls), what.wish.wanted.within_s,
                     percent(whole.lost / whole.calls));
  if (!day.played.empty())
    out += fmt::format("The log's own calls, served by this plan in virtual time: {} answered in "
                       "{:g} s, {} hung up, mean wait {}.\n",
                       percent(share(whole.played.answered_in, whole.played.calls)),
                       what.wish.wanted.within_s,
                       percent(share(whole.played.abandoned, whole.played.calls)),
                       wait_text(mean_wait(whole.played)));
  return out;
}

std::string day_csv(const day_plan& day, const asked& what) {
  std::string out = "from,calls,handle_s,erlangs,agents_erlang_c,agents_erlang_a,scheduled,"
                    "sl_strict,lost";
  out += day.played.empty() ? "\n" : ",played_sl_strict,played_abandon_rate\n";
  for (std::size_t i = 0; i < day.plan.size(); ++i) {
    const auto& one = day.plan[i];
    out += fmt::format("{},{:.3f},{:.1f},{:.3f},{},{},{},{:.4f},{:.4f}", clock_text(one.from),
                       one.calls, one.load.handle_s, one.load.erlangs(), one.agents_c,
                       one.agents_a, on_plan(one.agents_a, what.wish), one.of_a.answered_in,
                       one.of_a.lost);
    if (!day.played.empty()) {
      const auto& r = day.played[i];
      out += fmt::format(",{:.4f},{:.4f}", share(r.answered_in, r.calls),
                         share(r.abandoned, r.calls));
    }
    out += '\n';
  }
  return out;
}

value day_json(const day_plan& day, const call_log& log, const asked& what) {
  value out{value::map{}};
  out.add("mean_patience_s", mean_patience_s(log));
  value::list intervals;
  for (std::size_t i = 0; i < day.plan.size(); ++i) {
    const auto& one = day.plan[i];
    value row{value::map{}};
    row.add("from", clock_text(one.from));
    row.add("calls", one.calls);
    row.add("handle_s", one.load.handle_s);
    row.add("erlangs", one.load.erlangs());
    row.add("erlang_c", expectation_map(one.agents_c, one.of_c, what.wish));
    row.add("erlang_a", expectation_map(one.agents_a, one.of_a, what.wish));
    if (!day.played.empty())
      row.add("simulated", result_map(day.played[i]));
    intervals.push_back(std::move(row));
  }
  out.add("intervals", std::move(intervals));
  if (!day.played.empty())
    out.add("simulated", result_map(whole_of(day, what.interval_s).played));
  return out;
}

int staff_call_log(const asked& what, form as) {
  const auto log = load_call_log(what.file, what.days);
  if (!log) {
    complain(text_of(log.error()));
    return exit_code::wrong_usage;
  }
  const auto interval = from_seconds(what.interval_s);
  call_log_options how;
  how.wrap_up = from_seconds(what.wrap_up_s);
  how.seed = what.seed;
  day_plan day;
  day.plan = plan_of(*log, interval, how.wrap_up, what.wish);
  if (what.simulate)
    day.played = play_plan(*log, day.plan, interval, what.wish.wanted.within_s, how);
  const auto said = as == form::json  ? to_json(day_json(day, *log, what)) + "\n"
                    : as == form::csv ? day_csv(day, what)
                                      : day_text(day, *log, what);
  return print(said) ? exit_code::done : exit_code::work_failed;
}

void add_load_flags(CLI::App& app, asked& what) {
  app.add_option("--calls", what.calls, "in one interval")->check(CLI::Range(0.0, 1'000'000.0));
  app.add_option("--handle-time", what.handle_s, "talk, hold and wrap-up of one, on the mean (s)")
      ->check(CLI::Range(0.0, 86'400.0));
  app.add_option("--patience", what.patience_s, "mean patience (s); a call log has its own")
      ->check(CLI::Range(1.0, 86'400.0));
}

void add_log_flags(CLI::App& app, asked& what) {
  app.add_option("--call-log", what.file, "a recorded call log (CSV, see docs/call-log.md)");
  app.add_option("--days", what.days, "only these: 1999-08-03,1999-08-05; the mean of several")
      ->delimiter(',');
  app.add_option("--wrap-up", what.wrap_up_s, "an agent's pause after each call of the log (s)")
      ->check(CLI::Range(0.0, 86'400.0))->capture_default_str();
}

void add_wish_flags(CLI::App& app, asked& what) {
  app.add_option("--interval", what.interval_s, "length of an interval (s)")
      ->check(CLI::Range(60.0, 86'400.0))->capture_default_str();
  app.add_option("--target", what.target_percent, "answered in time, of all (%)")
      ->check(CLI::Range(0.0, 99.99))->capture_default_str();
  app.add_option("--within", what.wish.wanted.within_s, "in time means within (s)")
      ->check(CLI::Range(0.0, 86'400.0))->capture_default_str();
  app.add_option("--most-lost", what.most_lost_percent, "who may hang up (%)")
      ->check(CLI::Range(0.0, 100.0))->capture_default_str();
  app.add_option("--most-busy", what.most_busy_percent, "how busy agents may be (%)")
      ->check(CLI::Range(1.0, 100.0))->capture_default_str();
  app.add_option("--blocked", what.blocked_percent, "refused, where lines are counted (%)")
      ->check(CLI::Range(0.001, 99.0))->capture_default_str();
  app.add_option("--shrinkage", what.shrinkage_percent, "paid time in which one is not there (%)")
      ->check(CLI::Range(0.0, 95.0))->capture_default_str();
  app.add_flag("--simulate", what.simulate, "play it through the engine's own routing beside");
  app.add_option("--hours", what.hours, "so long, where one interval is played")
      ->check(CLI::Range(1.0, 10'000.0))->capture_default_str();
  app.add_option("--seed", what.seed, "of what is drawn")->capture_default_str();
}

/// What only a load or only a log knows.
std::optional<std::string_view> wrong_in(const CLI::App& app, const asked& what, form as) {
  const auto is_given = [&](const char* flag) { return app.count(flag) > 0; };
  const bool of_load = is_given("--calls") || is_given("--handle-time") || is_given("--patience");
  if (of_load == !what.file.empty())
    return "give --calls and --handle-time, or --call-log and its file";
  if (of_load && (what.calls <= 0 || what.handle_s <= 0))
    return "--calls and --handle-time go together, both above 0";
  constexpr double crowd_max = 1e6;  // Erlang A looks at each number of people in the centre
  if (what.calls / what.interval_s * std::max(what.patience_s, what.handle_s) > crowd_max)
    return "that is more than a million people at once";
  if (of_load && (is_given("--days") || is_given("--wrap-up")))
    return "--days and --wrap-up go with --call-log";
  if (of_load && as == form::csv)
    return "--csv goes with --call-log";
  return {};
}

staff_wish wish_of(const asked& what) {
  auto out = what.wish;
  out.wanted.answered_in = what.target_percent / 100;
  out.wanted.lost = what.most_lost_percent / 100;
  out.wanted.occupancy = what.most_busy_percent / 100;
  out.blocked = what.blocked_percent / 100;
  out.shrinkage = what.shrinkage_percent / 100;
  return out;
}

} // namespace

int staff_main(int argc, char** argv) {
  auto app = make_app(
      "staff", "Says how many agents are needed, by Erlang B, C and A.",
      {"careline staff --calls 100 --handle-time 180 --target 80 --within 20 --patience 120",
       "careline staff --call-log calls.csv --days 1999-08-03 --simulate"});
  asked what;
  bool json = false;
  bool csv = false;
  add_load_flags(app, what);
  add_wish_flags(app, what);
  add_log_flags(app, what);
  app.add_flag("--json", json, "as one JSON object");
  app.add_flag("--csv", csv, "a call log's intervals as CSV");
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  const auto as = json ? form::json : csv ? form::csv : form::table;
  if (const auto wrong = wrong_in(app, what, as)) {
    complain(fmt::format("staff: {}. \"careline help staff\" says more.", *wrong));
    return exit_code::wrong_usage;
  }
  what.wish = wish_of(what);
  return what.file.empty() ? staff_steady(what, as) : staff_call_log(what, as);
}

} // namespace careline::program
