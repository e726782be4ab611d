#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <string>
#include <unistd.h>
#include <unordered_set>
#include <vector>

#include "messages/json.hpp"
#include "tools/careline/call_log_report.hpp"
#include "tools/careline/client_keys.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/demo_stage.hpp"
#include "tools/careline/end_signals.hpp"
#include "tools/careline/load_plan.hpp"

namespace careline::program {

namespace {

using side = text_table::side;

struct asked {
  std::string commands = "tcp://127.0.0.1:5570";
  std::string events = "tcp://127.0.0.1:5571";
  std::string key_file;
  load_wish wish;
  double lasts_s = 60;
  double repeats_percent = 0;
  double help_percent = 0;
  int gateways = 4;
  int desks = 4;
  std::vector<std::string> gateway_names;
  std::string file;
  std::string day;
  std::string from;
  int times = 1;
  double drain_s = 60;  ///< of the wall's clock: so long is waited for who is still there
  bool json = false;
  bool plan = false;
  bool has_end = false;  ///< --for was given
};

/// A plan that nobody plays now begins on a Monday at nine.
const instant plan_start = from_ms(1'772'413'200'000);
/// As slowly as an engine may take in queues and agents, all at once.
constexpr double commands_per_s = 1000;
constexpr double commands_each_copy = 50;  ///< of a log: its queue, its staff and where they are
constexpr std::chrono::seconds engine_within{15};
/// An answered command's events are heard by then.
constexpr std::chrono::seconds events_within{1};
constexpr std::array shares{0.5, 0.9, 0.99, 0.999, 0.9999};
constexpr std::array share_names{"p50", "p90", "p99", "p99.9", "p99.99"};

/// How long things took, in µs; sorted when asked.
class latencies {
public:
  void add(std::chrono::microseconds took) {
    all_.push_back(std::max<std::int64_t>(0, took.count()));
    sorted_ = false;
  }
  void add(const latencies& more) {
    all_.insert(all_.end(), more.all_.begin(), more.all_.end());
    sorted_ = false;
  }
  std::size_t count() const { return all_.size(); }
  double ms_at(double share) {
    if (!std::exchange(sorted_, true))
      std::ranges::sort(all_);
    const auto at = static_cast<std::size_t>(share * static_cast<double>(all_.size()));
    return static_cast<double>(all_[std::min(at, all_.size() - 1)]) / 1000;
  }

private:
  std::vector<std::int64_t> all_;
  bool sorted_ = false;
};

/// What came of it.
struct outcome {
  std::map<std::string, latencies, std::less<>> by_type;
  latencies events;  ///< from when it happened to when it was heard
  std::map<std::string, std::uint64_t, std::less<>> problems;
  std::uint64_t opened = 0;
  std::uint64_t answered = 0;
  std::uint64_t abandoned = 0;
  std::uint64_t ended = 0;
  double took_s = 0;
};

/// Counts what became of the contacts that our gateways brought.
class own_contacts {
public:
  own_contacts(outcome& into, const std::vector<std::string>& gateways)
      : into_(into), gateways_(gateways.begin(), gateways.end()) {}

  /// Whether it is of one of ours.
  bool saw(const event& e) {
    if (const auto* opened = std::get_if<reception::contact_opened>(&e);
        opened && gateways_.contains(opened->gateway)) {
      there_.insert(opened->contact);
      ++into_.opened;
    }
    const auto id = contact_of(e);
    if (!there_.contains(id))
      return false;
    if (std::get_if<routing::contact_connected>(&e))
      ++into_.answered;
    if (std::get_if<routing::contact_abandoned>(&e))
      ++into_.abandoned;
    const auto* sent = std::get_if<routing::contact_diverted>(&e);
    if (std::get_if<routing::contact_finished>(&e) || std::get_if<routing::contact_abandoned>(&e)
        || std::get_if<routing::contact_timed_out>(&e)
        || std::get_if<routing::contact_refused>(&e)
        || (sent && sent->to.starts_with("external:"))) {
      ++into_.ended;
      there_.erase(id);
    }
    return true;
  }

private:
  outcome& into_;
  std::unordered_set<std::string> gateways_;
  std::unordered_set<contact_id> there_;
};

/// Plays the cues to their end, and waits a while for who is still there.
outcome run(demo_stage& stage, std::vector<cue> cues, const asked& what, end_signals& ends) {
  outcome out;
  own_contacts ours{out, what.gateway_names};
  stage.listen([&](const event& e, instant at) {
    if (!ours.saw(e))
      return;
    if (const auto now = stage.now())
      out.events.add(std::chrono::duration_cast<std::chrono::microseconds>(
          std::chrono::duration<double>(to_seconds(*now - at) / stage.speed())));
  });
  stage.hear([&](const told_reply& r) {
    if (r.outcome == outcome_kind::accepted)
      out.by_type[std::string{r.type} + (r.for_help ? ", for help" : "")].add(r.took);
    else
      ++out.problems[fmt::format("{}: {}", r.type, r.problem)];
  });
  const auto all = cues.size();
  for (auto& c : cues)
    stage.plan(std::move(c));
  const auto began = demo_stage::clock::now();
  auto last = began;     // when something was planned
  auto at_work = began;  // when something was done, or may be once its event comes
  progress_bar bar{"load"};
  while (!ends.came()) {
    stage.step();
    bar.show(all - stage.planned(), all);
    const auto now = demo_stage::clock::now();
    if (stage.planned() > 0)
      last = now;
    if (!stage.is_over())
      at_work = now;
    if (now - at_work > events_within || now - last > std::chrono::duration<double>{what.drain_s})
      break;
  }
  out.took_s = std::chrono::duration<double>(last - began).count();
  stage.listen({});
  stage.hear({});
  return out;
}

latencies all_commands(const outcome& of) {
  latencies out;
  for (const auto& [type, one] : of.by_type)
    out.add(one);
  return out;
}

std::string table_of(outcome& of, const demo_stage& stage) {
  std::vector<text_table::column> heads{{"from when it was due to its reply"},
                                        {"how many", side::right}};
  for (const auto* name : share_names)
    heads.push_back({fmt::format("{} ms", name), side::right});
  text_table table{std::move(heads)};
  const auto add = [&](const std::string& name, latencies& of_it) {
    if (of_it.count() == 0)
      return;
    std::vector<std::string> cells{name, std::to_string(of_it.count())};
    for (const double share : shares)
      cells.push_back(fmt::format("{:.1f}", of_it.ms_at(share)));
    table.add(std::move(cells));
  };
  for (auto& [type, one] : of.by_type)
    add(type, one);
  auto all = all_commands(of);
  add("all commands", all);
  add("events, from when they happened", of.events);
  auto out = table.text();
  out += fmt::format("\n{} contacts in {:.1f} s, {:.1f} a second: {} answered, {} gave up, {} have "
                     "ended. {} commands, {:.0f} a second; {} were told busy, {} refused.\n",
                     of.opened, of.took_s, static_cast<double>(of.opened) / of.took_s, of.answered,
                     of.abandoned, of.ended, all.count(),
                     static_cast<double>(all.count()) / of.took_s, stage.busy(), stage.refused());
  for (const auto& [type, n] : of.problems)
    out += fmt::format("  {} times {}\n", n, printable(type));
  return out;
}

std::string json_of(outcome& of, const demo_stage& stage) {
  const auto count = [](std::uint64_t n) { return value{static_cast<std::int64_t>(n)}; };
  const auto figures = [&](latencies& of_it) {
    value one{value::map{}};
    one.add("count", count(of_it.count()));
    for (std::size_t i = 0; i < shares.size() && of_it.count() > 0; ++i)
      one.add(fmt::format("{}_ms", share_names[i]), of_it.ms_at(shares[i]));
    return one;
  };
  value commands{value::map{}};
  for (auto& [type, one] : of.by_type)
    commands.add(type, figures(one));
  auto all = all_commands(of);
  value out{value::map{}};
  out.add("contacts", count(of.opened));
  out.add("answered", count(of.answered));
  out.add("abandoned", count(of.abandoned));
  out.add("ended", count(of.ended));
  out.add("seconds", of.took_s);
  out.add("busy", count(stage.busy()));
  out.add("refused", count(stage.refused()));
  out.add("all_commands", figures(all));
  out.add("events", figures(of.events));
  out.add("commands", std::move(commands));
  return to_json(out) + "\n";
}

/// "10:20" as a time since midnight.
std::optional<span> read_time_of_day(const std::string& text) {
  const auto moment = parse_rfc3339("2000-01-01T" + text + ":00Z");
  if (!moment || text.size() != 5)
    return {};
  return moment->at - parse_rfc3339("2000-01-01T00:00:00Z")->at;
}

/// The load, from `start` on at an engine of that speed.
result<std::vector<cue>, int> cues_for(asked what, instant start, double speed) {
  const auto run = fmt::format("load{}", to_ms(start) % 1'000'000'000);
  const double commands = what.file.empty() ? what.wish.agents + what.wish.queues
                                            : what.times * commands_each_copy;
  what.wish.lead = from_seconds((1 + commands / commands_per_s) * speed);
  if (what.file.empty())
    return cues_of(what.wish, start, run);
  const auto log = load_call_log(what.file, {what.day});
  if (!log) {
    complain("load: " + text_of(log.error()));
    return no(exit_code::wrong_usage);
  }
  overlay_wish over;
  over.times = what.times;
  over.load = what.wish;
  if (!what.from.empty())
    over.from = *read_time_of_day(what.from);
  if (what.has_end)
    over.lasts = what.wish.lasts;
  return cues_of(*log, over, start, run);
}

/// What does not go together.
std::optional<std::string_view> wrong_in(const CLI::App& app, const asked& what) {
  const bool of_log = !what.file.empty();
  if (of_log == what.day.empty()
      || (!of_log && (app.count("--times") > 0 || app.count("--from") > 0)))
    return "--call-log needs --day, as --day 1999-08-03; --times and --from go with them";
  if (!what.from.empty() && !read_time_of_day(what.from))
    return "--from is a time of that day, as 10:20";
  if (of_log && what.wish.surge > 1 && !what.has_end)
    return "--surge in a call log needs --for: it is in the middle fifth";
  return {};
}

int print_plan(const asked& what) {
  const auto cues = cues_for(what, plan_start, 1);
  if (!cues)
    return cues.error();
  return print(scenario_text(*cues, "load", plan_start, what.wish.seed)) ? exit_code::done
                                                                         : exit_code::work_failed;
}

void add_flags(CLI::App& app, asked& what) {
  app.add_option("--commands", what.commands, "the engine's command socket")->capture_default_str();
  app.add_option("--events", what.events, "the engine's event socket")->capture_default_str();
  add_key_option(app, what.key_file);
  app.add_option("--rate", what.wish.per_s, "contacts a second of engine time")
      ->check(CLI::Range(0.01, 100'000.0))->capture_default_str();
  app.add_option("--for", what.lasts_s, "so long (s of engine time)")
      ->check(CLI::Range(1.0, 604'800.0))->capture_default_str();
  app.add_option("--queues", what.wish.queues, "queues")
      ->check(CLI::Range(1, 10'000))->capture_default_str();
  app.add_option("--agents", what.wish.agents, "agents, each in three queues")
      ->check(CLI::Range(1, 100'000))->capture_default_str();
  app.add_option("--talk", what.wish.talk_s, "mean talk (s)")
      ->check(CLI::Range(0.1, 86'400.0))->capture_default_str();
  app.add_option("--patience", what.wish.patience_s, "mean patience (s)")
      ->check(CLI::Range(0.1, 86'400.0))->capture_default_str();
  app.add_option("--answer", what.wish.answer_s, "how long an agent lets it ring, on the mean (s)")
      ->check(CLI::Range(0.0, 600.0))->capture_default_str();
  app.add_option("--surge", what.wish.surge, "in the middle fifth so many times as many")
      ->check(CLI::Range(1.0, 1'000.0))->capture_default_str();
  app.add_option("--repeats", what.repeats_percent, "of those who gave up, come again (%)")
      ->check(CLI::Range(0.0, 100.0))->capture_default_str();
  app.add_option("--for-help", what.help_percent, "calls for help among them (%)")
      ->check(CLI::Range(0.0, 100.0))->capture_default_str();
  app.add_option("--gateways", what.gateways, "sessions that bring contacts")
      ->check(CLI::Range(1, 64))->capture_default_str();
  app.add_option("--desks", what.desks, "sessions of agents")
      ->check(CLI::Range(1, 64))->capture_default_str();
  app.add_option("--call-log", what.file, "a day of a recorded call log instead");
  app.add_option("--day", what.day, "which: 1999-08-03");
  app.add_option("--from", what.from, "of that day only from this time on: 10:20");
  app.add_option("--times", what.times, "laid over itself so many times")
      ->check(CLI::Range(1, 5'000))->capture_default_str();
  app.add_option("--drain", what.drain_s, "wait so long for who is still there (s)")
      ->check(CLI::Range(0.0, 86'400.0))->capture_default_str();
  app.add_option("--seed", what.wish.seed, "the same seed brings the same load")
      ->capture_default_str();
  app.add_flag("--json", what.json, "as one JSON object");
  app.add_flag("--plan", what.plan, "print it as a scenario for `simulate`; no engine is needed");
}

std::vector<std::string> names(const char* kind, int n) {
  std::vector<std::string> out;
  for (int i = 0; i < n; ++i)
    out.push_back(fmt::format("load-{}-{}-{}", getpid(), kind, i + 1));
  return out;
}

} // namespace

int load_main(int argc, char** argv) {
  auto app = make_app("load",
                      "Pushes a load through a running engine's bus, open loop, and says how long "
                      "each answer took from when its command was due.",
                      {"careline load --rate 50 --for 300 --agents 2000 --queues 100",
                       "careline load --rate 20 --for 600 --surge 10 --repeats 40",
                       "careline load --call-log calls.csv --day 1999-08-03 --times 20",
                       "careline load --rate 20 --for 600 --surge 10 --plan >surge.jsonl"});
  asked what;
  add_flags(app, what);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  what.has_end = app.count("--for") > 0;
  if (const auto wrong = wrong_in(app, what)) {
    complain(fmt::format("load: {}. \"careline help load\" says more.", *wrong));
    return exit_code::wrong_usage;
  }
  what.wish.lasts = from_seconds(what.lasts_s);
  what.wish.repeats = what.repeats_percent / 100;
  what.wish.for_help = what.help_percent / 100;
  if (what.plan)
    return print_plan(what);
  what.gateway_names = names("gateway", what.gateways);
  const auto key = key_in(what.key_file);
  if (!key)
    return exit_code::wrong_usage;
  end_signals ends;
  auto stage = demo_stage::open(
      {what.commands, what.events, what.gateway_names, names("desk", what.desks), *key});
  if (!stage) {
    complain("load: " + stage.error());
    return exit_code::wrong_usage;
  }
  if (!key->empty())
    what.gateway_names = {key->client};  // whoever says it, it is the key's
  if (!(*stage)->is_heard_within(engine_within, [&] { return ends.came(); })) {
    complain(fmt::format("load: no engine answers at {}", printable(what.commands)));
    return exit_code::work_failed;
  }
  if (ends.came())
    return exit_code::done;
  auto cues = cues_for(what, *(*stage)->now() + 1s, (*stage)->speed());
  if (!cues)
    return cues.error();
  auto came = run(**stage, std::move(*cues), what, ends);
  if (came.opened == 0) {
    complain("load: no contact came through");
    return exit_code::work_failed;
  }
  const auto said = what.json ? json_of(came, **stage) : table_of(came, **stage);
  return print(said) ? exit_code::done : exit_code::work_failed;
}

} // namespace careline::program
