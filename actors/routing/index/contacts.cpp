#include <algorithm>
#include <limits>
#include <utility>

#include "actors/routing/index/index.hpp"

namespace careline::routing {

namespace {

constexpr int any_tier = std::numeric_limits<int>::max();

bool same(const place& a, const place& b) noexcept {
  return a.urgency == b.urgency && a.age_key == b.age_key && a.nudge == b.nudge;
}

} // namespace

requirement_key key_for(const contact& c, instant now) {
  const int tier_max = c.tier_max.value_or(any_tier);
  // A raise shuts nobody out who may have the contact (decision 9).
  requirement_key key{c.queue, c.channel, c.skills, c.tier_min.value_or(0), tier_max,
                      std::min(c.tier_raise, tier_max), c.exclude.get(), {}};
  if (!c.only_until || now < *c.only_until)
    key.only = c.only.get();
  return key;
}

const line& matching_index::line_of(const queue_id& q) const {
  static const line nobody;
  const auto found = line_ids_.find(q);
  return found == line_ids_.end() ? nobody : line_at(found->second).standing;
}

void matching_index::update(contact& c, instant now) {
  c.slot.seen = now;
  const bool in_line = c.in_queue();
  if (c.slot.in_line()
      && (!in_line || line_at(c.slot.line).of != c.queue || !same(c.slot.key, c.where)))
    leave_line(c);
  // One that rings all rings who comes ready meanwhile, too.
  const auto* q = c.at == phase::offered ? queue_of(c.queue) : nullptr;
  const bool still_rings = q && row_of(q->policy.by).how == choice::all;
  // One whose gateway is gone for good is not offered in the moment before it ends.
  const bool is_to_be_had = c.at == phase::waiting || still_rings;
  const bool matchable = is_to_be_had && (!c.paused_until || *c.paused_until <= now)
                         && (!c.gateway_lapses || now < *c.gateway_lapses);
  requirement_key key;
  bool keeps = false;
  if (matchable) {
    key = key_for(c, now);
    keeps = c.slot.requirement >= 0
            && requirements_[static_cast<std::size_t>(c.slot.requirement)].key == key
            && same(c.slot.key, c.where);
  }
  if (!keeps)
    take_out(c);
  c.slot.key = c.where;
  if (in_line && !c.slot.in_line()) {
    c.slot.line = number_of_line(c.queue);
    line_at(c.slot.line).standing.insert({c.where, &c});
  }
  // Once it rings no more, those who let it pass may have it again; while it does, who was one too
  // many.
  const bool rang = std::exchange(c.slot.rings, matchable && still_rings);
  if (keeps && rang)
    look_again(c);
  if (!matchable || keeps)
    return;
  const auto known = requirement_ids_.find(key);
  const int r = known == requirement_ids_.end() ? new_requirement(std::move(key)) : known->second;
  requirements_[static_cast<std::size_t>(r)].waiting.insert({c.where, &c});
  c.slot.requirement = r;
  look_again(c);
}

void matching_index::look_again(contact& c) {
  if (c.slot.requirement < 0 || c.slot.dirty)
    return;
  dirty_contacts_.insert({c.slot.key, &c});
  c.slot.dirty = true;
}

void matching_index::take_out(contact& c) {
  if (c.slot.dirty)
    dirty_contacts_.erase({c.slot.key, &c});
  c.slot.dirty = false;
  if (c.slot.requirement < 0)
    return;
  auto& r = requirements_[static_cast<std::size_t>(c.slot.requirement)];
  r.waiting.erase({c.slot.key, &c});
  if (r.waiting.empty()
      && (!r.key.only.empty() || !r.key.exclude.empty() || requirement_ids_.size() > 4096))
    release_requirement(c.slot.requirement);
  c.slot.requirement = -1;
}

void matching_index::forget(contact& c) {
  take_out(c);
  if (c.slot.in_line())
    leave_line(c);
}

void matching_index::leave_line(contact& c) {
  line_at(c.slot.line).standing.erase({c.slot.key, &c});
  c.slot.line = -1;
}

int matching_index::number_of_line(const queue_id& q) {
  const auto [at, is_new] = line_ids_.try_emplace(q, static_cast<int>(lines_.size()));
  if (is_new)
    lines_.emplace_back().of = q;
  return at->second;
}

int matching_index::new_requirement(requirement_key key) {
  int r = static_cast<int>(requirements_.size());
  if (free_requirements_.empty()) {
    requirements_.emplace_back();
  } else {
    r = free_requirements_.back();
    free_requirements_.pop_back();
  }
  auto& made = requirements_[static_cast<std::size_t>(r)];
  made.key = key;
  requirements_of_[key.queue].insert(r);
  requirement_ids_.emplace(std::move(key), r);
  link_requirement(r);
  return r;
}

/// Links a new requirement to all kinds of agents that can serve it.
void matching_index::link_requirement(int r) {
  auto& made = requirements_[static_cast<std::size_t>(r)];
  for (const auto& named : made.key.only)
    direct_[named].push_back(r);
  if (!made.key.only.empty())
    return;
  each_kind_for(made.key.queue, [&](int k) {
    auto& kind = kinds_[static_cast<std::size_t>(k)];
    membership as;
    if (!matches(kind.can, made.key, as))
      return;
    made.kinds.push_back({k, as});
    kind.requirements.push_back({r, as});
  });
}

void matching_index::release_requirement(int r) {
  auto& gone = requirements_[static_cast<std::size_t>(r)];
  const auto is_gone = [&](const link& l) { return l.other == r; };
  for (const auto& l : gone.kinds)
    std::erase_if(kinds_[static_cast<std::size_t>(l.other)].requirements, is_gone);
  for (const auto& named : gone.key.only)
    if (auto found = direct_.find(named); found != direct_.end()) {
      std::erase(found->second, r);
      if (found->second.empty())
        direct_.erase(found);
    }
  requirement_ids_.erase(gone.key);
  const auto of_queue = requirements_of_.find(gone.key.queue);
  if (of_queue->second.erase(r); of_queue->second.empty())
    requirements_of_.erase(of_queue);
  gone = requirement{};
  free_requirements_.push_back(r);
}

const contact* matching_index::next_contact() const {
  return dirty_contacts_.empty() ? nullptr : dirty_contacts_.begin()->who;
}

void matching_index::settle(const contact& c) {
  dirty_contacts_.erase({c.slot.key, &c});
  const_cast<contact&>(c).slot.dirty = false;
}

} // namespace careline::routing
