#pragma once

// How the board takes an event in. Included by evolve*.cpp of this folder only.

#include <map>
#include <optional>
#include <utility>

#include "actors/board/state.hpp"

namespace careline::board {

/// Takes one event into the state. One function for each event there is, so that the compiler finds
/// a new one; those of a session's talk and of offers that the figures do not tell about are named.
class taking_in {
public:
  taking_in(state& s, instant at, book_keeper* books, contact_id about)
      : s_(s), at_(at), books_(books), about_(std::move(about)) {}

  void operator()(const engine::log_created& x);
  void operator()(const engine::clock_jumped&) {}
  void operator()(const engine::speed_set& x) { s_.speed = x.speed; }
  void operator()(const engine::reaction_refused&) {}
  void operator()(const engine::state_hashed&) {}

  void operator()(const session::session_opened& x) { s_.sessions[x.session] = x.kind; }
  void operator()(const session::session_resumed& x) { s_.sessions[x.session] = x.kind; }
  void operator()(const session::session_replaced&) {}  // the name stays connected
  void operator()(const session::session_closed& x) { s_.sessions.erase(x.session); }
  void operator()(const session::session_lost& x) { s_.sessions.erase(x.session); }

  void operator()(const reception::contact_opened& x);
  void operator()(const reception::contact_triaged& x);
  void operator()(const reception::contact_rated&) {}
  // What else reception does says nothing about who waits, talks or is there.
  void operator()(const reception::contact_greeted&) {}
  void operator()(const reception::contact_classified&) {}
  void operator()(const reception::contact_wording_refused&) {}
  void operator()(const reception::contact_materials_issued&) {}
  void operator()(const reception::contact_materials_presented&) {}
  void operator()(const reception::contact_reminded&) {}
  void operator()(const reception::triage_defined&) {}
  void operator()(const reception::area_defined& x) { s_.hall.take(x); }
  void operator()(const reception::area_removed& x) { s_.hall.take(x); }
  void operator()(const reception::wording_defined&) {}
  void operator()(const reception::wording_forbidden&) {}
  void operator()(const reception::materials_defined&) {}
  void operator()(const reception::self_service_opened&) {}
  void operator()(const reception::self_service_ended&) {}

  void operator()(const routing::queue_defined& x);
  void operator()(const routing::queue_removed& x);
  void operator()(const routing::agent_signed_in& x);
  void operator()(const routing::agent_changed& x);
  void operator()(const routing::agent_state_changed& x);
  void operator()(const routing::agent_signed_out& x);

  void operator()(const routing::contact_queued& x);
  void operator()(const routing::contact_refused& x);
  void operator()(const routing::contact_changed&) {}  // a move says so by contact.queued
  void operator()(const routing::contact_abandoned& x);
  void operator()(const routing::contact_timed_out& x);
  void operator()(const routing::contact_diverted& x);
  void operator()(const routing::contact_callback_requested& x);
  void operator()(const routing::contact_connected& x);
  void operator()(const routing::contact_held&) {}     // hold is part of the handling
  void operator()(const routing::contact_resumed&) {}
  void operator()(const routing::contact_transferred& x);
  void operator()(const routing::contact_finished& x);
  void operator()(const routing::contact_said& x);
  void operator()(const routing::contact_delivered&) {}
  void operator()(const routing::contact_answered_form&) {}
  void operator()(const routing::contact_rule_applied&) {}
  void operator()(const routing::contact_address_read&) {}
  void operator()(const routing::offer_made&) {}       // an offered contact still waits
  void operator()(const routing::offer_accepted&) {}
  void operator()(const routing::offer_declined&) {}
  void operator()(const routing::offer_expired&) {}
  void operator()(const routing::offer_rescinded&) {}
  void operator()(const routing::offer_pulled_back&) {}
  void operator()(const routing::agent_state_forced&) {}  // the state's own event follows
  void operator()(const routing::contact_supervised&) {}
  void operator()(const routing::contact_joined& x);
  void operator()(const routing::contact_left& x);
  void operator()(const routing::contact_parked& x);
  void operator()(const routing::site_state_changed& x);
  void operator()(const routing::ticket_called& x) { s_.hall.take(x, at_); }
  void operator()(const routing::ticket_missed& x);
  void operator()(const routing::contact_wait_told&) {}
  void operator()(const routing::dial_requested&) {}
  void operator()(const routing::dial_reported&) {}
  void operator()(const promise::promise_made& x) { s_.promises.take(x); }
  void operator()(const promise::promise_broken& x) { s_.promises.take(x); }
  void operator()(const promise::promise_kept& x) { s_.promises.take(x); }
  void operator()(const promise::promise_moved& x) { s_.promises.take(x); }
  void operator()(const desk_event auto&) {}


private:
  contact* find(const contact_id& id);
  contact& find_or_make(const contact_id& id);
  queue& queue_of(const contact& c) { return s_.queues[static_cast<std::size_t>(c.queue)]; }
  channel& channel_of(const contact& c) { return s_.channels[static_cast<std::size_t>(c.channel)]; }

  void count_at_queue(const contact& c, const counters& did);
  void count_above(const contact& c, const counters& did);
  void count(const contact& c, const counters& did);
  /// Adds to a number of the present (`in_progress`, `callbacks_waiting`) of all its scopes.
  void step(const contact& c, int scope::*what, int by);

  void count_consult(const contact& c, int by);
  void start_wait(contact& c);
  void end_wait(contact& c, const counters& what);
  void move_wait(contact& c, int to);
  void end_talk(contact& c, counters what);
  void greet(contact& c);
  /// The contact ends, wherever it stood; `what` says how.
  void end(const contact_id& id, const counters& what);

  void set_clock(agent& a);
  void set_state(agent& a, routing::agent_state to);
  /// A talk that was not the agent's own contact begins (`by` 1) or is over.
  void talk_beside(const agent_id& who, int by);
  void join(agent& a, const std::optional<std::map<queue_id, routing::membership>>& queues);
  void leave(agent& a);

  void book(const contact& c, const counters& did, bool of_queue) const;

  state& s_;
  instant at_;
  book_keeper* books_;
  contact_id about_;  ///< the event's contact
  agent_id by_{};     ///< its agent, where there is one
};

} // namespace careline::board
