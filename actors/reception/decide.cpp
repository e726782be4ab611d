#include "actors/reception/model.hpp"
#include "actors/reception/tables/hours.hpp"
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

problem not_ours(const careline::command& c) {
  return because("command.type_unknown", "type", std::string{type_of(c)});
}

} // namespace

reception_model::verdict reception_model::decide(const command& c, const context& in) const {
  return std::visit(overloaded{
                        [&](const one_of<reception::command> auto& x) { return on(x, in); },
                        [&](const routing::contact_say& x) { return on(x, in); },
                        [&](const auto&) -> verdict { return no(not_ours(c)); },
                    },
                    c);
}

reception_model::verdict reception_model::take_over(const command& c, const decision&,
                                                    const context&) const {
  return no(not_ours(c));
}

/// An id that no contact had: the count goes on for the life of the log.
contact_id reception_model::fresh_id() const {
  for (auto n = opened_ + 1;; ++n)
    if (contact_id id{"C-" + std::to_string(n)}; !visits_.contains(id))
      return id;
}

answer<const visit*> reception_model::known(const contact_id& id) const {
  const auto found = visits_.find(id);
  if (found == visits_.end())
    return no(because("reception.unknown_contact", "contact", id.text()));
  return &found->second;
}

reception_model::verdict reception_model::on(const contact_open& c, const context& in) const {
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
  if (helps) {
    d.events.push_back(std::move(e));
    d.events.push_back(routing::contact_diverted{id, policy_.safety_place, "safety"});
    return d;
  }
  if (!c.consults.empty() && c.queue.empty()) {  // a colleague is asked in the contact's own queue
    d.events.push_back(std::move(e));
    return d;
  }
  auto to = triaged(c, id);
  e.urgency = to.urgency.value_or(c.urgency);
  d.events.push_back(std::move(e));
  auto told = value{value::map{}};
  const auto outside = lead(to, in, told);
  d.events.push_back(std::move(to));
  if (!outside.empty())
    d.events.push_back(routing::contact_diverted{id, outside, "closed"});
  else if (c.consults.empty() && c.live.value_or(true))
    greet(c, id, told, d.events);
  if (!visits_.contains(id))  // what became of a known one, is routing's to tell
    for (auto& [key, item] : *told.as<value::map>())
      d.reply.set(key, std::move(item));
  return d;
}

contact_triaged reception_model::triaged(const contact_open& c, const contact_id& id) const {
  if (!c.queue.empty())
    return {id, c.queue, {}, "given", 1.0};
  const auto found = c.need.is_clear() ? triage_need(table(), c.need.reveal()) : triage{};
  contact_triaged to{id, policy_.default_queue, {}, "default", found.confidence};
  if (number_ > 0)
    to.table_version = number_;
  if (found.row)
    to.duty = found.row->duty;
  if (found.confidence < confidence_min)
    return to;
  to.queue = found.row->queue;
  to.method = "table";
  to.business = found.row->business;
  to.complexity = found.row->complexity;
  to.area = found.row->area;
  if (c.urgency == 0)
    to.urgency = found.row->urgency;
  return to;
}

/// From the area that the table names to a queue that is open, or to a place outside, which it
/// returns; says in the reply what a gateway tells the person.
std::string reception_model::lead(contact_triaged& to, const context& in, value& reply) const {
  way_in way{to.queue};
  if (!to.area.empty()) {
    way = way_of(to.area, in);
    reply.set("area", to.area.text());
  }
  if (way.closed) {
    to.closed = true;
    reply.set("closed", true);
    const auto area = areas_.find(to.area);
    if (const auto opens = area == areas_.end() || closed_sites_.contains(area->second.site)
                               ? std::nullopt
                               : opens_next(area->second, in.now, in.offset_minutes);
        opens && *opens > in.now)
      reply.set("opens", to_rfc3339(*opens));
  }
  to.queue = way.queue;
  // The queue was there when the table was defined; whoever comes later is not to suffer for it.
  if (way.outside.empty() && rows_ && to.method == "table" && !queues_.contains(to.queue))
    to.queue = policy_.default_queue;
  return way.outside;
}

bool reception_model::is_open_now(const service_area& a, const context& in) const {
  return !closed_sites_.contains(a.site) && is_open(a, in.now, in.offset_minutes);
}

way_in reception_model::way_of(const area_id& first, const context& in) const {
  auto at = areas_.find(first);
  for (int n = 0; at != areas_.end() && n < areas_in_a_row_max; ++n) {
    const auto& a = at->second;
    if (is_open_now(a, in))
      return {a.queue, {}, n > 0};
    if (leads_outside(a.otherwise))
      return {a.queue, a.otherwise, true};
    at = areas_.find(area_id{a.otherwise});
    if (at == areas_.end() && !a.otherwise.empty())
      return {queue_id{a.otherwise}, {}, true};
  }
  return {policy_.default_queue, {}, true};
}

/// Adds the greeting that fits to the reply and to the record; none whose words were forbidden
/// since.
void reception_model::greet(const contact_open& c, const contact_id& id, value& reply,
                            events& into) const {
  const auto* found = fitting(code_word{greeting_word}, c.language, c.channel);
  if (!found)
    return;
  const auto& [key, texts] = *found;
  if (texts.is_forbidden)
    return;
  value greeting{value::map{}};
  greeting.add("text", texts.texts.back());
  greeting.add("version", texts.newest());
  greeting.add("language", key.language.text());
  reply.set("greeting", std::move(greeting));
  into.push_back(contact_greeted{id, key.wording, texts.newest(), key.language, key.channel});
}

reception_model::verdict reception_model::on(const contact_rate& c, const context&) const {
  if (c.score < 0 || c.score > score_max)
    return no(because("command.field_invalid", "score", "0 to 10"));
  const auto who = known(c.contact);
  if (!who)
    return no(who.error());
  const auto& before = (*who)->score;
  if (before && *before != c.score)
    return no(because("reception.already_rated", "score", std::to_string(*before)));
  decision d;
  if (!before)
    d.events.push_back(contact_rated{c.contact, c.score});
  return d;
}

/// What a customer says goes on as it is; so does what is said in a contact that is not open, as
/// routing has the answer to that.
reception_model::verdict reception_model::on(const routing::contact_say& c, const context&) const {
  decision d;
  d.hand_to = owner::routing;
  if (c.from == routing::speaker::customer || !c.text.is_clear())
    return d;
  const auto who = visits_.find(c.contact);
  if (who == visits_.end() || who->second.ended)
    return d;
  const auto held = forbidden_.in(c.text.reveal());
  if (held.empty())
    return d;
  decision refused;
  refused.events.push_back(
      contact_wording_refused{c.contact, std::string{word_of(c.from)}, held.front()});
  refused.refused = because("reception.forbidden_word", "text", held.front());
  return refused;
}

} // namespace careline::reception
