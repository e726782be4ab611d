#include "tools/careline/load_plan.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "tools/careline/call_log_play.hpp"
#include "tools/careline/demo_profile.hpp"

namespace careline::program {

namespace {

constexpr std::array<std::string_view, 3> channels{"phone", "chat", "kiosk"};
constexpr std::array<double, 3> channel_shares{0.7, 0.2, 0.1};
/// How many queues an agent serves, and how far copies of a log are shifted at most.
constexpr int queues_each = 3;
constexpr double shift_s = 600;

queue_id queue_at(const std::string& run, int n) {
  return queue_id{fmt::format("{}-q{:03}", run, n + 1)};
}

cue sign_in(const load_wish& wish, instant at, const std::string& run, int n, dice& by) {
  routing::agent_sign_in in;
  in.agent = agent_id{fmt::format("{}-a{:05}", run, n + 1)};
  in.channels = {{channel_id{"phone"}, 1}, {channel_id{"chat"}, 2}, {channel_id{"kiosk"}, 1}};
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
  open.channel = channel_id{channels[by.pick(channel_shares)]};
  open.queue = queue_at(run, static_cast<int>(by.between(0, wish.queues)));
  open.safety = by.chance(wish.for_help);
  contact_manner how;
  how.talk = from_seconds(by.exponential(wish.talk_s));
  how.patience = from_seconds(by.exponential(wish.patience_s));
  if (by.chance(wish.repeats))
    how.returns_after = 60s;
  return {at, std::move(open), {}, how};
}

} // namespace

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
  std::uint64_t number = 0;
  for (double at = 0;;) {
    const bool surges = at >= all_s * 0.4 && at < all_s * 0.6;
    at += by.exponential(1 / (wish.per_s * (surges ? wish.surge : 1)));
    if (at >= all_s)
      break;
    out.push_back(contact(wish, start + wish.lead + from_seconds(at), run, ++number, by));
  }
  return out;
}

std::vector<cue> cues_of(const call_log& log, int times, instant start, const std::string& run,
                         std::uint64_t seed) {
  std::vector<cue> out;
  const auto begins = log.calls.front().arrival;
  dice by{seed};
  for (int copy = 0; copy < times; ++copy) {
    call_log_options how;
    how.seed = seed + static_cast<std::uint64_t>(copy);
    const auto name = [&](const std::string& id) { return fmt::format("{}-{}-{}", run, copy, id); };
    const auto shift = from_seconds(copy == 0 ? 0 : by.between(0, shift_s));
    for (auto& c : cues_of(log, how)) {
      c.at = std::max(start, start + (c.at - begins) + shift);
      std::visit(
          [&](auto& x) {
            if constexpr (requires { x.agent; })
              x.agent = agent_id{name(x.agent.text())};
            if constexpr (requires { x.contact; })
              x.contact = contact_id{name(x.contact.text())};
            if constexpr (requires { x.queue; })
              x.queue = queue_id{name(x.queue.text())};
          },
          c.what);
      if (auto* in = std::get_if<routing::agent_sign_in>(&c.what))
        in->queues = std::map<queue_id, routing::membership>{{queue_id{name("bank")}, {}}};
      if (auto* define = std::get_if<routing::queue_define>(&c.what))
        define->members = true;
      out.push_back(std::move(c));
    }
  }
  std::ranges::stable_sort(out, {}, &cue::at);
  return out;
}

} // namespace careline::program
