#include "actors/routing/model.hpp"

#include "messages/planted.hpp"

namespace careline::routing {

namespace {

void earlier(std::optional<instant>& so_far, std::optional<instant> also) {
  if (also && (!so_far || *also < *so_far))
    so_far = also;
}

void earlier_if_after(std::optional<instant>& so_far, std::optional<instant> also, instant seen) {
  if (also && *also > seen)
    earlier(so_far, also);
}

std::optional<instant> wait_limit(const contact& c, const queue* q) {
  const bool waits = (c.at == phase::waiting || c.at == phase::offered) && !c.callback;
  if (!waits || !q || !q->policy.wait_s_max)
    return std::nullopt;
  return std::max(c.queued, c.parked_until.value_or(c.queued)) + *q->policy.wait_s_max;
}

std::optional<instant> talk_limit(const contact& c, const queue* q) {
  if (!c.live && c.in_talk())
    return c.agent_lapses;  // nobody is on the line: it goes back to its queue
  std::optional<instant> lapses = c.gateway_lapses;
  earlier(lapses, c.agent_lapses);
  if (!c.in_talk() || !lapses || !q)
    return std::nullopt;
  return std::max(*lapses, c.connected.value_or(c.opened) + q->policy.talk_s_max);
}

} // namespace

/// The earliest moment at which something becomes due about a contact.
std::optional<instant> routing_model::deadline(const contact& c) const {
  std::optional<instant> at;
  const auto* q = find(c.queue);
  if (c.in_talk())
    return talk_limit(c, find(c.delivered_by));
  if (!c.in_queue() || !q)
    return at;
  earlier(at, c.gateway_lapses);
  earlier(at, wait_limit(c, q));
  if (c.at == phase::dialing)
    earlier(at, c.dial_until);
  for (const auto& o : c.offers)
    earlier(at, o.expires);
  for (const auto& clock : c.clocks)
    earlier(at, clock.next);
  earlier_if_after(at, c.paused_until, c.slot.seen);
  earlier_if_after(at, c.only_until, c.slot.seen);
  if (const auto d = delays_.find(c.queue); d != delays_.end())
    for (const auto delay : d->second)
      earlier_if_after(at, c.queued + delay, c.slot.seen);
  return at;
}

std::optional<instant> routing_model::deadline(const agent& a) const {
  std::optional<instant> at;
  if (!a.load.signed_in)
    return at;
  if (a.load.wrapping_up)
    earlier(at, a.wrap_up_until);
  if (a.load.ready)
    earlier(at, a.lapses);
  earlier_if_after(at, a.rests_until, a.slot.seen);
  for (const auto& [id, moments] : a.accepted)
    if (const auto* q = find(id))
      earlier_if_after(at, share_is_free_at(a, q->policy), a.slot.seen);
  return at;
}

void routing_model::refresh_wake(contact& c, maybe_instant next) {
  if (next == c.slot.wakes)
    return;
  if (c.slot.wakes)
    wakes_.erase({*c.slot.wakes, true, c.id.text()});
  if (next)
    wakes_.insert({*next, true, c.id.text()});
  c.slot.wakes = next;
}

/// Lets matching and the timers see how a contact stands now.
void routing_model::refresh(contact& c, instant at) {
  const auto seen = c.slot.seen;
  index_.update(c, at);
  // A delay that is over is seen here whatever else this instant brings.
  if (const auto d = delays_.find(c.queue); d != delays_.end())
    for (const auto delay : d->second)
      if (c.queued + delay > seen && c.queued + delay <= at)
        index_.look_again(c);
  refresh_wake(c, deadline(c));
}

void routing_model::refresh(agent& a, instant at) {
  const auto seen = a.slot.seen;
  index_.update(a, at);
  // So is a share that is free again.
  for (const auto& [id, moments] : a.accepted)
    if (const auto* q = find(id); q && share_is_free_at(a, q->policy) > seen
                                  && share_is_free_at(a, q->policy) <= at)
      index_.look_again(a);
  for (const auto& q : leaving_)
    if (serves(a.can, queues_.at(q).policy))
      look_who_is_there_.insert(q);
  const auto next = deadline(a);
  if (next == a.slot.wakes)
    return;
  if (a.slot.wakes)
    wakes_.erase({*a.slot.wakes, false, a.id.text()});
  if (next)
    wakes_.insert({*next, false, a.id.text()});
  a.slot.wakes = next;
}

routing_model::events routing_model::due(const kernel::turn_context& in) {
  live_ = true;
  const auto at = wakes_at();
  if (!at || *at > in.now)
    return {};
  if (wakes_.empty() || wakes_.begin()->at > *at)
    return tell_waits(queues_.at(tells_.begin()->second), in);
  const auto next = *wakes_.begin();
  if (next.of_contact)
    return due(*contacts_.at(next.id), in);
  return due(agents_.at(agent_id{std::string{next.id}}), in);
}

routing_model::events routing_model::due(agent& a, const context& in) {
  events out;
  auto after = a.load;
  if (a.load.ready && a.lapses && *a.lapses <= in.now) {
    after.ready = false;
    after.reason = session_lost;
    rescind(a, after, "not_ready", out);
  } else if (a.load.wrapping_up && a.wrap_up_until && *a.wrap_up_until <= in.now) {
    after.wrapping_up = false;
  }
  tell(a, after, out);
  if (out.empty() && planted(bug::forgets_a_rest_is_over))
    wakes_.erase(wakes_.begin());
  else if (out.empty()) {
    refresh(a, in.now); // a rest is over, or a share free again
    index_.look_again(a);
  }
  return out;
}

/// What falls due about a contact, the graver first: `wait_s_max` cuts an open offer.
routing_model::events routing_model::due(contact& c, const context& in) {
  events out;
  const auto* q = find(c.queue);
  const auto ends = [&](std::string_view reason) {
    dismiss(c, out);
    out.push_back(contact_timed_out{c.id, std::string{reason}});
    leave(c, "timed_out", out);
  };
  if (c.in_talk() && !c.live)
    return park(c, span{0}, std::string{session_lost}, in);
  if (c.in_talk()) {
    ends("talk_s_max");
    return out;
  }
  if (c.gateway_lapses && *c.gateway_lapses <= in.now) {
    ends("gateway_lost");
    return out;
  }
  if (c.at == phase::dialing && c.dial_until && *c.dial_until <= in.now)
    return dialled(c, dial_result::failed); // decision 8
  if (const auto limit = wait_limit(c, q); limit && *limit <= in.now) {
    ends("wait_s_max");
    return out;
  }
  for (const auto& o : c.offers)
    if (o.expires <= in.now) {
      const auto& a = agents_.at(o.agent);
      out.push_back(offer_expired{c.id, o.agent});
      auto after = a.load;
      std::erase_if(after.on, [&](const engagement& on) { return on.contact == c.id; });
      if (q && a.misses + 1 >= q->policy.misses_max
          && q->policy.misses_then == misses_then_kind::not_ready) {
        after.ready = false;
        after.reason = missed_offers;
        rescind(a, after, "not_ready", out);
      }
      tell(a, after, out);
      return out;
    }
  if (const auto n = next_rule(c, in.now))
    return test_rule(c, *n, in);
  refresh(c, in.now); // a pause, a preference or a delay is over
  index_.look_again(c);
  return out;
}

} // namespace careline::routing
