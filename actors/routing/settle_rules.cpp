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
  for (int n = 0; const auto* r = rule_of(c, n); ++n) {
    if (std::find(c.rules_done.begin(), c.rules_done.end(), n) != c.rules_done.end())
      continue;
    if (const auto at = first_test(*r, c.queued, from))
      c.clocks.push_back({n, *at});
  }
}

/// The rule whose time has come: the earliest, then in the order of the list.
std::optional<int> routing_model::next_rule(const contact& c, instant now) const {
  const rule_clock* best = nullptr;
  for (const auto& clock : c.clocks)
    if (clock.next <= now && (!best || clock.next < best->next))
      best = &clock;
  return best ? std::optional{best->rule} : std::nullopt;
}

/// Tests a rule at its time and only then.
routing_model::events routing_model::test_rule(contact& c, int n, const context& in) {
  const auto clock = std::find_if(c.clocks.begin(), c.clocks.end(),
                                  [&](const rule_clock& k) { return k.rule == n; });
  const auto* r = rule_of(c, n);
  const bool tested_before = clock->next <= replayed_until_;
  if (r && r->every_s)
    clock->next += *r->every_s;
  else
    c.clocks.erase(clock);
  refresh_wake(c, deadline(c));
  if (!r || tested_before || !holds(r->when, c, in))
    return {};
  return apply(c, n, *r);
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

routing_model::events routing_model::apply(const contact& c, int n, const rule& r) const {
  events out{contact_rule_applied{c.id, c.queue, n, r.actions}};
  const auto moves = std::find_if(r.actions.begin(), r.actions.end(),
                                  [](const rule_action& act) { return !act.divert.empty(); });
  const auto* to = moves == r.actions.end() ? nullptr : find(moves->divert);
  if (!to || to->policy.queue == c.queue)
    return out;
  auto there = c;
  for (const auto& act : r.actions)
    there.where.urgency = act.urgency.value_or(there.where.urgency) + act.urgency_add.value_or(0);
  there.asked_place.reset();
  rescind(c, "diverted", out);
  out.push_back(contact_diverted{c.id, to->policy.queue.text(), "rule"});
  out.push_back(place_in(std::move(there), *to));
  return out;
}

/// Rules that count the offers of a contact that ended unanswered: tested when one more did.
routing_model::events routing_model::rules_after_miss(const context& in) {
  while (!missed_now_.empty()) {
    const auto next = missed_now_.begin();
    const auto* c = find(next->first);
    const int n = next->second++;
    const auto* r = c && c->in_queue() ? rule_of(*c, n) : nullptr;
    if (!r) {
      missed_now_.erase(next);
      continue;
    }
    const bool its_time =
        r->after_misses
        && (is_once(*r) ? c->misses == *r->after_misses : c->misses >= *r->after_misses);
    if (its_time && holds(r->when, *c, in))
      return apply(*c, n, *r);
  }
  return {};
}

} // namespace careline::routing
