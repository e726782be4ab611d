#include "actors/routing/model.hpp"

namespace careline::routing {

// Waits told again (R2.1.6): each queue that asks for it looks at its line at moments of its own,
// some contacts in a step. When is derived from the clock alone, so that an engine that comes back
// looks at the same moments; what was told is in events.

bool tells_again(const queue_policy& policy) noexcept {
  return policy.tell_step_s && *policy.tell_step_s > span{0};
}

instant next_look(const queue_policy& policy, instant after) {
  const auto every = policy.tell_every_s.value_or(tell_every_usual);
  return instant{(after.time_since_epoch() / every + 1) * every};
}

void routing_model::plan_telling(queue& q, maybe_instant next) {
  if (q.tells)
    tells_.erase({*q.tells, q.policy.queue});
  if (next)
    tells_.emplace(*next, q.policy.queue);
  q.tells = next;
}

/// The moments so far of a queue's round are over: it begins anew.
void routing_model::plan_telling_anew(queue& q, instant at) {
  const bool has_to = tells_again(q.policy) && !index_.line_of(q.policy.queue).empty();
  q.told_of = 0;
  plan_telling(q, has_to ? maybe_instant{next_look(q.policy, at)} : maybe_instant{});
}

/// While a log is folded: what was to tell until then is in it.
void routing_model::pass_tellings(instant at) {
  while (!tells_.empty() && tells_.begin()->first <= at)
    plan_telling_anew(queues_.at(tells_.begin()->second), at);
}

/// The next few of a line; when there are more the next step follows soon.
routing_model::events routing_model::tell_waits(queue& q, const context& in) {
  const auto& in_line = index_.line_of(q.policy.queue);
  events out;
  std::size_t looked_at = 0;
  auto at = in_line.find_by_order(q.told_of);
  for (; at != in_line.end() && looked_at < told_in_step_max; ++at, ++looked_at)
    if (auto news = news_of_wait(*at->who, q, static_cast<int>(q.told_of + looked_at)))
      out.push_back(std::move(*news));
  if (at == in_line.end()) {
    plan_telling_anew(q, in.now);
  } else {
    q.told_of += looked_at;
    plan_telling(q, in.now + told_step_pause);
  }
  return out;
}

/// What a waiting contact with so many before it is to hear; nothing when that is what it heard.
std::optional<contact_wait_told> routing_model::news_of_wait(const contact& c, const queue& q,
                                                             int ahead) const {
  const bool waits = (c.at == phase::waiting || c.at == phase::offered) && !c.callback && c.live
                     && c.consults.empty();
  if (!waits)
    return std::nullopt;
  const auto& told = c.told.get();
  const auto wait = estimate(q, ahead);
  const bool has_moved =
      wait && (!told.wait_s || std::chrono::abs(*wait - *told.wait_s) >= *q.policy.tell_step_s);
  const bool is_next = ahead == 0 && told.queue_position != 1;
  const auto& above = q.policy.callback_above_s;
  const bool may_be_called_back = above && wait && *wait > *above && !told.callback;
  if (!has_moved && !is_next && !may_be_called_back)
    return std::nullopt;
  contact_wait_told out{c.id, q.policy.queue, ahead + 1, wait, c.ticket.get().number, {}};
  if (may_be_called_back)
    out.callback = true;
  return out;
}

} // namespace careline::routing
