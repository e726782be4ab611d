#include <algorithm>

#include "actors/routing/model.hpp"
#include "messages/planted.hpp"

namespace careline::routing {

namespace {

constexpr span ended_kept = 24h;

/// Sorted, as they are looked for, and each once: nobody is rung twice.
std::vector<agent_id> in_order(std::vector<agent_id> of) {
  std::sort(of.begin(), of.end());
  of.erase(std::unique(of.begin(), of.end()), of.end());
  return of;
}

} // namespace

/// The contact of an event that only follows others of it. Makes an empty one rather than fail: an
/// event has happened.
contact& routing_model::in_hand(const contact_id& id) {
  if (const auto found = contacts_.find(id.text()); found != contacts_.end())
    return *found->second;
  if (const auto* e = find_ended(id))
    return seen_ = as_contact(*e);  // nothing more becomes of it
  contact c;
  c.id = id;
  return add(std::move(c));
}

/// The agent of an event; makes an empty one, likewise.
agent& routing_model::staff(const agent_id& id) {
  if (auto* known = index_.agent_of(id))
    return *known;
  auto& made = agents_[id];
  made.id = id;
  index_.know(made);
  return made;
}

/// Requires: none of that id is there.
contact& routing_model::add(contact c) {
  auto made = std::make_unique<contact>(std::move(c));
  auto& who = *made;
  contacts_.emplace(who.id.text(), std::move(made));
  return who;
}

void routing_model::took(const reception::contact_opened& e, instant at) {
  auto& c = in_hand(e.contact);
  c.channel = e.channel;
  c.gateway = e.gateway;
  held_by_[c.gateway].contacts.insert(&c);
  c.person = e.person;
  c.address = e.address;
  c.fingerprint = e.fingerprint;
  c.opened = at;
  c.credit = e.age_s;
  c.where.urgency = e.urgency;
  c.own_skills = e.skills.has_value();
  c.skills = e.skills.value_or(std::vector<skill_id>{});
  std::sort(c.skills.begin(), c.skills.end());
  c.own_tier_min = e.tier_min;
  c.own_tier_max = e.tier_max;
  c.exclude = in_order(e.exclude);
  c.only = e.prefer_s > span{0} ? in_order(e.prefer) : std::vector<agent_id>{};
  if (!c.only.empty())
    c.only_until = at + e.prefer_s;
  c.asked_place = e.queue_position;
  c.live = e.live.value_or(true);
  c.consults = e.consults;
  if (!c.consults.empty())
    ask_about(c, e.to_agent);
}

void routing_model::took(const contact_queued& e, instant at) {
  auto& c = in_hand(e.contact);
  index_.forget(c);
  const bool anew = c.queue != e.queue;
  c.queue = e.queue;
  c.at = phase::waiting;
  c.queued = at;
  take_place(c, index_.line_of(e.queue));
  c.asked_place.reset();
  if (!e.caller.empty())
    c.caller = e.caller;
  if (!e.resumes.empty())
    take_place_of(c, e.resumes);
  take_ticket(c, e, at);
  const auto* q = find(e.queue);
  if (q && !c.own_skills && (anew || c.skills.empty())) {
    c.skills = q->policy.skills;
    std::sort(c.skills.begin(), c.skills.end());
  }
  c.tier_min = c.own_tier_min;
  c.tier_max = c.own_tier_max;
  c.tier_raise = 0;
  c.misses = 0;
  missed_now_.erase(c.id);
  c.paused_until = e.not_before; // another pause was the other queue's
  c.parked_until = e.not_before;
  c.rules_done.clear();
  c.added_rules.clear();
  start_clocks(c, at);
  if (leaving_.contains(e.queue))
    look_who_is_there_.insert(e.queue);
  if (live_ && q && is_closed(*q))
    closing_.insert(e.queue);
  begin_telling(c, e, at);
  refresh(c, at);
}

/// Whoever was dropped is back under another id: the wait goes on.
void routing_model::take_place_of(contact& c, const contact_id& dropped) {
  const auto found = ended_.find(dropped.text());
  if (found == ended_.end())
    return;
  auto& before = *found->second;
  c.where = before.where;
  c.beside = before.beside;
  // The age is the contact's own, also where its place was granted beside another.
  const auto began = before.beside.empty() ? from_ms(before.where.age_key) : before.opened;
  c.credit = std::clamp(c.opened - began, span{0}, span_max);
  dropped_.erase({before.queue, before.caller.get()});
  before.caller.clear();
}

/// A move by hand or by a rule: the contact no longer waits for the one agent it was sent to. Those
/// it prefers stay, and so does the colleague whom a question is for.
void routing_model::let_go_of_agent(contact& c) {
  if (!c.only_until && c.consults.empty())
    c.only.clear();
}

void routing_model::took(const contact_changed& e, instant at) {
  auto& c = in_hand(e.contact);
  if (!e.queue.empty() && e.queue != c.queue)
    let_go_of_agent(c);
  if (e.age_s) {
    const auto granted = std::min(*e.age_s, span_max - c.credit);
    c.credit += granted;
    c.where.age_key -= granted.count();
  }
  if (!planted(bug::keeps_first_urgency))
    c.where.urgency = e.urgency.value_or(c.where.urgency);
  if (e.skills) {
    c.skills = *e.skills;
    std::sort(c.skills.begin(), c.skills.end());
    c.own_skills = true;
  }
  refresh(c, at);
}

void routing_model::took(const contact_rule_applied& e, instant at) {
  auto& c = in_hand(e.contact);
  const auto* r = rule_of(c, e.rule);
  if (r && is_once(*r)) {
    insert_sorted(c.rules_done.edit(), e.rule);
    c.clocks.erase_if([&](const rule_clock& k) { return k.rule == e.rule; });
  }
  for (const auto& act : e.actions) {
    for (const auto& s : act.drop_skills)
      std::erase(c.skills, s);
    for (const auto& s : act.add_skills)
      insert_sorted(c.skills, s);
    c.tier_max = act.tier_max ? act.tier_max : c.tier_max;
    c.tier_min = act.tier_min ? act.tier_min : c.tier_min;
    c.tier_raise = act.tier_raise.value_or(c.tier_raise);
    c.where.urgency = urgency_after(act, c.where.urgency);
    for (const auto& added : act.add_rule.one) {
      c.added_rules.push_back(added);
      const auto* q = find(c.queue);
      start_clock(c, static_cast<int>((q ? q->policy.rules.size() : 0) + c.added_rules.size()) - 1,
                  at);
    }
  }
  refresh(c, at);
}

void routing_model::took(const contact_diverted& e, instant at) {
  auto& c = in_hand(e.contact);
  if (is_outside(e.to)) {
    if (c.in_talk())
      end_leg(c, at);
    else if (c.at == phase::dialing)
      free_agent(c, at);
    end(c, contact_diverted::type, at, e.to);
    return;
  }
  if (e.reason == "rule") {
    const bool is_soon = c.moved_by_rule && at - *c.moved_by_rule < haste;
    c.moves_in_haste = is_soon ? c.moves_in_haste + 1 : 1;
    c.moved_by_rule = at;
  }
  let_go_of_agent(c);
}

void routing_model::took(const contact_callback_requested& e, instant at) {
  auto& c = in_hand(e.contact);
  c.callback = true;
  c.number = e.number;
  refresh(c, at);
}

void routing_model::took(const contact_connected& e, instant at) {
  auto& c = in_hand(e.contact);
  c.at = phase::connected;
  c.connected = at;
  c.answered = at;
  c.agent = e.agent;
  if (staff(e.agent).client_gone)  // lost since the offer, or while it was dialled
    c.agent_lapses = at + grace_;
  c.paused_until.reset();
  c.parked_until.reset();
  const bool of_person = !c.callback && c.consults.empty();
  if (auto q = queues_.find(c.queue); q != queues_.end() && of_person) {
    const auto wait = std::min<span>(at - c.queued, span_max);
    const auto whole = std::chrono::floor<std::chrono::seconds>(wait).count();
    auto& smoothed = q->second.smoothed_wait_s;
    smoothed = smoothed ? (3 * *smoothed + whole) >> 2 : whole;
    q->second.recent_wait_s = wait;
  }
  refresh(c, at);
}

void routing_model::took(const contact_held& e, instant) {
  in_hand(e.contact).at = phase::held;
}

void routing_model::took(const contact_resumed& e, instant) {
  in_hand(e.contact).at = phase::connected;
}

/// The agent has nothing more to do with the contact: not a leg, so neither wrap-up nor idle time.
void routing_model::free_agent(contact& c, instant at) {
  auto& a = staff(c.agent);
  std::erase_if(a.load.on, [&](const engagement& on) { return on.contact == c.id; });
  refresh(a, at);
  c.agent = {};
}

/// The agent's leg of a contact in talk is over. Handling is what a person's contact takes of the
/// one who has it.
void routing_model::end_leg(contact& c, instant at) {
  if (c.agent.empty())
    return;  // of a consult whose agent has joined
  end_part(c.agent, c.id, c.delivered_by.get(), at);
  if (auto q = queues_.find(c.queue); q != queues_.end() && c.consults.empty()) {
    staff(c.agent).last_queue = c.queue;
    ++q->second.handled;
    q->second.handle_ms += (at - c.connected.value_or(at)).count();
  }
}

/// An agent's part in a talk is over; wrap-up is that of the queue that brought the agent to it.
void routing_model::end_part(const agent_id& of, const contact_id& in, const queue_id& by,
                             instant at) {
  auto& a = staff(of);
  const bool wraps_up_already = a.load.wrapping_up;
  a.load = after_part(of, in, by);
  a.last_ended = at;
  a.idle_since = at;
  a.last_queue = {};
  if (!wraps_up_already)
    a.wrap_up_since = at;
  if (const auto* q = find(by); q && wraps_up(q->policy)) {
    const auto until = wrap_up_end(q->policy, at);
    // One that only the agent ends is not cut by another's time.
    const bool open_end = wraps_up_already && !a.wrap_up_until;
    a.wrap_up_until = !until || open_end ? std::nullopt
                      : wraps_up_already ? std::max(until, a.wrap_up_until)
                                         : until;
  }
  ++a.finished;
  refresh(a, at);
}

/// The agent is done with what was left to do: it counts as handling of the leg that ended last.
void routing_model::end_wrap_up(agent& a, instant at) {
  a.writes_up.clear();
  if (!a.load.wrapping_up)
    return;
  a.load.wrapping_up = false;
  a.wrap_up_until.reset();
  if (const auto q = queues_.find(a.last_queue); q != queues_.end())
    q->second.handle_ms += (at - a.wrap_up_since).count();
}

void routing_model::took(const contact_supervised& e, instant) {
  auto& there = in_hand(e.contact).supervisors;
  there.erase_if([&](const supervision& s) { return s.by == e.by; });
  if (e.mode != supervision_mode::end)
    there.push_back(supervision{e.by, e.mode, e.client});
}

/// In no line until `contact.queued`, which follows in the same batch.
void routing_model::took(const contact_transferred& e, instant at) {
  auto& c = in_hand(e.contact);
  leave_talk(c, at);
  c.only = e.to_agent.empty() ? std::vector<agent_id>{} : std::vector<agent_id>{e.to_agent};
  c.only_until.reset();
}

/// The contact is nobody's any more, and waits again.
void routing_model::leave_talk(contact& c, instant at) {
  end_leg(c, at);
  c.supervisors.clear();
  c.consult.clear();
  c.at = phase::waiting;
  c.agent = {};
  c.connected.reset();
  c.answered.reset();
  c.callback = false;
  c.attempts = 0; // another callback begins anew
  c.agent_lapses.reset();
  leave_counter(c);
  refresh_wake(c, std::nullopt);
}

void routing_model::took(const contact_finished& e, instant at) {
  auto& c = in_hand(e.contact);
  end_leg(c, at);
  end(c, contact_finished::type, at, e.disposition);
}

void routing_model::took(const contact_refused& e, instant at) {
  auto& c = in_hand(e.contact);
  c.queue = e.queue;
  end(c, contact_refused::type, at);
}

void routing_model::took(const contact_abandoned& e, instant at) {
  auto& c = in_hand(e.contact);
  if (c.at == phase::dialing)
    free_agent(c, at);
  end(c, contact_abandoned::type, at);
}

void routing_model::took(const contact_timed_out& e, instant at) {
  auto& c = in_hand(e.contact);
  if (c.in_talk())
    end_leg(c, at);
  else if (c.at == phase::dialing)
    free_agent(c, at);
  end(c, contact_timed_out::type, at);
}

/// Leaves what is kept of it for a day. The contact is gone afterwards.
void routing_model::end(contact& c, std::string_view as, instant at, std::string disposition) {
  const auto self = contacts_.find(c.id.text());
  if (self == contacts_.end())
    return;  // it has ended before
  keep_lines(c);
  index_.forget(c);
  if (const auto by = held_by_.find(c.gateway); by != held_by_.end()) {
    by->second.contacts.erase(&c);
    if (by->second.contacts.empty() && by->second.agents.empty())
      held_by_.erase(by);
  }
  refresh_wake(c, std::nullopt);
  missed_now_.erase(c.id);
  if (const auto about = contacts_.find(c.consults.text()); about != contacts_.end())
    if (about->second->consult == c.id)
      about->second->consult.clear();
  ended_contact e;
  e.id = c.id;
  e.channel = std::move(c.channel);
  e.gateway = std::move(c.gateway);
  e.fingerprint = std::move(c.fingerprint);
  e.queue = std::move(c.queue);
  e.agent = c.agent.get();
  e.as = as;
  e.disposition = std::move(disposition);
  e.where = c.where;
  e.opened = c.opened;
  e.queued = c.queued;
  e.answered = c.answered;
  e.ended = at;
  e.offer_number = c.offer_number;
  e.callback = c.callback;
  e.consult = !c.consults.empty();
  if (as == contact_abandoned::type && !c.callback && !c.caller.empty()) {
    e.caller = std::move(c.caller);
    e.beside = std::move(c.beside);
  }
  contacts_.erase(self);
  auto& kept = add(std::move(e));
  by_end_.push_back(&kept);
  remember_unserved(kept);
  remember_dropped(kept);
}

/// Requires: none of that id is there.
ended_contact& routing_model::add(ended_contact e) {
  auto made = std::make_unique<ended_contact>(std::move(e));
  auto& kept = *made;
  ended_.emplace(kept.id.text(), std::move(made));
  return kept;
}

/// Of each caller the last one counts: an earlier one can no longer be resumed.
void routing_model::remember_dropped(const ended_contact& e) {
  if (e.caller.empty())
    return;
  auto& last = dropped_[{e.queue, e.caller.get()}];
  if (const auto before = ended_.find(last.text());
      before != ended_.end() && before->second->id != e.id)
    before->second->caller.clear();
  last = e.id;
}

void routing_model::forget_ended(instant at) {
  while (!by_end_.empty() && by_end_.front()->ended + ended_kept <= at) {
    const auto& e = *by_end_.front();
    if (!e.caller.empty())
      dropped_.erase({e.queue, e.caller.get()});
    ended_.erase(ended_.find(e.id.text()));
    by_end_.pop_front();
  }
}

// --- sessions ------------------------------------------------------------------------------------

/// The contacts that the agents of a client have in talk.
template <class F>
void routing_model::each_in_talk(const holdings& of, F f) {
  for (const auto* a : of.agents)
    for (const auto& on : a->load.on)
      if (auto& c = in_hand(on.contact); c.in_talk() && c.agent == a->id)
        f(c);
}

/// What the client brought before it was lost lapses after the grace; what it brings later does
/// not.
void routing_model::took(const session::session_lost& e, instant at) {
  const auto held = held_by_.find(e.session.text());
  if (held == held_by_.end())
    return;
  for (auto* a : held->second.agents)
    if (a->load.signed_in) {
      a->client_gone = true;
      a->lapses = at + grace_;
      refresh(*a, at);
    }
  const auto lapse = [&](contact& c, maybe_instant& side) {
    if (c.opened >= at)
      return;
    side = at + grace_;
    refresh(c, at);
  };
  for (auto* c : held->second.contacts)
    if (c->live && c->ticket.empty())  // who holds a ticket waits on, whatever printed it
      lapse(*c, c->gateway_lapses);
  each_in_talk(held->second, [&](contact& c) { lapse(c, c.agent_lapses); });
}

/// Takes back what was to lapse with this client; the other side's loss stays.
void routing_model::back(const session_name& s) {
  const auto held = held_by_.find(s.text());
  if (held == held_by_.end())
    return;
  for (auto* a : held->second.agents) {
    a->client_gone = false;
    if (a->lapses) {
      a->lapses.reset();
      refresh(*a, a->slot.seen);
    }
  }
  const auto stays = [&](contact& c, maybe_instant& side) {
    if (!side)
      return;
    side.reset();
    refresh(c, c.slot.seen);
  };
  for (auto* c : held->second.contacts)
    stays(*c, c->gateway_lapses);
  each_in_talk(held->second, [&](contact& c) { stays(c, c.agent_lapses); });
}

} // namespace careline::routing
