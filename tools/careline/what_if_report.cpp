#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

#include "actors/board/show.hpp"
#include "messages/json.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/log_commands.hpp"
#include "tools/careline/scenario_play.hpp"
#include "tools/careline/what_if.hpp"

namespace careline::program {

namespace {

enum class shown_as { count, seconds, share };
struct compared {
  std::string_view metric;
  shown_as as;
};
constexpr std::array metrics{compared{"offered", shown_as::count},
                             compared{"answered", shown_as::count},
                             compared{"abandoned", shown_as::count},
                             compared{"abandon_rate", shown_as::share},
                             compared{"sl_late", shown_as::share},
                             compared{"sl_strict", shown_as::share},
                             compared{"asa_s", shown_as::seconds},
                             compared{"longest_wait_s", shown_as::seconds},
                             compared{"aht_s", shown_as::seconds},
                             compared{"occupancy", shown_as::share}};

/// The centre's figures of one played seed.
value play_one(const scenario& what) {
  const auto done = play(what, {}, {});
  const auto& board = done.centre->board().state();
  return board::centre_figures(board, done.ended, board::precision::exact, board::period::all);
}

/// One metric over all seeds; NaN where a play had nothing to measure.
struct column {
  std::vector<double> as_it_was;  ///< played by the log's own policy
  std::vector<double> otherwise;  ///< by the other one
};

std::vector<double> known(const std::vector<double>& of) {
  std::vector<double> out;
  std::ranges::copy_if(of, std::back_inserter(out), [](double x) { return std::isfinite(x); });
  return out;
}

std::string number(double x, shown_as as) {
  switch (as) {
  case shown_as::count:
    return fmt::format("{:.1f}", x);
  case shown_as::seconds:
    return fmt::format("{:.1f}", x);
  case shown_as::share:
    break;
  }
  return fmt::format("{:.1f} %", x * 100);
}

/// Of the seeds that measured it under both.
std::vector<double> differences(const column& c) {
  std::vector<double> out;
  for (std::size_t i = 0; i < c.otherwise.size(); ++i)
    out.push_back(c.otherwise[i] - c.as_it_was[i]);
  return known(out);
}

std::string differs(const column& c, shown_as as) {
  const auto all = differences(c);
  if (all.empty())
    return "-";
  const auto d = mean_of(all);
  const auto unit = as == shown_as::share ? 100.0 : 1.0;
  const auto* const points = as == shown_as::share ? " points" : "";
  if (all.size() < 2)
    return fmt::format("{:+.1f}{}", d.mean * unit, points);
  return fmt::format("{:+.1f} ± {:.1f}{}", d.mean * unit, d.half * unit, points);
}

std::string mean_text(const std::vector<double>& of, shown_as as) {
  const auto all = known(of);
  return all.empty() ? "-" : number(mean_of(all).mean, as);
}

std::string table(const logged_people& people, const std::map<std::string_view, column>& all,
                  const what_if_asked& asked) {
  using side = text_table::side;
  const bool is_compared = !asked.policy.empty();
  std::vector<text_table::column> heads{
      {"metric"}, {"recorded", side::right}, {"played", side::right}};
  if (is_compared) {
    heads.push_back({"other policy", side::right});
    heads.push_back({"difference", side::right});
  }
  text_table out{std::move(heads)};
  for (const auto& m : metrics) {
    const auto& one = all.at(m.metric);
    const auto* was = people.recorded.find(m.metric);
    std::vector<std::string> cells{std::string{m.metric},
                                   was ? number(was->to_double(), m.as) : "-",
                                   mean_text(one.as_it_was, m.as)};
    if (is_compared) {
      cells.push_back(mean_text(one.otherwise, m.as));
      cells.push_back(differs(one, m.as));
    }
    out.add(std::move(cells));
  }
  return fmt::format("{} contacts, {} of them with a callback or a transfer, which are played as "
                     "one talk; means of {} seeds{}.\n\n",
                     people.contacts.size(), people.left_out, asked.seeds,
                     is_compared ? ", differences with the interval that holds the mean 95 times "
                                   "of 100"
                                 : "")
         + out.text();
}

std::string json_of(const logged_people& people, const std::map<std::string_view, column>& all,
                    const what_if_asked& asked) {
  value rows{value::map{}};
  for (const auto& m : metrics) {
    const auto& of = all.at(m.metric);
    value one{value::map{}};
    if (const auto* was = people.recorded.find(m.metric))
      one.add("recorded", *was);
    if (const auto played = known(of.as_it_was); !played.empty())
      one.add("played", mean_of(played).mean);
    if (const auto other = known(of.otherwise); !other.empty())
      one.add("other_policy", mean_of(other).mean);
    if (const auto d = differences(of); !d.empty()) {
      one.add("difference", mean_of(d).mean);
      if (d.size() > 1)
        one.add("difference_half", mean_of(d).half);
    }
    rows.add(m.metric, std::move(one));
  }
  value out{value::map{}};
  out.add("contacts", static_cast<std::int64_t>(people.contacts.size()));
  out.add("seeds", asked.seeds);
  out.add("metrics", std::move(rows));
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
  std::map<std::string_view, column> all;
  progress_bar bar{"playing"};
  const auto take = [&](const scenario& what, std::vector<double> column::*into) {
    const auto figures = play_one(what);
    for (const auto& m : metrics) {
      const auto* figure = figures.find(m.metric);
      (all[m.metric].*into).push_back(figure ? figure->to_double() : std::nan(""));
    }
  };
  for (int seed = 1; seed <= asked.seeds; ++seed) {
    auto one = scenario_of(*people, static_cast<std::uint64_t>(seed));
    take(one, &column::as_it_was);
    if (!policy.empty()) {
      if (const auto done = replace_policy(one, asked.policy, policy); !done) {
        bar.clear();
        complain(text_of(done.error()));
        return exit_code::wrong_usage;
      }
      give_manners(*people, one.lines);
      take(one, &column::otherwise);
    }
    bar.show(static_cast<std::uint64_t>(seed), static_cast<std::uint64_t>(asked.seeds));
  }
  bar.clear();
  const auto said = asked.json ? json_of(*people, all, asked) : table(*people, all, asked);
  return print(said) ? exit_code::done : exit_code::work_failed;
}

} // namespace careline::program
