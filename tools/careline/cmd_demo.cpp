#include <fmt/format.h>
#include <string>
#include <unordered_map>

#include "tools/careline/call_log_report.hpp"
#include "tools/careline/client_keys.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/demo_day.hpp"
#include "tools/careline/demo_stage.hpp"
#include "tools/careline/end_signals.hpp"

namespace careline::program {

namespace {

struct asked {
  std::string commands = "tcp://127.0.0.1:5570";
  std::string events = "tcp://127.0.0.1:5571";
  std::string key_file;
  std::uint64_t seed = 1;
  int agents = 16;
  std::string day = "mon";
  int start_hour = 10;
  double hours = 0;
  std::string call_log;
  std::optional<int> staff;  ///< of a call log; nothing: as recorded
};

constexpr std::chrono::seconds engine_within{15};

/// The demo's own part beside the people: chats are written, verdicts given, strangers served.
class demo_life {
public:
  demo_life(demo_stage& stage, std::uint64_t seed) : stage_(stage), dice_(seed ^ 0xC0FFEE) {}

  void on(const event& e, instant at) {
    std::visit(overloaded{[&](const reception::contact_opened& x) { opened(x); },
                          [&](const routing::offer_made& x) { ringing(x); },
                          [&](const routing::contact_connected& x) { connected(x, at); },
                          [&](const routing::contact_transferred& x) {
                            known_[x.contact].talks = false;
                          },
                          [&](const routing::contact_finished& x) { finished(x, at); },
                          [&](const routing::contact_abandoned& x) { known_.erase(x.contact); },
                          [&](const routing::contact_timed_out& x) { known_.erase(x.contact); },
                          [&](const routing::contact_refused& x) { known_.erase(x.contact); },
                          [](const auto&) {}},
               e);
  }

  /// Words to nobody, and callbacks for who is in talk already, are not sent.
  bool is_wanted(const cue& what) const {
    if (const auto* say = std::get_if<routing::contact_say>(&what.what)) {
      const auto found = known_.find(say->contact);
      return found != known_.end() && found->second.talks;
    }
    if (const auto* back = std::get_if<routing::contact_request_callback>(&what.what)) {
      const auto found = known_.find(back->contact);
      return found != known_.end() && !found->second.talks;
    }
    return true;
  }

private:
  struct contact {
    bool chat = false;
    bool english = false;
    bool talks = false;
  };

  void opened(const reception::contact_opened& x) {
    known_[x.contact] = {x.channel.text() == "chat", x.language == "en", false};
  }

  /// People do not answer at once, nor all alike.
  void ringing(const routing::offer_made& x) {
    const auto* manner = stage_.folk().manner_of(x.agent);
    if (!manner)
      return;
    auto how = *manner;
    how.answer_after = from_seconds(dice_.between(1, 7));
    stage_.folk().behave(x.agent, how);
  }

  void connected(const routing::contact_connected& x, instant at) {
    auto& c = known_[x.contact];
    c.talks = true;
    span talk = from_seconds(dice_.between(40, 240));
    // A contact that somebody else opened, or that was here before: its agent ends it in time.
    if (!stage_.folk().plays(x.contact) && stage_.folk().manner_of(x.agent))
      stage_.plan({at + talk,
                   routing::contact_finish{x.contact, x.agent, stage_.folk().ending_of(x.queue)},
                   {},
                   {}});
    if (c.chat)
      for (auto& line : chat_lines(x.contact, at, 10min, c.english, dice_))
        stage_.plan(std::move(line));
  }

  void finished(const routing::contact_finished& x, instant at) {
    known_.erase(x.contact);
    if (dice_.chance(0.25)) {
      reception::contact_rate rate;
      rate.contact = x.contact;
      rate.score = static_cast<int>(dice_.between(5, 11));
      stage_.plan({at + from_seconds(dice_.between(5, 60)), rate, {}, {}});
    }
  }

  demo_stage& stage_;
  dice dice_;
  std::unordered_map<contact_id, contact> known_;
};

/// What agents of a run before this one left in talk, they finish now.
void tidy_up(demo_stage& stage, const demo_day& day, instant now) {
  const auto told = stage.ask("agent.list", value{value::map{}});
  const auto* list = told ? told->data.find("agents") : nullptr;
  const auto* items = list ? list->as<value::list>() : nullptr;
  if (!items)
    return;
  const auto ours = day.agents();
  for (const auto& a : *items) {
    const agent_id who{a.text_or("agent")};
    const auto* on = a.find("contacts");
    if (std::ranges::find(ours, who) == ours.end() || !on || !on->is_list())
      continue;
    for (const auto& c : *on->as<value::list>())
      stage.plan({now, routing::contact_finish{contact_id{c.text_or("contact")}, who, {}}, {}, {}});
  }
}

int play_day(const asked& what, demo_stage& stage, end_signals& ends) {
  demo_day_options options;
  options.start = *stage.now();
  options.seed = what.seed;
  options.agents = what.agents;
  options.day = *read_day(what.day);
  options.start_hour = what.start_hour;
  demo_day day{options};
  demo_life life{stage, what.seed};
  stage.listen([&](const event& e, instant at) { life.on(e, at); });
  stage.filter([&](const cue& c) { return life.is_wanted(c); });
  tidy_up(stage, day, options.start);
  for (auto& c : day.opening())
    stage.plan(std::move(c));
  const auto end = options.start + from_seconds(what.hours * 3600);
  while (!ends.came()) {
    const auto now = stage.now().value_or(options.start);
    if (what.hours > 0 && now >= end)
      break;
    while (day.told_until() <= now + 1min)
      for (auto& c : day.next_hour())
        stage.plan(std::move(c));
    stage.step();
  }
  stage.listen({});
  stage.filter({});
  return exit_code::done;
}

/// The cues of a day moved to begin in a moment, in the order of time.
void plan_call_log(demo_stage& stage, std::vector<cue> cues, instant now) {
  const auto call = std::ranges::find_if(cues, [](const cue& c) {
    return std::holds_alternative<reception::contact_open>(c.what);
  });
  const auto lead = 30s;
  const auto shift = now + lead - call->at;
  for (auto& c : cues) {
    // What stands before the first call is there when it comes.
    c.at = std::max(c.at + shift, now);
    stage.plan(std::move(c));
  }
}

int play_call_log(const asked& what, demo_stage& stage, end_signals& ends) {
  const auto log = load_call_log(what.call_log, {what.day});
  if (!log) {
    complain("demo: " + text_of(log.error()));
    return exit_code::wrong_usage;
  }
  call_log_options how;
  how.agents = what.staff;
  how.seed = what.seed;
  call_scorer scorer{*log};
  stage.listen([&](const event& e, instant at) { scorer.saw(e, at); });
  plan_call_log(stage, cues_of(*log, how), *stage.now());
  progress_bar bar{"calls"};
  while (!ends.came() && !(stage.is_over() && scorer.open() == 0)) {
    stage.step();
    bar.show(total(scorer.scores()).offered, log->calls.size());
  }
  bar.clear();
  stage.listen({});
  if (ends.came())
    complain("demo: stopped before the day was over");
  return print(call_log_table(*log, scorer.scores(), "served", false)) && !ends.came()
             ? exit_code::done
             : exit_code::work_failed;
}

std::optional<std::string_view> wrong_in(const asked& what) {
  if (what.call_log.empty() && !read_day(what.day))
    return "--day must be one of mon, tue, wed, thu, fri, sat, sun";
  if (!what.call_log.empty() && what.day == "mon")
    return "--call-log needs --day, as --day 1999-08-03";
  return {};
}

} // namespace

int demo_main(int argc, char** argv) {
  auto app = make_app("demo", "Plays a day of a real centre over the bus, with invented people.");
  asked what;
  app.add_option("--commands", what.commands, "the engine's command socket")->capture_default_str();
  app.add_option("--events", what.events, "the engine's event socket")->capture_default_str();
  add_key_option(app, what.key_file);
  app.add_option("--seed", what.seed, "the same seed gives the same day")->capture_default_str();
  auto* agents = app.add_option("--agents", what.agents, "agents there are, at most (with a call "
                                                         "log: exactly; else as recorded)");
  agents->check(CLI::Range(1, 500))->capture_default_str();
  app.add_option("--day", what.day,
                 "mon ... fri workdays, sat a short day, sun a day off; of a log 1999-08-03")
      ->capture_default_str();
  app.add_option("--from-hour", what.start_hour, "the hour of the day to begin with")
      ->check(CLI::Range(opens_hour, closes_hour - 1))->capture_default_str();
  app.add_option("--hours", what.hours, "stop after so many hours of engine time (0: never)");
  app.add_option("--call-log", what.call_log,
                 "play --day of a recorded call log instead, then print what became of it");
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  if (const auto wrong = wrong_in(what)) {
    complain(fmt::format("demo: {}", *wrong));
    return exit_code::wrong_usage;
  }
  if (agents->count() > 0)
    what.staff = what.agents;
  const auto key = key_in(what.key_file);
  if (!key)
    return exit_code::wrong_usage;
  end_signals ends;
  demo_stage_options how{what.commands, what.events};
  how.key = *key;
  auto stage = demo_stage::open(std::move(how));
  if (!stage) {
    complain("demo: " + stage.error());
    return exit_code::wrong_usage;
  }
  if (!(*stage)->is_heard_within(engine_within, [&] { return ends.came(); })) {
    complain(fmt::format("demo: no engine answers at {}", printable(what.commands)));
    return exit_code::work_failed;
  }
  if (ends.came())
    return exit_code::done;
  return what.call_log.empty() ? play_day(what, **stage, ends) : play_call_log(what, **stage, ends);
}

} // namespace careline::program
