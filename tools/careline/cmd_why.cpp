#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "messages/json.hpp"
#include "messages/routing_policy.hpp"
#include "messages/time.hpp"
#include "tools/careline/asking.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/shown.hpp"

namespace careline::program {

namespace {

std::string at_text(std::int64_t score) {
  return to_rfc3339(from_ms(score));
}

std::string idle_text(std::int64_t score) {
  return "idle since " + at_text(score);
}

std::string ended_text(std::int64_t score) {
  return score <= 0 ? "no contact yet" : "last contact ended " + at_text(score);
}

std::string finished_text(std::int64_t score) {
  return fmt::format("finished {}", score);
}

std::string skills_text(std::int64_t score) {
  return score > static_cast<std::int64_t>(routing::skills_max) ? "any skill"
                                                                : fmt::format("{} skills", score);
}

std::string levels_text(std::int64_t score) {
  return fmt::format("levels {} in all", -score);
}

std::string load_text(std::int64_t score) {
  return fmt::format("{} % of its room in use", (score + 5) / 10);
}

/// What puts an agent first by a strategy, and what its score says, where it says something.
struct strategy_words {
  std::string_view strategy;
  std::string_view first;
  std::string (*score)(std::int64_t) = nullptr;
};
constexpr std::array known_strategies{
    strategy_words{"longest_idle", "idle for longest", idle_text},
    strategy_words{"least_recent", "longest since the last contact ended", ended_text},
    strategy_words{"fewest_finished", "has finished the fewest", finished_text},
    strategy_words{"fewest_skills", "has the fewest skills", skills_text},
    strategy_words{"highest_level", "best at the skills asked for", levels_text},
    strategy_words{"least_loaded", "has the most room left", load_text},
    strategy_words{"round_robin", "next in turn"},
    strategy_words{"fixed_order", "first in the fixed order"},
    strategy_words{"random", "drawn by lot"},
    strategy_words{"weighted_random", "drawn by lot, weighted by tier"},
    strategy_words{"ring_all", "all who are ready are rung"},
};

const strategy_words& words_for(std::string_view strategy) {
  static constexpr strategy_words other{"", "first by the queue's strategy"};
  for (const auto& row : known_strategies)
    if (row.strategy == strategy)
      return row;
  return other;
}

std::string tie_sentence(const value& decision, const std::string& agent) {
  const auto tie_break = decision.text_or("tie_break");
  const auto strategy = decision.text_or("strategy");
  if (decision.find("called"))
    return fmt::format("{} called the next ticket to counter {}", agent, word(decision, "called"));
  if (decision.find("rung"))
    return fmt::format("{} ({}), {} at once", words_for(strategy).first, printable(strategy),
                       word(decision, "rung"));
  if (tie_break == "only")
    return fmt::format("{} was the only one who could take it", agent);
  if (tie_break == "tier")
    return fmt::format("{} is of the nearest tier", agent);
  if (tie_break == "room")
    return fmt::format("{} comes before those who are busy with another contact", agent);
  if (tie_break == "missed")
    return fmt::format("{} comes before those who missed or declined it", agent);
  if (tie_break == "strategy")
    return fmt::format("{}: {} ({})", agent, words_for(strategy).first, printable(strategy));
  return fmt::format("equal by {}, and {} signed in first", printable(strategy), agent);
}

std::string score_text(const value& candidate, std::string_view strategy) {
  const auto* score = candidate.find("score");
  const auto says = words_for(strategy).score;
  return score && score->is_number() && says ? says(candidate.int_or("score", 0)) : std::string{};
}

/// How an offer ended: the first word of its agent about it behind its own position.
std::string ending_of(const value& offer, const value::list& timeline) {
  struct ending {
    std::string_view type;
    std::string_view says;
  };
  constexpr std::array endings{ending{"offer.accepted", "accepted"},
                               ending{"offer.declined", "declined"},
                               ending{"offer.expired", "not answered"},
                               ending{"offer.rescinded", "taken back"}};
  for (const auto& event : timeline) {
    const auto& data = map_in(event, "data");
    if (event.int_or("position", 0) <= offer.int_or("position", 0)
        || data.text_or("agent") != offer.text_or("agent"))
      continue;
    for (const auto& one : endings)
      if (event.text_or("type") == one.type)
        return fmt::format("{} at {}{}", one.says, word(event, "time"),
                           data.find("reason") ? " (" + word(data, "reason") + ")" : "");
  }
  return "not answered yet";
}

std::string decision_text(const value& offer, const value::list& timeline) {
  const auto& decision = map_in(offer, "decision");
  const auto agent = word(offer, "agent");
  auto out =
      fmt::format("\nOffer {} to {}, at {} (position {}): {}.\n", word(offer, "number"), agent,
                  word(offer, "time"), word(offer, "position"), ending_of(offer, timeline));
  out += fmt::format("  Why: {}.\n", tie_sentence(decision, agent));
  out += fmt::format("  Agents who match, of queue {}: {} signed in, {} not away, {} ready.\n",
                     word(offer, "queue"), word(decision, "signed_in"), word(decision, "eligible"),
                     word(decision, "ready"));
  text_table table{{{"  rank", text_table::side::right},
                    {"agent"},
                    {"tier", text_table::side::right},
                    {"score"},
                    {""}}};
  int rank = 0;
  for (const auto& one : list_in(decision, "best"))
    table.add({fmt::format("{}", ++rank), word(one, "agent"), word(one, "tier"),
               score_text(one, decision.text_or("strategy")),
               one.find("missed") ? "missed or declined it before"
               : one.find("busy") ? "busy with another contact"
                                  : ""});
  return rank == 0 ? out : out + table.text();
}

std::string now_text(const value& c) {
  const auto state = c.text_or("state");
  auto out = fmt::format("{}: {}", word(c, "contact"), c.find("ended_as") ? "" : word(c, "state"));
  if (c.find("ended_as"))
    out += word(c, "ended_as");
  if (c.find("agent"))
    out += fmt::format(", agent {}", word(c, "agent"));
  if (c.find("queue"))
    out += fmt::format(", queue {}", word(c, "queue"));
  if (c.find("queue_position"))
    out +=
        fmt::format(", place {}, waiting {}", word(c, "queue_position"), seconds(c, "waiting_s"));
  if (c.find("age_s") && state != "ended")
    out += fmt::format(", age {}", seconds(c, "age_s"));
  if (!list_in(c, "skills").empty())
    out += fmt::format(", needs {}", words(c, "skills"));
  return out + "\n";
}

/// Without an offer the reason is in the queue: who is there at all.
std::string nobody_yet(asking& engine, const value& c) {
  std::string out = "No agent was offered it";
  if (c.text_or("state") != "waiting" || !c.find("queue"))
    return out + ".\n";
  value asked;
  asked.set("queue", c.text_or("queue"));
  asked.set("limit", 1);
  if (const auto queue = engine.query("queue.show", std::move(asked)))
    out += fmt::format(" yet: {} agents are signed in for queue {}, {} contacts wait there",
                       word(*queue, "agents"), word(*queue, "queue"), word(*queue, "length"));
  return out + ".\n";
}

std::string why_text(asking& engine, const value& c) {
  auto out = now_text(c);
  if (list_in(c, "decisions").empty())
    return out + nobody_yet(engine, c);
  value asked;
  asked.set("contact", c.text_or("contact"));
  const auto whole = engine.query("contact.show", std::move(asked));
  for (const auto& offer : list_in(c, "decisions"))
    out += decision_text(offer, whole ? list_in(*whole, "timeline") : value::list{});
  return out;
}

/// What a word of docs/routing.md "What keeps an agent from a contact" says to a person.
struct filter_words {
  std::string_view word;
  std::string_view says;
};
constexpr std::array known_filters{
    filter_words{"excluded", "the contact is not to go to it"},
    filter_words{"reserved", "the contact is kept for others for now"},
    filter_words{"queue", "does not serve the queue"},
    filter_words{"channel", "does not serve the channel"},
    filter_words{"skills", "does not have the skills asked for"},
    filter_words{"tier", "is of a tier that the contact may not use now"},
    filter_words{"not_ready", "is not ready"},
    filter_words{"wrap_up", "is in wrap-up"},
    filter_words{"no_room", "has no room for one more"},
    filter_words{"resting", "rests after a decline or a miss"},
    filter_words{"delay", "may have it only after it has waited longer"},
    filter_words{"fair_share", "has had its share of the queue"},
    filter_words{"paused", "the contact rests for a while"},
};

std::string filter_text(const value& row) {
  const auto filter = row.text_or("filter");
  for (const auto& known : known_filters)
    if (known.word == filter)
      return std::string{known.says};
  return filter.empty() ? "may have it" : printable(filter);
}

/// Each agent beside a contact that waits.
std::string agents_text(const value& contact, std::string_view strategy) {
  const auto& now = map_in(contact, "now");
  std::string out = "\n";
  if (contact.find("paused_until"))
    out += fmt::format("It rests until {}; before, nobody is offered it.\n",
                       word(contact, "paused_until"));
  out += fmt::format("Of all who are signed in, {} may have it:\n", word(now, "may_have_it"));
  text_table table{
      {{"  agent"}, {"state"}, {"tier", text_table::side::right}, {"score"}, {"so it is"}}};
  for (const auto& one : list_in(now, "agents"))
    table.add({"  " + word(one, "agent"), word(one, "state"),
               one.find("tier") ? word(one, "tier") : "", score_text(one, strategy),
               filter_text(one)});
  return list_in(now, "agents").empty() ? out : out + table.text();
}

/// What was known of a contact then is what the asked engine knows of it: the log is that engine's.
bool is_same_story(const value::list& then, const value::list& now) {
  const auto is_there = [&](const value& event) {
    return std::ranges::any_of(now, [&](const value& e) {
      return e.int_or("position", 0) == event.int_or("position", -1)
             && e.text_or("time") == event.text_or("time");
    });
  };
  return std::ranges::all_of(then, is_there);
}

/// The same of a contact that was offered: as it was when the decision was made.
std::string before_offer(const value& offer, const std::string& data, const value& whole) {
  const auto at = offer.int_or("position", 0) - 1;
  past_place then{data, std::to_string(at)};
  if (const auto made = parse_rfc3339(offer.text_or("time")))
    then.now = made->at;
  auto was = asking::open({}, then, "careline-why");
  if (!was)
    return "\n";
  value asked;
  asked.set("contact", whole.text_or("contact"));
  const auto story = was->query("contact.show", asked);
  if (!story || !is_same_story(list_in(*story, "timeline"), list_in(whole, "timeline")))
    return fmt::format("\nThe log in {} is not that of the engine that was asked; --data says "
                       "which to read.\n",
                       printable(data));
  asked.set("full", true);
  const auto told = was->query("why.contact", std::move(asked));
  if (!told || !told->find("now"))
    return "\n";
  return fmt::format("\nBefore offer {}, at position {}:", word(offer, "number"), at)
         + agents_text(*told, map_in(offer, "decision").text_or("strategy"));
}

std::string agent_text(const value& a) {
  auto out = fmt::format("{}: {}", word(a, "agent"), word(a, "state"));
  if (a.find("reason"))
    out += fmt::format(" ({})", word(a, "reason"));
  out += fmt::format(", idle since {}, finished {}", word(a, "idle_since"), word(a, "finished"));
  if (a.find("rests_until"))
    out += ", rests until " + word(a, "rests_until");
  out += "\n";
  for (const auto& on : list_in(a, "contacts"))
    out += fmt::format("  {} {}\n", on.find("offered") && word(on, "offered") == "true"
                                        ? "is offered" : "has", word(on, "contact"));
  const auto* now = a.find("now");
  if (!now)
    return out + "It is not signed in: nothing is offered to it.\n";
  if (now->int_or("waiting", 0) == 0)
    return out + "Nobody waits in any queue.\n";
  out += fmt::format("Of {} who wait:\n", word(*now, "waiting"));
  text_table table{{{"  contact"}, {"queue"}, {"so it is not offered"}}};
  for (const auto& one : list_in(*now, "contacts"))
    table.add({"  " + word(one, "contact"), word(one, "queue"), filter_text(one)});
  return out + table.text();
}

struct why_request {
  engine_place engine;
  past_place past;
  bool full = false;
  bool json = false;
};

int why_contact(const std::string& contact, const why_request& asked) {
  auto engine = asking::open(asked.engine, asked.past, "careline-why");
  if (!engine)
    return engine.error();
  value data;
  data.set("contact", contact);
  if (asked.full)
    data.set("full", true);
  const auto answer = engine->query("why.contact", std::move(data));
  if (!answer)
    return exit_code::work_failed;
  auto text = asked.json ? to_json(*answer) + "\n" : why_text(*engine, *answer);
  if (asked.full && !asked.json) {
    value about;
    about.set("contact", contact);
    const auto whole = engine->query("contact.show", std::move(about));
    for (const auto& offer : list_in(*answer, "decisions"))
      if (whole)
        text += before_offer(offer, asked.past.data, *whole);
    if (answer->find("now"))
      text += "\nNow:" + agents_text(*answer, {});
  }
  return print(text) ? exit_code::done : exit_code::work_failed;
}

int why_agent(const std::string& agent, const why_request& asked) {
  auto engine = asking::open(asked.engine, asked.past, "careline-why");
  if (!engine)
    return engine.error();
  value data;
  data.set("agent", agent);
  const auto answer = engine->query("why.agent", std::move(data));
  if (!answer)
    return exit_code::work_failed;
  return print(asked.json ? to_json(*answer) + "\n" : agent_text(*answer))
             ? exit_code::done
             : exit_code::work_failed;
}

} // namespace

int why_main(int argc, char** argv) {
  auto app = make_app("why", "Tells each routing decision about a contact and its reasons, or why "
                             "an agent is not offered what waits.",
                      {"careline why C-1", "careline why contact C-1 --full",
                       "careline why agent A08", "careline why C-1 --as-of 1200 --json"});
  why_request asked;
  std::vector<std::string> given;
  app.add_option("WHOM", given, "the contact's id; or \"contact\" or \"agent\" and an id")
      ->required()
      ->expected(1, 2);
  app.add_flag("--full", asked.full,
               "each agent as it stood at each decision (read from --data), and as it stands now");
  app.add_flag("--json", asked.json, "as one JSON object, without what --full reads from the log");
  add_engine_flags(app, asked.engine);
  add_past_flags(app, asked.past);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  if (given.size() == 2 && given.front() == "agent")
    return why_agent(given.back(), asked);
  if (given.size() == 2 && given.front() != "contact") {
    complain(fmt::format("why: there are decisions about a contact or an agent, not about \"{}\"",
                         printable(given.front().substr(0, 64))));
    return exit_code::wrong_usage;
  }
  return why_contact(given.back(), asked);
}

} // namespace careline::program
