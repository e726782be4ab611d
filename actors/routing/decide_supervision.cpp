#include "actors/routing/model.hpp"

namespace careline::routing {

using kernel::decision;

routing_model::verdict routing_model::on(const offer_pull_back& c, const context&) const {
  const auto a = offered(c.contact, c.agent);
  if (!a)
    return no(a.error());
  decision d;
  d.events.push_back(offer_pulled_back{c.contact, c.agent, c.by, c.reason.text()});
  d.events.push_back(offer_rescinded{c.contact, c.agent, "pulled_back"});
  auto after = (*a)->load;
  std::erase_if(after.on, [&](const engagement& e) { return e.contact == c.contact; });
  tell(**a, after, d.events);
  return d;
}

routing_model::verdict routing_model::on(const agent_force_state& c, const context&) const {
  if (c.state != agent_state::ready && c.state != agent_state::not_ready
      && c.state != agent_state::signed_out)
    return no(because("command.field_invalid", "state", "ready, not_ready or signed_out"));
  const auto* known_as = find(c.agent);
  if (known_as && !known_as->load.signed_in && c.state == agent_state::signed_out)
    return decision{};  // it is so already
  const auto a = signed_in(c.agent);
  if (!a)
    return no(a.error());
  decision d;
  d.events.push_back(agent_state_forced{c.agent, c.state, c.by, c.reason.text()});
  auto after = (*a)->load;
  if (c.state == agent_state::signed_out) {
    rescind(**a, after, "signed_out", d.events);
    if (!after.on.empty())
      return no(because("routing.agent_on_contact", "agent", after.on.front().contact.text()));
    d.events.push_back(agent_signed_out{c.agent});
    return d;
  }
  after.ready = c.state == agent_state::ready;
  after.reason = after.ready ? std::string{} : c.reason.text();
  if (after.ready)
    after.wrapping_up = false;
  else
    rescind(**a, after, "not_ready", d.events);
  tell(**a, after, d.events);
  if (d.events.size() == 1)
    d.events.clear();  // it is so already
  d.reply.set("state", word_of(shown(after)));
  return d;
}

routing_model::verdict routing_model::on(const contact_supervise& c,
                                         const context& in) const {
  const auto about = known(c.contact);
  if (!about)
    return no(about.error());
  const auto& who = **about;
  if (!who.in_talk())
    return no(because("routing.not_in_talk", "contact", std::string{word_of(who.at)}));
  if (c.by == who.agent)
    return no(because("command.field_invalid", "by", "not the agent who is in the talk"));
  const auto& there = who.supervisors.get();
  const auto mine = std::find_if(there.begin(), there.end(),
                                 [&](const supervision& s) { return s.by == c.by; });
  const bool is_so = mine == there.end() ? c.mode == supervision_mode::end
                                         : mine->mode == c.mode && mine->client == in.client;
  if (is_so)
    return decision{};
  if (mine == there.end() && there.size() >= supervisors_max)
    return no(because("command.field_invalid", "by",
                      "at most " + std::to_string(supervisors_max) + " in one talk"));
  return decision{.events = {contact_supervised{c.contact, who.agent, c.by, c.mode,
                                                c.reason.text(), in.client}}};
}

} // namespace careline::routing
