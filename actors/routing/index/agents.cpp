#include <algorithm>

#include "actors/routing/index/index.hpp"

namespace careline::routing {

namespace {

constexpr std::size_t at(ready_order o) {
  return static_cast<std::size_t>(o);
}
constexpr std::size_t at(agent_state s) {
  return static_cast<std::size_t>(s);
}

/// Whether some of `now` were not there before.
bool has_more(const std::vector<channel_id>& now, const std::vector<channel_id>& before) {
  return std::any_of(now.begin(), now.end(), [&](const channel_id& c) {
    return std::find(before.begin(), before.end(), c) == before.end();
  });
}

} // namespace

const queue* matching_index::queue_of(const queue_id& q) const {
  const auto found = queues_.find(q);
  return found == queues_.end() ? nullptr : found->second;
}

agent* matching_index::agent_of(const agent_id& id) const {
  const auto found = agents_.find(id);
  return found == agents_.end() ? nullptr : found->second;
}

void matching_index::define(const queue& q) {
  queues_[q.policy.queue] = &q;
  const auto& by = row_of(q.policy.by);
  const bool new_order = !order_used_[at(by.order)];
  const bool levels_count = some_count_levels();
  const bool new_levels = levels_count != levels_count_;
  const bool new_busy = q.policy.offer_when_busy && !busy_counts_;
  if (new_order || new_levels || new_busy) {
    order_used_[at(by.order)] = true;
    levels_count_ = levels_count;
    busy_counts_ = busy_counts_ || new_busy;
    sort_agents_anew();
  }
  if (q.policy.tiers_ignored_up_to)
    tiers_ignored_[q.policy.queue] = ignores_tiers(q.policy);
  else
    tiers_ignored_.erase(q.policy.queue);
  // Who serves the queue may have changed: its requirements are linked anew and all who wait under
  // them looked at again.
  each_requirement_of(q.policy.queue, [this](int r) {
    auto& one = requirements_[static_cast<std::size_t>(r)];
    const auto is_this = [&](const link& l) { return l.other == r; };
    for (const auto& l : one.kinds)
      std::erase_if(kinds_[static_cast<std::size_t>(l.other)].requirements, is_this);
    one.kinds.clear();
    if (one.key.only.empty())
      link_requirement(r);
  });
  look_again(q.policy.queue);
}

void matching_index::remove(const queue_id& q) {
  queues_.erase(q);
  tiers_ignored_.erase(q);
  while (requirements_of_.contains(q))
    release_requirement(*requirements_of_.at(q).begin());
  if (const bool levels_count = some_count_levels(); levels_count != levels_count_) {
    levels_count_ = levels_count;
    sort_agents_anew();
  }
}

/// As the policies are now: a model that was read back has seen no others.
bool matching_index::some_count_levels() const {
  return std::any_of(queues_.begin(), queues_.end(), [](const auto& entry) {
    return row_of(entry.second->policy.by).counts_levels;
  });
}

void matching_index::sort_agents_anew() {
  for (auto& [id, a] : agents_) {
    take_out(*a);
    a->slot.kind_is_known = false;
    update(*a, a->slot.seen);
  }
}

/// All who wait in a queue may find a partner now.
void matching_index::look_again(const queue_id& q) {
  each_requirement_of(q, [this](int r) {
    for (const auto& s : requirements_[static_cast<std::size_t>(r)].waiting)
      look_again(const_cast<contact&>(*s.who));
  });
}

/// Agents came or went: where few enough are left, tiers no longer keep anybody apart.
void matching_index::look_at_tiers() {
  for (auto& [q, were_ignored] : tiers_ignored_) {
    const bool now = ignores_tiers(queue_of(q)->policy);
    if (now && !were_ignored)
      look_again(q);
    were_ignored = now;
  }
}

matching_index::kind_key matching_index::key_of(const agent& a) const {
  kind_key key;
  for (const auto& [skill, level] : a.can.skills) {
    key.skills.push_back(skill);
    if (levels_count_)
      key.levels.push_back(level);
  }
  each_channel(a.can, [&](const channel_id& channel, int slots) {
    if (slots > 0)
      key.channels.push_back(channel);
  });
  if (a.can.queues)
    key.queues.emplace(a.can.queues->begin(), a.can.queues->end());
  return key;
}

int matching_index::kind_of(const agent& a) {
  auto key = key_of(a);
  const auto known = kind_ids_.find(key);
  if (known != kind_ids_.end())
    return known->second;
  int k = static_cast<int>(kinds_.size());
  if (free_kinds_.empty()) {
    kinds_.emplace_back();
  } else {
    k = free_kinds_.back();
    free_kinds_.pop_back();
  }
  auto& kind = kinds_[static_cast<std::size_t>(k)];
  kind.can = a.can;
  kind.entry = kind_ids_.emplace(std::move(key), k).first;
  link_kind(k);
  return k;
}

void matching_index::link_kind(int k) {
  auto& kind = kinds_[static_cast<std::size_t>(k)];
  const auto link_to = [&](int r) {
    auto& one = requirements_[static_cast<std::size_t>(r)];
    membership as;
    if (!one.key.only.empty() || !matches(kind.can, one.key, as))
      return;
    one.kinds.push_back({k, as});
    kind.requirements.push_back({r, as});
  };
  if (!kind.can.queues) {
    kinds_everywhere_.insert(k);
    for (const auto& [key, r] : requirement_ids_)
      link_to(r);
    return;
  }
  for (const auto& [q, as] : *kind.can.queues) {
    kinds_of_[q].insert(k);
    each_requirement_of(q, link_to);
  }
}

void matching_index::unlink(int k) {
  auto& kind = kinds_[static_cast<std::size_t>(k)];
  kinds_everywhere_.erase(k);
  if (kind.can.queues)
    for (const auto& [q, as] : *kind.can.queues)
      if (const auto named = kinds_of_.find(q); named->second.erase(k), named->second.empty())
        kinds_of_.erase(named);
  for (const auto& l : kind.requirements)
    std::erase_if(requirements_[static_cast<std::size_t>(l.other)].kinds,
                  [&](const link& back) { return back.other == k; });
  kind_ids_.erase(kind.entry);
  kind = agent_kind{};
  free_kinds_.push_back(k);
}

bool matching_index::matches(const abilities& can, const requirement_key& key,
                             membership& as) const {
  const auto* q = queue_of(key.queue);
  const auto serving = q ? serves(can, q->policy) : std::nullopt;
  if (!serving || slots_of(can, key.channel) <= 0 || !covers(can.skills, key.skills))
    return false;
  as = *serving;
  return true;
}

/// Moves an agent to the kind that its abilities make it, -1 when signed out; true when it moved.
/// The kind is found by comparing lists of names: looked for only when the abilities have changed.
bool matching_index::assign_kind(agent& a) {
  const int before = a.slot.kind;
  int now = -1;
  if (a.load.signed_in)
    now = before >= 0 && a.slot.kind_is_known ? before : kind_of(a);
  a.slot.kind_is_known = true;
  if (now == before)
    return false;
  take_out(a);
  count(a, -1);
  a.slot.kind = now;
  if (now >= 0)
    ++kinds_[static_cast<std::size_t>(now)].members;
  if (before >= 0 && --kinds_[static_cast<std::size_t>(before)].members == 0)
    unlink(before);
  return true;
}

void matching_index::update(agent& a, instant now) {
  a.slot.seen = now;
  const bool other_kind = assign_kind(a);
  std::vector<channel_id> free_on;
  std::vector<channel_id> busy_on;
  if (is_ready(a.load))
    each_channel(a.can, [&](const channel_id& channel, int) {
      if (free_slots(a.can, a.load, channel) > 0)
        free_on.push_back(channel);
      else if (busy_counts_ && takes_one_more(a.can, a.load, channel))
        busy_on.push_back(channel);
    });
  if (a.slot.counted_as != shown(a.load) || a.slot.counted_eligible != is_eligible(a.load)
      || a.slot.counted_free != free_on)
    count(a, -1);
  if (a.slot.kind >= 0 && !a.slot.counted) {
    a.slot.counted_as = shown(a.load);
    a.slot.counted_eligible = is_eligible(a.load);
    a.slot.counted_free = free_on;
    count(a, +1);
  }
  if (other_kind)
    look_at_tiers();
  const bool rests = a.rests_until && *a.rests_until > now;
  auto ready_on = rests ? std::vector<channel_id>{} : std::move(free_on);
  if (rests)
    busy_on.clear();
  const auto keys = keys_of(a);
  if (ready_on == a.slot.ready_on && busy_on == a.slot.busy_on && keys == a.slot.keys)
    return;
  const bool more = has_more(ready_on, a.slot.ready_on) || has_more(busy_on, a.slot.busy_on);
  const bool was_dirty = a.slot.dirty;
  take_out(a);
  put_in(a, std::move(ready_on), std::move(busy_on), keys);
  if (more || was_dirty)
    look_again(a);
}

void matching_index::look_again(agent& a) {
  if (a.slot.dirty || (a.slot.ready_on.empty() && a.slot.busy_on.empty()))
    return;
  dirty_agents_.insert({0, a.order, &a});
  a.slot.dirty = true;
}

matching_index::ready_keys matching_index::keys_of(const agent& a) const {
  ready_keys keys{};
  for (std::size_t o = 0; o < ready_orders; ++o)
    keys[o] = order_used_[o] ? ready_key(static_cast<ready_order>(o), a) : 0;
  return keys;
}

/// Enters an agent under each channel that it has room on, or may be offered one more on.
void matching_index::put_in(agent& a, std::vector<channel_id> ready_on,
                            std::vector<channel_id> busy_on, const ready_keys& keys) {
  a.slot.keys = keys;
  if (ready_on.empty() && busy_on.empty())
    return;
  auto& kind = kinds_[static_cast<std::size_t>(a.slot.kind)];
  const auto enter = [&](ready_sets& sets) {
    for (std::size_t o = 0; o < ready_orders; ++o)
      if (order_used_[o])
        sets[o].insert({keys[o], a.order, &a});
  };
  for (const auto& channel : ready_on)
    enter(kind.ready[channel]);
  for (const auto& channel : busy_on)
    enter(kind.busy[channel]);
  if (!ready_on.empty())
    ++kind.ready_on[ready_on];
  a.slot.ready_on = std::move(ready_on);
  a.slot.busy_on = std::move(busy_on);
}

void matching_index::take_out(agent& a) {
  if (a.slot.dirty)
    dirty_agents_.erase({0, a.order, &a});
  a.slot.dirty = false;
  if (a.slot.ready_on.empty() && a.slot.busy_on.empty())
    return;
  auto& kind = kinds_[static_cast<std::size_t>(a.slot.kind)];
  const auto leave = [&](ready_sets& sets) {
    for (std::size_t o = 0; o < ready_orders; ++o)
      if (order_used_[o])
        sets[o].erase({a.slot.keys[o], a.order, &a});
  };
  for (const auto& channel : a.slot.ready_on)
    leave(kind.ready[channel]);
  for (const auto& channel : a.slot.busy_on)
    leave(kind.busy[channel]);
  if (const auto same = kind.ready_on.find(a.slot.ready_on);
      same != kind.ready_on.end() && --same->second == 0)
    kind.ready_on.erase(same);
  a.slot.ready_on.clear();
  a.slot.busy_on.clear();
}

void matching_index::forget(agent& a) {
  a.load.signed_in = false;
  update(a, instant{});
  agents_.erase(a.id);
}

/// Keeps how many agents there are of each kind, and by queue how many show each state: `n` is +1
/// or -1.
void matching_index::count(agent& a, int n) {
  if ((n > 0) == a.slot.counted || a.slot.kind < 0)
    return;
  a.slot.counted = n > 0;
  auto& kind = kinds_[static_cast<std::size_t>(a.slot.kind)];
  const auto s = at(a.slot.counted_as);
  kind.counted += n;
  kind.eligible += a.slot.counted_eligible ? n : 0;
  for (const auto& channel : a.slot.counted_free)
    kind.free[channel] += n;
  if (!kind.can.queues)
    all_queue_states_[s] += n;
  else
    for (const auto& [q, as] : *kind.can.queues)
      queue_states_[q][s] += n;
}

const agent* matching_index::next_agent() const {
  return dirty_agents_.empty() ? nullptr : dirty_agents_.begin()->who;
}

void matching_index::settle(const agent& a) {
  dirty_agents_.erase({0, a.order, &a});
  const_cast<agent&>(a).slot.dirty = false;
}

} // namespace careline::routing
