#pragma once

#include <string>
#include <variant>
#include <vector>

#include "messages/fields.hpp"
#include "messages/promise.hpp"
#include "messages/reception_queries.hpp"

namespace careline::query {

/// Questions (contract §2). They change nothing and leave no trace; each may carry `min_position`
/// in its data and is answered when the answering model has reached it, or `busy` after 1 s.

struct queue_show {
  using has_field_list = void;
  static constexpr std::string_view type = "queue.show";
  queue_id queue;
  int limit = 100;
  contact_id after;  ///< lists on behind this contact
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("queue", x.queue);
    v.may("limit", x.limit);
    v.may("after", x.after);
  }
};
struct queue_list {
  using has_field_list = void;
  static constexpr std::string_view type = "queue.list";
  int limit = 1000;
  queue_id after;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("limit", x.limit);
    v.may("after", x.after);
  }
};
struct agent_show {
  using has_field_list = void;
  static constexpr std::string_view type = "agent.show";
  agent_id agent;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("agent", x.agent);
  }
};
struct agent_list {
  using has_field_list = void;
  static constexpr std::string_view type = "agent.list";
  int limit = 1000;
  agent_id after;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("limit", x.limit);
    v.may("after", x.after);
  }
};
/// State and whole timeline of a contact.
struct contact_show {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.show";
  contact_id contact;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
  }
};
/// Each routing decision about a contact: candidates, filters, scores, tie-break. `full`: also each
/// signed-in agent as it stands to the contact now: its rank, or what keeps it from being offered.
struct why_contact {
  using has_field_list = void;
  static constexpr std::string_view type = "why.contact";
  contact_id contact;
  bool full = false;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.may("full", x.full);
  }
};
/// Why an agent has what it has: its state, and for each of the first waiting contacts why it is
/// not offered that one.
struct why_agent {
  using has_field_list = void;
  static constexpr std::string_view type = "why.agent";
  agent_id agent;
  int limit = 100;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("agent", x.agent);
    v.may("limit", x.limit);
  }
};
/// The address in clear, for the session that opened the contact; audited by an event (R2.2.5).
struct contact_address {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.address";
  contact_id contact;
  code_word purpose;  ///< what it is needed for: dial, visit, …
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("purpose", x.purpose);
  }
};
/// What was said in a chat, in clear: for the client that opened the contact, or with `agent` for
/// one who is in its talk. `after`: so many of its lines, in the order they were said, are known.
struct contact_read {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.read";
  contact_id contact;
  agent_id agent;
  int after = 0;
  int limit = 100;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.may("agent", x.agent);
    v.may("after", x.after);
    v.may("limit", x.limit);
  }
};
/// What a hall shows: who is served where, the last called and missed, how many wait. Of one area
/// by its tickets' prefix, of the queues of a site, or of all.
struct hall_show {
  using has_field_list = void;
  static constexpr std::string_view type = "hall.show";
  std::string prefix;
  site_id site;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("prefix", x.prefix);
    v.may("site", x.site);
  }
};
/// All figures of the live board. `time` asks for the figures as of that moment after the last
/// event; `queue` for one queue alone, with its own history and intervals.
struct board_show {
  using has_field_list = void;
  static constexpr std::string_view type = "board.show";
  std::optional<instant> time;
  queue_id queue;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("time", x.time);
    v.may("queue", x.queue);
  }
};
/// Events after a position, at most 1,000 or 1 MiB a page; `next` = scanned to.
struct log_read {
  using has_field_list = void;
  static constexpr std::string_view type = "log.read";
  std::uint64_t after = 0;
  int limit = 1000;
  std::vector<std::string> types;  ///< exact types or prefixes ending in "."
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("after", x.after);
    v.may("limit", x.limit);
    v.may("types", x.types);
  }
};
/// All clients that ever had a key, with what is accepted and what was revoked; or one of them.
struct key_list {
  using has_field_list = void;
  static constexpr std::string_view type = "key.list";
  client_id client;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("client", x.client);
  }
};
/// The roles of all clients, or of one, and the table of what each role may send and see.
struct access_list {
  using has_field_list = void;
  static constexpr std::string_view type = "access.list";
  client_id client;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("client", x.client);
  }
};
/// Whether a client may send a command or see an event, and by which role or why not.
struct access_explain {
  using has_field_list = void;
  static constexpr std::string_view type = "access.explain";
  client_id client;
  std::string command;
  std::string event;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.may("command", x.command);
    v.may("event", x.event);
  }
};
/// All people with an account, or one: roles, agent, whether they may sign in now and why not.
struct user_list {
  using has_field_list = void;
  static constexpr std::string_view type = "user.list";
  client_id client;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("client", x.client);
  }
};
/// What the engine says about itself: head, time, speed, depths.
struct engine_status {
  using has_field_list = void;
  static constexpr std::string_view type = "engine.status";
  template <class V, class Self>
  static void fields(V&, Self&) {}
};

/// What is known of a party, masked; how far it is verified, what it agreed to and asked for.
/// Without `party` of whom the contact is linked to.
struct customer_show {
  using has_field_list = void;
  static constexpr std::string_view type = "customer.show";
  party_id party;
  contact_id contact;  ///< verified how far in this one
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("party", x.party);
    v.may("contact", x.contact);
  }
};
/// All events of a party and of its contacts, and what is missing among them.
struct customer_timeline {
  using has_field_list = void;
  static constexpr std::string_view type = "customer.timeline";
  party_id party;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("party", x.party);
  }
};
/// May it be done? Whether the party is verified for this contact at that level now, and why not.
struct identity_check {
  using has_field_list = void;
  static constexpr std::string_view type = "identity.check";
  party_id party;
  contact_id contact;
  int level = 1;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("party", x.party);
    v.must("contact", x.contact);
    v.may("level", x.level);
  }
};

/// Promises that are not kept, the first due first, `after` one of them; with `owner` those that
/// agent owns or is the lead of. Beside them how many are open and how many broken in all.
struct promise_list {
  using has_field_list = void;
  static constexpr std::string_view type = "promise.list";
  agent_id owner;
  std::optional<promise::promise_state> state;
  int limit = 100;
  promise_id after;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("owner", x.owner);
    v.may("state", x.state);
    v.may("limit", x.limit);
    v.may("after", x.after);
  }
};
struct promise_show {
  using has_field_list = void;
  static constexpr std::string_view type = "promise.show";
  promise_id promise;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("promise", x.promise);
  }
};

} // namespace careline::query

namespace careline {

using query_variant =
    std::variant<query::queue_show, query::queue_list, query::agent_show, query::agent_list,
                 query::contact_show, query::why_contact, query::why_agent, query::contact_address,
                 query::contact_read, query::hall_show, query::board_show, query::log_read,
                 query::engine_status, query::customer_show, query::customer_timeline,
                 query::identity_check, query::promise_list, query::promise_show, query::key_list,
                 query::access_list, query::access_explain, query::user_list, query::triage_show,
                 query::area_show, query::area_list, query::wording_show, query::wording_list,
                 query::wording_check, query::materials_show, query::self_service_show>;

} // namespace careline
