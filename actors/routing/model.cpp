#include <algorithm>

#include "actors/routing/model.hpp"

#include "messages/planted.hpp"

namespace careline::routing {

namespace {

answer<kernel::decision> not_ours(std::string_view type) {
  return no(because("command.type_unknown", "type", std::string{type}));
}

} // namespace

answer<kernel::decision> routing_model::decide(const command& c,
                                               const kernel::turn_context& in) const {
  live_ = true;
  return std::visit(
      overloaded{
          [&](const one_of<routing::command> auto& x) { return on(x, in); },
          [&](const query::contact_address& x) { return on(x, in); },
          [&](const one_of<reception::command> auto&) { return not_ours(type_of(c)); },
          [&](const one_of<session::command> auto&) { return not_ours(type_of(c)); },
          [&](const desk_command auto&) { return not_ours(type_of(c)); },
          [&](const one_of<query_variant> auto&) { return not_ours(type_of(c)); },
      },
      c);
}

void routing_model::evolve(const event& e, instant at) {
  if (is_of_desk(e))
    return;
  if (!live_) {
    replayed_until_ = at;
    pass_tellings(at);
  }
  forget_ended(at);
  std::visit(overloaded{
                 [&](const one_of<routing::event> auto& x) {
                   last_ = at;
                   took(x, at);
                 },
                 [&](const auto& x) { took(x, at); },
             },
             e);
}

routing_model::events routing_model::react(const event&, const kernel::turn_context&) const {
  return {}; // a lost session is taken in by `evolve` and acted on when its grace is over
}

std::optional<instant> routing_model::wakes_at() const {
  std::optional<instant> next;
  if (!wakes_.empty())
    next = wakes_.begin()->at;
  if (!tells_.empty())
    next = std::min(tells_.begin()->first, next.value_or(tells_.begin()->first));
  return next;
}

void routing_model::restart(instant now) {
  live_ = true;  // a rule that falls due in the first moment is tested like any other
  const auto wait_again = [&](auto& who, auto& lapses) {
    if (!lapses)
      return;
    lapses = std::max(*lapses, now + grace_);
    refresh(who, who.slot.seen);
  };
  for (auto& [id, a] : agents_)
    wait_again(a, a.lapses);
  for (auto& [id, c] : contacts_) {
    wait_again(*c, c->gateway_lapses);
    wait_again(*c, c->agent_lapses);
  }
}

std::map<contact_id, const contact*> routing_model::open_contacts() const {
  std::map<contact_id, const contact*> out;
  for (const auto& [id, c] : contacts_)
    out.emplace(c->id, c.get());
  return out;
}

// --- what decisions are made of ------------------------------------------------------------------

const contact* routing_model::find(const contact_id& id) const {
  if (const auto found = contacts_.find(id.text()); found != contacts_.end())
    return found->second.get();
  const auto* e = find_ended(id);
  if (!e)
    return nullptr;
  seen_ = as_contact(*e);
  return &seen_;
}

const ended_contact* routing_model::find_ended(const contact_id& id) const {
  const auto found = ended_.find(id.text());
  return found == ended_.end() ? nullptr : found->second.get();
}

const agent* routing_model::find(const agent_id& id) const {
  return index_.agent_of(id);
}

const queue* routing_model::find(const queue_id& id) const {
  return index_.queue_of(id);
}

answer<const contact*> routing_model::known(const contact_id& id) const {
  const auto* c = find(id);
  if (!c || (c->at == phase::ended && planted(bug::forgets_the_ended)))
    return no(because("routing.unknown_contact", "contact", id.text()));
  return c;
}

answer<const agent*> routing_model::signed_in(const agent_id& id) const {
  const auto* a = find(id);
  if (!a)
    return no(because("routing.unknown_agent", "agent", id.text()));
  if (!a->load.signed_in)
    return no(because("routing.not_signed_in", "agent", id.text()));
  return a;
}

answer<const contact*> routing_model::in_talk(const contact_id& id, const agent_id& with) const {
  const auto c = known(id);
  if (!c)
    return c;
  if ((*c)->at == phase::ended)
    return no(because("routing.contact_ended", "contact", std::string{(*c)->ended_as}));
  if (!find(with))
    return no(because("routing.unknown_agent", "agent", with.text()));
  if (!(*c)->in_talk() || ((*c)->agent != with && !planted(bug::finishes_for_anybody)))
    return no(because("routing.not_connected", "contact", std::string{word_of((*c)->at)}));
  return c;
}

/// The agent who has an open offer of the contact.
answer<const agent*> routing_model::offered(const contact_id& id, const agent_id& to) const {
  const auto about = known(id);
  if (!about)
    return no(about.error());
  const auto a = signed_in(to);
  if (!a)
    return a;
  const auto& offers = (*about)->offers;
  if (std::none_of(offers.begin(), offers.end(),
                   [&](const open_offer& o) { return o.agent == to; }))
    return no(because("routing.no_offer", "contact", std::string{word_of((*about)->at)}));
  return a;
}

/// Adds `agent.state_changed` when what an agent shows will differ with `after`.
void routing_model::tell(const agent& a, const agent_load& after, events& out) const {
  const auto facts = [&](const agent_load& load) {
    agent_state_changed e{a.id,       shown(load), load.ready ? std::string{} : load.reason,
                          load.ready, {},          {}};
    for (const auto& on : load.on)
      e.contacts.push_back(on.contact);
    each_channel(a.can, [&](const channel_id& channel, int) {
      e.free[channel] = free_slots(a.can, load, channel);
    });
    return e;
  };
  const auto before = facts(a.load);
  auto now = facts(after);
  if (before.state != now.state || before.reason != now.reason || before.ready != now.ready
      || before.contacts != now.contacts || before.free != now.free)
    out.push_back(std::move(now));
}

/// Takes back the open offers of a contact.
void routing_model::rescind(const contact& c, std::string_view reason, events& out) const {
  for (const auto& o : c.offers) {
    out.push_back(offer_rescinded{c.id, o.agent, std::string{reason}});
    const auto& a = *find(o.agent);
    auto after = a.load;
    std::erase_if(after.on, [&](const engagement& e) { return e.contact == c.id; });
    tell(a, after, out);
  }
}

/// Takes back the open offers to an agent; the caller tells its state.
void routing_model::rescind(const agent& a, agent_load& after, std::string_view reason,
                            events& out) const {
  for (const auto& on : after.on)
    if (on.offered)
      out.push_back(offer_rescinded{on.contact, a.id, std::string{reason}});
  std::erase_if(after.on, [](const engagement& e) { return e.offered; });
}

/// What follows for others when a contact in hand leaves: its offers, and the agent that is on it.
void routing_model::leave(const contact& c, std::string_view reason, events& out) const {
  if (!planted(bug::leaves_offers_open))
    rescind(c, reason, out);
  if (c.at == phase::dialing || c.in_talk())
    tell(*find(c.agent), after_leg(c), out);
}

/// An agent's load when its leg with this contact is over.
agent_load routing_model::after_leg(const contact& c) const {
  return after_part(c.agent, c.id, c.in_talk() ? c.delivered_by.get() : queue_id{});
}

/// The same of any agent in a talk. `by`: the queue whose wrap-up follows; empty for none.
agent_load routing_model::after_part(const agent_id& of, const contact_id& in,
                                     const queue_id& by) const {
  auto after = find(of)->load;
  std::erase_if(after.on, [&](const engagement& e) { return e.contact == in; });
  const auto* q = find(by);
  if (q && wraps_up(q->policy))
    after.wrapping_up = true;
  return after;
}

bool routing_model::is_closed(const queue& q) const {
  return closed_.contains(q.policy.site);
}

int routing_model::length(const queue_id& q) const {
  return static_cast<int>(index_.line_of(q).size());
}

/// The announced wait with `ahead` contacts before it, at most what can be written down; nothing
/// when it cannot be told.
std::optional<span> routing_model::estimate(const queue& q, int ahead) const {
  switch (q.policy.wait_estimate) {
  case wait_estimate_kind::smoothed:
    return q.smoothed_wait_s ? std::optional{span{*q.smoothed_wait_s * 1000}} : std::nullopt;
  case wait_estimate_kind::recent:
    return q.recent_wait_s;
  case wait_estimate_kind::staffed:
    break;
  }
  const int agents = index_.signed_in(q.policy);
  if (agents > 0 && ahead == 0)
    return span{0};
  if (agents == 0 || q.handled == 0)
    return std::nullopt;
  const auto mean_s = to_seconds(span{q.handle_ms}) / static_cast<double>(q.handled);
  return from_seconds(std::min(mean_s * ahead / agents, to_seconds(span_max)));
}

/// Where a contact will stand in a queue, as the event that puts it there says.
contact_queued routing_model::place_in(contact c, const queue& q, const context& in) const {
  const auto& in_line = index_.line_of(q.policy.queue);
  take_place(c, in_line);
  const auto before = static_cast<int>(in_line.order_of_key({c.where, &c}));
  contact_queued out{c.id, q.policy.queue, before + 1, estimate(q, before)};
  out.not_before = c.parked_until;
  out.ticket = ticket_for(c, q, in);
  return out;
}

} // namespace careline::routing
