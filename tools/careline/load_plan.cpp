#include "tools/careline/load_plan.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>


namespace careline::program {

namespace {

/// How many queues an agent serves.
constexpr int queues_each = 3;

queue_id queue_at(const std::string& run, int n) {
  return queue_id{fmt::format("{}-q{:03}", run, n + 1)};
}

cue sign_in(const load_wish& wish, instant at, const std::string& run, int n, dice& by) {
  routing::agent_sign_in in;
  in.agent = agent_id{fmt::format("{}-a{:05}", run, n + 1)};
  in.channels = load_slots();
  in.queues.emplace();
  // Each queue has somebody: the first is the agent's own number, the others are drawn.
  for (int i = 0; i < std::min(queues_each, wish.queues); ++i) {
    const int q = i == 0 ? n % wish.queues : static_cast<int>(by.between(0, wish.queues));
    in.queues->emplace(queue_at(run, q), routing::membership{});
  }
  agent_manner how;
  how.answer_after = from_seconds(by.between(0.5, 1.5) * wish.answer_s);
  how.back_after = 5s;
  return {at, in, how, {}};
}

cue contact(const load_wish& wish, instant at, const std::string& run, std::uint64_t n, dice& by) {
  reception::contact_open open;
  open.contact = contact_id{fmt::format("{}-c{}", run, n)};
  open.channel = load_channel(by);
  open.queue = queue_at(run, static_cast<int>(by.between(0, wish.queues)));
  open.safety = by.chance(wish.for_help);
  contact_manner how;
  how.talk = from_seconds(by.exponential(wish.talk_s));
  how.patience = from_seconds(by.exponential(wish.patience_s));
  if (by.chance(wish.repeats))
    how.returns_after = load_returns_after;
  return {at, std::move(open), {}, how};
}

} // namespace

channel_id load_channel(dice& by) {
  constexpr std::array<std::string_view, 3> channels{"phone", "chat", "kiosk"};
  constexpr std::array<double, 3> shares{0.7, 0.2, 0.1};
  return channel_id{channels[by.pick(shares)]};
}

std::map<channel_id, int> load_slots() {
  return {{channel_id{"phone"}, 1}, {channel_id{"chat"}, 2}, {channel_id{"kiosk"}, 1}};
}

std::pair<double, double> surge_of(double all_s) {
  return {all_s * 0.4, all_s * 0.6};
}

std::vector<cue> cues_of(const load_wish& wish, instant start, const std::string& run) {
  dice by{wish.seed};
  std::vector<cue> out;
  for (int n = 0; n < wish.queues; ++n) {
    routing::queue_define define;
    define.queue = queue_at(run, n);
    define.members = true;
    define.service_level_s = 20s;
    out.push_back({start, define, {}, {}});
  }
  for (int n = 0; n < wish.agents; ++n)
    out.push_back(sign_in(wish, start, run, n, by));
  const double all_s = to_seconds(wish.lasts);
  const auto [surge_from_s, surge_to_s] = surge_of(all_s);
  std::uint64_t number = 0;
  for (double at = 0;;) {
    const bool surges = at >= surge_from_s && at < surge_to_s;
    at += by.exponential(1 / (wish.per_s * (surges ? wish.surge : 1)));
    if (at >= all_s)
      break;
    out.push_back(contact(wish, start + wish.lead + from_seconds(at), run, ++number, by));
  }
  return out;
}

} // namespace careline::program
