#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "messages/fields.hpp"
#include "messages/ids.hpp"
#include "messages/time.hpp"

namespace careline::routing {

/// What a queue and an agent are, as contract §2 words it: shared by commands, events and state.

/// Of a contact, an agent or a queue (design §5.19).
inline constexpr std::size_t skills_max = 64;
/// Of a queue's contacts.
inline constexpr std::size_t dispositions_max = 64;
/// The largest urgency, and the other way.
inline constexpr int urgency_max = 1'000'000;
constexpr bool is_urgency(int n) noexcept {
  return -urgency_max <= n && n <= urgency_max;
}

enum class strategy {
  longest_idle, least_recent, fewest_finished, round_robin, fixed_order, random,
  weighted_random, ring_all, fewest_skills, highest_level, least_loaded,
};
constexpr auto names(strategy) {
  using enum strategy;
  return std::to_array<std::pair<strategy, std::string_view>>({
      {longest_idle, "longest_idle"}, {least_recent, "least_recent"},
      {fewest_finished, "fewest_finished"}, {round_robin, "round_robin"},
      {fixed_order, "fixed_order"}, {random, "random"}, {weighted_random, "weighted_random"},
      {ring_all, "ring_all"}, {fewest_skills, "fewest_skills"},
      {highest_level, "highest_level"}, {least_loaded, "least_loaded"}});
}

enum class wrap_up_kind { none, timed, manual };
constexpr auto names(wrap_up_kind) {
  using enum wrap_up_kind;
  return std::to_array<std::pair<wrap_up_kind, std::string_view>>(
      {{none, "none"}, {timed, "timed"}, {manual, "manual"}});
}

/// The first that holds is shown (contract §2); being *ready* is a predicate of its own.
enum class agent_state { signed_out, wrap_up, not_ready, offered, busy, ready };
constexpr auto names(agent_state) {
  using enum agent_state;
  return std::to_array<std::pair<agent_state, std::string_view>>(
      {{signed_out, "signed_out"}, {wrap_up, "wrap_up"}, {not_ready, "not_ready"},
       {offered, "offered"}, {busy, "busy"}, {ready, "ready"}});
}

enum class wait_estimate_kind { staffed, smoothed, recent };
constexpr auto names(wait_estimate_kind) {
  using enum wait_estimate_kind;
  return std::to_array<std::pair<wait_estimate_kind, std::string_view>>(
      {{staffed, "staffed"}, {smoothed, "smoothed"}, {recent, "recent"}});
}

/// What an agent does after the last miss in a row.
enum class misses_then_kind { not_ready, ready };
constexpr auto names(misses_then_kind) {
  using enum misses_then_kind;
  return std::to_array<std::pair<misses_then_kind, std::string_view>>(
      {{not_ready, "not_ready"}, {ready, "ready"}});
}

/// A list on the wire that may also be one word alone.
struct words {
  std::vector<std::string> any;
  friend bool operator==(const words&, const words&) = default;
};

/// Narrows a rule; what is absent does not narrow. Agent counts are of agents that match the
/// contact on queue, skills, channel and exclusions, not on tiers.
struct rule_condition {
  using has_field_list = void;
  std::optional<int> queue_length_min;
  std::optional<span> wait_estimate_s_min;
  std::optional<int> signed_in_max;
  std::optional<int> eligible_max;
  std::optional<int> ready_max;
  std::optional<words> channel;
  std::optional<words> skill;
  std::vector<int> hour;     ///< [from, to): local hours, 22 to 6 passes midnight
  std::vector<int> weekday;  ///< 1 Monday .. 7 Sunday
  friend bool operator==(const rule_condition&, const rule_condition&) = default;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("queue_length_min", x.queue_length_min);
    v.may("wait_estimate_s_min", x.wait_estimate_s_min);
    v.may("signed_in_max", x.signed_in_max);
    v.may("eligible_max", x.eligible_max);
    v.may("ready_max", x.ready_max);
    v.may("channel", x.channel);
    v.may("skill", x.skill);
    v.may("hour", x.hour);
    v.may("weekday", x.weekday);
  }
};

struct rule;

/// None or one; a map on the wire. A list because a rule holds actions that hold a rule.
struct added_rule {
  std::vector<rule> one;
  bool empty() const noexcept;
  friend bool operator==(const added_rule&, const added_rule&);
};

/// One thing a rule does: exactly one of its fields is set.
struct rule_action {
  using has_field_list = void;
  std::vector<skill_id> drop_skills;
  std::vector<skill_id> add_skills;
  std::optional<int> tier_max;
  std::optional<int> tier_min;
  std::optional<int> tier_raise;
  std::optional<int> urgency;
  std::optional<int> urgency_add;
  queue_id divert;
  std::string announce;
  std::optional<bool> offer_callback;
  added_rule add_rule;
  friend bool operator==(const rule_action&, const rule_action&);

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("drop_skills", x.drop_skills);
    v.may("add_skills", x.add_skills);
    v.may("tier_max", x.tier_max);
    v.may("tier_min", x.tier_min);
    v.may("tier_raise", x.tier_raise);
    v.may("urgency", x.urgency);
    v.may("urgency_add", x.urgency_add);
    v.may("divert", x.divert);
    v.may("announce", x.announce);
    v.may("offer_callback", x.offer_callback);
    v.may("add_rule", x.add_rule);
  }
};

/// Fires at `after_s` of waiting, each `every_s`, or after `after_misses` unanswered offers.
struct rule {
  using has_field_list = void;
  std::optional<span> after_s;
  std::optional<span> every_s;
  std::optional<int> after_misses;
  rule_condition when;
  std::optional<bool> once;  ///< absent: true with after_s, false with every_s
  std::vector<rule_action> actions;  ///< "do" on the wire
  friend bool operator==(const rule&, const rule&) = default;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("after_s", x.after_s);
    v.may("every_s", x.every_s);
    v.may("after_misses", x.after_misses);
    v.may("when", x.when);
    v.may("once", x.once);
    v.must("do", x.actions);
  }
};

inline bool added_rule::empty() const noexcept {
  return one.empty();
}
inline bool operator==(const added_rule& a, const added_rule& b) {
  return a.one == b.one;
}
inline bool operator==(const rule_action& a, const rule_action& b) {
  return a.drop_skills == b.drop_skills && a.add_skills == b.add_skills && a.tier_max == b.tier_max
         && a.tier_min == b.tier_min && a.tier_raise == b.tier_raise && a.urgency == b.urgency
         && a.urgency_add == b.urgency_add && a.divert == b.divert && a.announce == b.announce
         && a.offer_callback == b.offer_callback && a.add_rule == b.add_rule;
}

/// How long an agent rests after an offer that came to nothing, by cause.
struct rests {
  using has_field_list = void;
  span reject{};
  span busy{};
  span no_answer{};
  friend bool operator==(const rests&, const rests&) = default;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("reject", x.reject);
    v.may("busy", x.busy);
    v.may("no_answer", x.no_answer);
  }
};

/// At most so many offers accepted per agent in any stretch of so long.
struct fair_share {
  using has_field_list = void;
  int contacts = 1;
  span per_s{};
  friend bool operator==(const fair_share&, const fair_share&) = default;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contacts", x.contacts);
    v.must("per_s", x.per_s);
  }
};

/// Everything `queue.define` says about a queue. Spans in seconds on the wire.
struct queue_policy {
  using has_field_list = void;
  queue_id queue;
  std::vector<skill_id> skills;
  strategy by = strategy::longest_idle;
  int weight = 1;
  std::optional<int> length_max;
  std::optional<span> wait_s_max;
  span ring_s = 15s;
  span retry_s{};
  span wrap_up_s{};
  std::optional<wrap_up_kind> wrap_up;  ///< absent: timed when wrap_up_s is above 0, else none
  span service_level_s = 15s;
  int misses_max = 1;
  misses_then_kind misses_then = misses_then_kind::not_ready;
  rests rest_s;
  std::optional<std::vector<agent_state>> join_when;
  std::optional<std::vector<agent_state>> leave_when;
  std::vector<rule> rules;
  bool members = false;
  std::optional<int> tiers_ignored_up_to;
  std::optional<span> refuse_wait_s;
  std::optional<int> refuse_length;
  queue_id overflow_to;
  wait_estimate_kind wait_estimate = wait_estimate_kind::staffed;
  int callback_attempts = 3;
  span callback_spacing_s = 900s;
  span talk_s_max = 14'400s;  ///< for contacts whose session was lost
  span resume_s{};            ///< who dropped and comes back from the same address keeps the place
  std::optional<fair_share> share;
  bool offer_when_busy = false;  ///< agents whose room is taken are offered one more
  std::string fallback;       ///< outside place or announcement named in a `busy` answer
  site_id site;               ///< where it is (R1.1.3)
  std::string ticket;         ///< prefix of the numbers that who waits here is given
  std::optional<int> ticket_misses;    ///< called in vain so often, a contact ends; absent: once
  std::optional<int> miss_back;        ///< behind so many others it goes back before that
  std::optional<span> tell_step_s;     ///< a wait that moved so much is told again; absent: never
  std::optional<span> tell_every_s;    ///< how often that is looked at; absent: each 30 s
  std::optional<span> callback_above_s;  ///< a told wait above it says that a callback may be had
  std::vector<code_word> dispositions;   ///< a contact ends with one of them; none: with any
  friend bool operator==(const queue_policy&, const queue_policy&) = default;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("queue", x.queue);
    v.may("skills", x.skills);
    v.may("strategy", x.by);
    v.may("weight", x.weight);
    v.may("length_max", x.length_max);
    v.may("wait_s_max", x.wait_s_max);
    v.may("ring_s", x.ring_s);
    v.may("retry_s", x.retry_s);
    v.may("wrap_up_s", x.wrap_up_s);
    v.may("wrap_up", x.wrap_up);
    v.may("service_level_s", x.service_level_s);
    v.may("misses_max", x.misses_max);
    v.may("misses_then", x.misses_then);
    v.may("rest_s", x.rest_s);
    v.may("join_when", x.join_when);
    v.may("leave_when", x.leave_when);
    v.may("rules", x.rules);
    v.may("members", x.members);
    v.may("tiers_ignored_up_to", x.tiers_ignored_up_to);
    v.may("refuse_wait_s", x.refuse_wait_s);
    v.may("refuse_length", x.refuse_length);
    v.may("overflow_to", x.overflow_to);
    v.may("wait_estimate", x.wait_estimate);
    v.may("callback_attempts", x.callback_attempts);
    v.may("callback_spacing_s", x.callback_spacing_s);
    v.may("talk_s_max", x.talk_s_max);
    v.may("resume_s", x.resume_s);
    v.may("fair_share", x.share);
    v.may("offer_when_busy", x.offer_when_busy);
    v.may("fallback", x.fallback);
    v.may("site", x.site);
    v.may("ticket", x.ticket);
    v.may("ticket_misses", x.ticket_misses);
    v.may("miss_back", x.miss_back);
    v.may("tell_step_s", x.tell_step_s);
    v.may("tell_every_s", x.tell_every_s);
    v.may("callback_above_s", x.callback_above_s);
    v.may("dispositions", x.dispositions);
  }
};

/// How an agent serves one queue. On the wire a number (the tier) or a map.
struct membership {
  int tier = 0;
  int priority = 1;
  span delay_s{};
  friend bool operator==(const membership&, const membership&) = default;
  friend auto operator<=>(const membership&, const membership&) = default;
};

/// What a contact on one channel closes for others: a list of channels, "others" or "self".
struct blocking {
  bool others = false;
  bool self = false;
  std::vector<channel_id> channels;
  friend bool operator==(const blocking&, const blocking&) = default;
  friend auto operator<=>(const blocking&, const blocking&) = default;
};

/// What a contact on a channel takes of an agent's capacity: a number, or "all" of it.
struct cost {
  int n = 1;
  bool all = false;
  friend bool operator==(const cost&, const cost&) = default;
};

/// What an agent can do: skills, channels, queues. Shared by sign_in, change and their events.
struct abilities {
  using has_field_list = void;
  std::map<skill_id, int> skills;       ///< name: level 1 - 10; "ALL" matches every requirement
  std::optional<std::map<channel_id, int>> channels;  ///< absent: {phone: 1}
  std::optional<std::map<queue_id, membership>> queues;  ///< absent: all queues, tier 0
  std::map<channel_id, blocking> blocks;
  std::optional<int> capacity;          ///< instead of `channels`: one room that all share
  std::map<channel_id, cost> costs;     ///< with it: the channels, and what each contact takes
  site_id site;                         ///< where it works (R1.1.3)
  friend bool operator==(const abilities&, const abilities&) = default;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("skills", x.skills);
    v.may("channels", x.channels);
    v.may("queues", x.queues);
    v.may("blocks", x.blocks);
    v.may("capacity", x.capacity);
    v.may("costs", x.costs);
    v.may("site", x.site);
  }
};

value write_value(const words& x);
value write_value(const added_rule& x);
value write_value(const membership& x);
value write_value(const blocking& x);
value write_value(const cost& x);

} // namespace careline::routing

namespace careline {

complaint_text read(const value& v, routing::words& out, const std::string& path);
complaint_text read(const value& v, routing::added_rule& out, const std::string& path);
complaint_text read(const value& v, routing::membership& out, const std::string& path);
complaint_text read(const value& v, routing::blocking& out, const std::string& path);
complaint_text read(const value& v, routing::cost& out, const std::string& path);

/// What the field list cannot say: each rule has a time or a count, each action one word, and so
/// on.
std::optional<problem> check(const routing::queue_policy& policy);
std::optional<problem> check(const routing::abilities& abilities);

} // namespace careline
