#include "actors/promise/model.hpp"

namespace careline::promise {

namespace {

constexpr span kept_for = 24h;

template <class Alarm>
careline::event alarm(const promise_id& id, const contact_id& contact, const code_word& kind,
                      instant due, const agent_id& tell) {
  Alarm e;
  e.promise = id;
  e.contact = contact;
  e.kind = kind;
  e.due = due;
  e.tell = tell;
  return e;
}

} // namespace

/// Others' events do not concern it, not even as time that passes: a replay has more of them.
void promise_model::evolve(const event& e, instant at) {
  std::visit(
      [&](const auto& x) {
        if constexpr (one_of<decltype(x), promise::event>) {
          forget_kept(at);
          took(x, at);
        }
      },
      e);
}

void promise_model::took(const promise_made& e, instant at) {
  const auto [there, is_new] = promises_.try_emplace(
      e.promise, given_promise{e.contact, e.kind, e.owner, e.lead, at, e.due, step::warning, {}});
  ++made_;
  if (is_new)
    arm(*there);
}

void promise_model::took(const promise_broken& e, instant) {
  const auto found = promises_.find(e.promise);
  if (found == promises_.end())
    return;
  ++broken_;
  go_on(e.promise, found->second.lead.empty() ? step::nothing : step::lead);
}

void promise_model::took(const promise_kept& e, instant at) {
  const auto found = promises_.find(e.promise);
  if (found == promises_.end() || found->second.kept)
    return;
  disarm(*found);
  broken_ -= state_of(found->second) == promise_state::broken ? 1 : 0;
  found->second.kept = at;
  kept_.emplace_back(at, &*found);
}

void promise_model::took(const promise_moved& e, instant at) {
  const auto found = promises_.find(e.promise);
  if (found == promises_.end() || found->second.kept)
    return;
  disarm(*found);
  auto& p = found->second;
  p.owner = e.owner;
  if (e.due != p.due) {
    broken_ -= state_of(p) == promise_state::broken ? 1 : 0;
    p.since = at;
    p.due = e.due;
    p.next = step::warning;
  }
  arm(*found);
}

void promise_model::go_on(const promise_id& id, step next) {
  const auto found = promises_.find(id);
  if (found == promises_.end() || found->second.kept)
    return;
  disarm(*found);
  found->second.next = next;
  arm(*found);
}

std::optional<instant> promise_model::moment_of_next(const given_promise& p) const {
  switch (p.next) {
    case step::warning: return p.since + (p.due - p.since) * policy_.warned_percent / 100;
    case step::due: return p.due;
    case step::lead: return p.due + policy_.lead_after;
    case step::nothing: break;
  }
  return std::nullopt;
}

void promise_model::arm(const entry& e) {
  if (const auto at = moment_of_next(e.second))
    wakes_.emplace(*at, &e);
  by_due_.emplace(e.second.due, &e);
}

void promise_model::disarm(const entry& e) {
  if (const auto at = moment_of_next(e.second))
    wakes_.erase({*at, &e});
  by_due_.erase({e.second.due, &e});
}

void promise_model::forget_kept(instant at) {
  for (; !kept_.empty() && kept_.front().first + kept_for <= at; kept_.pop_front())
    promises_.erase(promise_id{kept_.front().second->first});
}

std::optional<instant> promise_model::wakes_at() const {
  return wakes_.empty() ? std::nullopt : std::optional{wakes_.begin()->first};
}

promise_model::events promise_model::due(const context& in) {
  if (wakes_.empty() || wakes_.begin()->first > in.now)
    return {};
  const auto& [id, p] = *wakes_.begin()->second;
  if (p.next == step::warning)
    return {alarm<promise_due_soon>(id, p.contact, p.kind, p.due, p.owner)};
  if (p.next == step::due)
    return {alarm<promise_broken>(id, p.contact, p.kind, p.due, p.owner)};
  return {alarm<promise_escalated>(id, p.contact, p.kind, p.due, p.lead)};
}

} // namespace careline::promise
