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
  if (own == can.blocks.end())
    return on != channel && (on == phone || channel == phone);
  const auto& b = own->second;
  if (b.others)
    return on != channel;
  if (b.self)
    return on == channel;
  return std::find(b.channels.begin(), b.channels.end(), channel) != b.channels.end();
}

} // namespace

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

int free_slots(const abilities& can, const agent_load& load, const channel_id& channel) {
  const auto& channels = channels_of(can);
  const auto slots = channels.find(channel);
  if (slots == channels.end())
    return 0;
  int free = slots->second;
  for (const auto& e : load.on) {
    if (e.channel == channel)
      --free;
    if (closes(can, e.channel, channel))
      return 0;
  }
  return std::max(planted(bug::offers_one_too_many) ? free + 1 : free, 0);
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
