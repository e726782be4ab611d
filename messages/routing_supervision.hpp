#pragma once

#include <string>

#include "messages/routing_policy.hpp"

namespace careline::routing {

/// What a supervisor does about others (docs/routing.md "Supervision"), with who (`by`) and why.

/// A supervisor takes an open offer back: the contact goes to another agent, and to this one not
/// again. `by` is the supervisor; `reason` is on record.
struct offer_pull_back {
  using has_field_list = void;
  static constexpr std::string_view type = "offer.pull_back";
  contact_id contact;
  agent_id agent;
  agent_id by;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.must("by", x.by);
    v.must("reason", x.reason);
  }
};

/// A supervisor sets another person's state: `ready` ends a wrap-up too, `signed_out` is refused
/// while the agent is on a contact.
struct agent_force_state {
  using has_field_list = void;
  static constexpr std::string_view type = "agent.force_state";
  agent_id agent;
  agent_state state = agent_state::not_ready;
  agent_id by;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("agent", x.agent);
    v.must("state", x.state);
    v.must("by", x.by);
    v.must("reason", x.reason);
  }
};

/// How a supervisor is in a talk: hears it, is heard by the agent alone, is heard by both.
enum class supervision_mode { monitor, whisper, barge, end };
constexpr auto names(supervision_mode) {
  using enum supervision_mode;
  return std::to_array<std::pair<supervision_mode, std::string_view>>(
      {{monitor, "monitor"}, {whisper, "whisper"}, {barge, "barge"}, {end, "end"}});
}

/// A supervisor joins a contact in talk, changes how, or leaves it (`end`). The contact's gateway
/// carries it out; at the end of the agent's leg it is over by itself.
struct contact_supervise {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.supervise";
  contact_id contact;
  agent_id by;
  supervision_mode mode = supervision_mode::monitor;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("by", x.by);
    v.must("mode", x.mode);
    v.must("reason", x.reason);
  }
};

/// Before the offer's `offer.rescinded` (`pulled_back`); `by` is the supervisor.
struct offer_pulled_back {
  using has_field_list = void;
  static constexpr std::string_view type = "offer.pulled_back";
  contact_id contact;
  agent_id agent;
  agent_id by;
  std::string reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.must("by", x.by);
    v.must("reason", x.reason);
  }
};

/// Who set another person's state, and why; what follows from it stands in the events behind it.
struct agent_state_forced {
  using has_field_list = void;
  static constexpr std::string_view type = "agent.state_forced";
  agent_id agent;
  agent_state state = agent_state::not_ready;
  agent_id by;
  std::string reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("agent", x.agent);
    v.must("state", x.state);
    v.must("by", x.by);
    v.must("reason", x.reason);
  }
};

struct contact_supervised {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.supervised";
  static constexpr std::uint16_t version = 2;  ///< 2: client
  contact_id contact;
  agent_id agent;  ///< who has it in talk
  agent_id by;
  supervision_mode mode = supervision_mode::monitor;
  std::string reason;
  std::string client{};  ///< who said so: it alone reads the lines of the talk in this name

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.must("by", x.by);
    v.must("mode", x.mode);
    v.must("reason", x.reason);
    v.may("client", x.client);
  }
};

} // namespace careline::routing
