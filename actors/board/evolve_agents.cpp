#include <algorithm>

#include "actors/board/taking_in.hpp"

namespace careline::board {

namespace {

phase phase_of(const agent& a) {
  using enum routing::agent_state;
  if (a.talking > 0 || a.state == wrap_up || a.state == busy)
    return phase::on_contact;
  return a.state == ready || a.state == offered ? phase::idle : phase::out;
}

running_sum* sum_of(work_clock& clock, phase p) {
  switch (p) {
    case phase::out: return nullptr;
    case phase::idle: return &clock.idle;
    case phase::on_contact: return &clock.on_contact;
  }
  return nullptr;
}

} // namespace

void taking_in::set_clock(agent& a) {
  ++a.in->changes;
  a.in->touched = at_;
  const auto next = phase_of(a);
  if (next == a.clock)
    return;
  if (books_)
    books_->worked(by_, a.clock, a.clock_since, at_);
  const auto since = std::max(a.clock_since, s_.day_start.value_or(a.clock_since));
  for (auto* clock : {&a.in->clock, &s_.clock}) {
    if (auto* sum = sum_of(*clock, a.clock))
      sum->stop(since, at_);
    if (auto* sum = sum_of(*clock, next))
      sum->start(at_);
  }
  a.clock = next;
  a.clock_since = at_;
}

void taking_in::set_state(agent& a, routing::agent_state to) {
  using enum routing::agent_state;
  if (a.state == wrap_up && to != wrap_up && a.last_queue >= 0) {
    contact last;
    last.queue = a.last_queue;
    last.channel = a.last_channel;
    count(last, {.handle_ms = (at_ - a.wrap_up_since).count()});
  }
  if (a.state != wrap_up && to == wrap_up)
    a.wrap_up_since = at_;
  count_agent(s_, a, -1);
  a.state = to;
  count_agent(s_, a, 1);
  set_clock(a);
}

void taking_in::talk_beside(const agent_id& who, int by) {
  const auto found = s_.agents.find(who);
  if (found == s_.agents.end())
    return;
  found->second.talking += by;
  found->second.last_queue = -1;  // a wrap-up behind it is no handling of a contact of its own
  set_clock(found->second);
}

/// Puts an agent, whose clock stands still, into the team that serves what it serves.
void taking_in::join(agent& a,
                     const std::optional<std::map<queue_id, routing::membership>>& queues) {
  team_key serves{!queues, {}};
  if (queues)
    for (const auto& [id, how] : *queues)
      serves.queues.push_back(queue_row(s_, id));
  std::sort(serves.queues.begin(), serves.queues.end());
  a.in = &team_of(s_, std::move(serves));
  ++a.in->members;
}

/// Out of its team's counts, its clock stopped.
void taking_in::leave(agent& a) {
  const int talking = std::exchange(a.talking, 0);
  set_state(a, routing::agent_state::signed_out);
  a.talking = talking;
  --a.in->members;
}

void taking_in::operator()(const routing::agent_signed_in& x) {
  by_ = x.agent;
  auto& a = s_.agents[x.agent];
  if (a.in)
    leave(a);
  a.site = site_row(s_, x.site);
  join(a, x.queues);
  set_state(a, x.ready ? routing::agent_state::ready : routing::agent_state::not_ready);
}

void taking_in::operator()(const routing::agent_changed& x) {
  by_ = x.agent;
  const auto found = s_.agents.find(x.agent);
  if (found == s_.agents.end())
    return;
  auto& a = found->second;
  if (!x.site.empty()) {
    count_agent(s_, a, -1);
    a.site = site_row(s_, x.site);
    count_agent(s_, a, 1);
  }
  if (!x.queues)
    return;
  const auto state = a.state;
  const auto wrap_up_since = a.wrap_up_since;
  const auto last_queue = std::exchange(a.last_queue, -1);  // its wrap-up goes on: not booked yet
  leave(a);
  join(a, x.queues);
  set_state(a, state);
  a.last_queue = last_queue;
  a.wrap_up_since = wrap_up_since;
}

void taking_in::operator()(const routing::agent_state_changed& x) {
  by_ = x.agent;
  if (const auto found = s_.agents.find(x.agent); found != s_.agents.end())
    set_state(found->second, x.state);
}

void taking_in::operator()(const routing::agent_signed_out& x) {
  by_ = x.agent;
  const auto found = s_.agents.find(x.agent);
  if (found == s_.agents.end())
    return;
  leave(found->second);
  s_.agents.erase(found);
}

} // namespace careline::board
