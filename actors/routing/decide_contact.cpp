#include <algorithm>

#include "actors/routing/model.hpp"

namespace careline::routing {

using kernel::decision;

namespace {

/// The disposition of a talk that the person ended.
constexpr std::string_view customer_left = "customer_left";

value state_reply(const contact& c) {
  value v{value::map{}};
  v.add("contact", c.id.text());
  v.add("state", word_of(c.at));
  if (!c.queue.empty())
    v.add("queue", c.queue.text());
  return v;
}

problem has_ended(const contact& c) {
  return because("routing.contact_ended", "contact", std::string{c.ended_as});
}

/// In clear: as it came, or opened again after a restart. Nothing when there is none.
answer<std::string> opened(const personal<std::string>& item, const contact& of,
                           const kernel::turn_context& in) {
  if (item.is_sealed())
    return in.keys->open(of.person, item.sealed_form());
  return item.is_clear() ? item.reveal() : std::string{};
}

bool has_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return '0' <= c && c <= '9'; });
}

} // namespace

routing_model::verdict routing_model::on(const contact_abandon& c, const context&) const {
  const auto about = known(c.contact);
  if (!about)
    return no(about.error());
  const auto& who = **about;
  if (who.at == phase::ended) {
    // A gateway that reports the hang-up after the agent's finish tells nothing new.
    if (who.ended_as == contact_abandoned::type || who.ended_as == contact_finished::type)
      return decision{.reply = state_reply(who)};
    return no(has_ended(who));
  }
  decision d;
  dismiss(who, d.events);
  if (who.in_talk())
    d.events.push_back(contact_finished{c.contact, who.agent, std::string{customer_left}});
  else
    d.events.push_back(contact_abandoned{c.contact});
  leave(who, "abandoned", d.events);
  return d;
}

routing_model::verdict routing_model::on(const contact_change& c, const context& in) const {
  const auto about = known(c.contact);
  if (!about)
    return no(about.error());
  const auto& who = **about;
  if (who.at == phase::ended)
    return no(has_ended(who));
  const bool moves = !c.queue.empty() && c.queue != who.queue;
  if (moves && who.at != phase::waiting && who.at != phase::offered)
    return no(because("routing.not_waiting", "contact", std::string{word_of(who.at)}));
  const auto* to = moves ? find(c.queue) : nullptr;
  if (moves && !to)
    return no(because("routing.unknown_queue", "queue", c.queue.text()));
  if (moves && is_closed(*to))
    return no(because("routing.site_closed", "queue", to->policy.site.text()));
  auto skills = c.skills;
  if (skills)
    std::sort(skills->begin(), skills->end());
  const bool differs = moves || (c.urgency && *c.urgency != who.where.urgency)
                       || (skills && (*skills != who.skills || !who.own_skills))
                       || (c.age_s && *c.age_s > span{0});
  if (!differs)
    return decision{.reply = state_reply(who)};
  decision d;
  if (moves)
    rescind(who, "changed", d.events);
  d.events.push_back(contact_changed{c.contact, c.urgency, c.skills, c.queue, c.age_s, c.by,
                                     c.reason.text()});
  if (moves) {
    auto there = who;
    there.where.urgency = c.urgency.value_or(who.where.urgency);
    there.credit = std::min(there.credit + c.age_s.value_or(span{0}), span_max);
    there.asked_place.reset();
    const auto queued = place_in(std::move(there), *to, in);
    d.reply = to_value(queued);
    d.events.push_back(queued);
  }
  return d;
}

routing_model::verdict routing_model::on(const contact_request_callback& c,
                                         const context& in) const {
  const auto about = known(c.contact);
  if (!about)
    return no(about.error());
  const auto& who = **about;
  if (who.at == phase::ended)
    return no(has_ended(who));
  if (c.number.is_clear() && !has_digit(c.number.reveal()))
    return no(because("command.field_invalid", "number", "a number that can be called"));
  if (who.callback && who.in_queue()) {
    const auto before = opened(who.number, who, in);
    const auto now = opened(c.number, who, in);
    if (!before || !now || *before != *now)
      return no(because("routing.callback_requested", "number"));
    return decision{.reply = state_reply(who)};
  }
  if (who.at != phase::waiting && who.at != phase::offered)
    return no(because("routing.not_waiting", "contact", std::string{word_of(who.at)}));
  if (!who.consults.empty())
    return no(because("command.field_invalid", "contact", "a person's, not an agent's question"));
  return decision{.events = {contact_callback_requested{c.contact, c.number, who.person}},
                  .reply = state_reply(who)};
}

routing_model::verdict routing_model::on(const contact_hold& c, const context&) const {
  const auto about = in_talk(c.contact, c.agent);
  if (!about)
    return no(about.error());
  if ((*about)->at == phase::held)
    return decision{};
  return decision{.events = {contact_held{c.contact, c.agent}}};
}

routing_model::verdict routing_model::on(const contact_resume& c, const context&) const {
  const auto about = in_talk(c.contact, c.agent);
  if (!about)
    return no(about.error());
  if ((*about)->at == phase::connected)
    return decision{};
  return decision{.events = {contact_resumed{c.contact, c.agent}}};
}

routing_model::verdict routing_model::on(const contact_transfer& c, const context& in) const {
  const auto about = in_talk(c.contact, c.agent);
  if (!about)
    return no(about.error());
  if (!(*about)->consults.empty())
    return no(because("command.field_invalid", "contact", "a person's, not an agent's question"));
  if (!c.to_consult.empty() && !(c.by.empty() && c.reason.empty()))
    return no(because("command.field_invalid", "by", "nobody hands over what an agent has asked"));
  if (!c.to_consult.empty())
    return hand_over(**about, c.to_consult);
  if (c.to_queue.empty() && c.to_agent.empty())
    return no(because("command.field_missing", "to_queue", "to_queue, to_agent or to_consult"));
  if (c.to_agent == c.agent)
    return no(because("command.field_invalid", "to_agent", "another agent"));
  if (!c.to_agent.empty() && !find(c.to_agent))
    return no(because("routing.unknown_agent", "to_agent", c.to_agent.text()));
  const auto& never = (*about)->exclude;
  if (std::binary_search(never.begin(), never.end(), c.to_agent))
    return no(because("command.field_invalid", "to_agent", "an agent who is never to have it"));
  const auto* to = find(c.to_queue.empty() ? (*about)->queue : c.to_queue);
  if (!to)
    return no(because("routing.unknown_queue", "to_queue", c.to_queue.text()));
  if (c.to_agent.empty() && is_closed(*to))
    return no(because("routing.site_closed", "to_queue", to->policy.site.text()));
  decision d;
  dismiss(**about, d.events);
  d.events.push_back(contact_transferred{c.contact, c.agent, c.to_queue, c.to_agent, c.by,
                                         c.reason.text()});
  tell(*find(c.agent), after_leg(**about), d.events);
  auto there = **about;
  there.asked_place.reset();
  const auto queued = place_in(std::move(there), *to, in);
  d.events.push_back(queued);
  d.reply = to_value(queued);
  return d;
}

/// Where the queue has a list, a contact ends with one of it: what is counted later has one
/// meaning. What an agent asks a colleague is not served by a queue.
std::optional<problem> routing_model::check_disposition(const contact_finish& c,
                                                        const contact& of) const {
  const auto* q = find(of.queue);
  if (!q || !of.consults.empty() || q->policy.dispositions.empty())
    return std::nullopt;
  if (c.disposition.empty())
    return because("command.field_missing", "disposition", "one of queue " + of.queue.text());
  const auto& list = q->policy.dispositions;
  if (std::find(list.begin(), list.end(), c.disposition) == list.end())
    return because("routing.unknown_disposition", "disposition", c.disposition.text());
  return std::nullopt;
}

routing_model::verdict routing_model::on(const contact_finish& c, const context&) const {
  const auto* before = find(c.contact);
  if (before && before->at == phase::ended && before->ended_as == contact_finished::type
      && before->agent == c.agent) {
    // The agent who was not told yet that the customer hung up says nothing new.
    const bool same = c.disposition.text() == before->disposition.get()
                      || (c.disposition.empty() && before->disposition.get() == customer_left);
    return same ? verdict{decision{.reply = state_reply(*before)}}
                : no(because("routing.contact_ended", "disposition", "finished with another one"));
  }
  const auto about = in_talk(c.contact, c.agent);
  if (!about)
    return no(about.error());
  if (auto wrong = check_disposition(c, **about))
    return no(std::move(*wrong));
  decision d;
  dismiss(**about, d.events);
  d.events.push_back(contact_finished{c.contact, c.agent, c.disposition.text(), c.by});
  const auto after = after_leg(**about);
  tell(*find(c.agent), after, d.events);
  d.reply.set("state", word_of(shown(after)));
  return d;
}

routing_model::verdict routing_model::on(const contact_answer& c, const context&) const {
  const auto about = known(c.contact);
  if (!about)
    return no(about.error());
  if ((*about)->at == phase::ended)
    return no(has_ended(**about));
  contact_answered_form answered{c.contact, c.form.text(), c.fields_given, (*about)->person};
  return decision{.events = {std::move(answered)}};
}

/// The one query that leaves a trace (R2.2.5): only who brought the contact is told.
routing_model::verdict routing_model::on(const query::contact_address& c, const context& in) const {
  const auto about = known(c.contact);
  if (!about)
    return no(about.error());
  const auto& who = **about;
  if (who.gateway != in.client)
    return no(because("security.not_allowed", "contact", "only the client that opened it"));
  decision d{.events = {contact_address_read{c.contact, c.purpose.text(), in.client}}};
  d.remember = false;
  d.reply.set("contact", who.id.text());
  for (const auto& [key, item] : {std::pair{"address", &who.address},
                                  std::pair{"number", &who.number.get()}}) {
    if (item->empty())
      continue;
    auto clear = opened(*item, who, in);
    if (!clear)
      return no(clear.error());
    d.reply.set(key, std::move(*clear));
  }
  return d;
}

} // namespace careline::routing
