#include <algorithm>

#include "actors/routing/state.hpp"

#include "messages/planted.hpp"

namespace careline::routing {

namespace {

const channel_id phone{"phone"};
const skill_id every_skill{"ALL"};

/// Whether a contact on `on` closes channel `channel`. Default: phone closes all others, and every
/// other channel closes phone.
bool closes(const abilities& can, const channel_id& on, const channel_id& channel) {
  const auto own = can.blocks.find(on);
  if (own == can.blocks.end() && can.capacity)
    return false;  // what a contact leaves is told by its cost
  if (own == can.blocks.end())
    return on != channel && (on == phone || channel == phone);
  const auto& b = own->second;
  if (b.others)
    return on != channel;
  if (b.self)
    return on == channel;
  return std::find(b.channels.begin(), b.channels.end(), channel) != b.channels.end();
}

/// Of the capacity. One of a channel that no cost names, kept from before, takes the least.
int cost_of(const abilities& can, const channel_id& channel) {
  const auto takes = can.costs.find(channel);
  if (takes == can.costs.end())
    return 1;
  return takes->second.all ? *can.capacity : std::max(takes->second.n, 1);
}

} // namespace

contact as_contact(const ended_contact& e) {
  contact c;
  c.id = e.id;
  c.channel = e.channel;
  c.gateway = e.gateway;
  c.fingerprint = e.fingerprint;
  c.queue = e.queue;
  c.agent = e.agent;
  c.at = phase::ended;
  c.ended_as = e.as;
  c.disposition = e.disposition;
  c.where = e.where;
  c.opened = e.opened;
  c.queued = e.queued;
  c.answered = e.answered;
  c.ended = e.ended;
  c.offer_number = e.offer_number;
  c.callback = e.callback;
  return c;
}

agent_state shown(const agent_load& load) noexcept {
  if (!load.signed_in)
    return agent_state::signed_out;
  if (load.wrapping_up)
    return agent_state::wrap_up;
  if (!load.ready)
    return agent_state::not_ready;
  for (const auto& e : load.on)
    if (e.offered)
      return agent_state::offered;
  return load.on.empty() ? agent_state::ready : agent_state::busy;
}

const std::map<channel_id, int>& channels_of(const abilities& can) {
  static const std::map<channel_id, int> phone_alone{{phone, 1}};
  return can.channels ? *can.channels : phone_alone;
}

bool is_eligible(const agent_load& load) noexcept {
  return load.signed_in && load.ready;
}

bool is_ready(const agent_load& load) noexcept {
  return is_eligible(load) && !load.wrapping_up;
}

int slots_of(const abilities& can, const channel_id& channel) {
  int found = 0;
  if (can.capacity) {
    const auto takes = can.costs.find(channel);
    found = takes == can.costs.end() ? 0 : *can.capacity / cost_of(can, channel);
  } else if (const auto slots = channels_of(can).find(channel); slots != channels_of(can).end()) {
    found = slots->second;
  }
  return found;
}

int free_slots(const abilities& can, const agent_load& load, const channel_id& channel) {
  // Changed again and again while it works, an agent could have any number: one event names them.
  constexpr std::size_t in_hand_max = 1000;
  const int slots = slots_of(can, channel);
  if (slots == 0 || load.on.size() >= in_hand_max)
    return 0;
  int used = 0;
  for (const auto& e : load.on) {
    if (closes(can, e.channel, channel))
      return 0;
    if (can.capacity)
      used += cost_of(can, e.channel);
    else if (e.channel == channel)
      ++used;
  }
  const int free = can.capacity ? (*can.capacity - used) / cost_of(can, channel) : slots - used;
  return std::max(planted(bug::offers_one_too_many) ? free + 1 : free, 0);
}

bool takes_one_more(const abilities& can, const agent_load& load, const channel_id& channel) {
  if (!is_ready(load) || load.on.empty() || free_slots(can, load, channel) > 0)
    return false;
  return static_cast<int>(load.on.size()) <= slots_of(can, channel)
         && std::none_of(load.on.begin(), load.on.end(), [](const auto& e) { return e.offered; });
}

int load_share(const abilities& can, const agent_load& load) {
  int used = 0;
  int room = 0;
  if (can.capacity) {
    room = *can.capacity;
    for (const auto& e : load.on)
      used += cost_of(can, e.channel);
  } else {
    used = static_cast<int>(load.on.size());
    each_channel(can, [&](const channel_id&, int slots) { room += slots; });
  }
  return room == 0 ? 1000 : std::min(1000, used * 1000 / room);
}

instant share_is_free_at(const agent& a, const queue_policy& policy) {
  if (!policy.share)
    return {};
  const auto mine = a.accepted.find(policy.queue);
  const auto most = static_cast<std::size_t>(policy.share->contacts);
  if (mine == a.accepted.end() || mine->second.size() < most)
    return {};
  return mine->second[mine->second.size() - most] + policy.share->per_s;
}

void take_share(agent& a, const queue_policy& policy, instant at) {
  auto& mine = a.accepted[policy.queue];
  mine.push_back(at);
  if (const auto most = static_cast<std::size_t>(policy.share->contacts); mine.size() > most)
    mine.erase(mine.begin(), mine.end() - static_cast<std::ptrdiff_t>(most));
}

bool wraps_up(const queue_policy& policy) noexcept {
  if (!policy.wrap_up)
    return policy.wrap_up_s > span{0};
  return *policy.wrap_up == wrap_up_kind::manual
         || (*policy.wrap_up == wrap_up_kind::timed && policy.wrap_up_s > span{0});
}

std::optional<instant> wrap_up_end(const queue_policy& policy, instant from) {
  return policy.wrap_up_s > span{0} ? std::optional{from + policy.wrap_up_s} : std::nullopt;
}

std::optional<membership> serves(const abilities& can, const queue_policy& policy) {
  if (!can.queues)
    return policy.members ? std::nullopt : std::optional{membership{}};
  const auto named = can.queues->find(policy.queue);
  return named == can.queues->end() ? std::nullopt : std::optional{named->second};
}

int urgency_after(const rule_action& act, int urgency) noexcept {
  const auto sum = std::int64_t{act.urgency.value_or(urgency)} + act.urgency_add.value_or(0);
  return static_cast<int>(std::clamp<std::int64_t>(sum, -urgency_max, urgency_max));
}

bool is_once(const rule& r) noexcept {
  return r.once.value_or(!r.every_s);
}

bool covers(const std::map<skill_id, int>& has, const std::vector<skill_id>& asked) {
  if (asked.empty() || has.contains(every_skill))
    return true;
  return std::all_of(asked.begin(), asked.end(),
                     [&](const skill_id& s) { return has.contains(s); });
}

} // namespace careline::routing
