#pragma once

#include <optional>
#include <string>
#include <variant>

#include "messages/fields.hpp"

namespace careline::promise {

/// What somebody was told would happen by a moment: a call back, a refund, a date, the next word
/// on an open question (R1.2.1, R2.3.4). It says what by a code, never in a sentence: nothing said
/// of a person is in it.

/// Gives a promise. `due`, or `in_s` from now, says until when.
struct promise_make {
  using has_field_list = void;
  static constexpr std::string_view type = "promise.make";
  promise_id promise;          ///< absent: the engine makes one and returns it
  contact_id contact;          ///< the one in which it was given
  code_word kind;              ///< callback, refund, date, update, …
  std::optional<instant> due;
  span in_s{};
  agent_id owner;              ///< who keeps it, and is told when it falls due
  agent_id lead;               ///< who is told when the owner let it pass

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("promise", x.promise);
    v.may("contact", x.contact);
    v.must("kind", x.kind);
    v.may("due", x.due);
    v.may("in_s", x.in_s);
    v.must("owner", x.owner);
    v.may("lead", x.lead);
  }
};

/// It was done; also of a broken one, late.
struct promise_keep {
  using has_field_list = void;
  static constexpr std::string_view type = "promise.keep";
  promise_id promise;
  agent_id by;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("promise", x.promise);
    v.must("by", x.by);
  }
};

/// Another moment was agreed with the person, or another agent keeps it from now on.
struct promise_move {
  using has_field_list = void;
  static constexpr std::string_view type = "promise.move";
  promise_id promise;
  std::optional<instant> due;
  span in_s{};
  agent_id owner;
  agent_id by;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("promise", x.promise);
    v.may("due", x.due);
    v.may("in_s", x.in_s);
    v.may("owner", x.owner);
    v.must("by", x.by);
    v.must("reason", x.reason);
  }
};

/// What each event of a promise says.
struct promise_event {
  using has_field_list = void;
  promise_id promise;
  contact_id contact;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("promise", x.promise);
    v.may("contact", x.contact);
  }
};

struct promise_made : promise_event {
  static constexpr std::string_view type = "promise.made";
  code_word kind;
  instant due{};
  agent_id owner;
  agent_id lead;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    promise_event::fields(v, x);
    v.must("kind", x.kind);
    v.must("due", x.due);
    v.must("owner", x.owner);
    v.may("lead", x.lead);
  }
};

/// What an alarm about a promise says; `tell` is whom it concerns.
struct promise_alarm : promise_event {
  code_word kind;
  instant due{};
  agent_id tell;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    promise_event::fields(v, x);
    v.must("kind", x.kind);
    v.must("due", x.due);
    v.must("tell", x.tell);
  }
};

/// Four fifths of its time are over.
struct promise_due_soon : promise_alarm {
  static constexpr std::string_view type = "promise.due_soon";
};
/// The moment has passed, and it was not kept.
struct promise_broken : promise_alarm {
  static constexpr std::string_view type = "promise.broken";
};
/// Nor was it kept in the time after that: its lead is told.
struct promise_escalated : promise_alarm {
  static constexpr std::string_view type = "promise.escalated";
};

struct promise_kept : promise_event {
  static constexpr std::string_view type = "promise.kept";
  agent_id by;
  bool late = false;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    promise_event::fields(v, x);
    v.must("by", x.by);
    v.may("late", x.late);
  }
};

struct promise_moved : promise_event {
  static constexpr std::string_view type = "promise.moved";
  instant due{};
  agent_id owner;
  agent_id by;
  std::string reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    promise_event::fields(v, x);
    v.must("due", x.due);
    v.must("owner", x.owner);
    v.must("by", x.by);
    v.must("reason", x.reason);
  }
};

enum class promise_state { open, broken, kept };
constexpr auto names(promise_state) {
  using enum promise_state;
  return std::to_array<std::pair<promise_state, std::string_view>>(
      {{open, "open"}, {broken, "broken"}, {kept, "kept"}});
}

using command = std::variant<promise_make, promise_keep, promise_move>;
using event = std::variant<promise_made, promise_due_soon, promise_broken, promise_escalated,
                           promise_kept, promise_moved>;

} // namespace careline::promise
