#include <algorithm>
#include <array>

#include "actors/routing/index/index.hpp"

namespace careline::routing {

namespace {

/// An agent beside a contact, and all that stands between them.
struct pairing {
  const agent& a;
  const contact& c;
  const queue_policy& policy;
  const requirement_key& key;
  bool by_name = false;  ///< a transfer to this agent: its skills and queues do not count
  std::optional<membership> serves;
  int tier = 0;
  instant now{};
};

bool holds(const std::vector<agent_id>& of, const agent_id& who) {
  return std::find(of.begin(), of.end(), who) != of.end();
}

bool has_no_room(const pairing& p) {
  return free_slots(p.a.can, p.a.load, p.c.channel) <= 0
         && (p.by_name || !p.policy.offer_when_busy
             || !takes_one_more(p.a.can, p.a.load, p.c.channel));
}

/// What may keep an agent from a contact. The first that does is told.
struct filter {
  std::string_view word;
  bool (*bars)(const pairing&);
};
constexpr std::array filters{
    filter{"excluded",
           [](const pairing& p) { return !p.by_name && holds(p.key.exclude, p.a.id); }},
    filter{"reserved",
           [](const pairing& p) { return !p.key.only.empty() && !holds(p.key.only, p.a.id); }},
    filter{"queue", [](const pairing& p) { return !p.by_name && !p.serves; }},
    filter{"channel", [](const pairing& p) { return slots_of(p.a.can, p.c.channel) <= 0; }},
    filter{"skills",
           [](const pairing& p) { return !p.by_name && !covers(p.a.can.skills, p.key.skills); }},
    filter{"tier",
           [](const pairing& p) {
             return !p.by_name && (p.tier < p.key.tier_min || p.tier > p.key.tier_max);
           }},
    filter{"not_ready", [](const pairing& p) { return !p.a.load.ready; }},
    filter{"wrap_up", [](const pairing& p) { return p.a.load.wrapping_up; }},
    filter{"no_room", has_no_room},
    filter{"resting",
           [](const pairing& p) { return p.a.rests_until && *p.a.rests_until > p.now; }},
    filter{"delay",
           [](const pairing& p) { return !p.by_name && p.now - p.c.queued < p.serves->delay_s; }},
    filter{"fair_share",
           [](const pairing& p) {
             return !p.by_name && p.now < share_is_free_at(p.a, p.policy);
           }},
};

} // namespace

std::string_view matching_index::barred(const agent& a, const contact& c, instant now) const {
  const auto* q = queue_of(c.queue);
  if (!q)
    return "queue";
  const auto key = key_for(c, now);
  pairing p{a, c, q->policy, key, !key.only.empty() && !c.only_until, serves(a.can, q->policy), 0,
            now};
  if (p.serves)
    p.tier = tier_for(key, *p.serves);
  for (const auto& one : filters)
    if (one.bars(p))
      return one.word;
  return {};
}

candidate matching_index::ranked(const agent& a, const contact& c, instant now) const {
  const auto& q = *queue_of(c.queue);
  const auto key = key_for(c, now);
  const auto as = serves(a.can, q.policy);
  const bool by_name = !key.only.empty() && !c.only_until;
  return {&a, as && !by_name ? tier_for(key, *as) : 0,
          free_slots(a.can, a.load, c.channel) <= 0,
          std::binary_search(c.missed_by.begin(), c.missed_by.end(), a.id),
          row_of(q.policy.by).score(a, q, c)};
}

} // namespace careline::routing
