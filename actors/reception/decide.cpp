#include "actors/reception/model.hpp"

#include "messages/json.hpp"
#include "messages/safety.hpp"

namespace careline::reception {

using kernel::decision;

namespace {

constexpr std::size_t skills_max = 64;
constexpr int score_max = 10;

/// Whose key seals what the contact carries: the customer's where one is named, else its own.
person_id person_behind(const contact_open& c, const contact_id& id, const sealer& keys) {
  if (c.customer.is_clear())
    if (const auto* own = c.customer.reveal().find("id"))
      return keys.person_of(own->is_text() ? *own->as<std::string>() : to_json(*own));
  return keys.person_of("contact/" + id.text());
}

std::optional<problem> check(const contact_open& c) {
  if (c.customer.is_clear() && !c.customer.reveal().is_map())
    return expected("customer", "a map");
  if (c.skills && c.skills->size() > skills_max)
    return expected("skills", "at most 64 skills");
  if (!routing::is_urgency(c.urgency))
    return expected("urgency", "-1,000,000 to 1,000,000");
  if (c.queue_position && *c.queue_position < 1)
    return expected("queue_position", "1 or more");
  if (c.tier_min && c.tier_max && *c.tier_min > *c.tier_max)
    return expected("tier_min", "at most tier_max");
  if (!c.prefer.empty() && c.prefer_s <= span{0})
    return because("command.field_missing", "prefer_s", "for how long the agents are preferred");
  if (!c.consults.empty() && c.agent.empty())
    return because("command.field_missing", "agent", "who asks a colleague");
  if (!c.consults.empty() && !c.live.value_or(true))
    return expected("live", "true beside consults");
  if (c.consults.empty() && !(c.agent.empty() && c.to_agent.empty()))
    return expected(c.agent.empty() ? "to_agent" : "agent", "only beside consults");
  return {};
}

} // namespace

answer<decision> reception_model::decide(const command& c, const kernel::turn_context& in) const {
  if (const auto* o = std::get_if<contact_open>(&c))
    return open(*o, in);
  if (const auto* r = std::get_if<contact_rate>(&c))
    return rate(*r);
  return no(because("command.type_unknown", "type", std::string{type_of(c)}));
}

answer<decision> reception_model::take_over(const command& c, const decision&,
                                            const kernel::turn_context&) const {
  return no(because("command.type_unknown", "type", std::string{type_of(c)}));
}

/// An id that no contact had: the count goes on for the life of the log.
contact_id reception_model::fresh_id() const {
  for (auto n = opened_ + 1;; ++n)
    if (contact_id id{"C-" + std::to_string(n)}; !visits_.contains(id))
      return id;
}

answer<decision> reception_model::open(const contact_open& c,
                                       const kernel::turn_context& in) const {
  // A call for help goes on, whatever else of it is wrong (R9.3.3f).
  const bool helps = is_safety(c);
  if (auto wrong = check(c); wrong && !helps)
    return no(*wrong);
  contact_opened e;
  static_cast<contact_open&>(e) = c;
  if (helps) {  // a person's, whatever else it says
    e.consults = {};
    e.agent = e.to_agent = {};
  }
  e.contact = c.contact.empty() ? fresh_id() : c.contact;
  e.gateway = in.client;
  e.person = person_behind(c, e.contact, *in.keys);
  // A keyed digest: the same opening is known again, and nothing of it can be read off.
  e.fingerprint = in.keys->person_of(to_json(in_key_order(data_of(command{c}, true)))).text();
  decision d;
  d.hand_to = owner::routing;
  d.reply.set("contact", e.contact.text());
  const auto id = e.contact;
  d.events.push_back(std::move(e));
  if (helps)
    d.events.push_back(routing::contact_diverted{id, policy_.safety_place, "safety"});
  else if (c.consults.empty() || !c.queue.empty())
    d.events.push_back(triaged(c, id));  // a colleague is asked in the contact's own queue
  return d;
}

contact_triaged reception_model::triaged(const contact_open& c, const contact_id& id) const {
  if (!c.queue.empty())
    return {id, c.queue, {}, "given", 1.0};
  const auto found = c.need.is_clear() ? triage_need(policy_.triage, c.need.reveal()) : triage{};
  if (found.confidence < confidence_min)
    return {id, policy_.default_queue, found.duty, "default", found.confidence};
  return {id, found.queue, found.duty, "table", found.confidence};
}

answer<decision> reception_model::rate(const contact_rate& c) const {
  if (c.score < 0 || c.score > score_max)
    return no(because("command.field_invalid", "score", "0 to 10"));
  const auto known = visits_.find(c.contact);
  if (known == visits_.end())
    return no(because("reception.unknown_contact", "contact", c.contact.text()));
  const auto& before = known->second.score;
  if (before && *before != c.score)
    return no(because("reception.already_rated", "score", std::to_string(*before)));
  decision d;
  if (!before)
    d.events.push_back(contact_rated{c.contact, c.score});
  return d;
}

answer<value> reception_model::ask(const command& query, const kernel::turn_context&) const {
  return no(because("command.type_unknown", "type", std::string{type_of(query)}));
}

} // namespace careline::reception
