#include <algorithm>
#include <iterator>

#include "actors/board/state.hpp"

namespace careline::board {

namespace {

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

  void operator()(const session::session_opened& x) { s_.sessions[x.session] = x.kind; }
  void operator()(const session::session_resumed& x) { s_.sessions[x.session] = x.kind; }
  void operator()(const session::session_replaced&) {}  // the name stays connected
  void operator()(const session::session_closed& x) { s_.sessions.erase(x.session); }
  void operator()(const session::session_lost& x) { s_.sessions.erase(x.session); }

  void operator()(const reception::contact_opened& x);
  void operator()(const reception::contact_triaged& x);
  void operator()(const reception::contact_rated&) {}

  void operator()(const routing::queue_defined& x);
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
  void operator()(const routing::dial_requested&) {}
  void operator()(const routing::dial_reported&) {}

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

  void start_wait(contact& c);
  void end_wait(contact& c, const counters& what);
  void move_wait(contact& c, int to);
  void end_talk(contact& c, counters what);
  void greet(contact& c);
  /// The contact ends, wherever it stood; `what` says how.
  void end(const contact_id& id, const counters& what);

  void set_clock(agent& a);
  void set_state(agent& a, routing::agent_state to);
  void join(agent& a, const std::optional<std::map<queue_id, routing::membership>>& queues);
  void leave(agent& a);

  void book(const contact& c, const counters& did, bool of_queue) const;

  state& s_;
  instant at_;
  book_keeper* books_;
  contact_id about_;  ///< the event's contact
  agent_id by_{};     ///< its agent, where there is one
};

contact* taking_in::find(const contact_id& id) {
  const auto found = s_.contacts.find(id);
  return found == s_.contacts.end() ? nullptr : &found->second;
}

contact& taking_in::find_or_make(const contact_id& id) {
  const auto [place, is_new] = s_.contacts.try_emplace(id);
  auto& c = place->second;
  if (is_new) {
    c.number = ++s_.contacts_seen;
    c.opened = at_;
  }
  return c;
}

void taking_in::book(const contact& c, const counters& did, bool of_queue) const {
  if (!books_)
    return;
  booking one{at_, of_queue, nullptr, nullptr, by_, about_, did};
  if (c.queue >= 0)
    one.in = &s_.queues[static_cast<std::size_t>(c.queue)];
  if (c.channel >= 0)
    one.through = &s_.channels[static_cast<std::size_t>(c.channel)];
  books_->booked(one);
}

void taking_in::count_at_queue(const contact& c, const counters& did) {
  if (c.queue < 0)
    return;
  queue_of(c).figures.count(did, at_, s_.offset_minutes, part_intervals_max);
  book(c, did, true);
}

void taking_in::count_above(const contact& c, const counters& did) {
  s_.centre.count(did, at_, s_.offset_minutes, centre_intervals_max);
  if (c.channel >= 0)
    channel_of(c).figures.count(did, at_, s_.offset_minutes, part_intervals_max);
  book(c, did, false);
}

void taking_in::count(const contact& c, const counters& did) {
  count_at_queue(c, did);
  count_above(c, did);
}

void taking_in::step(const contact& c, int scope::*what, int by) {
  const auto take = [&](scope& of) {
    of.*what += by;
    of.touch(at_);
  };
  take(s_.centre);
  if (c.channel >= 0)
    take(channel_of(c).figures);
  if (c.queue >= 0)
    take(queue_of(c).figures);
}

void taking_in::start_wait(contact& c) {
  c.at = stage::waiting;
  c.queued = at_;
  c.waits_since = at_;
  if (!c.chose)
    c.chose = at_;
  s_.centre.waiting.add(at_, c.number);
  if (c.channel >= 0)
    channel_of(c).figures.waiting.add(at_, c.number);
  queue_of(c).figures.waiting.add(at_, c.number);
  count_at_queue(c, {.offered = 1, .queued = 1});
  count_above(c, {.queued = 1});
}

void taking_in::end_wait(contact& c, const counters& what) {
  const auto service_level_s = queue_of(c).service_level_s;
  queue_of(c).figures.waiting.remove(c.queued, c.number);
  s_.centre.waiting.remove(c.waits_since, c.number);
  if (c.channel >= 0)
    channel_of(c).figures.waiting.remove(c.waits_since, c.number);
  count_at_queue(c, closed(what, at_ - c.queued, service_level_s));
  count_above(c, closed(what, at_ - c.waits_since, service_level_s));
}

void taking_in::move_wait(contact& c, int to) {
  auto& from = queue_of(c);
  from.figures.waiting.remove(c.queued, c.number);
  count_at_queue(c, closed({.moved = 1}, at_ - c.queued, from.service_level_s));
  c.queue = to;
  c.queued = at_;
  queue_of(c).figures.waiting.add(at_, c.number);
  count_at_queue(c, {.offered = 1, .queued = 1});
}

void taking_in::end_talk(contact& c, counters what) {
  by_ = c.agent.get();
  what.handled = 1;
  what.handle_ms = (at_ - c.talk_since).count();
  step(c, &scope::in_progress, -1);
  count(c, what);
  const auto found = s_.agents.find(c.agent.get());
  c.agent.clear();
  c.at = stage::arrived;
  if (found == s_.agents.end())
    return;
  auto& a = found->second;
  --a.talking;
  a.last_queue = c.queue;
  a.last_channel = c.channel;
  set_clock(a);
}

void taking_in::greet(contact& c) {
  if (c.greeted)
    return;
  c.greeted = true;
  count(c, {.greeted = 1, .greet_ms = (at_ - c.opened).count()});
}

void taking_in::end(const contact_id& id, const counters& what) {
  auto* c = find(id);
  if (!c)
    return;
  switch (c->at) {
    case stage::arrived: count(*c, what); break;
    case stage::waiting: end_wait(*c, what); break;
    case stage::talk: end_talk(*c, what); break;
    case stage::callback: {
      auto lost = what;
      lost.callbacks_lost = 1;
      step(*c, &scope::callbacks_waiting, -1);
      count(*c, lost);
      break;
    }
  }
  s_.contacts.erase(id);
}

void taking_in::operator()(const engine::log_created& x) {
  s_.offset_minutes = x.offset_minutes;
  s_.time_zone = x.time_zone;
  s_.day_start = local_midnight(at_, x.offset_minutes);
}

void taking_in::operator()(const reception::contact_opened& x) {
  auto& c = find_or_make(x.contact);
  c.channel = channel_row(s_, x.channel);
  count_above(c, {.offered = 1});
}

void taking_in::operator()(const reception::contact_triaged& x) {
  if (auto* c = find(x.contact); c && c->at == stage::arrived)
    c->queue = queue_row(s_, x.queue);
}

void taking_in::operator()(const routing::queue_defined& x) {
  auto& q = s_.queues[static_cast<std::size_t>(queue_row(s_, x.queue))];
  q.service_level_s = x.service_level_s;
  q.wait_estimate = x.wait_estimate;
  q.members = x.members;
  q.weight = x.weight;
  q.figures.touch(at_);
}

void taking_in::operator()(const routing::contact_queued& x) {
  auto& c = find_or_make(x.contact);
  const int to = queue_row(s_, x.queue);
  if (c.at == stage::talk)
    end_talk(c, {});
  if (c.at == stage::waiting) {
    if (c.queue != to)
      move_wait(c, to);
  } else if (c.at == stage::callback) {
    step(c, &scope::callbacks_waiting, -1);
    c.queue = to;
    c.queued = at_;
    step(c, &scope::callbacks_waiting, 1);
  } else {
    c.queue = to;
    start_wait(c);
  }
}

void taking_in::operator()(const routing::contact_refused& x) {
  auto& c = find_or_make(x.contact);
  if (c.at == stage::arrived) {
    c.queue = queue_row(s_, x.queue);
    count_at_queue(c, {.offered = 1});
  }
  end(x.contact, {.refused = 1});
}

void taking_in::operator()(const routing::contact_abandoned& x) {
  // Only a wait can be abandoned: not a callback, whose wait has ended, and not a conversation.
  const auto* c = find(x.contact);
  const bool waits = c && c->at == stage::waiting;
  end(x.contact, {.abandoned = waits ? 1U : 0U});
}

void taking_in::operator()(const routing::contact_timed_out& x) {
  end(x.contact, {.timed_out = 1});
}

void taking_in::operator()(const routing::contact_diverted& x) {
  if (!x.to.starts_with("external:"))
    return; // a move, and contact.queued says where to
  // Its queue was full: it was offered there all the same.
  if (const auto* c = find(x.contact); c && c->at == stage::arrived)
    count_at_queue(*c, {.offered = 1});
  end(x.contact, {.diverted = 1});
}

void taking_in::operator()(const routing::contact_callback_requested& x) {
  auto* c = find(x.contact);
  if (!c || c->at != stage::waiting)
    return;
  end_wait(*c, {.callbacks = 1});
  c->at = stage::callback;
  step(*c, &scope::callbacks_waiting, 1);
}

void taking_in::operator()(const routing::contact_connected& x) {
  auto& c = find_or_make(x.contact);
  if (c.at == stage::talk)
    return;
  by_ = x.agent;
  if (c.queue < 0)
    c.queue = queue_row(s_, x.queue);
  if (c.at == stage::waiting) {
    auto& q = queue_of(c);
    const auto wait = at_ - c.queued;
    const auto whole_s = wait.count() / 1000;
    q.recent_ms = wait.count();
    q.smoothed_s = q.smoothed_s ? (3 * *q.smoothed_s + whole_s) >> 2 : whole_s;
    counters what{.answered = 1};
    if (!c.answered) {
      what.first_answered = 1;
      what.human_wait_ms = (at_ - *c.chose).count();
    }
    end_wait(c, what);
  } else if (c.at == stage::callback) {
    step(c, &scope::callbacks_waiting, -1);
    count(c, {.callbacks_answered = 1});
  }
  greet(c);
  c.answered = true;
  c.at = stage::talk;
  c.talk_since = at_;
  c.agent = x.agent;
  step(c, &scope::in_progress, 1);
  if (const auto found = s_.agents.find(x.agent); found != s_.agents.end()) {
    ++found->second.talking;
    set_clock(found->second);
  }
}

void taking_in::operator()(const routing::contact_transferred& x) {
  auto* c = find(x.contact);
  if (c && c->at == stage::talk)
    end_talk(*c, {.transferred = 1});
}

void taking_in::operator()(const routing::contact_finished& x) {
  end(x.contact, {.finished = 1});
}

void taking_in::operator()(const routing::contact_said& x) {
  auto* c = find(x.contact);
  if (c && x.from != routing::speaker::customer)
    greet(*c);
}

// --- agents ------------------------------------------------------------------------------------

phase phase_of(const agent& a) {
  using enum routing::agent_state;
  if (a.talking > 0 || a.state == wrap_up || a.state == busy)
    return phase::on_contact;
  return a.state == ready || a.state == offered ? phase::idle : phase::out;
}

running_sum* sum_of(work_clock& clock, phase p) {
  switch (p) {
    case phase::out: return nullptr;
    case phase::idle: return &clock.idle;
    case phase::on_contact: return &clock.on_contact;
  }
  return nullptr;
}

void taking_in::set_clock(agent& a) {
  ++a.in->changes;
  a.in->touched = at_;
  const auto next = phase_of(a);
  if (next == a.clock)
    return;
  if (books_)
    books_->worked(by_, a.clock, a.clock_since, at_);
  const auto since = std::max(a.clock_since, s_.day_start.value_or(a.clock_since));
  for (auto* clock : {&a.in->clock, &s_.clock}) {
    if (auto* sum = sum_of(*clock, a.clock))
      sum->stop(since, at_);
    if (auto* sum = sum_of(*clock, next))
      sum->start(at_);
  }
  a.clock = next;
  a.clock_since = at_;
}

void taking_in::set_state(agent& a, routing::agent_state to) {
  using enum routing::agent_state;
  if (a.state == wrap_up && to != wrap_up && a.last_queue >= 0) {
    contact last;
    last.queue = a.last_queue;
    last.channel = a.last_channel;
    count(last, {.handle_ms = (at_ - a.wrap_up_since).count()});
  }
  if (a.state != wrap_up && to == wrap_up)
    a.wrap_up_since = at_;
  count_agent(s_, a, -1);
  a.state = to;
  count_agent(s_, a, 1);
  set_clock(a);
}

/// Puts an agent, whose clock stands still, into the team that serves what it serves.
void taking_in::join(agent& a,
                     const std::optional<std::map<queue_id, routing::membership>>& queues) {
  team_key serves{!queues, {}};
  if (queues)
    for (const auto& [id, how] : *queues)
      serves.queues.push_back(queue_row(s_, id));
  std::sort(serves.queues.begin(), serves.queues.end());
  a.in = &team_of(s_, std::move(serves));
  ++a.in->members;
}

/// Out of its team's counts, its clock stopped.
void taking_in::leave(agent& a) {
  const int talking = std::exchange(a.talking, 0);
  set_state(a, routing::agent_state::signed_out);
  a.talking = talking;
  --a.in->members;
}

void taking_in::operator()(const routing::agent_signed_in& x) {
  by_ = x.agent;
  auto& a = s_.agents[x.agent];
  if (a.in)
    leave(a);
  join(a, x.queues);
  set_state(a, x.ready ? routing::agent_state::ready : routing::agent_state::not_ready);
}

void taking_in::operator()(const routing::agent_changed& x) {
  by_ = x.agent;
  const auto found = s_.agents.find(x.agent);
  if (found == s_.agents.end() || !x.queues)
    return;
  auto& a = found->second;
  const auto state = a.state;
  const auto wrap_up_since = a.wrap_up_since;
  const auto last_queue = std::exchange(a.last_queue, -1);  // its wrap-up goes on: not booked yet
  leave(a);
  join(a, x.queues);
  set_state(a, state);
  a.last_queue = last_queue;
  a.wrap_up_since = wrap_up_since;
}

void taking_in::operator()(const routing::agent_state_changed& x) {
  by_ = x.agent;
  if (const auto found = s_.agents.find(x.agent); found != s_.agents.end())
    set_state(found->second, x.state);
}

void taking_in::operator()(const routing::agent_signed_out& x) {
  by_ = x.agent;
  const auto found = s_.agents.find(x.agent);
  if (found == s_.agents.end())
    return;
  leave(found->second);
  s_.agents.erase(found);
}

} // namespace

void evolve(state& s, const event& e, instant at, book_keeper* books) {
  const auto now = std::max(at, s.last);
  ++s.events;
  s.last = now;
  roll(s, now);
  std::visit(taking_in{s, now, books, books ? contact_of(e) : contact_id{}}, e);
}

} // namespace careline::board
