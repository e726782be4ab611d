#pragma once

#include <optional>
#include <vector>

#include "actors/workforce/staffing.hpp"
#include "tools/careline/call_log_play.hpp"

namespace careline::program {

/// What a plan of staff is made for.
struct staff_wish {
  workforce::target wanted;
  double blocked = 0.01;    ///< at most this share refused, where Erlang B counts the lines
  double shrinkage = 0.3;   ///< share of paid time in which an agent is not there
};

/// One piece of time that is taken for steady.
struct staffed_interval {
  span from{};              ///< after local midnight
  double calls = 0;         ///< a day
  workforce::work load;
  int lines = 0;            ///< by Erlang B
  int agents_c = 0;
  int agents_a = 0;         ///< what is planned
  workforce::expectation of_c;
  workforce::expectation of_a;
};

/// The fewest agents by each formula. -1 where no number of them is enough.
staffed_interval staffed(const workforce::work& load, const staff_wish& wish);

/// The days of a log laid over each other: mean calls and handle time of each interval of a day,
/// the log's own mean patience (time waited of all calls by the number who hung up).
std::vector<staffed_interval> plan_of(const call_log& log, span interval, span wrap_up,
                                      const staff_wish& wish);
double mean_patience_s(const call_log& log);
/// Mean of the recorded services and the pause after each.
double mean_handle_s(const call_log& log, span wrap_up);

/// What happened to the calls that came in one interval, over all days.
struct staffed_result {
  std::size_t calls = 0;
  std::size_t answered = 0;
  std::size_t answered_in = 0;
  std::size_t abandoned = 0;
  double waited_s = 0;
};

/// The log's own calls, in virtual time, served by as many agents as the plan has in each interval.
std::vector<staffed_result> play_plan(const call_log& log,
                                      const std::vector<staffed_interval>& plan, span interval,
                                      double within_s, const call_log_options& how);

/// Calls at random at a steady rate with handle times and patience that remember nothing, for so
/// many hours: what the formulas assume, through the engine's own routing.
staffed_result play_steady(const workforce::work& load, int agents, double within_s, double hours,
                           std::uint64_t seed);

} // namespace careline::program
