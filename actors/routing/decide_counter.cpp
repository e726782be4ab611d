#include <algorithm>

#include "actors/routing/model.hpp"

namespace careline::routing {

using kernel::decision;

namespace {

constexpr std::size_t digits_min = 3;

/// "A" and 13: "A013".
std::string ticket_text(const std::string& prefix, int number) {
  const auto digits = std::to_string(number);
  return prefix + std::string(digits_min - std::min(digits_min, digits.size()), '0') + digits;
}

/// The agent as it would be, were it ready with nothing left to write up: for the matcher.
agent as_ready(const agent& a) {
  auto then = a;
  then.load.ready = true;
  then.load.reason.clear();
  then.load.wrapping_up = false;
  then.slot.busy_on.clear();
  then.slot.ready_on.clear();
  each_channel(then.can, [&](const channel_id& channel, int) {
    if (free_slots(then.can, then.load, channel) > 0)
      then.slot.ready_on.push_back(channel);
  });
  return then;
}

ticket_called call_of(const contact& c, const agent_id& by, const counter_id& counter,
                      int again) {
  const auto& t = c.ticket.get();
  return {t.number, t.prefix, c.id, by, c.queue, counter, again};
}

value called_reply(const contact& c) {
  return value{value::map{{"contact", c.id.text()}, {"ticket", c.ticket.get().number}}};
}

} // namespace

/// The number that a contact has when it stands in that queue: its own, or the next of the day.
/// Where somebody has a number of the day before when the first of a day is given, the count goes
/// on: no number is two people's.
/// Agents' questions have none.
std::string routing_model::ticket_for(const contact& c, const queue& q, const context& in) const {
  if (!c.ticket.empty())
    return c.ticket.get().number;
  const auto& prefix = q.policy.ticket;
  if (prefix.empty() || !c.consults.empty())
    return {};
  const auto day_of = [&](instant at) { return to_local(at, in.offset_minutes).day; };
  const auto area = halls_.find(prefix);
  const bool goes_on = area != halls_.end()
                       && (day_of(area->second.last) == day_of(in.now) || is_given(prefix));
  return ticket_text(prefix, goes_on ? area->second.count + 1 : 1);
}

/// Somebody who has not left has a number of that prefix, wherever: looked for once a day.
bool routing_model::is_given(const std::string& prefix) const {
  return std::any_of(contacts_.begin(), contacts_.end(), [&](const auto& row) {
    return row.second->ticket.get().prefix == prefix;
  });
}

/// An open offer of somebody with a ticket is as good as taking one: it is accepted.
routing_model::verdict routing_model::on(const agent_call_next& c, const context& in) const {
  const auto here = signed_in(c.agent);
  if (!here)
    return no(here.error());
  if (!c.queue.empty() && !find(c.queue))
    return no(because("routing.unknown_queue", "queue", c.queue.text()));
  const auto& a = **here;
  const called_only wanted{c.queue};
  for (const auto& on : a.load.on) {
    const auto& who = *find(on.contact);
    if (!on.offered || !wanted.fits(who))
      continue;
    auto taken = this->on(offer_accept{who.id, a.id}, in);
    if (!taken)
      return taken;
    taken->events.push_back(call_of(who, a.id, c.counter, 0));
    taken->reply = called_reply(who);
    return taken;
  }
  if (!a.load.on.empty())
    return no(because("routing.agent_on_contact", "agent", a.load.on.front().contact.text()));
  const auto then = as_ready(a);
  const bool rests = a.rests_until && *a.rests_until > in.now;
  const auto* who = rests ? nullptr : index_.best_contact(then, in.now, &wanted);
  if (!who)
    return decision{.reply = value{value::map{{"waiting", 0}}}};
  decision d{.events = take_to_counter(a, then, *who, c.counter, in)};
  d.reply = called_reply(*who);
  return d;
}

/// What an offer and its answer come to, in one: whoever follows offers sees no other kind of them.
routing_model::events routing_model::take_to_counter(const agent& a, const agent& then,
                                                     const contact& who, const counter_id& counter,
                                                     const context& in) const {
  events out;
  tell(a, then.load, out);
  const auto expires = in.now + find(who.queue)->policy.ring_s;
  out.push_back(offer_made{who.id, a.id, who.queue, expires, who.offer_number + 1,
                           value{value::map{{"called", counter.text()}}}});
  auto offered = then;
  offered.load.on.push_back({who.id, who.channel, true});
  tell(then, offered.load, out);
  out.push_back(offer_accepted{who.id, a.id});
  out.push_back(contact_connected{who.id, a.id, who.queue});
  auto taken = offered.load;
  taken.on.back().offered = false;
  tell(offered, taken, out);
  out.push_back(call_of(who, a.id, counter, 0));
  return out;
}

/// The contact in talk with that agent whose ticket it has called; null when there is none.
const contact* routing_model::called_by(const agent& a, const contact_id& only) const {
  for (const auto& on : a.load.on) {
    const auto found = contacts_.find(on.contact.text());
    if (on.offered || found == contacts_.end() || (!only.empty() && on.contact != only))
      continue;
    const auto& c = *found->second;
    if (c.in_talk() && c.agent == a.id && !c.ticket.get().counter.empty())
      return &c;
  }
  return nullptr;
}

routing_model::verdict routing_model::on(const ticket_recall& c, const context&) const {
  const auto a = signed_in(c.agent);
  if (!a)
    return no(a.error());
  const auto* who = called_by(**a, {});
  if (!who)
    return no(because("routing.no_ticket", "agent", c.agent.text()));
  const auto& t = who->ticket.get();
  return decision{.events = {call_of(*who, c.agent, t.counter, t.again + 1)},
                  .reply = called_reply(*who)};
}

routing_model::verdict routing_model::on(const ticket_miss& c, const context& in) const {
  const auto a = signed_in(c.agent);
  if (!a)
    return no(a.error());
  if (!c.contact.empty())
    if (const auto about = known(c.contact); !about)
      return no(about.error());
  const auto* who = called_by(**a, c.contact);
  if (!who)
    return no(because("routing.no_ticket", "agent", c.agent.text()));
  const auto& q = *find(who->queue);
  const auto& t = who->ticket.get();
  ticket_missed missed{t.number, t.prefix, who->id, c.agent, who->queue, t.counter, t.misses + 1,
                       {}};
  const bool is_over = missed.misses >= q.policy.ticket_misses.value_or(1);
  if (!is_over)
    missed.behind = q.policy.miss_back.value_or(miss_back_usual);
  decision d{.reply = called_reply(*who)};
  dismiss(*who, d.events);
  d.events.push_back(missed);
  tell(**a, after_leg(*who), d.events);
  if (is_over) {
    d.events.push_back(contact_timed_out{who->id, "no_show"});
    d.reply.set("state", word_of(phase::ended));
    return d;
  }
  auto there = *who;
  there.asked_place.reset();
  there.ticket.edit().behind = *missed.behind;
  auto queued = place_in(std::move(there), q, in);
  d.reply.set("state", word_of(phase::waiting));
  d.reply.set("queue_position", queued.queue_position);
  d.events.push_back(std::move(queued));
  return d;
}

} // namespace careline::routing
