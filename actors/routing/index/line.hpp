#pragma once

#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/tree_policy.hpp>
#include <set>

#include "actors/routing/state.hpp"

namespace careline::routing {

/// One contact's place among others. The order is total and never changes by time alone.
struct standing {
  place where;
  const contact* who = nullptr;
};

struct stands_before {
  bool operator()(const standing& a, const standing& b) const noexcept {
    if (a.where.urgency != b.where.urgency)
      return a.where.urgency > b.where.urgency;
    if (a.where.age_key != b.where.age_key)
      return a.where.age_key < b.where.age_key;
    if (a.where.nudge != b.where.nudge)
      return a.where.nudge < b.where.nudge;
    return a.who->id < b.who->id;
  }
};

using line_set = std::set<standing, stands_before>;

/// A queue's line: finds the place of a contact and the contact at a place in O(log n).
using line = __gnu_pbds::tree<standing, __gnu_pbds::null_type, stands_before,
                              __gnu_pbds::rb_tree_tag, __gnu_pbds::tree_order_statistics_node_update>;

/// Where a contact stands in that line: by urgency and age, or at the place that it asked for, which
/// is granted only behind more urgent ones and never further back than its own (contract §2).
place place_for(const contact& c, const line& in);

} // namespace careline::routing
