#pragma once

#include <string>
#include <variant>
#include <vector>

#include "messages/routing_counter.hpp"
#include "messages/routing_dial.hpp"
#include "messages/routing_parties.hpp"
#include "messages/routing_policy.hpp"
#include "messages/routing_queues.hpp"
#include "messages/routing_supervision.hpp"

namespace careline::routing {

/// What outsiders ask of queues, agents, offers and contacts in hand (contract §2).

enum class decline_reason { reject, busy };
constexpr auto names(decline_reason) {
  using enum decline_reason;
  return std::to_array<std::pair<decline_reason, std::string_view>>(
      {{reject, "reject"}, {busy, "busy"}});
}

enum class speaker { customer, agent, system };
constexpr auto names(speaker) {
  using enum speaker;
  return std::to_array<std::pair<speaker, std::string_view>>(
      {{customer, "customer"}, {agent, "agent"}, {system, "system"}});
}

/// An agent starts work with these skills, channels and queues.
struct agent_sign_in : abilities {
  static constexpr std::string_view type = "agent.sign_in";
  agent_id agent;
  bool ready = true;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    abilities::fields(v, x);
    v.must("agent", x.agent);
    v.may("ready", x.ready);
  }
};

/// `ready` or `not_ready`; the other states are the engine's.
struct agent_set_state {
  using has_field_list = void;
  static constexpr std::string_view type = "agent.set_state";
  agent_id agent;
  agent_state state = agent_state::ready;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("agent", x.agent);
    v.must("state", x.state);
    v.may("reason", x.reason);
  }
};

struct agent_sign_out {
  using has_field_list = void;
  static constexpr std::string_view type = "agent.sign_out";
  agent_id agent;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("agent", x.agent);
  }
};

/// Keeps idle-since and counters; what is absent stays.
struct agent_change {
  using has_field_list = void;
  static constexpr std::string_view type = "agent.change";
  agent_id agent;
  std::optional<std::map<skill_id, int>> skills;
  std::optional<std::map<channel_id, int>> channels;
  std::optional<std::map<queue_id, membership>> queues;
  std::optional<std::map<channel_id, blocking>> blocks{};
  std::optional<int> capacity{};        ///< with costs, instead of the channels so far
  std::optional<std::map<channel_id, cost>> costs{};
  site_id site{};

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("agent", x.agent);
    v.may("skills", x.skills);
    v.may("channels", x.channels);
    v.may("queues", x.queues);
    v.may("blocks", x.blocks);
    v.may("capacity", x.capacity);
    v.may("costs", x.costs);
    v.may("site", x.site);
  }
};

struct agent_finish_wrap_up {
  using has_field_list = void;
  static constexpr std::string_view type = "agent.finish_wrap_up";
  agent_id agent;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("agent", x.agent);
  }
};

struct offer_accept {
  using has_field_list = void;
  static constexpr std::string_view type = "offer.accept";
  contact_id contact;
  agent_id agent;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
  }
};

struct offer_decline {
  using has_field_list = void;
  static constexpr std::string_view type = "offer.decline";
  contact_id contact;
  agent_id agent;
  decline_reason reason = decline_reason::reject;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.may("reason", x.reason);
  }
};

/// What is absent stays. `by` is a supervisor who does it to somebody else's contact, and `reason`
/// is why: both are on record.
struct contact_change {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.change";
  contact_id contact;
  std::optional<int> urgency;
  std::optional<std::vector<skill_id>> skills;
  queue_id queue;
  std::optional<span> age_s;
  agent_id by{};
  code_word reason{};

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.may("urgency", x.urgency);
    v.may("skills", x.skills);
    v.may("queue", x.queue);
    v.may("age_s", x.age_s);
    v.may("by", x.by);
    v.may("reason", x.reason);
  }
};

/// The person left.
struct contact_abandon {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.abandon";
  contact_id contact;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
  }
};

struct contact_hold {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.hold";
  contact_id contact;
  agent_id agent;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
  }
};

struct contact_resume {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.resume";
  contact_id contact;
  agent_id agent;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
  }
};

/// To a queue, to an agent, or, once asked (`consults` of contact.open), to the colleague in the
/// talk of `to_consult`, who has the contact at once. `by` and `reason` as in contact.change.
struct contact_transfer {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.transfer";
  contact_id contact;
  agent_id agent;
  queue_id to_queue;
  agent_id to_agent;
  contact_id to_consult;
  agent_id by{};
  code_word reason{};

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.may("to_queue", x.to_queue);
    v.may("to_agent", x.to_agent);
    v.may("to_consult", x.to_consult);
    v.may("by", x.by);
    v.may("reason", x.reason);
  }
};

/// The disposition says how it ended: one of its queue's, where that has a list (R2.1.8). `by` is a
/// supervisor who closes somebody else's contact.
struct contact_finish {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.finish";
  contact_id contact;
  agent_id agent;
  code_word disposition;
  agent_id by{};

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.may("disposition", x.disposition);
    v.may("by", x.by);
  }
};

/// One line of a chat. `line` counts from 1 for each speaker; absent: the next one.
struct contact_say {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.say";
  contact_id contact;
  speaker from = speaker::customer;
  personal<std::string> text;
  std::optional<int> line;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("from", x.from);
    v.must("text", x.text);
    v.may("line", x.line);
  }
};

/// The gateway reports that a line reached the person. Each speaker counts his own lines: without
/// `from` it is of everybody who has said one of that number.
struct contact_deliver {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.deliver";
  contact_id contact;
  int line = 0;
  std::optional<speaker> from;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("line", x.line);
    v.may("from", x.from);
  }
};

/// A filled-in form.
struct contact_answer {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.answer";
  contact_id contact;
  code_word form;
  personal<value> fields_given;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("form", x.form);
    v.must("fields", x.fields_given);
  }
};

using command = std::variant<queue_define, agent_sign_in, agent_set_state, agent_sign_out,
    agent_change, agent_finish_wrap_up, offer_accept, offer_decline, contact_change,
    contact_abandon, contact_request_callback, contact_hold, contact_resume, contact_transfer,
    contact_finish, contact_say, contact_deliver, contact_answer, dial_report,
    offer_pull_back, agent_force_state, contact_supervise, contact_join, contact_leave,
    contact_park, site_set_state, queue_remove, agent_call_next, ticket_recall, ticket_miss>;

} // namespace careline::routing
