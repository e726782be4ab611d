#include "actors/kernel/turn.hpp"

#include <algorithm>

#include "actors/kernel/turn_bounds.hpp"
#include "messages/planted.hpp"

namespace careline::kernel {

namespace {

/// A decision whose events could not be read again is refused while nothing has happened yet.
void refuse_unreadable(answer<decision>& outcome) {
  if (!outcome)
    return;
  for (const auto& e : outcome->events)
    if (auto wrong = too_long_to_read(e)) {
      outcome = no(std::move(*wrong));
      return;
    }
}

} // namespace

void turn::take(std::vector<event> events, const turn_context& in, std::vector<dated_event>& into) {
  constexpr std::size_t usual = 8;  // an event is large, and moving it is not for nothing
  if (!events.empty() && into.capacity() == 0)
    into.reserve(std::max(usual, events.size()));
  for (auto& e : events) {
    of_.evolve(e, in.now);
    into.push_back({std::move(e), in.now});
  }
}

void turn::decide_all(const turn_context& in, std::vector<dated_event>& into) {
  for (auto step = of_.settle(in); !step.empty(); step = of_.settle(in))
    take(std::move(step), in, into);
}

void turn::fire_now(const turn_context& in, std::vector<dated_event>& into) {
  while (of_.wakes_at() && *of_.wakes_at() <= in.now)
    take(of_.due(in), in, into);
}

/// What fell due while nobody looked is decided on together, as of now: an agent whose rest is over
/// by now is there for a contact whose turn came a little before.
void turn::fire_before(const turn_context& in, std::vector<dated_event>& into) {
  while (of_.wakes_at() && *of_.wakes_at() < in.now) {
    if (planted(bug::decides_between_deadlines))
      take(of_.due(in), in, into);
    else
      fire_now(in, into);
    decide_all(in, into);
  }
}

turn_result turn::handle(const command& c, turn_context in) {
  turn_result out;
  fire_before(in, out.before);
  fire_now(in, out.before);
  out.outcome = of_.decide(c, in);
  refuse_unreadable(out.outcome);
  if (!out.outcome) {
    decide_all(in, out.before);
    return out;
  }
  if (out.outcome->hand_to) {
    decide_all(in, out.before);
    return out;
  }
  take(std::move(out.outcome->events), in, out.events);
  decide_all(in, out.events);
  return out;
}

turn_result turn::take_over(const command& c, const decision& from, turn_context in) {
  turn_result out;
  fire_before(in, out.before);
  fire_now(in, out.before);
  out.outcome = of_.take_over(c, from, in);
  refuse_unreadable(out.outcome);
  if (!out.outcome) {
    decide_all(in, out.before);
    return out;
  }
  if (!out.outcome->repeats && !out.outcome->refused)
    take(from.events, in, out.events);
  take(std::move(out.outcome->events), in, out.events);
  decide_all(in, out.events);
  return out;
}

std::vector<dated_event> turn::wake(turn_context in) {
  std::vector<dated_event> out;
  fire_before(in, out);
  fire_now(in, out);
  decide_all(in, out);
  return out;
}

std::vector<dated_event> turn::react(const event& e, turn_context in) {
  std::vector<dated_event> out;
  fire_before(in, out);
  fire_now(in, out);
  take(of_.react(e, in), in, out);
  decide_all(in, out);
  return out;
}

void turn::follow(const std::vector<dated_event>& events) {
  for (const auto& e : events)
    of_.evolve(e.what, e.at);
}

} // namespace careline::kernel
