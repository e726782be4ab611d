#include <algorithm>
#include <climits>

#include "actors/routing/index/index.hpp"

namespace careline::routing {

namespace {

constexpr std::size_t at(agent_state s) {
  return static_cast<std::size_t>(s);
}

/// How many of the best candidates a decision record names, and how much of each name. At most 512
/// bytes follow: 98 of the record, and for each candidate its name and 48.
constexpr std::size_t candidates_named = 5;
constexpr std::size_t name_bytes_max = 34;
/// How many agents one contact rings at most, where a queue rings all.
constexpr std::size_t rung_max = 100;
/// How often an agent is drawn before those left are gone through in order.
constexpr int draws_max = 24;

/// The first whole characters of a text that have room: half of one would be no UTF-8.
std::string_view shortened(std::string_view text) {
  if (text.size() <= name_bytes_max)
    return text;
  auto n = name_bytes_max;
  while (n > 0 && (static_cast<unsigned char>(text[n]) & 0xC0U) == 0x80U)
    --n;
  return text.substr(0, n);
}

bool is_on(const std::vector<channel_id>& list, const channel_id& channel) {
  return std::find(list.begin(), list.end(), channel) != list.end();
}

bool is_wanted(const contact& c, const called_only* only) {
  return !only || (c.at == phase::waiting && only->fits(c));
}

std::string_view tie_break(const std::vector<candidate>& ranked, bool tier_is_a_weight) {
  if (ranked.size() < 2)
    return "only";
  if (!tier_is_a_weight && ranked[0].tier != ranked[1].tier)
    return "tier";
  if (ranked[0].busy != ranked[1].busy)
    return "room";
  if (ranked[0].missed != ranked[1].missed)
    return "missed";
  return ranked[0].score != ranked[1].score ? "strategy" : "sign_in";
}

} // namespace

bool ranks_before(const candidate& a, const candidate& b) {
  return std::tuple{a.tier, a.busy, a.missed, a.score, a.who->order}
         < std::tuple{b.tier, b.busy, b.missed, b.score, b.who->order};
}

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
    if (ranked[i].busy)
      one.add("busy", true);
    if (ranked[i].missed)
      one.add("missed", true);
    one.add("score", ranked[i].score);
    best.push_back(std::move(one));
  }
  v.add("best", std::move(best));
  v.add("tie_break", tie_break(ranked, row_of(by).how == choice::by_tier));
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
  if (const auto named = kinds_of_.find(q); named != kinds_of_.end())
    for (const int k : named->second)
      if (const auto as = kinds_[static_cast<std::size_t>(k)].can.queues->at(q);
          as.delay_s > span{0})
        out.push_back(as.delay_s);
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
    each_kind_for(c.queue, [&](int k) {
      if (const auto& kind = kinds_[static_cast<std::size_t>(k)]; matches(kind.can, key, as))
        add(kind);
    });
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

/// How this agent could take a contact that names it, looked at one by one.
std::optional<candidate> matching_index::as_named(const agent& a, const contact& c,
                                                  instant now) const {
  const auto& key = requirements_[static_cast<std::size_t>(c.slot.requirement)].key;
  const auto* known = queue_of(c.queue);
  if (!known)
    return std::nullopt;
  const auto& q = *known;
  const bool has_room = is_on(a.slot.ready_on, c.channel);
  candidate as{&a, 0, !has_room,
               std::binary_search(c.missed_by.begin(), c.missed_by.end(), a.id),
               row_of(q.policy.by).score(a, q, c)};
  // A transfer to one agent asks for that agent; its skills and queues are its own affair.
  if (!c.only_until)
    return has_room && c.at == phase::waiting ? std::optional{as} : std::nullopt;
  membership serving;
  if ((!has_room && (!q.policy.offer_when_busy || !is_on(a.slot.busy_on, c.channel)))
      || !matches(a.can, key, serving) || now - c.queued < serving.delay_s)
    return std::nullopt;
  as.tier = tier_for(key, serving);
  const bool may = as.tier >= key.tier_min && as.tier <= key.tier_max
                   && is_open_to(c, q, a, as.tier, now);
  return may ? std::optional{as} : std::nullopt;
}

void matching_index::collect_only(const contact& c, instant now,
                                  std::vector<candidate>& into) const {
  for (const auto& named : c.only)
    if (const auto found = agents_.find(named); found != agents_.end())
      if (const auto as = as_named(*found->second, c, now))
        into.push_back(*as);
}

/// The highest tier that an offered contact rings.
int matching_index::tier_rung(const contact& c) const {
  const auto& r = requirements_[static_cast<std::size_t>(c.slot.requirement)];
  int highest = INT_MIN;
  membership as;
  for (const auto& o : c.offers)
    if (const auto found = agents_.find(o.agent);
        found != agents_.end() && matches(found->second->can, r.key, as))
      highest = std::max(highest, tier_for(r.key, as));
  return highest;
}

/// Whether a contact may be offered to that agent of that tier now, as far as the two of them know
/// each other. While it rings, those of the same tier who come free are rung, up to the most, but
/// none twice, nobody who let it pass, and nobody without room.
bool matching_index::is_open_to(const contact& c, const queue& q, const agent& a, int tier,
                                instant now) const {
  if (std::binary_search(c.exclude.begin(), c.exclude.end(), a.id)
      || now < share_is_free_at(a, q.policy))
    return false;
  return c.at == phase::waiting
         || (c.offers.size() < rung_max && is_on(a.slot.ready_on, c.channel)
             && !std::binary_search(c.missed_by.begin(), c.missed_by.end(), a.id)
             && std::none_of(c.offers.begin(), c.offers.end(),
                             [&](const open_offer& o) { return o.agent == a.id; })
             && tier <= tier_rung(c));
}

/// The sets of agents that may have the contact by their tier and delay.
std::vector<matching_index::pool> matching_index::pools_for(const contact& c,
                                                            const strategy_row& by,
                                                            instant now) const {
  std::vector<pool> out;
  const auto& r = requirements_[static_cast<std::size_t>(c.slot.requirement)];
  const bool when_busy = queue_of(c.queue)->policy.offer_when_busy;
  for (const auto& l : r.kinds) {
    const int tier = tier_for(r.key, l.as);
    if (now - c.queued < l.as.delay_s || tier < r.key.tier_min || tier > r.key.tier_max)
      continue;
    const auto& kind = kinds_[static_cast<std::size_t>(l.other)];
    const auto add = [&](const std::map<channel_id, ready_sets>& from, bool busy) {
      const auto sets = from.find(c.channel);
      if (sets == from.end())
        return;
      if (const auto& agents = sets->second[static_cast<std::size_t>(by.order)]; !agents.empty())
        out.push_back({&agents, tier, busy});
    };
    add(kind.ready, false);
    if (when_busy)
      add(kind.busy, true);
  }
  return out;
}

/// Adds the first few agents of a pool, in the strategy's order, those who missed it apart; of one
/// that rings all, as many as are rung.
void matching_index::collect(const contact& c, const pool& from, const strategy_row& by,
                             instant now, std::vector<candidate>& into) const {
  const auto& q = *queue_of(c.queue);
  const auto& agents = *from.agents;
  const bool rings_all = by.how == choice::all;
  const auto wanted = rings_all ? rung_max : candidates_named;
  const auto start =
      by.how == choice::next
          ? agents.upper_bound({static_cast<std::int64_t>(q.last_offered), ~0ULL, nullptr})
          : agents.begin();
  auto it = start == agents.end() ? agents.begin() : start;
  std::size_t named = 0;
  for (std::size_t seen = 0; seen < agents.size() && named < wanted; ++seen) {
    const auto& a = *it->who;
    if (is_open_to(c, q, a, from.tier, now)) {
      const bool missed =
          !rings_all && std::binary_search(c.missed_by.begin(), c.missed_by.end(), a.id);
      into.push_back({&a, from.tier, from.busy, missed, by.score(a, q, c)});
      named += missed ? 0 : 1;
    }
    if (++it == agents.end())
      it = agents.begin();
  }
}

/// Draws the first few of some pools, each agent as likely as its tier says. Those who missed the
/// contact are drawn only where there is nobody else.
void matching_index::draw_from(const contact& c, const std::vector<pool>& pools, instant now,
                               std::uint64_t seed, std::vector<candidate>& into) const {
  const auto& q = *queue_of(c.queue);
  const bool by_tier = row_of(q.policy.by).how == choice::by_tier;
  const auto weight_of = [&](const pool& p) { return by_tier ? weight_of_tier(p.tier) : 1; };
  std::uint64_t all = 0;
  for (const auto& p : pools)
    all += p.agents->size() * weight_of(p);
  const auto take = [&](const agent& a, const pool& from) {
    const auto is_it = [&](const candidate& known) { return known.who == &a; };
    if (!is_open_to(c, q, a, from.tier, now) || std::any_of(into.begin(), into.end(), is_it))
      return;
    const bool missed = std::binary_search(c.missed_by.begin(), c.missed_by.end(), a.id);
    into.push_back({&a, from.tier, from.busy, missed, static_cast<std::int64_t>(into.size())});
  };
  for (int nth = 0; all > 0 && nth < draws_max && into.size() < candidates_named; ++nth) {
    auto at = draw_one_of(all, seed, c, nth);
    for (const auto& p : pools) {
      const auto share = p.agents->size() * weight_of(p);
      if (at < share) {
        take(*p.agents->find_by_order(at / weight_of(p))->who, p);
        break;
      }
      at -= share;
    }
  }
  const auto is_fresh = [](const candidate& one) { return !one.missed; };
  if (std::any_of(into.begin(), into.end(), is_fresh))
    return;
  // Nearly all are excluded or missed it: whoever is left, in order.
  for (const auto& p : pools)
    for (auto it = p.agents->begin(); it != p.agents->end(); ++it) {
      take(*it->who, p);
      if (std::any_of(into.begin(), into.end(), is_fresh))
        return;
    }
}

/// The pools of the lowest tier that has somebody; or all, where the tier is a weight.
void matching_index::draw(const contact& c, std::vector<pool> pools, const strategy_row& by,
                          instant now, std::uint64_t seed, std::vector<candidate>& into) const {
  // In an order that the state alone decides: kinds are numbered by how things came to be.
  const auto key = [&](const pool& p) {
    return std::tuple{by.how == choice::by_tier ? 0 : p.tier, p.busy, p.agents->begin()->order};
  };
  std::sort(pools.begin(), pools.end(),
            [&](const pool& a, const pool& b) { return key(a) < key(b); });
  while (!pools.empty() && into.empty()) {
    const auto same = std::find_if(pools.begin(), pools.end(), [&](const pool& p) {
      return (by.how != choice::by_tier && p.tier != pools.front().tier)
             || p.busy != pools.front().busy;
    });
    draw_from(c, {pools.begin(), same}, now, seed, into);
    pools.erase(pools.begin(), same);
  }
  std::stable_sort(into.begin(), into.end(), [](const candidate& a, const candidate& b) {
    return std::pair{a.missed, a.score} < std::pair{b.missed, b.score};
  });
}

std::optional<match> matching_index::best_agent(const contact& c, instant now,
                                                std::uint64_t seed) const {
  const auto* q = c.slot.requirement < 0 ? nullptr : queue_of(c.queue);
  if (!q)
    return std::nullopt;
  const auto& by = row_of(q->policy.by);
  std::vector<candidate> ranked;
  const auto& r = requirements_[static_cast<std::size_t>(c.slot.requirement)];
  const bool draws = by.how == choice::drawn || by.how == choice::by_tier;
  if (!r.key.only.empty())
    collect_only(c, now, ranked);
  else if (draws)
    draw(c, pools_for(c, by, now), by, now, seed, ranked);
  else
    for (const auto& p : pools_for(c, by, now))
      collect(c, p, by, now, ranked);
  if (ranked.empty())
    return std::nullopt;
  if (!draws || !r.key.only.empty()) {
    const auto most = by.how == choice::all ? rung_max : candidates_named;
    const auto wanted = std::min(ranked.size(), most);
    std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(wanted),
                      ranked.end(), ranks_before);
  }
  match out{ranked.front().who, {}};
  if (by.how == choice::all)
    for (std::size_t i = 1; i < std::min(ranked.size(), rung_max - c.offers.size()); ++i)
      if (ranked[i].tier == ranked.front().tier && ranked[i].busy == ranked.front().busy)
        out.also.push_back(ranked[i].who);
  out.decision = decision_record(ranked, q->policy.by, count(c));
  if (!out.also.empty())
    out.decision.add("rung", static_cast<std::int64_t>(out.also.size() + 1));
  return out;
}

/// The first contact under a requirement that this agent may have.
const contact* matching_index::first_waiting(const requirement& r, const link& from,
                                             const agent& a, instant now,
                                             const called_only* only) const {
  const auto* q = queue_of(r.key.queue);
  const int tier = tier_for(r.key, from.as);
  if (!q || tier < r.key.tier_min || tier > r.key.tier_max || now < share_is_free_at(a, q->policy))
    return nullptr;
  for (const auto& s : r.waiting)
    if (now - s.who->queued >= from.as.delay_s && is_open_to(*s.who, *q, a, tier, now)
        && is_wanted(*s.who, only))
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

const contact* matching_index::best_contact(const agent& a, instant now,
                                            const called_only* only) const {
  if (a.slot.kind < 0 || (a.slot.ready_on.empty() && a.slot.busy_on.empty()))
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
  const auto has_room = [&](const requirement_key& key) {
    if (is_on(a.slot.ready_on, key.channel))
      return true;
    const auto* q = queue_of(key.queue);
    return q && q->policy.offer_when_busy && is_on(a.slot.busy_on, key.channel);
  };
  for (const auto& l : kinds_[static_cast<std::size_t>(a.slot.kind)].requirements) {
    const auto& r = requirements_[static_cast<std::size_t>(l.other)];
    if (r.waiting.empty() || !has_room(r.key)
        || std::binary_search(r.key.exclude.begin(), r.key.exclude.end(), a.id))
      continue;
    if (const auto* who = first_waiting(r, l, a, now, only))
      add(r, l, who);
  }
  if (const auto named = direct_.find(a.id); named != direct_.end())
    for (const int id : named->second) {
      const auto& r = requirements_[static_cast<std::size_t>(id)];
      for (const auto& s : r.waiting)
        if (as_named(a, *s.who, now) && is_wanted(*s.who, only)) {
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
