#include <algorithm>

#include "actors/routing/model.hpp"

#include "messages/planted.hpp"

namespace careline::routing {

using kernel::decision;

namespace {

/// Whether an agent that accepts one more may have no other of the queue for now.
bool uses_up_share(agent a, const queue* q, instant now) {
  if (!q || !q->policy.share)
    return false;
  take_share(a, q->policy, now);
  return now < share_is_free_at(a, q->policy);
}

value reply_of(std::string_view key, std::string_view word) {
  return value{value::map{{std::string{key}, word}}};
}

} // namespace

routing_model::verdict routing_model::on(const queue_define& c, const context&) const {
  decision d;
  if (auto unknown = unknown_queues(c); !unknown.empty())
    d.reply.set("unknown_queues", std::move(unknown));
  const auto* q = find(c.queue);
  if (!q || q->policy != static_cast<const queue_policy&>(c))
    d.events.push_back(queue_defined{c, c.defined_by, c.reason.text()});
  return d;
}

routing_model::verdict routing_model::on(const queue_remove& c, const context&) const {
  if (!find(c.queue))
    return no(because("routing.unknown_queue", "queue", c.queue.text()));
  if (const auto n = in_use(c.queue); n > 0)
    return no(because("routing.queue_in_use", "queue", std::to_string(n)));
  decision d{.events = {queue_removed{c.queue, c.reason.text()}}};
  if (auto still = named_by(c.queue); !still.empty())
    d.reply.set("named_by", value{std::move(still)});
  return d;
}

/// Contacts that stand in it or were delivered by it, and agents at work after one. Asked seldom,
/// so it looks at all.
std::size_t routing_model::in_use(const queue_id& q) const {
  const auto is_of = [&](const auto& row) {
    const contact& c = *row.second;
    return c.queue == q || c.delivered_by.get() == q
           || std::any_of(c.parties.begin(), c.parties.end(),
                          [&](const party& p) { return p.delivered_by == q; });
  };
  const auto works_after = [&](const auto& row) {
    return row.second.load.wrapping_up && row.second.last_queue == q;
  };
  return static_cast<std::size_t>(std::count_if(contacts_.begin(), contacts_.end(), is_of)
                                  + std::count_if(agents_.begin(), agents_.end(), works_after));
}

/// The queues whose overflow or rules still lead there: what they send goes nowhere then.
value::list routing_model::named_by(const queue_id& q) const {
  value::list out;
  for (const auto& [id, other] : queues_)
    if (id != q && ways_on(other.policy).contains(q))
      out.emplace_back(id.text());
  return out;
}

routing_model::verdict routing_model::on(const agent_sign_in& c, const context& in) const {
  const auto* a = find(c.agent);
  if (a && a->load.signed_in) {
    if (a->can == static_cast<const abilities&>(c) && a->client == in.client
        && a->load.ready == c.ready)
      return decision{.reply = reply_of("state", word_of(shown(a->load)))};
    return no(because("routing.already_signed_in", "agent", c.agent.text()));
  }
  decision d;
  agent_signed_in e;
  static_cast<abilities&>(e) = c;
  e.agent = c.agent;
  e.ready = c.ready;
  e.client = in.client;
  agent fresh;
  fresh.id = c.agent;
  fresh.can = c;
  agent_load after{
      .signed_in = true, .ready = c.ready, .wrapping_up = false, .reason = {}, .on = {}};
  d.events.push_back(std::move(e));
  tell(fresh, after, d.events);
  d.reply = reply_of("state", word_of(shown(after)));
  return d;
}

routing_model::verdict routing_model::on(const agent_set_state& c, const context&) const {
  if (c.state != agent_state::ready && c.state != agent_state::not_ready)
    return no(because("command.field_invalid", "state", "ready or not_ready"));
  const auto a = signed_in(c.agent);
  if (!a)
    return no(a.error());
  decision d;
  auto after = (*a)->load;
  after.ready = c.state == agent_state::ready;
  after.reason = after.ready ? std::string{} : c.reason.text();
  if (!after.ready)
    rescind(**a, after, "not_ready", d.events);
  tell(**a, after, d.events);
  d.reply = reply_of("state", word_of(shown(after)));
  return d;
}

routing_model::verdict routing_model::on(const agent_sign_out& c, const context&) const {
  const auto* a = find(c.agent);
  if (a && !a->load.signed_in)
    return decision{};
  const auto here = signed_in(c.agent);
  if (!here)
    return no(here.error());
  decision d;
  auto after = a->load;
  rescind(*a, after, "signed_out", d.events);
  if (!after.on.empty())
    return no(because("routing.agent_on_contact", "agent", after.on.front().contact.text()));
  d.events.push_back(agent_signed_out{c.agent});
  return d;
}

routing_model::verdict routing_model::on(const agent_change& c, const context&) const {
  const auto a = signed_in(c.agent);
  if (!a)
    return no(a.error());
  if (c.channels && c.capacity)
    return no(because("command.field_invalid", "channels",
                      "absent beside capacity, which stands instead of them"));
  auto can = (*a)->can;
  can.skills = c.skills.value_or(can.skills);
  can.queues = c.queues ? c.queues : can.queues;
  can.blocks = c.blocks.value_or(can.blocks);
  change_room(can, c);
  can.site = c.site.empty() ? can.site : c.site;
  if (auto wrong = check(can))
    return no(*wrong);
  if (can == (*a)->can)
    return decision{};
  decision d{.events = {agent_changed{c.agent, c.skills, c.channels, c.queues,
                                       c.blocks, c.capacity, c.costs, c.site}}};
  // The load is the same; what it leaves free may not be.
  auto changed = agent_state_changed{c.agent, shown((*a)->load),
                                     (*a)->load.ready ? std::string{} : (*a)->load.reason,
                                     (*a)->load.ready, {}, {}};
  bool differs = false;
  for (const auto& on : (*a)->load.on)
    changed.contacts.push_back(on.contact);
  each_channel(can, [&](const channel_id& channel, int) {
    const int free = changed.free[channel] = free_slots(can, (*a)->load, channel);
    differs = differs || free != free_slots((*a)->can, (*a)->load, channel);
  });
  if (differs)
    d.events.push_back(std::move(changed));
  return d;
}

routing_model::verdict routing_model::on(const agent_finish_wrap_up& c, const context&) const {
  const auto a = signed_in(c.agent);
  if (!a)
    return no(a.error());
  decision d;
  auto after = (*a)->load;
  after.wrapping_up = false;
  tell(**a, after, d.events);
  d.reply = reply_of("state", word_of(shown(after)));
  return d;
}

// --- offers --------------------------------------------------------------------------------------

routing_model::verdict routing_model::on(const offer_accept& c, const context& in) const {
  const auto about = known(c.contact);
  if (!about)
    return no(about.error());
  const auto& who = **about;
  const auto a = signed_in(c.agent);
  if (!a)
    return no(a.error());
  if (who.agent == c.agent && (who.in_talk() || who.at == phase::dialing))
    return decision{};
  if (who.at == phase::ended)
    return no(because("routing.contact_ended", "contact", std::string{who.ended_as}));
  const bool is_offered = std::any_of(who.offers.begin(), who.offers.end(),
                                      [&](const open_offer& o) { return o.agent == c.agent; });
  if (!is_offered && !planted(bug::accepts_for_anybody))
    return no(because("routing.no_offer", "contact", std::string{word_of(who.at)}));
  decision d;
  d.events.push_back(offer_accepted{c.contact, c.agent});
  if (who.callback)
    d.events.push_back(dial_requested{c.contact, c.agent, who.attempts + 1});
  else
    d.events.push_back(contact_connected{c.contact, c.agent, who.queue});
  for (const auto& other : who.offers)
    if (other.agent != c.agent) {
      d.events.push_back(offer_rescinded{c.contact, other.agent, "answered_elsewhere"});
      auto after = find(other.agent)->load;
      std::erase_if(after.on, [&](const engagement& e) { return e.contact == c.contact; });
      tell(*find(other.agent), after, d.events);
    }
  auto after = (*a)->load;
  for (auto& on : after.on)
    if (on.contact == c.contact)
      on.offered = false;
  if (uses_up_share(**a, find(who.queue), in.now))
    std::erase_if(after.on, [&](const engagement& on) {
      const bool is_over = on.offered && find(on.contact)->queue == who.queue;
      if (is_over)
        d.events.push_back(offer_rescinded{on.contact, c.agent, "fair_share"});
      return is_over;
    });
  tell(**a, after, d.events);
  return d;
}

routing_model::verdict routing_model::on(const offer_decline& c, const context&) const {
  const auto a = offered(c.contact, c.agent);
  if (!a)
    return no(a.error());
  decision d{.events = {offer_declined{c.contact, c.agent, c.reason}}};
  auto after = (*a)->load;
  std::erase_if(after.on, [&](const engagement& e) { return e.contact == c.contact; });
  tell(**a, after, d.events);
  return d;
}

routing_model::verdict routing_model::on(const dial_report& c, const context& in) const {
  const auto about = known(c.contact);
  if (!about)
    return no(about.error());
  const auto& who = **about;
  if (who.at != phase::dialing)
    return no(because("routing.no_dial", "contact", std::string{word_of(who.at)}));
  if (!who.gateway.empty() && in.client != who.gateway && in.client != find(who.agent)->client)
    return no(
        because("security.not_allowed", "contact", "dialling is its gateway's or its agent's"));
  return decision{.events = dialled(who, c.result)};
}

routing_model::events routing_model::dialled(const contact& c, dial_result result) const {
  events out{dial_reported{c.id, c.agent, result}};
  if (result == dial_result::answered) {
    out.push_back(contact_connected{c.id, c.agent, c.queue});
    return out;
  }
  tell(*find(c.agent), after_leg(c), out);
  const auto* q = find(c.queue);
  if (q && c.attempts >= q->policy.callback_attempts)
    out.push_back(contact_timed_out{c.id, "callback_failed"});
  return out;
}

} // namespace careline::routing
