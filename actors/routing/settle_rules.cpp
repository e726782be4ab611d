#include "actors/routing/model.hpp"

namespace careline::routing {

namespace {

bool any_of_words(const words& w, std::string_view text) {
  return std::find(w.any.begin(), w.any.end(), text) != w.any.end();
}

/// [from, to) in local hours; 22 to 6 passes midnight.
bool within_hours(const std::vector<int>& hours, int hour) {
  const int from = hours.at(0);
  const int to = hours.at(1);
  return from <= to ? from <= hour && hour < to : hour >= from || hour < to;
}

/// The first test of a rule at or after `from`; nothing when its only one was before.
std::optional<instant> first_test(const rule& r, instant queued, instant from) {
  if (!r.after_s && !r.every_s)
    return std::nullopt;
  const auto first = queued + (r.after_s ? *r.after_s : *r.every_s);
  if (first >= from)
    return first;
  if (!r.every_s)
    return std::nullopt;
  const auto rounds = (from - first + *r.every_s - span{1}) / *r.every_s;
  return first + rounds * *r.every_s;
}

} // namespace

const rule* routing_model::rule_of(const contact& c, int n) const {
  const auto* q = find(c.queue);
  const auto own = q ? static_cast<int>(q->policy.rules.size()) : 0;
  if (n < own)
    return &q->policy.rules[static_cast<std::size_t>(n)];
  const auto added = static_cast<std::size_t>(n - own);
  return added < c.added_rules.size() ? &c.added_rules[added] : nullptr;
}

/// Sets the clocks of all rules that may still fire; those before `from` were tested.
void routing_model::start_clocks(contact& c, instant from) const {
  c.clocks.clear();
  for (int n = 0; rule_of(c, n); ++n)
    start_clock(c, n, from);
}

void routing_model::start_clock(contact& c, int n, instant from) const {
  if (std::binary_search(c.rules_done.begin(), c.rules_done.end(), n))
    return;
  if (const auto at = first_test(*rule_of(c, n), c.queued, from))
    c.clocks.push_back(rule_clock{n, *at, live_});
}

/// The queue's rules were replaced: what fired for good stays so where the new list has the same
/// rule (the first of it for the first), and for the rules that were added.
void routing_model::carry_over_rules(contact& c, const std::vector<rule>& before) const {
  const auto& now = find(c.queue)->policy.rules;
  std::vector<int> done;
  for (const int n : c.rules_done) {
    const auto at = static_cast<std::size_t>(n);
    if (at >= before.size()) {
      done.push_back(static_cast<int>(at - before.size() + now.size()));
      continue;
    }
    auto nth = std::count(before.begin(), before.begin() + n, before[at]);
    const auto same = std::find_if(now.begin(), now.end(), [&](const rule& r) {
      return r == before[at] && nth-- == 0;
    });
    if (same != now.end())
      done.push_back(static_cast<int>(same - now.begin()));
  }
  std::sort(done.begin(), done.end());
  c.rules_done = std::move(done);
}

/// The rule whose time has come: the earliest, then in the order of the list.
std::optional<int> routing_model::next_rule(const contact& c, instant now) const {
  const rule_clock* best = nullptr;
  for (const auto& clock : c.clocks)
    if (clock.next <= now && (!best || clock.next < best->next))
      best = &clock;
  return best ? std::optional{best->rule} : std::nullopt;
}

/// Tests a rule at its time and only then. However many times of one that repeats were missed while
/// nobody looked, they are one test: the last of them.
routing_model::events routing_model::test_rule(contact& c, int n, const context& in) {
  auto& clocks = c.clocks.edit();
  const auto clock =
      std::find_if(clocks.begin(), clocks.end(), [&](const rule_clock& k) { return k.rule == n; });
  const auto* r = rule_of(c, n);
  auto tested = clock->next;
  if (r && r->every_s)
    tested += (in.now - tested) / *r->every_s * *r->every_s;
  const bool tested_before = !clock->is_new && tested <= replayed_until_;
  if (r && r->every_s)
    clock->next = tested + *r->every_s;
  else
    clocks.erase(clock);
  if (clocks.empty())
    c.clocks.clear();
  refresh_wake(c, deadline(c));
  if (!r || tested_before || !holds(r->when, c, in))
    return {};
  return apply(c, n, *r, in);
}

bool routing_model::holds(const rule_condition& when, const contact& c, const context& in) const {
  const auto& q = *find(c.queue);
  if (when.queue_length_min && length(c.queue) < *when.queue_length_min)
    return false;
  if (when.wait_estimate_s_min) {
    const auto& in_line = index_.line_of(c.queue);
    const auto wait = estimate(q, static_cast<int>(in_line.order_of_key({c.slot.key, &c})));
    if (!wait || *wait < *when.wait_estimate_s_min)
      return false;
  }
  if (when.channel && !any_of_words(*when.channel, c.channel.text()))
    return false;
  if (when.skill && std::none_of(c.skills.begin(), c.skills.end(), [&](const skill_id& s) {
        return any_of_words(*when.skill, s.text());
      }))
    return false;
  const auto local = to_local(in.now, in.offset_minutes);
  if (!when.hour.empty() && !within_hours(when.hour, local.hour))
    return false;
  if (!when.weekday.empty()
      && std::find(when.weekday.begin(), when.weekday.end(), local.weekday) == when.weekday.end())
    return false;
  if (!when.signed_in_max && !when.eligible_max && !when.ready_max)
    return true;
  const auto agents = index_.count(c);
  return (!when.signed_in_max || agents.signed_in <= *when.signed_in_max)
         && (!when.eligible_max || agents.eligible <= *when.eligible_max)
         && (!when.ready_max || agents.ready <= *when.ready_max);
}

/// What a rule does to this contact now. Left out is what cannot be done: a move while it is being
/// dialled, after another by a rule in this instant, after too many in haste, to a queue that is
/// not there or whose site is closed; and one rule more than a contact may have.
std::vector<rule_action> routing_model::doable(const contact& c, const rule& r,
                                               instant now) const {
  const bool is_chased =
      c.moves_in_haste >= moves_in_haste_max && now - *c.moved_by_rule < haste;
  bool may_move = c.at != phase::dialing && c.moved_by_rule != now && !is_chased;
  auto room = added_rules_max - std::min(added_rules_max, c.added_rules.size());
  std::vector<rule_action> out;
  for (const auto& act : r.actions) {
    const bool moves = !act.divert.empty();
    if (moves && (!may_move || !is_place(act.divert.text()) || act.divert == c.queue))
      continue;
    if (moves && !may_go_to(c, act.divert))
      continue;
    if (!act.add_rule.empty() && room == 0)
      continue;
    may_move = may_move && !moves;
    room -= act.add_rule.empty() ? 0 : 1;
    out.push_back(act);
  }
  return out;
}

/// Neither to a queue of a closed site nor, an agent's question or whoever was promised a call, to
/// a place outside, which would end it.
bool routing_model::may_go_to(const contact& c, const queue_id& to) const {
  const auto* q = find(to);
  return q ? !is_closed(*q) : !c.callback && c.consults.empty();
}

/// A place outside, or a queue that is there.
bool routing_model::is_place(std::string_view to) const {
  return is_outside(to) || find(queue_id{std::string{to}});
}

routing_model::events routing_model::apply(const contact& c, int n, const rule& r,
                                           const context& in) const {
  auto actions = doable(c, r, in.now);
  if (actions.empty() && !r.actions.empty())
    return {};
  auto there = c;
  queue_id to;
  for (const auto& act : actions) {
    there.where.urgency = urgency_after(act, there.where.urgency);
    to = to.empty() ? act.divert : to;
  }
  events out{contact_rule_applied{c.id, c.queue, n, std::move(actions)}};
  if (to.empty())
    return out;
  rescind(c, "diverted", out);
  out.push_back(contact_diverted{c.id, to.text(), "rule"});
  if (is_outside(to.text()))
    return out;
  there.asked_place.reset();
  out.push_back(place_in(std::move(there), *find(to), in));
  return out;
}

/// Rules that count the offers of a contact that ended unanswered: tested when more did, be it one
/// or, where all are rung, several at once.
routing_model::events routing_model::rules_after_miss(const context& in) {
  while (!missed_now_.empty()) {
    const auto next = missed_now_.begin();
    const auto* c = find(next->first);
    const int before = next->second.before;
    const int n = next->second.next_rule++;
    const auto* r = c && c->in_queue() ? rule_of(*c, n) : nullptr;
    if (!r) {
      missed_now_.erase(next);
      continue;
    }
    const bool its_time = r->after_misses && *r->after_misses <= c->misses
                          && (!is_once(*r) || before < *r->after_misses)
                          && !std::binary_search(c->rules_done.begin(), c->rules_done.end(), n);
    if (its_time && holds(r->when, *c, in))
      if (auto out = apply(*c, n, *r, in); !out.empty())
        return out;
  }
  return {};
}

} // namespace careline::routing
