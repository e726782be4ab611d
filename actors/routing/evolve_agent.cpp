#include "actors/routing/model.hpp"

#include "messages/planted.hpp"

namespace careline::routing {

namespace {

/// A rest that lasts longer already stays.
void rest_until(agent& a, instant end) {
  a.rests_until = std::max(end, a.rests_until.value_or(end));
}

} // namespace

void routing_model::took(const queue_defined& e, instant at) {
  const bool is_new = !find(e.queue);
  auto& q = queues_[e.queue];
  const auto rules_before = std::exchange(q.policy, e).rules;
  index_.define(q);
  if (q.policy.leave_when)
    leaving_.insert(e.queue);
  else
    leaving_.erase(e.queue);
  look_who_is_there_.insert(e.queue);
  if (live_ && is_closed(q))
    closing_.insert(e.queue);
  // When a share is free again follows from the policy.
  for (auto& [id, a] : agents_)
    if (a.accepted.contains(e.queue))
      refresh(a, at);
  plan_telling_anew(q, at);
  // Those who wait keep their place; the new policy's times hold from now on.
  for (const auto& s : index_.line_of(e.queue)) {
    auto& c = in_hand(s.who->id);
    carry_over_rules(c, rules_before);
    start_clocks(c, at + span{1});
    refresh(c, at);
  }
  if (is_new && !is_closed(q))
    test_moves_again([&](const queue_id& to) { return to == e.queue; }, at);
}

/// Nobody is in it. What its contacts of the past left behind goes with them, in a day.
void routing_model::took(const queue_removed& e, instant at) {
  leaving_.erase(e.queue);
  look_who_is_there_.erase(e.queue);
  closing_.erase(e.queue);
  index_.remove(e.queue);
  if (const auto q = queues_.find(e.queue); q != queues_.end())
    plan_telling(q->second, {});
  queues_.erase(e.queue);
  for (auto& [id, a] : agents_)
    if (a.accepted.erase(e.queue) > 0)
      refresh(a, at);
}

void routing_model::took(const agent_signed_in& e, instant at) {
  auto& a = staff(e.agent);
  a.id = e.agent;
  a.can = e;
  a.slot.kind_is_known = false;
  if (const auto before = held_by_.find(a.client); before != held_by_.end())
    before->second.agents.erase(&a);
  a.client = e.client;
  held_by_[a.client].agents.insert(&a);
  a.order = ++sign_ins_;
  a.load = {.signed_in = true, .ready = e.ready, .wrapping_up = false, .reason = {}, .on = {}};
  a.idle_since = at;
  a.finished = 0;
  a.misses = 0;
  a.rests_until.reset();
  a.wrap_up_until.reset();
  a.lapses.reset();
  a.client_gone = false;
  refresh(a, at);
  look_at_delays(a.can, at);
}

void routing_model::took(const agent_changed& e, instant at) {
  auto& a = staff(e.agent);
  a.can.skills = e.skills.value_or(a.can.skills);
  a.can.queues = e.queues ? e.queues : a.can.queues;
  a.can.blocks = e.blocks.value_or(a.can.blocks);
  change_room(a.can, e);
  a.can.site = e.site.empty() ? a.can.site : e.site;
  a.slot.kind_is_known = false;
  refresh(a, at);
  look_at_delays(a.can, at);
  look_who_is_there_.insert(leaving_.begin(), leaving_.end()); // also queues it no longer serves
}

/// Carries the person's own word and the end of wrap-up; the rest of the state follows from the
/// events beside it.
void routing_model::took(const agent_state_changed& e, instant at) {
  auto& a = staff(e.agent);
  const bool ends_misses = !a.load.ready && a.load.reason == missed_offers;
  if (e.ready && !a.load.ready)
    a.idle_since = at;
  a.load.ready = e.ready;
  a.load.reason = e.ready ? std::string{} : e.reason;
  if (ends_misses && a.load.reason != missed_offers)
    a.misses = 0;
  if (a.load.wrapping_up && e.state != agent_state::wrap_up) {
    end_wrap_up(a, at);
    a.idle_since = at;
  }
  if (e.reason == session_lost)
    a.lapses.reset();
  refresh(a, at);
}

void routing_model::took(const agent_signed_out& e, instant at) {
  auto& a = staff(e.agent);
  end_wrap_up(a, at);
  a.load = {};
  a.rests_until.reset();
  a.wrap_up_until.reset();
  a.lapses.reset();
  refresh(a, at);
}

/// A delay after which more agents may have a contact has become known.
void routing_model::look_at_delays(const abilities& can, instant at) {
  if (!can.queues)
    return;
  for (const auto& [q, as] : *can.queues) {
    if (as.delay_s <= span{0})
      continue;
    auto now = index_.delays(q);
    if (now == delays_[q])
      continue;
    delays_[q] = std::move(now);
    for (const auto& s : index_.line_of(q))
      refresh(in_hand(s.who->id), at);
  }
}

// --- offers --------------------------------------------------------------------------------------

void routing_model::took(const offer_made& e, instant at) {
  auto& c = in_hand(e.contact);
  auto& a = staff(e.agent);
  c.offers.push_back(open_offer{e.agent, e.expires});
  c.offer_number = e.number;
  c.at = phase::offered;
  a.load.on.push_back({c.id, c.channel, true});
  if (const auto q = queues_.find(e.queue); q != queues_.end())
    q->second.last_offered = a.order;
  refresh(c, at);
  refresh(a, at);
}

/// An open offer is over; the contact waits again when it was the last. Who missed one of a ring
/// is rung again in the next.
void routing_model::end_offer(contact& c, const agent_id& of, instant at) {
  c.offers.erase_if([&](const open_offer& o) { return o.agent == of; });
  if (c.at == phase::offered && c.offers.empty()) {
    c.at = phase::waiting;
    if (const auto* q = find(c.queue); q && row_of(q->policy.by).how == choice::all)
      c.missed_by.clear();
  }
  refresh(c, at);
  let_go_of_offer(c.id, of, at);
}

void routing_model::let_go_of_offer(const contact_id& c, const agent_id& of, instant at) {
  auto& a = staff(of);
  std::erase_if(a.load.on, [&](const engagement& on) { return on.offered && on.contact == c; });
  refresh(a, at);
}

void routing_model::took(const offer_accepted& e, instant at) {
  auto& c = in_hand(e.contact);
  auto& a = staff(e.agent);
  c.offers.erase_if([&](const open_offer& o) { return o.agent == e.agent; });
  c.agent = e.agent;
  c.delivered_by = c.queue;
  for (auto& on : a.load.on)
    if (on.contact == c.id)
      on.offered = false;
  a.misses = 0;
  if (const auto* q = find(c.queue); q && q->policy.share)
    take_share(a, q->policy, at);
  refresh(a, at);
}

void routing_model::took(const offer_declined& e, instant at) {
  auto& c = in_hand(e.contact);
  auto& a = staff(e.agent);
  if (const auto* q = find(c.queue)) {
    const auto rest =
        e.reason == decline_reason::busy ? q->policy.rest_s.busy : q->policy.rest_s.reject;
    if (rest > span{0} && !planted(bug::forgets_rest))
      rest_until(a, at + rest);
  }
  a.misses = 0; // declining is an answer
  insert_sorted(c.missed_by.edit(), e.agent);
  end_offer(c, e.agent, at);
}

void routing_model::took(const offer_expired& e, instant at) {
  auto& c = in_hand(e.contact);
  auto& a = staff(e.agent);
  if (live_)
    missed_now_.try_emplace(c.id, just_missed{.before = c.misses});
  ++a.misses;
  ++c.misses;
  insert_sorted(c.missed_by.edit(), e.agent);
  if (const auto* q = find(c.queue)) {
    if (q->policy.rest_s.no_answer > span{0})
      rest_until(a, at + q->policy.rest_s.no_answer);
    if (q->policy.retry_s > span{0})
      c.paused_until = at + q->policy.retry_s;
  }
  end_offer(c, e.agent, at);
}

/// The offer itself ends with the event behind it.
void routing_model::took(const offer_pulled_back& e, instant) {
  auto& c = in_hand(e.contact);
  insert_sorted(c.exclude.edit(), e.agent);
  if (!c.only_until)
    c.only.clear();  // a transfer to one agent, who is not to have it
}

void routing_model::took(const offer_rescinded& e, instant at) {
  if (const auto found = contacts_.find(e.contact.text()); found != contacts_.end())
    end_offer(*found->second, e.agent, at);
  else
    let_go_of_offer(e.contact, e.agent, at);  // its contact has ended
}

void routing_model::took(const dial_requested& e, instant at) {
  auto& c = in_hand(e.contact);
  c.at = phase::dialing;
  c.attempts = e.attempt;
  c.dial_until = at + dial_report_max;
  refresh(c, at);
}

void routing_model::took(const dial_reported& e, instant at) {
  auto& c = in_hand(e.contact);
  c.dial_until.reset();
  if (e.result == dial_result::answered)
    return;
  free_agent(c, at);
  c.at = phase::waiting;
  if (const auto* q = find(c.queue)) {
    c.paused_until = at + q->policy.callback_spacing_s;
    if (live_ && is_closed(*q))
      closing_.insert(c.queue);
  }
  refresh(c, at);
}

} // namespace careline::routing
