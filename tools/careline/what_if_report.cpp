#include <fmt/format.h>

#include "actors/board/show.hpp"
#include "messages/json.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/comparison.hpp"
#include "tools/careline/log_commands.hpp"
#include "tools/careline/scenario_play.hpp"
#include "tools/careline/what_if.hpp"

namespace careline::program {

namespace {

/// The centre's figures of one played seed.
value play_one(const scenario& what) {
  wait_tally waits;
  play_listener to;
  to.event = [&waits](const kernel::logged_event& e) { waits.saw(e.what, e.time); };
  const auto done = play(what, {}, to);
  auto out = board::centre_figures(done.centre->board().state(), done.ended,
                                   board::precision::exact, board::period::all);
  waits.complete(out);
  return out;
}

std::string table(const logged_people& people, const comparison& all, const what_if_asked& asked) {
  return fmt::format("{} contacts, {} of them with a callback or a transfer, which are played as "
                     "one talk; {}\n\n",
                     people.contacts.size(), people.left_out,
                     seeds_sentence(asked.seeds, !asked.policy.empty()))
         + all.table();
}

std::string json_of(const logged_people& people, const comparison& all,
                    const what_if_asked& asked) {
  value out{value::map{}};
  out.add("contacts", static_cast<std::int64_t>(people.contacts.size()));
  out.add("seeds", asked.seeds);
  out.add("metrics", all.json());
  return to_json(out) + "\n";
}

} // namespace

int simulate_from_log(const what_if_asked& asked) {
  std::string policy;
  if (!asked.policy.empty()) {
    auto text = read_text(asked.policy);
    if (!text) {
      complain(text_of(text.error()));
      return exit_code::wrong_usage;
    }
    policy = std::move(*text);
  }
  store::open_options options;
  options.place = asked.data;
  options.read_only = true;
  const auto log = store::open_event_log(options);
  if (!log)
    return failed(log.error());
  const auto days = days_of(**log, asked.day, asked.days);
  if (!days)
    return days.error();
  const auto people = read_people(**log, days->first, days->second);
  if (!people)
    return failed(people.error());
  if (people->contacts.empty()) {
    complain("simulate: nobody came in that time of the log");
    return exit_code::work_failed;
  }
  comparison all{usual_metrics()};
  all.was_recorded(people->recorded);
  progress_bar bar{"playing"};
  for (int seed = 1; seed <= asked.seeds; ++seed) {
    auto one = scenario_of(*people, static_cast<std::uint64_t>(seed), asked.takes_callback);
    all.as_it_was(play_one(one));
    if (!policy.empty()) {
      if (const auto done = replace_policy(one, asked.policy, policy); !done) {
        bar.clear();
        complain(text_of(done.error()));
        return exit_code::wrong_usage;
      }
      give_manners(*people, one.lines);
      all.otherwise(play_one(one));
    }
    bar.show(static_cast<std::uint64_t>(seed), static_cast<std::uint64_t>(asked.seeds));
  }
  bar.clear();
  const auto said = asked.json ? json_of(*people, all, asked) : table(*people, all, asked);
  return print(said) ? exit_code::done : exit_code::work_failed;
}

} // namespace careline::program
