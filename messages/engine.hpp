#pragma once

#include <map>
#include <string>
#include <variant>

#include "messages/fields.hpp"

namespace careline::engine {

/// The first event of every log: what all that follows depends on (design §5.16).
struct log_created {
  using has_field_list = void;
  static constexpr std::string_view type = "log.created";
  std::uint64_t seed = 0;
  std::string time_zone;       ///< of rules, days and intervals (design §5.18)
  int offset_minutes = 480;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("seed", x.seed);
    v.must("time_zone", x.time_zone);
    v.must("offset_minutes", x.offset_minutes);
  }
};
/// The wall clock and engine time drifted apart by more than 5 s.
struct clock_jumped {
  using has_field_list = void;
  static constexpr std::string_view type = "engine.clock_jumped";
  span difference_s{};
  bool back = false;           ///< true: the wall clock is behind engine time

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("difference_s", x.difference_s);
    v.must("back", x.back);
  }
};
struct speed_set {
  using has_field_list = void;
  static constexpr std::string_view type = "engine.speed_set";
  double speed = 1;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("speed", x.speed);
  }
};
/// A capability could not do what an event asked of it; `cause` says which.
struct reaction_refused {
  using has_field_list = void;
  static constexpr std::string_view type = "reaction.refused";
  std::string reaction;
  std::string cause;
  std::string problem;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("reaction", x.reaction);
    v.must("cause", x.cause);
    v.must("problem", x.problem);
  }
};

/// What the models were when they had taken in all events up to `at`: a digest of each one's saved
/// bytes. Whoever folds the log again can see whether it comes to the same (`log verify --replay`).
struct state_hashed {
  using has_field_list = void;
  static constexpr std::string_view type = "engine.state_hashed";
  std::uint64_t at = 0;
  std::string said_by;         ///< the engine's version: another one may save a model differently
  std::map<code_word, std::string> states;  ///< model: BLAKE2b-256, in hexadecimal digits

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("at", x.at);
    v.must("said_by", x.said_by);
    v.must("states", x.states);
  }
};

using event = std::variant<log_created, clock_jumped, speed_set, reaction_refused, state_hashed>;

} // namespace careline::engine
