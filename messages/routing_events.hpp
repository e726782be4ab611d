#pragma once

#include <string>
#include <variant>
#include <vector>

#include "messages/routing_commands.hpp"

namespace careline::routing {

/// What happened to queues, agents, offers and contacts in hand (contract §2).

/// `client` is who signed the agent in: its session keeps the agent.
struct agent_signed_in : abilities {
  static constexpr std::string_view type = "agent.signed_in";
  static constexpr std::uint16_t version = 3;  ///< 2: with capacity and costs; 3: site
  agent_id agent;
  bool ready = true;
  std::string client;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    abilities::fields(v, x);
    v.must("agent", x.agent);
    v.may("ready", x.ready);
    v.may("client", x.client);
  }
};

struct agent_changed {
  using has_field_list = void;
  static constexpr std::string_view type = "agent.changed";
  static constexpr std::uint16_t version = 3;  ///< 2: blocks, capacity and costs; 3: site
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

/// Each time the shown state changes. `contacts` are those it is on or is offered; `free` what it
/// could still take, by channel.
struct agent_state_changed {
  using has_field_list = void;
  static constexpr std::string_view type = "agent.state_changed";
  agent_id agent;
  agent_state state = agent_state::ready;
  std::string reason;
  bool ready = true;  ///< what the person set, kept apart from the state that is shown
  std::vector<contact_id> contacts;
  std::map<channel_id, int> free;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("agent", x.agent);
    v.must("state", x.state);
    v.may("reason", x.reason);
    v.may("ready", x.ready);
    v.must("contacts", x.contacts);
    v.must("free", x.free);
  }
};

struct agent_signed_out {
  using has_field_list = void;
  static constexpr std::string_view type = "agent.signed_out";
  agent_id agent;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("agent", x.agent);
  }
};

struct contact_queued {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.queued";
  static constexpr std::uint16_t version = 4;  ///< 2: with caller and resumes; 3: not_before;
                                               ///< 4: ticket
  contact_id contact;
  queue_id queue;
  int queue_position = 0;
  std::optional<span> wait_s;
  std::string caller{};                  ///< keyed hash of the address, where a queue has resume_s
  contact_id resumes{};                  ///< dropped contact whose place it takes
  std::optional<instant> not_before{};   ///< parked: offered to nobody until then
  std::string ticket{};                  ///< its number, where the queue gives them

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("queue", x.queue);
    v.must("queue_position", x.queue_position);
    v.may("wait_s", x.wait_s);
    v.may("caller", x.caller);
    v.may("resumes", x.resumes);
    v.may("not_before", x.not_before);
    v.may("ticket", x.ticket);
  }
};

/// A queue did not take it: queue_full, wait_too_long, nobody_there, site_closed.
struct contact_refused {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.refused";
  contact_id contact;
  queue_id queue;
  std::string reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("queue", x.queue);
    v.must("reason", x.reason);
  }
};

struct contact_changed {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.changed";
  static constexpr std::uint16_t version = 2;  ///< 2: by, reason
  contact_id contact;
  std::optional<int> urgency;
  std::optional<std::vector<skill_id>> skills;
  queue_id queue;
  std::optional<span> age_s;
  agent_id by{};
  std::string reason{};

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

struct contact_abandoned {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.abandoned";
  contact_id contact;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
  }
};

/// Ended by a limit: wait_s_max, nobody_there, gateway_lost, callback_failed, talk_s_max.
struct contact_timed_out {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.timed_out";
  contact_id contact;
  std::string reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("reason", x.reason);
  }
};

/// `to` a queue: a move; `external:…`: the end.
struct contact_diverted {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.diverted";
  contact_id contact;
  std::string to;
  std::string reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("to", x.to);
    v.must("reason", x.reason);
  }
};

struct contact_connected {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.connected";
  contact_id contact;
  agent_id agent;
  queue_id queue;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.must("queue", x.queue);
  }
};

struct contact_held {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.held";
  contact_id contact;
  agent_id agent;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
  }
};

struct contact_resumed {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.resumed";
  contact_id contact;
  agent_id agent;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
  }
};

struct contact_transferred {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.transferred";
  static constexpr std::uint16_t version = 2;  ///< 2: by, reason
  contact_id contact;
  agent_id agent;
  queue_id to_queue;
  agent_id to_agent;
  agent_id by{};
  std::string reason{};

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.may("to_queue", x.to_queue);
    v.may("to_agent", x.to_agent);
    v.may("by", x.by);
    v.may("reason", x.reason);
  }
};

struct contact_finished {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.finished";
  static constexpr std::uint16_t version = 2;  ///< 2: by
  contact_id contact;
  agent_id agent;
  std::string disposition;
  agent_id by{};

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.may("disposition", x.disposition);
    v.may("by", x.by);
  }
};

/// `fingerprint` is a keyed digest of the text: the same line said again is known without it.
struct contact_said {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.said";
  static constexpr std::uint16_t version = 2;  ///< with the fingerprint
  contact_id contact;
  speaker from = speaker::customer;
  personal<std::string> text;
  int line = 0;
  person_id person;  ///< whose key seals it
  std::string fingerprint;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("from", x.from);
    v.must("text", x.text);
    v.must("line", x.line);
    v.may("person", x.person);
    v.may("fingerprint", x.fingerprint);
  }
};

struct contact_delivered {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.delivered";
  static constexpr std::uint16_t version = 2;  ///< with the speaker
  contact_id contact;
  int line = 0;
  std::optional<speaker> from;  ///< whose line; absent: of everybody who has one of that number

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("line", x.line);
    v.may("from", x.from);
  }
};

struct contact_answered_form {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.answered_form";
  contact_id contact;
  std::string form;
  personal<value> fields_given;
  person_id person;  ///< whose key seals it

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("form", x.form);
    v.must("fields", x.fields_given);
    v.may("person", x.person);
  }
};

/// `rule` counts the queue's rules from 0, then the ones that rules added.
struct contact_rule_applied {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.rule_applied";
  contact_id contact;
  queue_id queue;
  int rule = 0;
  std::vector<rule_action> actions;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("queue", x.queue);
    v.must("rule", x.rule);
    v.must("do", x.actions);
  }
};

/// Audit: who was given the address in clear, and what for (R2.2.5).
struct contact_address_read {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.address_read";
  contact_id contact;
  std::string purpose;
  std::string client;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.may("purpose", x.purpose);
    v.may("client", x.client);
  }
};

/// A lease (R2.1.6). `number` counts the contact's offers; `decision` is the decision record: at
/// most 512 bytes (design §5.17).
struct offer_made {
  using has_field_list = void;
  static constexpr std::string_view type = "offer.made";
  contact_id contact;
  agent_id agent;
  queue_id queue;
  instant expires;
  int number = 0;
  value decision;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.must("queue", x.queue);
    v.must("expires", x.expires);
    v.must("number", x.number);
    v.may("decision", x.decision);
  }
};

struct offer_accepted {
  using has_field_list = void;
  static constexpr std::string_view type = "offer.accepted";
  contact_id contact;
  agent_id agent;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
  }
};

struct offer_declined {
  using has_field_list = void;
  static constexpr std::string_view type = "offer.declined";
  contact_id contact;
  agent_id agent;
  decline_reason reason = decline_reason::reject;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.must("reason", x.reason);
  }
};

struct offer_expired {
  using has_field_list = void;
  static constexpr std::string_view type = "offer.expired";
  contact_id contact;
  agent_id agent;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
  }
};

struct offer_rescinded {
  using has_field_list = void;
  static constexpr std::string_view type = "offer.rescinded";
  contact_id contact;
  agent_id agent;
  std::string reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("agent", x.agent);
    v.must("reason", x.reason);
  }
};

using event = std::variant<queue_defined, agent_signed_in, agent_changed, agent_state_changed,
    agent_signed_out, contact_queued, contact_refused, contact_changed, contact_abandoned,
    contact_timed_out, contact_diverted, contact_callback_requested, contact_connected,
    contact_held, contact_resumed, contact_transferred, contact_finished, contact_said,
    contact_delivered, contact_answered_form, contact_rule_applied, contact_address_read,
    offer_made, offer_accepted, offer_declined, offer_expired, offer_rescinded, dial_requested,
    dial_reported,
    offer_pulled_back, agent_state_forced, contact_supervised,
    contact_joined, contact_left, contact_parked, site_state_changed, queue_removed,
    ticket_called, ticket_missed, contact_wait_told>;

} // namespace careline::routing
