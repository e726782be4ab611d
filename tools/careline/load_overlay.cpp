#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "tools/careline/call_log_play.hpp"
#include "tools/careline/load_plan.hpp"

namespace careline::program {

namespace {

/// How far copies of a log are shifted against each other at most.
constexpr double shift_s = 600;

bool is_contact(const cue& c) {
  return std::holds_alternative<reception::contact_open>(c.what);
}

/// One stretch of one copy of the log.
class log_copy {
public:
  log_copy(const call_log& log, const overlay_wish& wish, std::string prefix, int number)
      : wish_(wish), prefix_(std::move(prefix)),
        from_(wish.from > span{0} ? day_start(log.calls.front().day) + wish.from
                                  : log.calls.front().arrival),
        by_(wish.load.seed * 1'000'003 + static_cast<std::uint64_t>(number)) {
    how_.seed = wish.load.seed + static_cast<std::uint64_t>(number);
    shift_ = from_seconds(number == 0 ? 0 : by_.between(0, shift_s));
    cues_ = cues_of(log, how_);
  }

  /// Its cues, with times since the beginning of the stretch; those before it at zero or less.
  void add_to(std::vector<std::pair<span, cue>>& out) {
    std::map<std::string, std::vector<cue>> staff;  // by agent: what made it what it is at first
    for (auto& c : cues_) {
      const auto at = c.at - from_ + shift_;
      rename(c);
      if (is_contact(c)) {
        if (at >= span{0} && is_in(at))
          add_contact(at, std::move(c), out);
      } else if (at > span{0}) {
        if (is_in(at))
          out.emplace_back(at, std::move(c));
      } else if (const auto who = agent_of(c); who.empty()) {
        out.emplace_back(span{-1}, std::move(c));  // the queue, before anybody names it
      } else {
        settle(staff[who], std::move(c));
      }
    }
    for (auto& [who, all] : staff)
      for (auto& c : all)
        out.emplace_back(span{0}, std::move(c));
  }

private:
  bool is_in(span at) const { return !wish_.lasts || at < *wish_.lasts; }
  bool surges() const { return wish_.lasts && wish_.load.surge > 1; }

  static std::string agent_of(const cue& c) {
    return std::visit(
        [](const auto& x) {
          if constexpr (requires { x.agent; })
            return x.agent.text();
          else
            return std::string{};
        },
        c.what);
  }

  /// Of all that an agent did before the stretch only what still holds is done again.
  static void settle(std::vector<cue>& of, cue c) {
    const bool signs_in = std::holds_alternative<routing::agent_sign_in>(c.what);
    if (std::holds_alternative<routing::agent_sign_out>(c.what)) {
      of.clear();
      return;
    }
    if (signs_in)
      of.clear();
    else if (of.size() > 1)
      of.pop_back();
    of.push_back(std::move(c));
  }

  void rename(cue& c) const {
    const auto name = [&](const std::string& id) { return id.empty() ? id : prefix_ + id; };
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
    if (auto* in = std::get_if<routing::agent_sign_in>(&c.what)) {
      in->queues = std::map<queue_id, routing::membership>{{queue_id{name("bank")}, {}}};
      if (surges())
        in->channels = load_slots();
    }
    if (auto* define = std::get_if<routing::queue_define>(&c.what))
      define->members = true;
  }

  void add_contact(span at, cue c, std::vector<std::pair<span, cue>>& out) {
    decorate(c);
    if (surges())
      add_surge(at, c, out);
    out.emplace_back(at, std::move(c));
  }

  void decorate(cue& c) {
    std::get<reception::contact_open>(c.what).safety = by_.chance(wish_.load.for_help);
    if (by_.chance(wish_.load.repeats))
      c.contact->returns_after = load_returns_after;
  }

  /// Whom a caller of the middle fifth brings with them: like them, but for their channel, their
  /// patience and their talk, and at any time of that fifth.
  void add_surge(span at, const cue& like, std::vector<std::pair<span, cue>>& out) {
    const auto [from_s, to_s] = surge_of(to_seconds(*wish_.lasts));
    if (to_seconds(at) < from_s || to_seconds(at) >= to_s)
      return;
    const double more = wish_.load.surge - 1;
    const int whole = static_cast<int>(more);
    const int n = whole + (by_.chance(more - whole) ? 1 : 0);
    for (int i = 0; i < n; ++i) {
      auto c = like;
      auto& open = std::get<reception::contact_open>(c.what);
      // Not with a point: so are named who come again.
      open.contact = contact_id{fmt::format("{}-{}", open.contact.text(), i + 1)};
      open.channel = load_channel(by_);
      c.contact->returns_after.reset();
      c.contact->patience = draw_patience(by_);
      c.contact->talk = draw_talk(by_, open.skills->front().text());
      decorate(c);
      out.emplace_back(from_seconds(by_.between(from_s, to_s)), std::move(c));
    }
  }

  const overlay_wish& wish_;
  std::string prefix_;
  instant from_;
  call_log_options how_;
  dice by_;
  span shift_{};
  std::vector<cue> cues_;
};

} // namespace

std::vector<cue> cues_of(const call_log& log, const overlay_wish& wish, instant start,
                         const std::string& run) {
  std::vector<std::pair<span, cue>> all;
  for (int copy = 0; copy < wish.times; ++copy)
    log_copy{log, wish, fmt::format("{}-{}-", run, copy), copy}.add_to(all);
  std::ranges::stable_sort(all, {}, &std::pair<span, cue>::first);
  std::vector<cue> out;
  out.reserve(all.size());
  for (auto& [at, c] : all) {
    c.at = at > span{0} || is_contact(c) ? start + wish.load.lead + at : start;
    out.push_back(std::move(c));
  }
  return out;
}

} // namespace careline::program
