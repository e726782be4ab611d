#include "messages/routing_policy.hpp"

#include <algorithm>

namespace careline {

namespace {

constexpr std::size_t rules_max = 64;
/// That many moments are kept for an agent and queue.
constexpr int share_max = 1000;
constexpr int capacity_max = 1000;
constexpr std::size_t channels_max = 64;
/// A rule that repeats writes an event each time, for each contact that waits.
constexpr span every_s_min = 1s;
/// Telling waits again looks at a whole line.
constexpr span tell_every_min = 5s;
constexpr std::size_t ticket_prefix_max = 4;

using routing::skills_max;
using routing::rule;
using routing::rule_action;

constexpr std::string_view outside = "external:";
constexpr const char* place_expected = "a queue, or external: and the name of a place outside";

complaint_text urgency_expected(const std::string& path) {
  return expected(path, "-1,000,000 to 1,000,000");
}

/// "external:" alone names no place.
bool is_place(const queue_id& to) {
  return to.text() != outside;
}

/// How many words of an action are set; one is right.
int words_in(const rule_action& a) {
  return int{!a.drop_skills.empty()} + int{!a.add_skills.empty()} + int{a.tier_max.has_value()}
         + int{a.tier_min.has_value()} + int{a.tier_raise.has_value()} + int{a.urgency.has_value()}
         + int{a.urgency_add.has_value()} + int{!a.divert.empty()} + int{!a.announce.empty()}
         + int{a.offer_callback.has_value()} + int{!a.add_rule.empty()};
}

std::optional<problem> check_times(const routing::rule_condition& when, const std::string& path) {
  const auto& hour = when.hour;
  if (!hour.empty()
      && (hour.size() != 2 || hour[0] < 0 || hour[0] > 23 || hour[1] < 0 || hour[1] > 24))
    return expected(path + ".hour", "[from, to]: hours from 0 to 23, to at most 24");
  for (const int day : when.weekday)
    if (day < 1 || day > 7)
      return expected(path + ".weekday", "days from 1, Monday, to 7, Sunday");
  return {};
}

std::optional<problem> check_rule(const rule& r, const std::string& path, int depth) {
  const int clocks =
      int{r.after_s.has_value()} + int{r.every_s.has_value()} + int{r.after_misses.has_value()};
  if (clocks == 0)
    return expected(path, "after_s, every_s or after_misses");
  if (r.every_s && *r.every_s < every_s_min)
    return expected(path + ".every_s", "at least 1 second");
  if (r.after_misses && *r.after_misses < 1)
    return expected(path + ".after_misses", "at least 1");
  if (auto wrong = check_times(r.when, path + ".when"))
    return wrong;
  if (depth > 4)
    return expected(path, "rules that add rules at most 4 deep");
  for (std::size_t i = 0; i < r.actions.size(); ++i) {
    const auto& action = r.actions[i];
    const auto at = path + ".do[" + std::to_string(i) + "]";
    if (words_in(action) != 1)
      return expected(at, "exactly one word");
    if (!is_place(action.divert))
      return expected(at + ".divert", place_expected);
    if (!routing::is_urgency(action.urgency.value_or(0)))
      return urgency_expected(at + ".urgency");
    if (!routing::is_urgency(action.urgency_add.value_or(0)))
      return urgency_expected(at + ".urgency_add");
    for (const auto& added : action.add_rule.one)
      if (auto wrong = check_rule(added, at + ".add_rule", depth + 1))
        return wrong;
  }
  return {};
}

/// A prefix is printed on paper and called out. Behind a digit a number would be another area's.
bool is_ticket_prefix(std::string_view text) {
  const auto is_sign = [](char c) {
    return ('0' <= c && c <= '9') || ('A' <= c && c <= 'Z') || ('a' <= c && c <= 'z');
  };
  const bool ends_well = text.empty() || text.back() < '0' || text.back() > '9';
  return text.size() <= ticket_prefix_max && ends_well
         && std::all_of(text.begin(), text.end(), is_sign);
}

std::optional<problem> check_tickets(const routing::queue_policy& policy) {
  if (!is_ticket_prefix(policy.ticket))
    return expected("ticket", "1 to 4 letters and digits, a letter last");
  if (policy.ticket_misses && *policy.ticket_misses < 1)
    return expected("ticket_misses", "at least 1");
  if (policy.miss_back && *policy.miss_back < 0)
    return expected("miss_back", "0 or more");
  if (policy.tell_every_s && *policy.tell_every_s < tell_every_min)
    return expected("tell_every_s", "at least 5 seconds");
  return {};
}

/// All of an agent's contacts stand in one event, which has to be read again.
std::optional<problem> check_slots(const routing::abilities& can) {
  const auto channels = can.channels.value_or(std::map<channel_id, int>{});
  if (channels.size() > channels_max)
    return expected("channels", "at most 64 channels");
  int sum = 0;
  for (const auto& [channel, slots] : channels) {
    if (slots < 0 || slots > 100)
      return expected("channels." + channel.text(), "0 to 100 contacts at once");
    sum += slots;
  }
  if (sum > capacity_max)
    return expected("channels", "at most 1,000 contacts at once on all channels");
  return {};
}

std::optional<problem> check_capacity(const routing::abilities& can) {
  if (!can.capacity)
    return can.costs.empty()
               ? std::optional<problem>{}
               : because("command.field_missing", "capacity", "costs are taken of it");
  if (can.channels)
    return expected("channels", "absent beside capacity, which stands instead of them");
  if (*can.capacity < 1 || *can.capacity > capacity_max)
    return expected("capacity", "1 to 1,000");
  if (can.costs.empty())
    return because("command.field_missing", "costs", "they say which channels share the capacity");
  if (can.costs.size() > channels_max)
    return expected("costs", "at most 64 channels");
  for (const auto& [channel, takes] : can.costs)
    if (!takes.all && (takes.n < 1 || takes.n > *can.capacity))
      return expected("costs." + channel.text(), "1 to the capacity, or \"all\"");
  return {};
}

} // namespace

complaint_text read(const value& v, routing::words& out, const std::string& path) {
  if (v.is_text())
    return read(v, out.any.emplace_back(), path);
  return read(v, out.any, path);
}

value routing::write_value(const words& x) {
  if (x.any.size() == 1)
    return x.any.front();
  value::list out;
  for (const auto& word : x.any)
    out.emplace_back(word);
  return out;
}

complaint_text read(const value& v, routing::added_rule& out, const std::string& path) {
  auto& one = out.one.emplace_back();
  const auto done = from_value(v, one, path);
  return done ? complaint_text{} : done.error();
}

value routing::write_value(const added_rule& x) {
  return x.one.empty() ? value{} : to_value(x.one.front());
}

complaint_text read(const value& v, routing::membership& out, const std::string& path) {
  if (v.is_number())
    return read(v, out.tier, path);
  if (!v.is_map())
    return expected(path, "a tier, or a map of tier, priority and delay_s");
  reader r{v, path + "."};
  r.may("tier", out.tier);
  r.may("priority", out.priority);
  r.may("delay_s", out.delay_s);
  return r.failure();
}

value routing::write_value(const membership& x) {
  if (x == routing::membership{.tier = x.tier})
    return x.tier;
  writer w;
  w.must("tier", x.tier);
  w.must("priority", x.priority);
  w.must("delay_s", x.delay_s);
  return w.take();
}

complaint_text read(const value& v, routing::blocking& out, const std::string& path) {
  if (const auto* word = v.as<std::string>()) {
    out.others = *word == "others";
    out.self = *word == "self";
    return out.others || out.self ? complaint_text{}
                                  : expected(path, "a list, \"others\" or \"self\"");
  }
  return read(v, out.channels, path);
}

value routing::write_value(const blocking& x) {
  if (x.others)
    return "others";
  if (x.self)
    return "self";
  value::list out;
  for (const auto& channel : x.channels)
    out.emplace_back(channel.text());
  return out;
}

complaint_text read(const value& v, routing::cost& out, const std::string& path) {
  if (const auto* word = v.as<std::string>()) {
    out.all = *word == "all";
    return out.all ? complaint_text{} : expected(path, "a number or \"all\"");
  }
  return read(v, out.n, path);
}

value routing::write_value(const cost& x) {
  return x.all ? value{"all"} : value{x.n};
}

std::optional<problem> check(const routing::queue_policy& policy) {
  if (policy.queue.text().starts_with(outside))
    return expected("queue", "a name of its own: external: begins a place outside");
  if (!is_place(policy.overflow_to))
    return expected("overflow_to", place_expected);
  if (policy.skills.size() > skills_max)
    return expected("skills", "at most 64 skills");
  if (policy.rules.size() > rules_max)
    return expected("rules", "at most 64 rules");
  if (policy.weight < 1)
    return expected("weight", "at least 1");
  if (policy.misses_max < 1)
    return expected("misses_max", "at least 1");
  if (policy.length_max && *policy.length_max < 1)
    return expected("length_max", "at least 1");
  if (policy.callback_attempts < 1)
    return expected("callback_attempts", "at least 1");
  if (policy.ring_s <= span{0})
    return expected("ring_s", "more than 0 seconds");
  if (policy.share && (policy.share->contacts < 1 || policy.share->contacts > share_max))
    return expected("fair_share.contacts", "1 to 1,000");
  if (policy.share && policy.share->per_s <= span{0})
    return expected("fair_share.per_s", "more than 0 seconds");
  if (policy.dispositions.size() > routing::dispositions_max)
    return expected("dispositions", "at most 64 codes");
  if (auto wrong = check_tickets(policy))
    return wrong;
  for (std::size_t i = 0; i < policy.rules.size(); ++i)
    if (auto wrong = check_rule(policy.rules[i], "rules[" + std::to_string(i) + "]", 1))
      return wrong;
  return {};
}

std::optional<problem> check(const routing::abilities& abilities) {
  if (abilities.skills.size() > skills_max)
    return expected("skills", "at most 64 skills");
  for (const auto& [skill, level] : abilities.skills)
    if (level < 1 || level > 10)
      return expected("skills." + skill.text(), "a level from 1 to 10");
  if (auto wrong = check_slots(abilities))
    return wrong;
  return check_capacity(abilities);
}

} // namespace careline
