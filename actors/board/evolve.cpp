#include <algorithm>

#include "actors/board/taking_in.hpp"

namespace careline::board {

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
  if (c.queue < 0 || c.consult)
    return;
  queue_of(c).figures.count(did, at_, s_.offset_minutes, part_intervals_max);
  book(c, did, true);
}

void taking_in::count_above(const contact& c, const counters& did) {
  if (c.consult)
    return;
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
  if (c.consult)
    return;
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

/// Nobody's wait, but ahead of those who come.
void taking_in::count_consult(const contact& c, int by) {
  queue_of(c).consults += by;
  queue_of(c).figures.touch(at_);
}

void taking_in::start_wait(contact& c) {
  c.at = stage::waiting;
  c.queued = at_;
  c.waits_since = at_;
  if (!c.chose)
    c.chose = at_;
  if (c.consult)
    return count_consult(c, 1);
  s_.centre.waiting.add(at_, c.number);
  if (c.channel >= 0)
    channel_of(c).figures.waiting.add(at_, c.number);
  queue_of(c).figures.waiting.add(at_, c.number);
  count_at_queue(c, {.offered = 1, .queued = 1});
  count_above(c, {.queued = 1});
}

void taking_in::end_wait(contact& c, const counters& what) {
  if (c.consult)
    return count_consult(c, -1);
  const auto service_level_s = queue_of(c).service_level_s;
  queue_of(c).figures.waiting.remove(c.queued, c.number);
  s_.centre.waiting.remove(c.waits_since, c.number);
  if (c.channel >= 0)
    channel_of(c).figures.waiting.remove(c.waits_since, c.number);
  count_at_queue(c, closed(what, at_ - c.queued, service_level_s));
  count_above(c, closed(what, at_ - c.waits_since, service_level_s));
}

void taking_in::move_wait(contact& c, int to) {
  if (c.consult) {
    count_consult(c, -1);
    c.queue = to;
    return count_consult(c, 1);
  }
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
  a.last_queue = c.consult ? -1 : c.queue;
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
  c.consult = !x.consults.empty();
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
  q.removed = false;
  q.weight = x.weight;
  q.site = site_row(s_, x.site);
  q.figures.touch(at_);
}

void taking_in::operator()(const routing::queue_removed& x) {
  auto& q = s_.queues[static_cast<std::size_t>(queue_row(s_, x.queue))];
  q.removed = true;
  q.smoothed_s.reset();
  q.recent_ms.reset();
  q.handled_before = q.figures.all.handled;
  q.handle_ms_before = q.figures.all.handle_ms;
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
  if (c.at == stage::waiting && c.consult) {
    end_wait(c, {});
  } else if (c.at == stage::waiting) {
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

void taking_in::operator()(const routing::contact_parked& x) {
  auto* c = find(x.contact);
  if (c && c->at == stage::talk)
    end_talk(*c, {});
}

/// What becomes of it is told by contact.queued or contact.timed_out.
void taking_in::operator()(const routing::ticket_missed& x) {
  s_.hall.take(x);
  auto* c = find(x.contact);
  if (c && c->at == stage::talk)
    end_talk(*c, {});
}

void taking_in::operator()(const routing::contact_joined& x) {
  by_ = x.agent;
  talk_beside(x.agent, 1);
}

/// Where the one who has the contact leaves, the talk is handed on within it: nobody waits.
void taking_in::operator()(const routing::contact_left& x) {
  by_ = x.agent;
  auto* c = find(x.contact);
  if (!c || c->at != stage::talk || c->agent != x.agent) {
    talk_beside(x.agent, -1);
    return;
  }
  end_talk(*c, {.transferred = 1});
  c->at = stage::talk;
  c->talk_since = at_;
  c->agent = x.to;
  step(*c, &scope::in_progress, 1);
}

void taking_in::operator()(const routing::site_state_changed& x) {
  s_.hall.take(x);
  s_.sites[static_cast<std::size_t>(site_row(s_, x.site))].closed =
      x.state == routing::site_state::closed;
}

void taking_in::operator()(const routing::contact_finished& x) {
  end(x.contact, {.finished = 1});
}

void taking_in::operator()(const routing::contact_said& x) {
  auto* c = find(x.contact);
  if (c && x.from != routing::speaker::customer)
    greet(*c);
}

void evolve(state& s, const event& e, instant at, book_keeper* books) {
  const auto now = std::max(at, s.last);
  ++s.events;
  s.last = now;
  roll(s, now);
  std::visit(taking_in{s, now, books, books ? contact_of(e) : contact_id{}}, e);
}

} // namespace careline::board
