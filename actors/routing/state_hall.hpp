#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/fields.hpp"

namespace careline::routing {

// Tickets, and what a hall shows of them (docs/counter.md).

/// So many of the last called and of the last missed are kept of each area.
inline constexpr std::size_t calls_kept = 20;
/// Behind so many others a missed ticket goes back, where the queue does not say.
inline constexpr int miss_back_usual = 3;
/// So many contacts of a line are looked at in one step of telling waits again, and so long is the
/// pause before the next step: a line of a million is nobody's standstill.
inline constexpr std::size_t told_in_step_max = 64;
inline constexpr span told_step_pause{100};
/// How often waits are looked at where the queue does not say.
inline constexpr span tell_every_usual = 30s;

/// A contact's number, kept wherever it is moved to, and where it was called to last.
struct ticket_of {
  using has_field_list = void;
  std::string number;      ///< as it is printed: "A013"
  std::string prefix;      ///< of the area that gave it
  counter_id counter;      ///< empty: not called, or gone from there
  int again = 0;           ///< how often called anew at that counter
  int misses = 0;
  int behind = 0;          ///< missed: so many come before it, once it is queued

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("number", x.number);
    v.must("prefix", x.prefix);
    v.may("counter", x.counter);
    v.may("again", x.again);
    v.may("misses", x.misses);
    v.may("behind", x.behind);
  }
};
inline bool is_unset(const ticket_of& t) noexcept { return t.number.empty(); }

/// What a waiting contact was told last, in a queue that tells again.
struct told_wait {
  using has_field_list = void;
  int queue_position = 0;
  std::optional<span> wait_s;
  bool callback = false;   ///< that it may be called back was said

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("queue_position", x.queue_position);
    v.may("wait_s", x.wait_s);
    v.may("callback", x.callback);
  }
};
inline bool is_unset(const told_wait& t) noexcept { return t.queue_position == 0; }

/// A ticket that was called or missed.
struct hall_call {
  using has_field_list = void;
  std::string ticket;
  counter_id counter;
  queue_id queue;
  instant at{};

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("ticket", x.ticket);
    v.must("counter", x.counter);
    v.must("queue", x.queue);
    v.must("at", x.at);
  }
};

/// The tickets of one prefix: all queues that have it count together.
struct hall {
  using has_field_list = void;
  std::string prefix;
  int count = 0;                   ///< the last number given
  instant last{};                  ///< when: the count is of that day
  std::vector<hall_call> called;   ///< of that day, the last at the end, each ticket once
  std::vector<hall_call> missed;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("prefix", x.prefix);
    v.must("count", x.count);
    v.must("last", x.last);
    v.may("called", x.called);
    v.may("missed", x.missed);
  }
};

} // namespace careline::routing
