#include <algorithm>

#include "actors/routing/model.hpp"

namespace careline::routing {

/// Whoever is in the talk already, or is never to have the contact, is not asked about it.
void routing_model::ask_about(contact& consult, const agent_id& only) {
  const auto found = contacts_.find(consult.consults.text());
  if (found == contacts_.end())
    return;
  auto& about = *found->second;
  about.consult = consult.id;
  for (const auto& one : about.exclude)
    insert_sorted(consult.exclude.edit(), one);
  insert_sorted(consult.exclude.edit(), about.agent.get());
  for (const auto& p : about.parties)
    insert_sorted(consult.exclude.edit(), p.agent);
  if (!only.empty()) {
    consult.only = std::vector<agent_id>{only};
    consult.only_until.reset();
  }
}

/// The consult is nobody's until its end, which is the next event.
void routing_model::took(const contact_joined& e, instant at) {
  auto& c = in_hand(e.contact);
  auto& a = staff(e.agent);
  for (auto& on : a.load.on)
    if (on.contact == e.consult)
      on = {c.id, c.channel, false};
  a.last_queue = {};  // as after any part in a talk that is another's
  c.parties.push_back(party{e.agent, e.consult, e.queue});
  c.consult.clear();
  in_hand(e.consult).agent = {};
  refresh(a, at);
}

void routing_model::took(const contact_left& e, instant at) {
  auto& c = in_hand(e.contact);
  const auto part_of = [&](const agent_id& who) {
    const auto found = std::find_if(c.parties.begin(), c.parties.end(),
                                    [&](const party& p) { return p.agent == who; });
    auto its = found == c.parties.end() ? party{who, {}, c.queue} : *found;
    c.parties.erase_if([&](const party& p) { return p.agent == who; });
    return its;
  };
  if (c.agent != e.agent) {
    end_part(e.agent, c.id, part_of(e.agent).delivered_by, at);
    return;
  }
  end_leg(c, at);
  leave_counter(c);
  c.supervisors.clear();
  c.consult.clear();
  const auto next = part_of(e.to);
  c.agent = next.agent;
  c.delivered_by = next.delivered_by;
  c.connected = at;
  c.agent_lapses.reset();
  if (staff(e.to).client_gone)
    c.agent_lapses = at + grace_;
  refresh(c, at);
}

/// In no line until `contact.queued`, which follows in the same batch.
void routing_model::took(const contact_parked& e, instant at) {
  auto& c = in_hand(e.contact);
  leave_talk(c, at);
  let_go_of_agent(c);
}

/// A rule is tested at its time and only then; but one that was to move people where there was no
/// way then is tested once more as soon as there is one: `opens`. Else a callback, which nothing
/// ends, could wait for ever.
void routing_model::test_moves_again(const std::function<bool(const queue_id&)>& opens,
                                     instant at) {
  const auto leads_there = [&](const rule& r) {
    return std::any_of(r.actions.begin(), r.actions.end(), [&](const rule_action& act) {
      return !act.divert.empty() && opens(act.divert);
    });
  };
  const auto is_over = [&](const contact& c, int n) {
    const auto& r = *rule_of(c, n);
    return r.after_s && !r.every_s && c.queued + *r.after_s < at && leads_there(r)
           && !std::binary_search(c.rules_done.begin(), c.rules_done.end(), n)
           && std::none_of(c.clocks.begin(), c.clocks.end(),
                           [&](const rule_clock& k) { return k.rule == n; });
  };
  for (const auto& [id, q] : queues_)
    for (const auto& s : index_.line_of(id)) {
      auto& c = in_hand(s.who->id);
      const auto before = c.clocks.size();
      for (int n = 0; rule_of(c, n); ++n)
        if (is_over(c, n))
          c.clocks.push_back(rule_clock{n, at + span{1}, live_});
      if (c.clocks.size() > before)
        refresh_wake(c, deadline(c));
    }
}

void routing_model::took(const site_state_changed& e, instant at) {
  if (e.state == site_state::open) {
    closed_.erase(e.site);
    test_moves_again(
        [&](const queue_id& to) {
          const auto* q = find(to);
          return q && q->policy.site == e.site;
        },
        at);
    return;
  }
  closed_.insert(e.site);
  for (const auto& [id, q] : queues_)
    if (live_ && q.policy.site == e.site)  // whoever left then is in the log
      closing_.insert(id);
}

} // namespace careline::routing
