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
    if (const auto by_id = tie_of(a) <=> tie_of(b); by_id != 0)
      return by_id < 0;
    if (a.where.nudge != b.where.nudge)
      return a.where.nudge < b.where.nudge;
    return a.who->id < b.who->id;
  }

private:
  /// Never changes while the contact stands in a line.
  static const contact_id& tie_of(const standing& s) noexcept {
    return s.who->beside.empty() ? s.who->id : s.who->beside.get();
  }
};

using line_set = std::set<standing, stands_before>;

/// A queue's line: finds the place of a contact and the contact at a place in O(log n).
using line =
    __gnu_pbds::tree<standing, __gnu_pbds::null_type, stands_before, __gnu_pbds::rb_tree_tag,
                     __gnu_pbds::tree_order_statistics_node_update>;

/// Gives a contact that stands in no line its place in that one: by urgency and age, or where it
/// asked to stand, which is granted only behind more urgent ones and never further back than its
/// own (contract §2); one that was called in vain behind as many others as its queue says.
void take_place(contact& c, const line& in);

} // namespace careline::routing
