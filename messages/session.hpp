#pragma once

#include <string>
#include <variant>

#include "messages/fields.hpp"

namespace careline::session {

/// A client takes a lease (contract §2 "Sessions"). Kept by any traffic of that client.
struct session_hello {
  using has_field_list = void;
  static constexpr std::string_view type = "session.hello";
  session_name name;
  std::string kind;          ///< gateway, agents, board, …
  span lease_s = 3s;
  std::string instance;      ///< tells two processes of one name apart; absent: the connection does

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("name", x.name);
    v.may("kind", x.kind);
    v.may("lease_s", x.lease_s);
    v.may("instance", x.instance);
  }
};
struct session_beat {
  using has_field_list = void;
  static constexpr std::string_view type = "session.beat";
  session_name name;  ///< absent: the command's source

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("name", x.name);
  }
};
struct session_close {
  using has_field_list = void;
  static constexpr std::string_view type = "session.close";
  session_name name;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("name", x.name);
  }
};

/// The field list that opened, resumed and replaced share.
struct session_facts {
  using has_field_list = void;
  session_name session;
  std::string kind;
  span lease_s{};
  std::string instance;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("session", x.session);
    v.may("kind", x.kind);
    v.may("lease_s", x.lease_s);
    v.may("instance", x.instance);
  }
};
struct session_opened : session_facts {
  static constexpr std::string_view type = "session.opened";
};
struct session_resumed : session_facts {
  static constexpr std::string_view type = "session.resumed";
};
/// Tells the older instance that another one goes on under its name.
struct session_replaced : session_facts {
  static constexpr std::string_view type = "session.replaced";
};
/// Ended by its client: what it brought does not lapse.
struct session_closed : session_facts {
  static constexpr std::string_view type = "session.closed";
};
/// Nothing was heard for `lease_s`. Capabilities act on it after the grace of 10 s.
struct session_lost : session_facts {
  static constexpr std::string_view type = "session.lost";
};

using command = std::variant<session_hello, session_beat, session_close>;
using event =
    std::variant<session_opened, session_resumed, session_replaced, session_closed, session_lost>;

} // namespace careline::session
