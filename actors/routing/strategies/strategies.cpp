#include "actors/routing/strategies/strategies.hpp"

#include <array>

namespace careline::routing {

namespace {

constexpr std::array rows{
    strategy_row{strategy::longest_idle, ready_order::idle, false, longest_idle_score},
    strategy_row{strategy::fewest_finished, ready_order::finished, false, fewest_finished_score},
    strategy_row{strategy::round_robin, ready_order::sign_in, true, round_robin_score},
};

} // namespace

std::span<const strategy_row> strategy_rows() noexcept {
  return rows;
}

const strategy_row* find_strategy(strategy which) noexcept {
  for (const auto& row : rows)
    if (row.which == which)
      return &row;
  return nullptr;
}

} // namespace careline::routing
