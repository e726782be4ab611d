#include "actors/routing/model.hpp"

namespace careline::routing {

namespace {

/// How far the search for a pair that wants each other goes before it takes what it has.
constexpr int steps_max = 8;

} // namespace

/// One step of the decision: who leaves a closed site, who leaves because nobody is there, what
/// rules say, then one offer.
routing_model::events routing_model::settle(const kernel::turn_context& in) {
  live_ = true;
  if (auto out = leave_closed_sites(in); !out.empty())
    return out;
  if (auto out = nobody_there(); !out.empty())
    return out;
  if (auto out = rules_after_miss(in); !out.empty())
    return out;
  return match(in);
}

/// A queue whose `leave_when` no agent fulfils any more lets its waiting contacts go.
routing_model::events routing_model::nobody_there() {
  while (!look_who_is_there_.empty()) {
    const auto id = *look_who_is_there_.begin();
    const auto* q = find(id);
    if (q && q->policy.leave_when && index_.in_states(q->policy, *q->policy.leave_when) == 0)
      for (const auto& s : index_.line_of(id))
        if (s.who->at == phase::waiting && !s.who->callback)
          return {contact_timed_out{s.who->id, "nobody_there"}};
    look_who_is_there_.erase(look_who_is_there_.begin());
  }
  return {};
}

/// The next pair of which each is the other's best (contact §2 "Order of contacts", "Agents").
routing_model::events routing_model::match(const context& in) {
  const auto pair_up = [&](const contact* c, routing::match to) {
    for (int i = 0; i < steps_max; ++i) {
      const auto* better = index_.best_contact(*to.who, in.now);
      if (!better || better == c)
        break;
      auto other = index_.best_agent(*better, in.now, in.seed);
      if (!other)
        break;
      c = better;
      if (other->who == to.who) {
        to = std::move(*other);
        break;
      }
      to = std::move(*other);
    }
    if (const auto n = next_rule(*c, in.now))
      return test_rule(in_hand(c->id), *n, in);
    return offer(*c, to, in);
  };
  while (const auto* c = index_.next_contact()) {
    if (const auto n = next_rule(*c, in.now)) {
      if (auto out = test_rule(in_hand(c->id), *n, in); !out.empty())
        return out;
      continue;
    }
    auto to = index_.best_agent(*c, in.now, in.seed);
    if (!to)
      index_.settle(*c);
    else if (auto out = pair_up(c, std::move(*to)); !out.empty())
      return out;
  }
  while (const auto* a = index_.next_agent()) {
    const auto* c = index_.best_contact(*a, in.now);
    auto to = c ? index_.best_agent(*c, in.now, in.seed) : std::nullopt;
    if (!to)
      index_.settle(*a);
    else if (auto out = pair_up(c, std::move(*to)); !out.empty())
      return out;
  }
  return {};
}

routing_model::events routing_model::offer(const contact& c, const routing::match& to,
                                           const context& in) const {
  const auto& q = *find(c.queue);
  events out;
  const auto add = [&](const agent& a, const value& why) {
    out.push_back(offer_made{c.id, a.id, c.queue, in.now + q.policy.ring_s, c.offer_number + 1,
                             why});
    auto after = a.load;
    after.on.push_back({c.id, c.channel, true});
    tell(a, after, out);
  };
  add(*to.who, to.decision);
  for (const auto* other : to.also)
    if (index_.best_contact(*other, in.now) == &c)  // one who has better to do is not rung
      add(*other, {});
  return out;
}

} // namespace careline::routing
