#include <fmt/format.h>
#include <string>
#include <utility>

#include "actors/board/show.hpp"
#include "messages/json.hpp"
#include "tools/careline/call_log_report.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/config.hpp"
#include "tools/careline/scenario_play.hpp"
#include "tools/careline/serve_models.hpp"
#include "tools/careline/what_if.hpp"

namespace careline::program {

namespace {

struct asked {
  std::string file;
  std::string policy;
  std::string until;
  std::optional<std::uint64_t> seed;
  bool summary = false;
  bool json = false;
  reception::reception_policy desk;
};

/// Seconds after the start: whole ones without a point.
value seconds_after(instant start, instant at) {
  const auto s = at - start;
  return s.count() % 1000 == 0 ? value{std::int64_t{s.count() / 1000}} : value{to_seconds(s)};
}

value problem_map(const problem& why) {
  value out{value::map{}};
  out.add("type", why.type);
  out.add("title", why.title);
  if (!why.field.empty())
    out.add("field", why.field);
  if (!why.detail.empty())
    out.add("detail", why.detail);
  return out;
}

/// Writes JSON lines to stdout, many at once. A reader that goes away ends it quietly.
class line_printer {
public:
  void add(const value& line) {
    text_ += to_json(line);
    text_ += '\n';
    if (text_.size() >= chunk)
      flush();
  }
  bool flush() {
    ok_ = ok_ && print(text_);
    text_.clear();
    return ok_;
  }

private:
  static constexpr std::size_t chunk = std::size_t{1} << 16U;
  std::string text_;
  bool ok_ = true;
};

/// What `simulate` prints of a scenario without --summary.
play_listener printing(line_printer& to, instant start) {
  const auto beside = [&to, start](instant at, std::string_view key, value said,
                                   const scenario_line& line) {
    value out{value::map{}};
    out.add("at", seconds_after(start, at));
    out.add(key, std::move(said));
    out.add("command", from_json(line.text).value_or(value{}));
    to.add(out);
  };
  play_listener out;
  out.event = [&to, start](const kernel::logged_event& e) {
    value line{value::map{}};
    line.add("at", seconds_after(start, e.time));
    line.add("position", e.at);
    line.add("type", type_of(e.what));
    line.add("subject", subject_of(e.what));
    line.add("data", data_of(e.what, true));
    to.add(line);
  };
  out.refused = [beside](instant at, const scenario_line& line, const problem& why) {
    beside(at, "refused", problem_map(why), line);
  };
  out.answered = [beside](instant at, const scenario_line& line, const value& said) {
    beside(at, "answer", said, line);
  };
  return out;
}

result<scenario, bad_file> load(const asked& what) {
  auto text = read_text(what.file);
  if (!text)
    return no(text.error());
  auto out = read_scenario(what.file, std::move(*text));
  if (!out)
    return out;
  if (what.seed)
    out->seed = *what.seed;
  if (what.policy.empty())
    return out;
  auto policy = read_text(what.policy);
  if (!policy)
    return no(policy.error());
  if (auto done = replace_policy(*out, what.policy, std::move(*policy)); !done)
    return no(done.error());
  return out;
}

int simulate_scenario(const asked& what) {
  const auto scene = load(what);
  if (!scene) {
    complain(text_of(scene.error()));
    return exit_code::wrong_usage;
  }
  std::optional<instant> until;
  if (!what.until.empty()) {
    until = read_moment(what.until, scene->start);
    if (!until) {
      complain("simulate: --until must be seconds after the start, or RFC 3339");
      return exit_code::wrong_usage;
    }
  }
  line_printer out;
  const bool lines = !what.summary;
  const auto done =
      play(*scene, until, lines ? printing(out, scene->start) : play_listener{}, what.desk);
  if (lines)
    return out.flush() ? exit_code::done : exit_code::work_failed;
  const auto& board = done.centre->board();
  const auto text = what.json ? to_json(board::metrics(board, done.ended)) + "\n"
                              : board::metrics_table(board, done.ended);
  return print(text) ? exit_code::done : exit_code::work_failed;
}

} // namespace

namespace {

struct simulate_request {
  asked scene;
  call_log_asked log;
  what_if_asked past;
  bool as_recorded = false;
  std::string patience;
  double away_s = 0;
  double wrap_up_s = 0;
  double credit_s = 0;
  double callback_percent = 0;
};

/// What only one of the three kinds of source knows.
std::optional<std::string_view> wrong_in(const CLI::App& app, const simulate_request& r) {
  const auto is_given = [&](const char* flag) { return app.count(flag) > 0; };
  const bool of_log = is_given("--call-log");
  const bool of_past = is_given("--from-log");
  if (int{!r.scene.file.empty()} + int{of_log} + int{of_past} != 1)
    return "give a scenario file, or --call-log and its file, or --from-log and a data folder";
  for (const auto* flag : {"--agents", "--agents-as-recorded", "--more-agents", "--pool-skills",
                           "--credit", "--days", "--patience", "--estimates"})
    if (!of_log && is_given(flag))
      return "--agents, --agents-as-recorded, --more-agents, --pool-skills, --credit, --days, "
             "--estimates and --patience go with --call-log";
  for (const auto* flag : {"--seed", "--summary", "--wrap-up", "--away-after"})
    if (of_past && is_given(flag))
      return "--seed, --summary, --wrap-up and --away-after do not go with --from-log";
  if (!of_past && is_given("--day"))
    return "--day goes with --from-log";
  if (!r.scene.file.empty() && (is_given("--seeds") || is_given("--take-callback")))
    return "--seeds and --take-callback go with --call-log and --from-log";
  if (of_log && is_given("--seeds") && (r.log.estimates || r.scene.summary))
    return "--seeds does not go with --estimates or --summary";
  if (r.scene.file.empty() && !r.scene.until.empty())
    return "--until goes with a scenario file";
  if (r.log.how.agents && r.as_recorded)
    return "--agents and --agents-as-recorded exclude each other";
  if (!r.patience.empty() && r.patience != "profile" && r.patience != "endless")
    return "--patience is profile or endless";
  if (!r.scene.file.empty() && r.scene.json && !r.scene.summary)
    return "--json goes with --summary: events are JSON lines anyway";
  return {};
}

void add_scenario_flags(CLI::App& app, asked& what) {
  app.add_option("file", what.file, "a scenario, JSON lines (- reads stdin)");
  app.add_flag("--summary", what.summary, "print the metrics instead of the events");
  app.add_flag("--json", what.json, "metrics as one JSON object");
  app.add_option("--seed", what.seed, "instead of the file's seed");
  app.add_option("--until", what.until, "stop at so many seconds, or at an RFC 3339 time");
  app.add_option("--policy", what.policy,
                 "JSON lines of queue.define and agent.*, in place of the source's own");
}

void add_call_log_flags(CLI::App& app, simulate_request& r) {
  app.add_option("--call-log", r.log.file, "a recorded call log (CSV, see docs/call-log.md)");
  app.add_option("--agents", r.log.how.agents, "so many agents who can do everything")
      ->check(CLI::Range(1, 10'000));
  app.add_option("--more-agents", r.log.how.more_agents,
                 "so many beside them, who can do everything, in the centre's hours")
      ->check(CLI::Range(0, 10'000));
  app.add_flag("--pool-skills", r.log.how.pools_skills, "recorded agents serve every type of call");
  r.credit_s = to_seconds(r.log.how.priority_credit);
  app.add_option("--credit", r.credit_s, "of age, for priority callers (s)")
      ->check(CLI::Range(0.0, 86'400.0))->capture_default_str();
  app.add_flag("--agents-as-recorded", r.as_recorded, "who was there in the log (the default)");
  app.add_option("--days", r.log.days, "only these days: 1999-08-03,1999-08-05")->delimiter(',');
  app.add_flag("--estimates", r.log.estimates,
               "judge what callers of the log are told about their wait, each way");
  app.add_option("--patience", r.patience,
                 "of those who were answered: profile (default), endless");
  r.away_s = to_seconds(r.log.how.away_after);
  app.add_option("--away-after", r.away_s, "idle while others waited so long (s) means away")
      ->check(CLI::Range(0.0, 86'400.0))->capture_default_str();
  r.wrap_up_s = to_seconds(r.log.how.wrap_up);
  app.add_option("--wrap-up", r.wrap_up_s, "an agent's pause after each call (s)")
      ->check(CLI::Range(0.0, 86'400.0))->capture_default_str();
}

void add_from_log_flags(CLI::App& app, what_if_asked& what) {
  app.add_option("--from-log", what.data,
                 "a data folder: its own people again, and with --policy what would differ");
  app.add_option("--day", what.day, "of that log this local day; without: all of it");
}

/// Of both kinds of log.
void add_what_if_flags(CLI::App& app, simulate_request& r) {
  app.add_option("--seeds", r.past.seeds,
                 "so many plays, for what a log does not know; a call log: as it was, and as asked")
      ->check(CLI::Range(1, 1'000))->capture_default_str();
  app.add_option("--take-callback", r.callback_percent,
                 "of those to whom a rule offers to call back, say yes (%)")
      ->check(CLI::Range(0.0, 100.0))->capture_default_str();
}

call_log_asked call_log_of(const simulate_request& r, bool compares) {
  auto out = r.log;
  out.how.seed = r.scene.seed.value_or(1);
  out.how.endless_patience = r.patience == "endless";
  out.how.away_after = from_seconds(r.away_s);
  out.how.wrap_up = from_seconds(r.wrap_up_s);
  out.how.priority_credit = from_seconds(r.credit_s);
  out.how.takes_callback = r.callback_percent / 100;
  out.policy = r.scene.policy;
  if (compares)
    out.seeds = r.past.seeds;
  out.summary = r.scene.summary;
  out.json = r.scene.json;
  return out;
}

} // namespace

int simulate_main(int argc, char** argv) {
  auto app = make_app("simulate",
                      "Runs a scenario, a real call log, or a centre's own log under another "
                      "policy, in virtual time, with the code that serves.",
                      {"careline simulate scenario.jsonl --summary",
                       "careline simulate --call-log calls.csv --more-agents 2 --seeds 20",
                       "careline simulate --from-log careline-data --policy other.jsonl"});
  simulate_request r;
  add_scenario_flags(app, r.scene);
  add_call_log_flags(app, r);
  add_from_log_flags(app, r.past);
  add_what_if_flags(app, r);
  given_flags flags;
  add_config_flags(app, flags, {"reception.default_queue", "safety.divert_to"});
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  const auto loaded = load_config(sources_of(std::move(flags)));
  if (!loaded) {
    complain(loaded.error());
    return exit_code::wrong_usage;
  }
  if (const auto wrong = wrong_in(app, r)) {
    complain(fmt::format("simulate: {}. \"careline help simulate\" says more.", *wrong));
    return exit_code::wrong_usage;
  }
  r.scene.desk = reception_policy_of(loaded->values);
  if (!r.past.data.empty()) {
    r.past.policy = r.scene.policy;
    r.past.json = r.scene.json;
    r.past.takes_callback = r.callback_percent / 100;
    return simulate_from_log(r.past);
  }
  if (r.log.file.empty())
    return simulate_scenario(r.scene);
  return simulate_call_log(call_log_of(r, app.count("--seeds") > 0));
}

} // namespace careline::program
