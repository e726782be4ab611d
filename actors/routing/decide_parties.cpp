#include <algorithm>

#include "actors/routing/model.hpp"

namespace careline::routing {

using kernel::decision;

// --- asking a colleague --------------------------------------------------------------------------

/// The contact that an agent asks about by opening another one (`consults`).
answer<const contact*>
routing_model::may_consult(const reception::contact_opened& asked) const {
  const auto about = in_talk(asked.consults, asked.agent);
  if (!about)
    return about;
  const auto& who = **about;
  if (!who.consults.empty())
    return no(because("command.field_invalid", "consults", "a person's contact"));
  if (!who.consult.empty())
    return no(because("routing.consult_open", "consults", who.consult.text()));
  if (asked.to_agent.empty())
    return about;
  if (!find(asked.to_agent))
    return no(because("routing.unknown_agent", "to_agent", asked.to_agent.text()));
  const bool is_there = std::any_of(who.parties.begin(), who.parties.end(), [&](const party& p) {
    return p.agent == asked.to_agent;
  });
  if (is_there || asked.to_agent == asked.agent
      || std::binary_search(who.exclude.begin(), who.exclude.end(), asked.to_agent))
    return no(because("command.field_invalid", "to_agent", "another agent, who may have it"));
  return about;
}

/// The consult about this contact, once a colleague has taken it.
answer<const contact*> routing_model::answered_consult(const contact& about,
                                                       const contact_id& id) const {
  const auto consult = known(id);
  if (!consult)
    return consult;
  if ((*consult)->at == phase::ended)
    return no(because("routing.contact_ended", "consult", std::string{(*consult)->ended_as}));
  if (about.consult != id)
    return no(because("command.field_invalid", "consult", "one about this contact"));
  if (!(*consult)->in_talk())
    return no(because("routing.not_in_talk", "consult", std::string{word_of((*consult)->at)}));
  if (about.parties.size() >= parties_max)
    return no(because("command.field_invalid", "consult",
                      "at most " + std::to_string(parties_max + 1) + " agents in one talk"));
  const auto& a = *find((*consult)->agent);
  auto without = a.load;
  std::erase_if(without.on, [&](const engagement& on) { return on.contact == id; });
  if ((*consult)->channel != about.channel && free_slots(a.can, without, about.channel) == 0)
    return no(because("routing.agent_not_ready", "consult", "no room on " + about.channel.text()));
  return consult;
}

/// The colleague moves from the consult into the talk, whose person is on hold no longer.
void routing_model::bring_in(const contact& about, const contact& consult, events& out) const {
  if (about.at == phase::held)
    out.push_back(contact_resumed{about.id, about.agent});
  out.push_back(contact_joined{about.id, consult.agent, about.agent, consult.id,
                               consult.delivered_by});
  out.push_back(contact_finished{consult.id, consult.agent, std::string{joined}});
  auto after = find(consult.agent)->load;
  for (auto& on : after.on)
    if (on.contact == consult.id)
      on = {about.id, about.channel, false};
  tell(*find(consult.agent), after, out);
}

routing_model::verdict routing_model::on(const contact_join& c, const context&) const {
  const auto about = in_talk(c.contact, c.agent);
  if (!about)
    return no(about.error());
  const auto& there = (*about)->parties;
  if (std::any_of(there.begin(), there.end(),
                  [&](const party& p) { return p.consult == c.consult; }))
    return decision{};
  const auto consult = answered_consult(**about, c.consult);
  if (!consult)
    return no(consult.error());
  decision d;
  bring_in(**about, **consult, d.events);
  return d;
}

/// A transfer after asking: the colleague has the contact at once, without a wait.
routing_model::verdict routing_model::hand_over(const contact& about,
                                                const contact_id& consult) const {
  const auto asked = answered_consult(about, consult);
  if (!asked) {
    auto wrong = asked.error();
    wrong.field = "to_consult";
    return no(std::move(wrong));
  }
  decision d;
  bring_in(about, **asked, d.events);
  d.events.push_back(contact_left{about.id, about.agent, (*asked)->agent});
  tell(*find(about.agent), after_leg(about), d.events);
  d.reply.set("contact", about.id.text());
  d.reply.set("agent", (*asked)->agent.text());
  return d;
}

routing_model::verdict routing_model::on(const contact_leave& c, const context&) const {
  const auto about = known(c.contact);
  if (!about)
    return no(about.error());
  const auto& who = **about;
  if (who.at == phase::ended)
    return no(because("routing.contact_ended", "contact", std::string{who.ended_as}));
  if (!find(c.agent))
    return no(because("routing.unknown_agent", "agent", c.agent.text()));
  const auto mine = std::find_if(who.parties.begin(), who.parties.end(),
                                 [&](const party& p) { return p.agent == c.agent; });
  decision d;
  if (who.in_talk() && who.agent == c.agent) {
    if (who.parties.empty())
      return no(because("routing.alone_in_talk", "agent", c.agent.text()));
    end_consult(who, d.events);
    d.events.push_back(contact_left{who.id, c.agent, who.parties[0].agent});
    tell(*find(c.agent), after_leg(who), d.events);
  } else if (mine != who.parties.end()) {
    d.events.push_back(contact_left{who.id, c.agent, {}});
    tell(*find(c.agent), after_part(c.agent, who.id, mine->delivered_by), d.events);
  } else {
    return no(because("routing.not_connected", "contact", std::string{word_of(who.at)}));
  }
  return d;
}

/// What comes before the end of an agent's leg: all others leave the talk, and a colleague who has
/// not answered yet is asked no longer.
void routing_model::dismiss(const contact& c, events& out) const {
  for (const auto& p : c.parties) {
    out.push_back(contact_left{c.id, p.agent, {}});
    tell(*find(p.agent), after_part(p.agent, c.id, p.delivered_by), out);
  }
  end_consult(c, out);
}

void routing_model::end_consult(const contact& c, events& out) const {
  const auto found = contacts_.find(c.consult.text());
  if (found == contacts_.end() || !found->second->in_queue())
    return;
  out.push_back(contact_timed_out{c.consult, "consult_over"});
  leave(*found->second, "timed_out", out);
}

// --- work that is not live -----------------------------------------------------------------------

routing_model::verdict routing_model::on(const contact_park& c, const context& in) const {
  const auto about = in_talk(c.contact, c.agent);
  if (!about)
    return no(about.error());
  if ((*about)->live)
    return no(because("routing.is_live", "contact", c.contact.text()));
  return decision{.events = park(**about, c.pause_s, c.reason.text(), in)};
}

/// Back to where it stood in its queue, which its agent delivered it from.
routing_model::events routing_model::park(const contact& c, span pause, std::string reason,
                                          const context& in) const {
  events out;
  dismiss(c, out);
  out.push_back(contact_parked{c.id, c.agent, std::move(reason)});
  tell(*find(c.agent), after_leg(c), out);
  auto queued = place_in(c, *find(c.queue), in);
  if (pause > span{0})
    queued.not_before = in.now + pause;
  out.push_back(std::move(queued));
  return out;
}

// --- sites ---------------------------------------------------------------------------------------

routing_model::verdict routing_model::on(const site_set_state& c, const context&) const {
  const auto has_queue = [&](const auto& row) { return row.second.policy.site == c.site; };
  const auto has_agent = [&](const auto& row) { return row.second.can.site == c.site; };
  if (!closed_.contains(c.site) && std::none_of(queues_.begin(), queues_.end(), has_queue)
      && std::none_of(agents_.begin(), agents_.end(), has_agent))
    return no(because("routing.unknown_site", "site", c.site.text()));
  if (closed_.contains(c.site) == (c.state == site_state::closed))
    return decision{};
  return decision{.events = {site_state_changed{c.site, c.state, c.by, c.reason.text()}}};
}

/// Who waits in a queue whose site was closed goes on to where the queue overflows to, but for whom
/// one agent is to have. Without such a way people keep their places: the agents of the site may
/// still come to them.
routing_model::events routing_model::leave_closed_sites(const context& in) {
  for (; !closing_.empty(); closing_.erase(closing_.begin())) {
    const auto* q = find(*closing_.begin());
    const auto way = q && is_closed(*q) ? overflow_of(*q) : way_on{};
    if (!way.to && way.outside.empty())
      continue;
    for (const auto& s : index_.line_of(q->policy.queue)) {
      const auto& c = *s.who;
      const bool may_go = way.to || (!c.callback && c.consults.empty());
      const bool waits_for_one = !c.only.empty() && !c.only_until && c.consults.empty();
      if (c.at == phase::dialing || waits_for_one || !may_go)
        continue;
      events out;
      rescind(c, site_closed, out);
      const auto to = way.to ? way.to->policy.queue.text() : way.outside;
      out.push_back(contact_diverted{c.id, to, std::string{site_closed}});
      if (way.to) {
        auto there = c;
        there.asked_place.reset();
        out.push_back(place_in(std::move(there), *way.to, in));
      }
      return out;
    }
  }
  return {};
}

} // namespace careline::routing
