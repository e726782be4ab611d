#include "tools/careline/call_log_report.hpp"

#include <array>
#include <fmt/format.h>

#include "actors/board/show.hpp"
#include "messages/json.hpp"
#include "tools/careline/call_log_estimates.hpp"
#include "tools/careline/call_log_what_if.hpp"
#include "tools/careline/command_line.hpp"

namespace careline::program {

namespace {

using side = text_table::side;

enum class unit { count, seconds, share };
struct row {
  std::string_view metric;
  std::string_view says;
  unit in;
};
constexpr std::array shown_rows{
    row{"offered", "calls that asked for an agent", unit::count},
    row{"answered", "", unit::count},
    row{"abandoned", "hung up while waiting", unit::count},
    row{"abandon_rate", "abandoned / offered", unit::share},
    row{"asa_s", "mean wait of the answered", unit::seconds},
    row{"mean_wait_s", "mean wait of all", unit::seconds},
    row{"sl_strict_20", "answered in 20 s / (answered + abandoned)", unit::share},
    row{"sl_strict_30", "", unit::share},
    row{"sl_strict_60", "", unit::share},
    row{"sl_late_20", "answered in 20 s / (answered + abandoned later)", unit::share},
    row{"sl_offered_20", "(answered + abandoned in 20 s) / (answered + abandoned)", unit::share},
};

std::string cell(const value& figures, std::string_view metric, unit in) {
  const auto* v = figures.find(metric);
  if (!v)
    return "-";
  switch (in) {
    case unit::count: return fmt::format("{:.0f}", v->to_double());
    case unit::seconds: return fmt::format("{:.1f}", v->to_double());
    case unit::share: break;
  }
  return fmt::format("{:.1f} %", v->to_double() * 100);
}

std::string whole_table(const value& was, const value& is, std::string_view played_as) {
  text_table table{{{"metric"},
                    {"recorded", side::right},
                    {std::string{played_as}, side::right},
                    {"says"}}};
  for (const auto& r : shown_rows)
    table.add({std::string{r.metric}, cell(was, r.metric, r.in), cell(is, r.metric, r.in),
               std::string{r.says}});
  return table.text();
}

std::string day_table(const call_scores& was, const call_scores& is) {
  text_table table{{{"day"},
                    {"offered", side::right},
                    {"answered", side::right},
                    {"", side::right},
                    {"abandon_rate", side::right},
                    {"", side::right},
                    {"asa_s", side::right},
                    {"", side::right},
                    {"sl_strict_20", side::right},
                    {"", side::right}}};
  for (const auto& [day, recorded] : was) {
    const auto a = figures_of(recorded);
    const auto found = is.find(day);
    const auto b = figures_of(found == is.end() ? call_score{} : found->second);
    table.add({date_text(day), cell(a, "offered", unit::count), cell(a, "answered", unit::count),
               cell(b, "answered", unit::count), cell(a, "abandon_rate", unit::share),
               cell(b, "abandon_rate", unit::share), cell(a, "asa_s", unit::seconds),
               cell(b, "asa_s", unit::seconds), cell(a, "sl_strict_20", unit::share),
               cell(b, "sl_strict_20", unit::share)});
  }
  return table.text();
}

std::string dirty_rows_table(const call_log& log) {
  text_table table{{{"rows", side::right}, {"what"}, {"what was done"}}};
  for (const auto& kind : log.dirty)
    table.add({std::to_string(kind.rows), std::string{kind.what}, std::string{kind.done}});
  return table.text();
}

value json_of(const call_log& log, const call_scorer& played, const board::board_model& board,
              instant ended, bool summary) {
  const auto was = recorded_scores(log);
  auto out = board::metrics(board, ended);
  auto figures = *out.find("metrics");
  const auto calls = figures_of(total(played.scores()));
  for (const auto& [name, figure] : *calls.as<value::map>())
    figures.set(name, figure);
  out.set("metrics", std::move(figures));
  out.set("recorded", figures_of(total(was)));
  out.set("still_waiting", static_cast<std::int64_t>(played.open()));
  if (summary)
    return out;
  value::list days;
  for (const auto& [day, recorded] : was) {
    const auto found = played.scores().find(day);
    days.push_back(value::map{
        {"day", date_text(day)},
        {"recorded", figures_of(recorded)},
        {"simulated", figures_of(found == played.scores().end() ? call_score{} : found->second)}});
  }
  out.set("days", std::move(days));
  value rows{value::map{}};
  rows.add("all", static_cast<std::int64_t>(log.rows));
  for (const auto& kind : log.dirty)
    rows.add(kind.name, static_cast<std::int64_t>(kind.rows));
  out.set("rows", std::move(rows));
  return out;
}

} // namespace

std::string call_log_table(const call_log& log, const call_scores& played,
                           std::string_view played_as, bool summary) {
  const auto was = recorded_scores(log);
  auto out = whole_table(figures_of(total(was)), figures_of(total(played)), played_as);
  if (summary)
    return out;
  out += fmt::format("\nday by day: recorded, then {}\n\n{}", played_as, day_table(was, played));
  out += fmt::format("\n{} rows, {} calls that asked for an agent; of these rows\n\n{}", log.rows,
                     log.calls.size(), dirty_rows_table(log));
  return out;
}

played play_call_log(const call_log& log, const call_log_options& how,
                     const std::function<void(const event&, instant)>& to) {
  auto cues = cues_of(log, how);
  kernel::virtual_options options;
  options.start = cues.front().at;
  options.seed = how.seed;
  options.time_zone = "Asia/Jerusalem";
  options.offset_minutes = call_log_offset_minutes;
  played out;
  out.centre = std::make_unique<virtual_centre>(
      options, [to](const kernel::logged_event& e) { to(e.what, e.time); });
  out.ended = play(*out.centre, std::move(cues));
  return out;
}

int simulate_call_log(const call_log_asked& what) {
  const auto log = load_call_log(what.file, what.days);
  if (!log) {
    complain(text_of(log.error()));
    return exit_code::wrong_usage;
  }
  auto how = what.how;
  if (!what.policy.empty())
    if (const auto read = read_call_log_policy(what.policy, how); !read) {
      complain(text_of(read.error()));
      return exit_code::wrong_usage;
    }
  if (what.seeds)
    return compare_call_log(*log, how, *what.seeds, what.json);
  if (what.estimates) {
    auto judged = judge_estimates(*log, how);
    const auto said = what.json ? to_json(estimates_json(std::move(judged))) + "\n"
                                : estimates_table(std::move(judged));
    return print(said) ? exit_code::done : exit_code::work_failed;
  }
  call_scorer scorer{*log};
  const auto done = play_call_log(*log, how,
                                  [&scorer](const event& e, instant at) { scorer.saw(e, at); });
  const auto said =
      what.json
          ? to_json(json_of(*log, scorer, done.centre->board(), done.ended, what.summary)) + "\n"
          : call_log_table(*log, scorer.scores(), "simulated", what.summary);
  return print(said) ? exit_code::done : exit_code::work_failed;
}

} // namespace careline::program
