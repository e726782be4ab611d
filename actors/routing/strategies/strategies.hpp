#pragma once

#include <cstdint>

#include "actors/routing/state.hpp"

namespace careline::routing {

/// How a strategy goes through the ready agents.
enum class choice {
  first,     ///< in the order
  next,      ///< in the order, from behind the agent it offered last, and around
  drawn,     ///< each as likely as any other, from the seed
  by_tier,   ///< likewise, over all tiers: one of tier t with the weight 1 / (1 + t)
  all,       ///< all of the best tier at once, in the order
};

/// How a queue chooses among the ready agents of one tier. A new strategy is one file and one row.
struct strategy_row {
  strategy which;
  ready_order order;
  choice how = choice::first;
  /// Smaller is chosen first; shown in the decision record. Agents of one kind (the same skills,
  /// and levels where a strategy counts them) have the same, or it goes with the order.
  std::int64_t (*score)(const agent& a, const queue& q, const contact& c);
  bool counts_levels = false;
};

const strategy_row& row_of(strategy which) noexcept;

std::int64_t longest_idle_score(const agent& a, const queue& q, const contact& c);
std::int64_t least_recent_score(const agent& a, const queue& q, const contact& c);
std::int64_t fewest_finished_score(const agent& a, const queue& q, const contact& c);
std::int64_t round_robin_score(const agent& a, const queue& q, const contact& c);
std::int64_t fixed_order_score(const agent& a, const queue& q, const contact& c);
std::int64_t fewest_skills_score(const agent& a, const queue& q, const contact& c);
std::int64_t highest_level_score(const agent& a, const queue& q, const contact& c);
std::int64_t least_loaded_score(const agent& a, const queue& q, const contact& c);

/// What the orders are kept by.
std::int64_t ready_key(ready_order order, const agent& a);

/// One of `of`, the same for the same arguments. Requires: of > 0.
std::uint64_t draw_one_of(std::uint64_t of, std::uint64_t seed, const contact& c, int nth);
/// Fixed point, so that every machine draws the same: how much one of that tier counts.
std::uint64_t weight_of_tier(int tier);

} // namespace careline::routing
