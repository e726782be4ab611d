#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "messages/fields.hpp"
#include "messages/routing_commands.hpp"

namespace careline::routing {

// What was said in chats, for the two who talk (docs/routing.md "What was said").

/// Of a contact so many lines are kept with their text; of older ones only that they were said.
inline constexpr std::size_t texts_max = 500;
/// The number of a line: one that an event could carry and no log gives back must not come to be.
inline constexpr int line_number_max = 1'000'000;
/// An agent may write up so many contacts at once with what was said in them.
inline constexpr std::size_t kept_talks_max = 8;

/// A line of a chat that was said. Each speaker counts his own.
struct said_line {
  using has_field_list = void;
  speaker from = speaker::customer;
  int number = 0;
  std::string fingerprint;     ///< of its text; empty where an old log has none
  bool delivered = false;
  instant at{};
  personal<std::string> text;  ///< as the event has it; empty where it has fallen out

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("from", x.from);
    v.must("number", x.number);
    v.may("fingerprint", x.fingerprint);
    v.may("delivered", x.delivered);
    v.must("at", x.at);
    v.may("text", x.text);
  }
};

/// What is kept of an ended contact as long as its agent writes it up.
struct kept_talk {
  using has_field_list = void;
  contact_id contact;
  person_id person;            ///< whose key opens it
  std::vector<said_line> lines;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.may("person", x.person);
    v.must("lines", x.lines);
  }
};

} // namespace careline::routing
