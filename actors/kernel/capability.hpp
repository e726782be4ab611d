#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/owners.hpp"
#include "messages/personal.hpp"
#include "messages/vocabulary.hpp"

namespace careline::kernel {

/// What a decision may know besides its state: handed in, so that the same input gives the same
/// output (design §1.2).
struct turn_context {
  instant now{};
  std::string client;          ///< who sends
  sealer* keys = nullptr;      ///< never null
  std::uint64_t seed = 0;      ///< of the log
  int offset_minutes = 480;    ///< local time of rules and days
};

/// What a command leads to. `hand_to` set: these events and this command go to another owner in the
/// same turn, which adds its own or refuses it all (design §5.2).
struct decision {
  std::vector<event> events{};
  value reply{};
  std::optional<owner> hand_to{};
  bool remember = true;  ///< false: the reply is not kept (it carries something personal)
  /// False: what the reply says is told once (something personal); the same id again is answered
  /// without it.
  bool remember_data = true;
  /// Of take_over: the contact is there already; no event that was handed over becomes true.
  bool repeats = false;
  /// Refused after all, with `reply` as its data. Of take_over: no event becomes true. Of decide:
  /// the events say what was tried and refused, and are all that comes of it.
  std::optional<problem> refused{};
};

/// A capability's model, as the kernel drives it. One owner of all its entities; every function is
/// called from one thread; none reads a clock, a file or a random source.
class capability {
public:
  virtual ~capability() = default;

  virtual std::string_view name() const noexcept = 0;

  /// Decides a command. Changes nothing: `evolve` is called with each event, in order, afterwards.
  virtual answer<decision> decide(const command& c, const turn_context& in) const = 0;
  /// Goes on with what another capability decided in the same turn (`from.events` are not yet
  /// true). Returns its own events only; a refusal undoes the whole command.
  virtual answer<decision> take_over(const command& c, const decision& from,
                                     const turn_context& in) const = 0;
  /// It has happened; take it in. Never refuses. Own events, and those of others that it follows.
  virtual void evolve(const event& e, instant at) = 0;
  /// Of a desk: an event of another capability that it takes in, once that is durable. Its own may
  /// have overtaken it meanwhile, and a replay meets both in the log's order: what it makes of the
  /// two must not depend on which came first.
  virtual bool follows(const event&) const { return false; }

  /// When to call `due` next, if ever.
  virtual std::optional<instant> wakes_at() const = 0;
  /// Takes the earliest deadline at or before `now` and returns its events; a deadline may have
  /// none (a rest that ends only makes the agent eligible again). The caller evolves them and asks
  /// again. Afterwards `wakes_at` has moved on, hence not const.
  virtual std::vector<event> due(const turn_context& in) = 0;
  /// The next step of the decision step (one match, say); empty when nothing is left to decide.
  /// The caller evolves it and asks again. May tidy internal marks, hence not const.
  virtual std::vector<event> settle(const turn_context& in) = 0;
  /// What this capability does about a durable event of another (design §5.6): its own events.
  virtual std::vector<event> react(const event& e, const turn_context& in) const = 0;

  /// Answers a query that it owns.
  virtual answer<value> ask(const command& query, const turn_context& in) const = 0;

  /// The whole state, so that `load` of it gives an equal capability (design §5.9); sealed values
  /// stay sealed.
  virtual value save() const = 0;
  /// False when the state is of a form it does not know; the caller then folds the log from the
  /// start.
  virtual bool load(const value& state) = 0;
  /// A part of the state, much as `save` has it: of the entity that events call `subject`, or for
  /// "" of what belongs to none. Two models at one position say the same (design §5.9). Nil: it has
  /// none of that kind, or it has ended: when that is forgotten, is nobody's fact.
  virtual value part(std::string_view /*subject*/) const { return {}; }
};

/// A capability that decides about its own things in turns of its own, and follows the log for the
/// rest: it hands nothing over and nothing is handed to it.
struct desk {
  owner who = owner::engine;
  std::unique_ptr<capability> of;
};

} // namespace careline::kernel
