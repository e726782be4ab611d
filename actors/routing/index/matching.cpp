#include <algorithm>

#include "actors/routing/index/index.hpp"

namespace careline::routing {

namespace {

constexpr std::size_t at(agent_state s) {
  return static_cast<std::size_t>(s);
}

/// How many of the best candidates a decision record names, and how much of each name. At most 512
/// bytes follow: 91 of the record, and for each candidate its name and 42.
constexpr std::size_t candidates_named = 5;
constexpr std::size_t name_bytes_max = 42;

/// The first whole characters of a text that have room: half of one would be no UTF-8.
std::string_view shortened(std::string_view text) {
  if (text.size() <= name_bytes_max)
    return text;
  auto n = name_bytes_max;
  while (n > 0 && (static_cast<unsigned char>(text[n]) & 0xC0U) == 0x80U)
    --n;
  return text.substr(0, n);
}

/// Tier; who missed this contact last; the strategy's order; who signed in first.
bool ranks_before(const candidate& a, const candidate& b) {
  return std::tuple{a.tier, a.missed, a.score, a.who->order}
         < std::tuple{b.tier, b.missed, b.score, b.who->order};
}

std::string_view tie_break(const std::vector<candidate>& ranked) {
  if (ranked.size() < 2)
    return "only";
  if (ranked[0].tier != ranked[1].tier)
    return "tier";
  if (ranked[0].missed != ranked[1].missed)
    return "missed";
  return ranked[0].score != ranked[1].score ? "strategy" : "sign_in";
}

} // namespace

value decision_record(const std::vector<candidate>& ranked, strategy by, agent_counts counts) {
  value v{value::map{}};
  v.add("strategy", word_of(by));
  v.add("signed_in", counts.signed_in);
  v.add("eligible", counts.eligible);
  v.add("ready", counts.ready);
  value::list best;
  for (std::size_t i = 0; i < ranked.size() && i < candidates_named; ++i) {
    value one{value::map{}};
    one.add("agent", shortened(ranked[i].who->id.text()));
    one.add("tier", ranked[i].tier);
    if (ranked[i].missed)
      one.add("missed", true);
    one.add("score", ranked[i].score);
    best.push_back(std::move(one));
  }
  v.add("best", std::move(best));
  v.add("tie_break", tie_break(ranked));
  return v;
}

int matching_index::signed_in(const queue_policy& policy) const {
  return in_states(policy, {agent_state::wrap_up, agent_state::not_ready, agent_state::offered,
                            agent_state::busy, agent_state::ready});
}

int matching_index::in_states(const queue_policy& policy,
                              const std::vector<agent_state>& states) const {
  const auto named = queue_states_.find(policy.queue);
  int n = 0;
  for (const auto s : states) {
    n += policy.members ? 0 : all_queue_states_[at(s)];
    n += named == queue_states_.end() ? 0 : named->second[at(s)];
  }
  return n;
}

std::vector<span> matching_index::delays(const queue_id& q) const {
  std::vector<span> out;
  for (const auto& kind : kinds_)
    if (kind.members > 0 && kind.can.queues)
      if (const auto as = kind.can.queues->find(q);
          as != kind.can.queues->end() && as->second.delay_s > span{0})
        out.push_back(as->second.delay_s);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

agent_counts matching_index::count(const contact& c) const {
  agent_counts n;
  const requirement_key key{c.queue, c.channel, c.skills, 0, 0, 0, {}, {}};
  membership as;
  const auto add = [&](const agent_kind& kind) {
    const auto free = kind.free.find(c.channel);
    n.signed_in += kind.counted;
    n.eligible += kind.eligible;
    n.ready += free == kind.free.end() ? 0 : free->second;
  };
  if (c.slot.requirement >= 0 && c.only.empty()) {
    for (const auto& l : requirements_[static_cast<std::size_t>(c.slot.requirement)].kinds)
      add(kinds_[static_cast<std::size_t>(l.other)]);
  } else {
    for (const auto& kind : kinds_)
      if (kind.members > 0 && matches(kind.can, key, as))
        add(kind);
  }
  for (const auto& id : c.exclude)
    if (const auto found = agents_.find(id); found != agents_.end() && found->second->slot.counted
                                             && matches(found->second->can, key, as)) {
      const auto& slot = found->second->slot;
      const auto& free = slot.counted_free;
      --n.signed_in;
      n.eligible -= slot.counted_eligible ? 1 : 0;
      n.ready -= std::find(free.begin(), free.end(), c.channel) == free.end() ? 0 : 1;
    }
  return n;
}

bool matching_index::ignores_tiers(const queue_policy& policy) const {
  return policy.tiers_ignored_up_to && signed_in(policy) <= *policy.tiers_ignored_up_to;
}

int matching_index::tier_for(const requirement_key& key, const membership& as) const {
  const auto* q = queue_of(key.queue);
  if (q && ignores_tiers(q->policy))
    return key.tier_min;
  return std::max(as.tier, key.tier_raise);
}

/// Whether this agent could take the contact now, looked at one by one (for contacts that name
/// agents).
bool matching_index::may_have(const agent& a, const contact& c, instant now, int& tier) const {
  const auto& key = requirements_[static_cast<std::size_t>(c.slot.requirement)].key;
  if (std::find(a.slot.ready_on.begin(), a.slot.ready_on.end(), c.channel) == a.slot.ready_on.end())
    return false;
  // A transfer to one agent asks for that agent; its skills and queues are its own affair.
  if (!c.only_until) {
    tier = 0;
    return true;
  }
  membership as;
  if (std::binary_search(key.exclude.begin(), key.exclude.end(), a.id) || !matches(a.can, key, as)
      || now - c.queued < as.delay_s)
    return false;
  tier = tier_for(key, as);
  return tier >= key.tier_min && tier <= key.tier_max;
}

void matching_index::collect_only(const contact& c, instant now,
                                  std::vector<candidate>& into) const {
  const auto* q = queue_of(c.queue);
  const auto* by = q ? find_strategy(q->policy.by) : nullptr;
  for (const auto& named : c.only) {
    const auto found = agents_.find(named);
    int tier = 0;
    if (found != agents_.end() && may_have(*found->second, c, now, tier))
      into.push_back({found->second, tier,
                      std::binary_search(c.missed_by.begin(), c.missed_by.end(), named),
                      by ? by->score(*found->second, *q) : 0});
  }
}

/// Adds the first few ready agents of one kind, in the strategy's order, those who missed it apart.
void matching_index::collect(const contact& c, const ready_set& from, const strategy_row& by,
                             int tier, std::vector<candidate>& into) const {
  const auto& q = *queue_of(c.queue);
  const auto start =
      by.rotates ? from.upper_bound({static_cast<std::int64_t>(q.last_offered), ~0ULL, nullptr})
                 : from.begin();
  auto it = start == from.end() ? from.begin() : start;
  const auto first = it;
  std::size_t named = 0;
  for (std::size_t seen = 0; seen < from.size() && named < candidates_named; ++seen) {
    const auto& a = *it->who;
    const bool excluded = std::binary_search(c.exclude.begin(), c.exclude.end(), a.id);
    if (!excluded) {
      const bool missed = std::binary_search(c.missed_by.begin(), c.missed_by.end(), a.id);
      into.push_back({&a, tier, missed, by.score(a, q)});
      named += missed ? 0 : 1;
    }
    if (++it == from.end())
      it = from.begin();
    if (it == first)
      break;
  }
}

std::optional<match> matching_index::best_agent(const contact& c, instant now) const {
  if (c.slot.requirement < 0)
    return std::nullopt;
  const auto& r = requirements_[static_cast<std::size_t>(c.slot.requirement)];
  const auto* q = queue_of(c.queue);
  const auto* by = q ? find_strategy(q->policy.by) : nullptr;
  if (!by)
    return std::nullopt;
  std::vector<candidate> ranked;
  if (!r.key.only.empty())
    collect_only(c, now, ranked);
  for (const auto& l : r.kinds) {
    const auto& kind = kinds_[static_cast<std::size_t>(l.other)];
    const auto ready = kind.ready.find(c.channel);
    if (ready == kind.ready.end())
      continue;
    const auto& from = ready->second[static_cast<std::size_t>(by->order)];
    const int tier = tier_for(r.key, l.as);
    if (from.empty() || now - c.queued < l.as.delay_s || tier < r.key.tier_min
        || tier > r.key.tier_max)
      continue;
    collect(c, from, *by, tier, ranked);
  }
  if (ranked.empty())
    return std::nullopt;
  const auto shown_count = std::min(ranked.size(), candidates_named);
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(shown_count),
                    ranked.end(), ranks_before);
  return match{ranked.front().who, decision_record(ranked, by->which, count(c))};
}

/// The first contact under a requirement that this kind of agent may have by its delay.
const contact* matching_index::first_waiting(const requirement& r, const link& from,
                                             instant now) const {
  const int tier = tier_for(r.key, from.as);
  if (tier < r.key.tier_min || tier > r.key.tier_max)
    return nullptr;
  for (const auto& s : r.waiting)
    if (now - s.who->queued >= from.as.delay_s)
      return s.who;
  return nullptr;
}

/// The ready agents that these requirements concern, each once, whatever its channels.
std::size_t matching_index::ready_for(const std::vector<const requirement*>& among) const {
  const auto is_ready_on = [](const std::vector<channel_id>& ready_on,
                              const std::set<channel_id>& any) {
    return std::any_of(ready_on.begin(), ready_on.end(),
                       [&](const channel_id& channel) { return any.contains(channel); });
  };
  std::map<int, std::set<channel_id>> kinds;
  for (const auto* r : among)
    for (const auto& l : r->kinds)
      kinds[l.other].insert(r->key.channel);
  std::size_t ready = 0;
  for (const auto& [k, channels] : kinds)
    for (const auto& [ready_on, agents] : kinds_[static_cast<std::size_t>(k)].ready_on)
      ready += is_ready_on(ready_on, channels) ? static_cast<std::size_t>(agents) : 0;
  std::set<agent_id> named;
  for (const auto* r : among)
    for (const auto& id : r->key.only) {
      const auto found = agents_.find(id);
      if (found == agents_.end() || !is_ready_on(found->second->slot.ready_on, {r->key.channel}))
        continue;
      const auto counted = kinds.find(found->second->slot.kind);
      if (counted == kinds.end() || !is_ready_on(found->second->slot.ready_on, counted->second))
        named.insert(id);
    }
  return ready + named.size();
}

/// True where the ready agents of these requirements are fewer than the contacts waiting there.
bool matching_index::is_scarce(const std::vector<const requirement*>& among) const {
  std::size_t waiting = 0;
  for (const auto* r : among)
    waiting += r->waiting.size();
  return ready_for(among) < waiting;
}

const contact* matching_index::best_contact(const agent& a, instant now) const {
  if (a.slot.kind < 0 || a.slot.ready_on.empty())
    return nullptr;
  struct option {
    const contact* who;
    int weight;
    int priority;
  };
  std::vector<option> options;
  std::vector<const requirement*> among;
  bool weights_differ = false;
  const auto add = [&](const requirement& r, const link& as, const contact* who) {
    const auto* q = queue_of(r.key.queue);
    options.push_back({who, q ? q->policy.weight : 1, as.as.priority});
    among.push_back(&r);
    weights_differ = weights_differ || options.back().weight != options.front().weight;
  };
  const auto has_room = [&](const channel_id& channel) {
    return std::find(a.slot.ready_on.begin(), a.slot.ready_on.end(), channel)
           != a.slot.ready_on.end();
  };
  for (const auto& l : kinds_[static_cast<std::size_t>(a.slot.kind)].requirements) {
    const auto& r = requirements_[static_cast<std::size_t>(l.other)];
    if (r.waiting.empty() || !has_room(r.key.channel)
        || std::binary_search(r.key.exclude.begin(), r.key.exclude.end(), a.id))
      continue;
    if (const auto* who = first_waiting(r, l, now))
      add(r, l, who);
  }
  if (const auto named = direct_.find(a.id); named != direct_.end())
    for (const int id : named->second) {
      const auto& r = requirements_[static_cast<std::size_t>(id)];
      int tier = 0;
      for (const auto& s : r.waiting)
        if (may_have(a, *s.who, now, tier)) {
          add(r, link{}, s.who);
          break;
        }
    }
  if (options.empty())
    return nullptr;
  const bool by_weight = weights_differ && is_scarce(among);
  const stands_before before;
  return std::min_element(options.begin(), options.end(),
                          [&](const option& x, const option& y) {
                            if (by_weight && x.weight != y.weight)
                              return x.weight > y.weight;
                            if (x.priority != y.priority)
                              return x.priority < y.priority;
                            return before({x.who->slot.key, x.who}, {y.who->slot.key, y.who});
                          })
      ->who;
}

} // namespace careline::routing
