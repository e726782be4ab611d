#include "actors/routing/model.hpp"

namespace careline::routing {

using kernel::decision;

namespace {

/// The contact as it will be, before any event of it is true: to find its place by.
contact newcomer(const reception::contact_opened& o, instant now) {
  contact c;
  c.id = o.contact;
  c.where.urgency = o.urgency;
  c.opened = now;
  c.credit = o.age_s;
  c.asked_place = o.queue_position;
  c.consults = o.consults;
  return c;
}

const reception::contact_opened* opened_in(const decision& from) {
  for (const auto& e : from.events)
    if (const auto* o = std::get_if<reception::contact_opened>(&e))
      return o;
  return nullptr;
}

queue_id queue_in(const decision& from) {
  for (const auto& e : from.events)
    if (const auto* t = std::get_if<reception::contact_triaged>(&e))
      return t->queue;
  return {};
}

/// Set for a call for help, and where reception sends a person outside at once.
const contact_diverted* diverted_in(const decision& from) {
  for (const auto& e : from.events)
    if (const auto* to = std::get_if<contact_diverted>(&e))
      return to;
  return nullptr;
}

bool is_help(const contact_diverted& to) noexcept {
  return to.reason == "safety";
}

/// A gateway is told where to: it puts the person through, not the engine.
value outside(const std::string& place) {
  return value{value::map{{"diverted", true}, {"to", place}}};
}

} // namespace

/// Goes on with reception's opening: this is where a contact comes to exist, or exists already. A
/// line that reception has let through is said as it came.
answer<decision> routing_model::take_over(const command& c, const decision& from,
                                          const context& in) const {
  live_ = true;
  if (const auto* said = std::get_if<contact_say>(&c))
    return on(*said, in);
  const auto* o = opened_in(from);
  if (!o)
    return no(because("command.type_unknown", "type"));
  const auto* away = diverted_in(from);
  if (find(o->contact))
    return away && is_help(*away) ? divert_known(*o, *away) : opened_before(*o);
  if (away)
    return decision{.reply = outside(away->to)};
  auto wanted = queue_in(from);
  if (!o->consults.empty()) {
    const auto about = may_consult(*o);
    if (!about)
      return no(about.error());
    wanted = wanted.empty() ? (*about)->queue : wanted;
  }
  if (!find(wanted))
    return no(because("routing.unknown_queue", "queue", wanted.text()));
  const auto* asked = std::get_if<reception::contact_open>(&c);
  const bool has_address = asked && asked->address.is_clear() && !asked->address.empty();
  return join(*o, wanted, has_address ? asked->address.reveal() : std::string{}, in);
}

routing_model::verdict routing_model::opened_before(const reception::contact_opened& asked) const {
  const auto& c = *find(asked.contact);
  decision d;
  d.repeats = true;
  d.reply.set("contact", c.id.text());
  d.reply.set("state", word_of(c.at));
  if (!c.queue.empty())
    d.reply.set("queue", c.queue.text());
  if (c.ended_as == contact_diverted::type && !c.disposition.empty()) {
    d.reply.set("diverted", true);
    d.reply.set("to", c.disposition.get());
  }
  if (c.slot.in_line())
    d.reply.set("queue_position",
                static_cast<std::int64_t>(index_.line_of(c.queue).order_of_key({c.slot.key, &c}))
                    + 1);
  if (!c.ticket.empty())
    d.reply.set("ticket", c.ticket.get().number);
  if (c.gateway != asked.gateway || c.fingerprint != asked.fingerprint)
    d.refused = because("reception.contact_exists", "contact", std::string{word_of(c.at)});
  return d;
}

/// A call for help under the id of a contact that is there: that one goes outside, wherever it
/// stood. One that has ended has no second end: where to is told all the same.
decision routing_model::divert_known(const reception::contact_opened& asked,
                                     const contact_diverted& to) const {
  const auto& c = *find(asked.contact);
  decision d;
  d.repeats = true;
  d.reply = outside(to.to);
  if (c.at != phase::ended) {
    dismiss(c, d.events);
    d.events.push_back(to);
    leave(c, "diverted", d.events);
  } else if (c.ended_as != contact_diverted::type || c.fingerprint != asked.fingerprint) {
    d.reply.set("unlogged", true);
  }
  return d;
}

/// Why a queue does not take another contact now, if so.
std::optional<std::string_view> routing_model::limit_of(const queue& q) const {
  const auto& p = q.policy;
  const int waiting = length(p.queue);
  if (is_closed(q))
    return site_closed;
  if (p.length_max && waiting >= *p.length_max)
    return "queue_full";
  if (p.join_when && index_.in_states(p, *p.join_when) == 0)
    return "nobody_there";
  if (p.refuse_length && waiting >= *p.refuse_length)
    return "queue_full";
  const auto wait = p.refuse_wait_s ? estimate(q, waiting) : std::nullopt;
  if (wait && *wait > *p.refuse_wait_s)
    return "wait_too_long";
  return std::nullopt;
}

/// Along `overflow_to`, to the first queue that takes it; after the second a person is no longer
/// sent round.
routing_model::way_on routing_model::overflow_of(const queue& q) const {
  constexpr int overflows_max = 2;
  const auto* at = &q;
  for (int n = 0; n < overflows_max; ++n) {
    const auto& next = at->policy.overflow_to;
    if (is_outside(next.text()))
      return {nullptr, next.text()};
    at = next.empty() ? nullptr : find(next);
    if (!at || at == &q)
      break;
    if (!limit_of(*at))
      return {at};
  }
  return {};
}

/// Takes the place of a contact that was dropped, where it is told in time from the same address.
void routing_model::resume(contact_queued& as, const queue& q, const std::string& address,
                           const context& in) const {
  if (q.policy.resume_s <= span{0} || address.empty())
    return;
  as.caller = in.keys->person_of("address/" + address).text();
  const auto dropped = dropped_.find({as.queue, as.caller});
  const auto* before = dropped == dropped_.end() ? nullptr : find_ended(dropped->second);
  if (!before || in.now - before->ended > q.policy.resume_s)
    return;
  as.resumes = before->id;
  contact back = newcomer({}, in.now);
  back.id = as.contact;
  back.where = before->where;
  back.beside = before->beside;
  const auto ahead = index_.line_of(as.queue).order_of_key({back.where, &back});
  as.queue_position = static_cast<int>(ahead) + 1;
  as.wait_s = estimate(q, static_cast<int>(ahead));
}

decision routing_model::join(const reception::contact_opened& o, const queue_id& wanted,
                             const std::string& address, const context& in) const {
  decision d;
  const auto* q = find(wanted);
  const auto stand_in = [&](const queue& its) {
    auto place = place_in(newcomer(o, in.now), its, in);
    resume(place, its, address, in);
    return place;
  };
  auto queued = stand_in(*q);
  const bool keeps_place = !queued.resumes.empty() && !is_closed(*q);
  const auto limit = keeps_place ? std::nullopt : limit_of(*q);
  const auto way = limit ? overflow_of(*q) : way_on{};
  if (!way.outside.empty() && o.consults.empty()) {
    d.events.push_back(contact_diverted{o.contact, way.outside, std::string{*limit}});
    d.reply = outside(way.outside);
    return d;
  }
  if (limit && !way.to) {
    d.events.push_back(contact_refused{o.contact, wanted, std::string{*limit}});
    d.reply.set("queue", wanted.text());
    d.reply.set("refused", *limit);
    return d;
  }
  if (limit) {
    d.events.push_back(
        contact_diverted{o.contact, way.to->policy.queue.text(), std::string{*limit}});
    queued = stand_in(*way.to);
  }
  d.reply = to_value(queued);
  d.events.push_back(queued);
  return d;
}

} // namespace careline::routing
