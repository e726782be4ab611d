#include <algorithm>

#include "tests/simulation/oracles.hpp"

// The account of contacts and agents that the oracles keep from the events alone, without a line of
// routing's own code.

namespace careline::simulation {

oracles::contact_row& oracles::row(const contact_id& id) {
  const auto found = contacts_.find(id.text());
  must(found != contacts_.end(), id.text() + " was never opened");
  return found->second;
}

void oracles::end(const contact_id& id, std::string_view how) {
  auto& c = row(id);
  must(!c.has_ended, id.text() + " ends twice: " + std::string{how});
  must(c.parties.empty(), id.text() + " ends with somebody in it: " + std::string{how});
  c.has_ended = true;
  let_go_all(c, id);
}

void oracles::let_go_all(contact_row& c, const contact_id& id) {
  let_go(c.agent, id.text());
  let_go(c.dialled_by, id.text());
  c.agent.clear();
  c.dialled_by.clear();
}

void oracles::take_on(const agent_id& agent, const contact_id& contact) {
  auto& a = agents_[agent.text()];
  const auto& channel = row(contact).channel;
  a.on[contact.text()] = channel;
  const auto on = std::count_if(a.on.begin(), a.on.end(),
                                [&](const auto& one) { return one.second == channel; });
  must(on <= a.slots[channel], agent.text() + " has more on " + channel + " than there is room");
}

void oracles::let_go(const std::string& agent, const std::string& contact) {
  if (const auto a = agents_.find(agent); a != agents_.end())
    a->second.on.erase(contact);
}

void oracles::rest(const agent_id& agent, const contact_id& contact, span rests::*cause,
                   instant at) {
  const auto by = rests_[row(contact).queue].*cause;
  if (by <= span{})
    return;
  auto& until = agents_[agent.text()].rests_until;
  until = std::max(at + by, until.value_or(at + by));  // a longer one goes on
}

/// Who is in a talk of several.
void oracles::follow_parties(const event& e) {
  if (const auto* x = std::get_if<routing::contact_joined>(&e)) {
    auto& c = row(x->contact);
    must(c.agent == x->by.text(), x->contact.text() + " is joined by the word of another");
    must(c.parties.insert(x->agent.text()).second, x->agent.text() + " joins twice");
    let_go(x->agent.text(), x->consult.text());
    take_on(x->agent, x->contact);
  }
  if (const auto* x = std::get_if<routing::contact_left>(&e)) {
    auto& c = row(x->contact);
    let_go(x->agent.text(), x->contact.text());
    const bool hands_on = !x->to.empty();
    must(hands_on == (c.agent == x->agent.text()), x->agent.text() + " leaves as another");
    must(c.parties.erase(hands_on ? x->to.text() : x->agent.text()) == 1,
         x->contact.text() + " is left by or to somebody who is not in it");
    if (hands_on)
      c.agent = x->to.text();
  }
  if (const auto* x = std::get_if<routing::contact_parked>(&e)) {
    auto& c = row(x->contact);
    must(c.agent == x->agent.text(), x->contact.text() + " is parked by another");
    let_go_all(c, x->contact);
  }
  if (const auto* x = std::get_if<routing::ticket_missed>(&e)) {
    auto& c = row(x->contact);
    must(c.agent == x->agent.text(), x->contact.text() + " is missed by another");
    must(c.parties.empty(), x->contact.text() + " is missed with somebody in it");
    let_go_all(c, x->contact);
  }
}

void oracles::follow(const event& e, instant at) {
  follow_offer(e, at);
  follow_agent(e);
  follow_parties(e);
  if (const auto* x = std::get_if<reception::contact_opened>(&e)) {
    must(!contacts_.contains(x->contact.text()), x->contact.text() + " is opened twice");
    contacts_[x->contact.text()].channel = x->channel.text();
  }
  if (const auto* x = std::get_if<routing::queue_defined>(&e)) {
    rests_[x->queue.text()] = {x->rest_s.reject, x->rest_s.busy, x->rest_s.no_answer};
    rings_all_[x->queue.text()] = x->by == routing::strategy::ring_all;
  }
  if (const auto* x = std::get_if<routing::contact_queued>(&e)) {
    auto& c = row(x->contact);
    must(!c.has_ended, x->contact.text() + " is queued after its end");
    c.queue = x->queue.text();
    let_go_all(c, x->contact);
  }
  if (const auto* x = std::get_if<routing::contact_connected>(&e)) {
    auto& c = row(x->contact);
    must(!c.has_ended, x->contact.text() + " is connected after its end");
    must(c.agent.empty(), x->contact.text() + " is connected to a second agent");
    c.agent = x->agent.text();
    take_on(x->agent, x->contact);
  }
  if (const auto* x = std::get_if<routing::contact_transferred>(&e)) {
    auto& c = row(x->contact);
    must(c.agent == x->agent.text(), x->contact.text() + " is passed on by another");
    must(c.parties.empty(), x->contact.text() + " is passed on with somebody in it");
    let_go_all(c, x->contact);
  }
  if (const auto* x = std::get_if<routing::contact_finished>(&e)) {
    must(row(x->contact).agent == x->agent.text(), x->contact.text() + " is finished by another");
    end(x->contact, "finished");
  }
  if (const auto* x = std::get_if<routing::contact_abandoned>(&e))
    end(x->contact, "abandoned");
  if (const auto* x = std::get_if<routing::contact_timed_out>(&e))
    end(x->contact, "timed out");
  if (const auto* x = std::get_if<routing::contact_refused>(&e))
    end(x->contact, "refused");
  if (const auto* x = std::get_if<routing::contact_diverted>(&e))
    if (x->to.find(':') != std::string::npos)
      end(x->contact, "diverted");
}

void oracles::follow_offer(const event& e, instant at) {
  const auto closes = [&](const auto& x) {
    auto& c = row(x.contact);
    must(c.offers.erase(x.agent.text()) == 1,
         x.contact.text() + ": an offer to " + x.agent.text() + " ends that is not open");
    let_go(x.agent.text(), x.contact.text());
  };
  if (const auto* x = std::get_if<routing::offer_made>(&e)) {
    auto& c = row(x->contact);
    must(!c.has_ended && c.agent.empty(), x->contact.text() + " is offered and is not free");
    must(c.offers.empty() || rings_all_[x->queue.text()],
         x->contact.text() + " has a second open offer");
    const auto& until = agents_[x->agent.text()].rests_until;
    must(!until || *until <= at, x->agent.text() + " is offered " + x->contact.text()
                                     + " while it rests");
    c.offers.insert(x->agent.text());
    take_on(x->agent, x->contact);
  }
  if (const auto* x = std::get_if<routing::offer_accepted>(&e))
    closes(*x);
  if (const auto* x = std::get_if<routing::offer_declined>(&e)) {
    closes(*x);
    rest(x->agent, x->contact,
         x->reason == routing::decline_reason::busy ? &rests::busy : &rests::reject, at);
  }
  if (const auto* x = std::get_if<routing::offer_expired>(&e)) {
    closes(*x);
    rest(x->agent, x->contact, &rests::no_answer, at);
  }
  if (const auto* x = std::get_if<routing::offer_rescinded>(&e))
    closes(*x);
  if (const auto* x = std::get_if<routing::dial_requested>(&e)) {
    row(x->contact).dialled_by = x->agent.text();
    take_on(x->agent, x->contact);
  }
  if (const auto* x = std::get_if<routing::dial_reported>(&e)) {
    auto& c = row(x->contact);
    let_go(std::exchange(c.dialled_by, {}), x->contact.text());
  }
}

void oracles::follow_agent(const event& e) {
  const auto slots = [&](const agent_id& agent, const auto& channels) {
    auto& a = agents_[agent.text()];
    a.slots.clear();
    for (const auto& [channel, count] : channels)
      a.slots[channel.text()] = count;
  };
  if (const auto* x = std::get_if<routing::agent_signed_in>(&e)) {
    slots(x->agent, routing::channels_of(*x));
    agents_[x->agent.text()].rests_until.reset();
  }
  if (const auto* x = std::get_if<routing::agent_changed>(&e); x && x->channels)
    slots(x->agent, *x->channels);
}

} // namespace careline::simulation
