#pragma once

#include <string>

#include "messages/routing_policy.hpp"

namespace careline::routing {

/// Queues come, change and go while the centre serves (docs/routing.md "Queues that come and go").

/// Makes a queue, or replaces its policy as a whole (equal = no event). `by` is who does it, and
/// `reason` why: both are on record, and are no part of the policy.
struct queue_define : queue_policy {
  static constexpr std::string_view type = "queue.define";
  agent_id defined_by;  ///< "by" on the wire
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    queue_policy::fields(v, x);
    v.may("by", x.defined_by);
    v.may("reason", x.reason);
  }
};

/// Takes a queue away that nobody is in. Another may be made under its name; figures of the past
/// keep it.
struct queue_remove {
  using has_field_list = void;
  static constexpr std::string_view type = "queue.remove";
  queue_id queue;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("queue", x.queue);
    v.may("reason", x.reason);
  }
};

struct queue_defined : queue_policy {
  static constexpr std::string_view type = "queue.defined";
  static constexpr std::uint16_t version = 5;  ///< 2: resume_s, fair_share, offer_when_busy;
                                               ///< 3: site; 4: tickets, waits told again;
                                               ///< 5: dispositions, by, reason
  agent_id defined_by;  ///< "by" on the wire
  std::string reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    queue_policy::fields(v, x);
    v.may("by", x.defined_by);
    v.may("reason", x.reason);
  }
};

struct queue_removed {
  using has_field_list = void;
  static constexpr std::string_view type = "queue.removed";
  queue_id queue;
  std::string reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("queue", x.queue);
    v.may("reason", x.reason);
  }
};

} // namespace careline::routing
