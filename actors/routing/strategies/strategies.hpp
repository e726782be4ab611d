#pragma once

#include <cstdint>
#include <span>

#include "actors/routing/state.hpp"

namespace careline::routing {

/// By what order the ready agents are kept, so that the next one is found without looking at all.
enum class ready_order { idle, finished, sign_in };
inline constexpr std::size_t ready_orders = 3;

/// How a queue chooses among the ready agents of one tier. A new strategy is one file and one row.
struct strategy_row {
  strategy which;
  ready_order order;
  bool rotates;  ///< goes on behind the agent it offered last, and begins anew at the end
  /// Smaller is chosen first; shown in the decision record.
  std::int64_t (*score)(const agent& a, const queue& q);
};

std::span<const strategy_row> strategy_rows() noexcept;
/// The row of a strategy, or null when there is none yet.
const strategy_row* find_strategy(strategy which) noexcept;

std::int64_t longest_idle_score(const agent& a, const queue& q);
std::int64_t fewest_finished_score(const agent& a, const queue& q);
std::int64_t round_robin_score(const agent& a, const queue& q);

} // namespace careline::routing
