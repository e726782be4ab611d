#include "tools/careline/demo_day.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace careline::program {

namespace {

/// Channels and their shares: the demo's own, the source has telephone only.
constexpr std::array<std::string_view, 3> channels{"phone", "chat", "kiosk"};
constexpr std::array<double, 3> channel_shares{0.70, 0.20, 0.10};
constexpr double english_share = 0.04;
constexpr double callback_share = 0.06;
constexpr double returns_share = 0.15;
constexpr double chat_is_longer = 1.5;
constexpr int customers = 4000;
constexpr std::size_t primary_queues = 5;

struct demo_queue {
  std::string_view id;
  span service_level;
  span wrap_up;
  bool english;
};
constexpr std::array demo_queues{
    demo_queue{"service", 20s, 15s, false},   demo_queue{"business", 20s, 20s, false},
    demo_queue{"broadband", 30s, 30s, false}, demo_queue{"complaint", 15s, 45s, false},
    demo_queue{"fault", 15s, 30s, false},     demo_queue{"service-en", 30s, 15s, true},
};

struct said_line {
  std::string_view chinese;
  std::string_view english;
};
constexpr std::array customer_lines{
    said_line{"你好，我想查一下这个月的账单。", "Hello, I have a question about my bill."},
    said_line{"宽带从昨晚开始很慢。", "My broadband has been slow since last night."},
    said_line{"好的，我看一下。", "All right, let me look."},
    said_line{"指示灯是红色的。", "The light on the box is red."},
    said_line{"明白了，谢谢。", "I see, thank you."},
    said_line{"还需要多长时间？", "How long will it take?"},
};
constexpr std::array agent_lines{
    said_line{"您好，很高兴为您服务。", "Hello, how can I help you?"},
    said_line{"请稍等，我为您查询。", "One moment, I am looking it up."},
    said_line{"请问设备的指示灯是什么颜色？", "What colour is the light on the box?"},
    said_line{"已经为您登记，今天内会处理。", "It is noted and will be done today."},
    said_line{"请问还有其他问题吗？", "Is there anything else?"},
};

agent_id agent_named(int n) {
  return agent_id{fmt::format("A{:02}", n + 1)};
}

/// Each agent has one queue of its own first and helps out in the others; every fourth speaks
/// English as well.
routing::agent_sign_in sign_in_of(int n) {
  routing::agent_sign_in in;
  in.agent = agent_named(n);
  in.skills[skill_id{"zh"}] = 5;
  if (n % 4 == 0)
    in.skills[skill_id{"en"}] = 4;
  in.channels.emplace();
  (*in.channels)[channel_id{"phone"}] = 1;
  (*in.channels)[channel_id{"chat"}] = 2;
  (*in.channels)[channel_id{"kiosk"}] = 1;
  in.queues.emplace();
  // Two of three are there for the largest queue, as its share of the calls asks for.
  const auto own = n % 3 != 2 ? 0U : 1U + static_cast<std::size_t>(n / 3) % (primary_queues - 1);
  for (std::size_t i = 0; i < demo_queues.size(); ++i) {
    const auto& q = demo_queues[i];
    const bool first = i == own || (q.english && n % 4 == 0);
    (*in.queues)[queue_id{q.id}].tier = first ? 0 : 1;
  }
  return in;
}

cue at(instant when, command what) {
  return {when, std::move(what), {}, {}};
}

cue state_of(instant when, int n, bool ready, std::string reason) {
  routing::agent_set_state set;
  set.agent = agent_named(n);
  set.state = ready ? routing::agent_state::ready : routing::agent_state::not_ready;
  set.reason = code_word{std::move(reason)};
  return at(when, set);
}

routing::queue_define define(const demo_queue& q) {
  routing::queue_define out;
  out.queue = queue_id{q.id};
  out.skills = {skill_id{q.english ? "en" : "zh"}};
  out.service_level_s = q.service_level;
  out.ring_s = 25s;
  out.misses_max = 2;
  out.wrap_up = routing::wrap_up_kind::timed;
  out.wrap_up_s = q.wrap_up;
  out.wait_estimate = routing::wait_estimate_kind::staffed;
  return out;
}

} // namespace

demo_day::demo_day(demo_day_options options)
    : options_(options), dice_(options.seed), hour_start_(options.start), day_(options.day),
      hour_(options.start_hour),
      run_(fmt::format("{:x}", to_ms(options.start) / 1000 & 0xFFFFFF)) {
  day_factor_ = std::max(0.5, 1 + day_spread * dice_.normal());
}

std::vector<agent_id> demo_day::agents() const {
  std::vector<agent_id> out;
  for (int n = 0; n < options_.agents; ++n)
    out.push_back(agent_named(n));
  return out;
}

std::vector<cue> demo_day::opening() {
  std::vector<cue> out;
  for (const auto& q : demo_queues)
    out.push_back(at(hour_start_, define(q)));
  staff(out);
  return out;
}

/// Enough for the hour's load with a little to spare, and never nobody.
int demo_day::wanted_agents() const {
  const double workday = std::max(1.0, calls_per_hour(profile_day::first, hour_));
  const double scale = calls_per_hour(day_, hour_) / workday;
  const auto wanted =
      static_cast<int>(std::ceil(erlangs_offered(hour_) * std::min(1.2, scale) * 1.25)) + 2;
  return std::clamp(wanted, std::min(4, options_.agents), options_.agents);
}

void demo_day::staff(std::vector<cue>& out) {
  const int wanted = wanted_agents();
  for (int n = on_duty_; n < wanted; ++n) {
    auto in = at(hour_start_, sign_in_of(n));
    in.agent = agent_manner{};
    in.agent->back_after = 20s;
    out.push_back(std::move(in));
    // One who was here before may have been set aside.
    out.push_back(state_of(hour_start_, n, true, {}));
  }
  for (int n = wanted; n < on_duty_; ++n) {
    out.push_back(state_of(hour_start_, n, false, "end_of_shift"));
    // Asked again, because one still in talk may not sign out.
    for (const span later : {12min, 25min, 45min})
      out.push_back(at(hour_start_ + later, routing::agent_sign_out{agent_named(n)}));
  }
  on_duty_ = wanted;
}

/// Ten minutes now and then, a few people at a time.
void demo_day::breaks(std::vector<cue>& out) {
  for (int n = hour_ % 4; n < on_duty_; n += 4) {
    const auto begins = hour_start_ + from_seconds(dice_.between(60, 2900));
    out.push_back(state_of(begins, n, false, "break"));
    out.push_back(state_of(begins + 10min, n, true, {}));
  }
}

cue demo_day::arrival(instant when) {
  std::array<double, 6> shares{};
  const auto kinds = call_kinds();
  std::ranges::transform(kinds, shares.begin(), &call_kind::share);
  const auto& kind = kinds[dice_.pick(shares)];
  const auto channel = channels[dice_.pick(channel_shares)];
  const bool english = kind.queue == "service-en" || dice_.chance(english_share);
  const auto who = static_cast<int>(dice_.unit() * customers);

  reception::contact_open open;
  open.contact = contact_id{fmt::format("{}-{}", run_, ++opened_)};
  open.channel = channel_id{channel};
  open.queue = queue_id{english ? "service-en" : kind.queue};
  open.language = english ? "en" : "zh";
  open.urgency = kind.queue == "fault" ? 1 : 0;
  value customer{value::map{}};
  customer.add("id", fmt::format("K{:05}", who));
  customer.add("name", fmt::format("{} {:05}", english ? "Customer" : "客户", who));
  open.customer = personal<value>{std::move(customer)};
  open.address = personal<std::string>{fmt::format("demo:{}:{:05}", channel, who)};

  contact_manner how;
  how.patience = draw_patience(dice_);
  how.talk = draw_service(dice_, kind);
  if (channel == "chat")
    how.talk = from_seconds(to_seconds(*how.talk) * chat_is_longer);
  if (dice_.chance(returns_share))
    how.returns_after = from_seconds(dice_.between(300, 1200));
  return {when, std::move(open), {}, how};
}

void demo_day::arrivals(std::vector<cue>& out) {
  const double per_hour = calls_per_hour(day_, hour_) * day_factor_;
  if (per_hour <= 0)
    return;
  for (double s = dice_.exponential(3600 / per_hour); s < 3600;
       s += dice_.exponential(3600 / per_hour)) {
    out.push_back(arrival(hour_start_ + from_seconds(s)));
    const auto& open = std::get<reception::contact_open>(out.back().what);
    if (open.channel.text() == "phone" && dice_.chance(callback_share)) {
      routing::contact_request_callback back;
      back.contact = open.contact;
      back.number = open.address;
      out.push_back(at(hour_start_ + from_seconds(s + 60), back));
    }
  }
}

void demo_day::next_clock() {
  hour_start_ += 1h;
  if (++hour_ < closes_hour)
    return;
  hour_ = opens_hour;
  day_ = static_cast<profile_day>((static_cast<int>(day_) + 1) % 7);
  day_factor_ = std::max(0.5, 1 + day_spread * dice_.normal());
}

std::vector<cue> demo_day::next_hour() {
  std::vector<cue> out;
  staff(out);
  breaks(out);
  arrivals(out);
  next_clock();
  std::ranges::stable_sort(out, {}, &cue::at);
  return out;
}

std::vector<cue> chat_lines(const contact_id& contact, instant connected, span talk, bool english,
                            dice& by) {
  std::vector<cue> out;
  auto when = connected + from_seconds(by.between(2, 8));
  auto begin = static_cast<std::size_t>(by.unit() * customer_lines.size());
  for (bool agent = true; when < connected + talk; agent = !agent) {
    const auto& line = agent ? agent_lines[begin % agent_lines.size()]
                             : customer_lines[begin++ % customer_lines.size()];
    routing::contact_say say;
    say.contact = contact;
    say.from = agent ? routing::speaker::agent : routing::speaker::customer;
    say.text = personal<std::string>{std::string{english ? line.english : line.chinese}};
    out.push_back(at(when, std::move(say)));
    when += from_seconds(by.between(10, 45));
  }
  return out;
}

std::optional<profile_day> read_day(std::string_view word) noexcept {
  constexpr std::array<std::string_view, 7> words{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  const auto found = std::ranges::find(words, word);
  if (found == words.end())
    return {};
  return static_cast<profile_day>(found - words.begin());
}

} // namespace careline::program
