#include "actors/routing/strategies/strategies.hpp"

#include <array>

namespace careline::routing {

namespace {

constexpr std::array rows{
    strategy_row{strategy::longest_idle, ready_order::idle, choice::first, longest_idle_score},
    strategy_row{strategy::least_recent, ready_order::last_ended, choice::first,
                 least_recent_score},
    strategy_row{strategy::fewest_finished, ready_order::finished, choice::first,
                 fewest_finished_score},
    strategy_row{strategy::round_robin, ready_order::sign_in, choice::next, round_robin_score},
    strategy_row{strategy::fixed_order, ready_order::sign_in, choice::first, fixed_order_score},
    strategy_row{strategy::random, ready_order::sign_in, choice::drawn, fixed_order_score},
    strategy_row{strategy::weighted_random, ready_order::sign_in, choice::by_tier,
                 fixed_order_score},
    strategy_row{strategy::ring_all, ready_order::sign_in, choice::all, fixed_order_score},
    strategy_row{strategy::fewest_skills, ready_order::sign_in, choice::first,
                 fewest_skills_score},
    strategy_row{strategy::highest_level, ready_order::sign_in, choice::first,
                 highest_level_score, true},
    strategy_row{strategy::least_loaded, ready_order::load, choice::first, least_loaded_score},
};

} // namespace

const strategy_row& row_of(strategy which) noexcept {
  for (const auto& row : rows)
    if (row.which == which)
      return row;
  return rows.front();  // each has its row: the model's test goes through all names
}

std::int64_t ready_key(ready_order order, const agent& a) {
  switch (order) {
  case ready_order::idle:
    return to_ms(a.idle_since);
  case ready_order::finished:
    return a.finished;
  case ready_order::sign_in:
    return static_cast<std::int64_t>(a.order);
  case ready_order::last_ended:
    return a.last_ended ? to_ms(*a.last_ended) : INT64_MIN;
  case ready_order::load:
    break;
  }
  return load_share(a.can, a.load);
}

} // namespace careline::routing
