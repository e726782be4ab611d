#pragma once

#include <string>

#include "messages/routing_policy.hpp"

namespace careline::routing {

/// More than one agent about a contact (docs/routing.md "Asking a colleague"), work that nobody
/// waits for on a line, and sites.

/// The colleague in the talk of `consult` joins that of `contact`; the consult is over by it.
struct contact_join {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.join";
  contact_id contact;
  agent_id agent;      ///< who has the contact in talk, and asked
  contact_id consult;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.must("consult", x.consult);
  }
};

/// One of several agents leaves a talk, which goes on; the last one finishes it.
struct contact_leave {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.leave";
  contact_id contact;
  agent_id agent;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
  }
};

/// An agent parks work that is not live: it stands in its queue again, at its place, and is offered
/// to nobody for `pause_s`.
struct contact_park {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.park";
  contact_id contact;
  agent_id agent;
  span pause_s{};
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.may("pause_s", x.pause_s);
    v.may("reason", x.reason);
  }
};

enum class site_state { open, closed };
constexpr auto names(site_state) {
  using enum site_state;
  return std::to_array<std::pair<site_state, std::string_view>>(
      {{open, "open"}, {closed, "closed"}});
}

/// Closes a site or opens it again: while it is closed its queues take nobody, and who waits in
/// them goes where they overflow to (R1.1.3).
struct site_set_state {
  using has_field_list = void;
  static constexpr std::string_view type = "site.set_state";
  site_id site;
  site_state state = site_state::open;
  agent_id by;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("site", x.site);
    v.must("state", x.state);
    v.must("by", x.by);
    v.must("reason", x.reason);
  }
};

/// A colleague is in the talk too. `queue` is the one that brought it to the consult, which ends
/// with the next event.
struct contact_joined {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.joined";
  contact_id contact;
  agent_id agent;      ///< the colleague
  agent_id by;         ///< who asked
  contact_id consult;
  queue_id queue;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.must("by", x.by);
    v.must("consult", x.consult);
    v.must("queue", x.queue);
  }
};

/// An agent's part in a talk of several is over. `to`: who has the contact from now on, where the
/// one who had it leaves.
struct contact_left {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.left";
  contact_id contact;
  agent_id agent;
  agent_id to;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.may("to", x.to);
  }
};

/// `contact.queued` follows. `reason` is the agent's word, or "session_lost".
struct contact_parked {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.parked";
  contact_id contact;
  agent_id agent;
  std::string reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.may("reason", x.reason);
  }
};

struct site_state_changed {
  using has_field_list = void;
  static constexpr std::string_view type = "site.state_changed";
  site_id site;
  site_state state = site_state::open;
  agent_id by;
  std::string reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("site", x.site);
    v.must("state", x.state);
    v.must("by", x.by);
    v.must("reason", x.reason);
  }
};

} // namespace careline::routing
