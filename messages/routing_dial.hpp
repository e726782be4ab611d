#pragma once

#include <array>
#include <string>
#include <utility>

#include "messages/routing_policy.hpp"

namespace careline::routing {

/// Calling people back (R2.1.6): who asks for it, what the engine has dialled, and what came of it.

enum class dial_result { answered, busy, no_answer, failed };
constexpr auto names(dial_result) {
  using enum dial_result;
  return std::to_array<std::pair<dial_result, std::string_view>>(
      {{answered, "answered"}, {busy, "busy"}, {no_answer, "no_answer"}, {failed, "failed"}});
}

/// Keeps the place; patience no longer applies (R2.1.6).
struct contact_request_callback {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.request_callback";
  contact_id contact;
  personal<std::string> number;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("number", x.number);
  }
};

struct dial_report {
  using has_field_list = void;
  static constexpr std::string_view type = "dial.report";
  contact_id contact;
  dial_result result = dial_result::answered;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("result", x.result);
  }
};

struct contact_callback_requested {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.callback_requested";
  contact_id contact;
  personal<std::string> number;
  person_id person;  ///< whose key seals it

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("number", x.number);
    v.may("person", x.person);
  }
};

struct dial_requested {
  using has_field_list = void;
  static constexpr std::string_view type = "dial.requested";
  contact_id contact;
  agent_id agent;
  int attempt = 1;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.must("attempt", x.attempt);
  }
};

struct dial_reported {
  using has_field_list = void;
  static constexpr std::string_view type = "dial.reported";
  contact_id contact;
  agent_id agent;
  dial_result result = dial_result::answered;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.must("result", x.result);
  }
};

} // namespace careline::routing
