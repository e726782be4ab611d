#pragma once

#include <string>

#include "messages/routing_policy.hpp"

namespace careline::routing {

/// Tickets and counters (docs/counter.md): people who wait in a hall are called by number.

/// The agent at a counter takes the next who has a ticket and whom it may have, and calls that
/// ticket. With `queue` only from that one.
struct agent_call_next {
  using has_field_list = void;
  static constexpr std::string_view type = "agent.call_next";
  agent_id agent;
  counter_id counter;
  queue_id queue;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("agent", x.agent);
    v.must("counter", x.counter);
    v.may("queue", x.queue);
  }
};

/// The ticket that the agent has called is called again.
struct ticket_recall {
  using has_field_list = void;
  static constexpr std::string_view type = "ticket.recall";
  agent_id agent;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("agent", x.agent);
  }
};

/// Nobody came: the contact goes back into its queue, or ends. `contact` where the agent has called
/// more than one.
struct ticket_miss {
  using has_field_list = void;
  static constexpr std::string_view type = "ticket.miss";
  agent_id agent;
  contact_id contact;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("agent", x.agent);
    v.may("contact", x.contact);
  }
};

/// Whose turn it is, and where: what a hall shows. `prefix` is the area's; `again` counts how often
/// it was called before at this counter.
struct ticket_called {
  using has_field_list = void;
  static constexpr std::string_view type = "ticket.called";
  std::string ticket;
  std::string prefix;
  contact_id contact;
  agent_id agent;
  queue_id queue;
  counter_id counter;
  int again = 0;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("ticket", x.ticket);
    v.must("prefix", x.prefix);
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.must("queue", x.queue);
    v.must("counter", x.counter);
    v.must("again", x.again);
  }
};

/// Nobody came to the counter. `misses` counts of this contact. With `behind`, how many others are
/// to come before it, `contact.queued` follows; else `contact.timed_out`.
struct ticket_missed {
  using has_field_list = void;
  static constexpr std::string_view type = "ticket.missed";
  std::string ticket;
  std::string prefix;
  contact_id contact;
  agent_id agent;
  queue_id queue;
  counter_id counter;
  int misses = 1;
  std::optional<int> behind;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("ticket", x.ticket);
    v.must("prefix", x.prefix);
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.must("queue", x.queue);
    v.must("counter", x.counter);
    v.must("misses", x.misses);
    v.may("behind", x.behind);
  }
};

/// Place and wait are told anew, because the wait has moved or the contact is the next (R2.1.6).
/// `callback`: the wait is above what the queue says, and a callback may be offered; said once.
struct contact_wait_told {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.wait_told";
  contact_id contact;
  queue_id queue;
  int queue_position = 0;
  std::optional<span> wait_s;
  std::string ticket;
  std::optional<bool> callback;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("queue", x.queue);
    v.must("queue_position", x.queue_position);
    v.may("wait_s", x.wait_s);
    v.may("ticket", x.ticket);
    v.may("callback", x.callback);
  }
};

} // namespace careline::routing
