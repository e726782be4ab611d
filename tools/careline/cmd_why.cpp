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

} // namespace

int why_main(int argc, char** argv) {
  auto app = make_app("why", "Tells each routing decision about a contact, and its reasons.",
                      {"careline why C-1", "careline why contact C-1 --json"});
  engine_place place;
  std::vector<std::string> given;
  bool json = false;
  app.add_option("CONTACT", given, "the contact's id; \"contact\" may stand before it")
      ->required()
      ->expected(1, 2);
  app.add_flag("--json", json, "as one JSON object");
  add_engine_flags(app, place);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  if (given.size() == 2 && given.front() != "contact") {
    complain(fmt::format("why: there are decisions about a contact only, not about \"{}\"",
                         printable(given.front().substr(0, 64))));
    return exit_code::wrong_usage;
  }
  auto engine = asking::open(place, "careline-why");
  if (!engine)
    return exit_code::wrong_usage;
  value data;
  data.set("contact", given.back());
  const auto answer = engine->query("why.contact", std::move(data));
  if (!answer)
    return exit_code::work_failed;
  return print(json ? to_json(*answer) + "\n" : why_text(*engine, *answer)) ? exit_code::done
                                                                           : exit_code::work_failed;
}

} // namespace careline::program
