#include "tools/careline/call_log_play.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>


namespace careline::program {

namespace {

const queue_id bank{"bank"};
/// How long a customer who is called back lets it ring: nothing in the log says.
constexpr span dial_rings = 10s;

using interval = std::pair<instant, instant>;

/// Times at which somebody waited, as intervals one after the other.
std::vector<interval> waiting_times(const call_log& log) {
  std::vector<interval> out;
  for (const auto& call : log.calls) {
    const auto end = call.arrival + call.wait;
    if (!out.empty() && call.arrival <= out.back().second)
      out.back().second = std::max(out.back().second, end);
    else if (call.wait > span{0})
      out.emplace_back(call.arrival, end);
  }
  return out;
}

/// How much of [from, to) somebody waited.
span waited_in(const std::vector<interval>& waits, instant from, instant to) {
  span sum{};
  auto at = std::ranges::upper_bound(waits, from, {}, &interval::first);
  if (at != waits.begin())
    --at;
  for (; at != waits.end() && at->first < to; ++at)
    if (at->second > from)
      sum += std::min(at->second, to) - std::max(at->first, from);
  return sum;
}

/// The kind of a recorded type; the most frequent one for a type that has no profile.
const call_kind& kind_of(std::string_view type) {
  const auto kinds = call_kinds();
  const auto found = std::ranges::find(kinds, type, &call_kind::type);
  return found == kinds.end() ? kinds.front() : *found;
}

struct shift_reader {
  const call_log& log;
  span away_after;

  /// When each recorded agent took calls: from the first service to the beginning of the last one,
  /// without the gaps in which it must have been away.
  std::map<std::string, std::vector<interval>> shifts() const {
    std::map<std::string, std::vector<interval>> services;
    for (const auto& call : log.calls)
      if (!call.server.empty() && call.service && call.end == call_end::answered)
        services[call.server].emplace_back(call.served, call.served + *call.service);
    const auto waits = waiting_times(log);
    std::map<std::string, std::vector<interval>> out;
    for (auto& [server, all] : services) {
      std::ranges::sort(all);
      auto& there = out[server];
      instant free{};  // at the end of the service before
      for (const auto& [from, to] : all) {
        const bool stayed = !there.empty() && from - free < 8h
                            && (from < free || waited_in(waits, free, from) <= away_after);
        if (stayed)
          there.back().second = from + 1s;
        else
          there.emplace_back(from, from + 1s);
        free = std::max(free, to);
      }
    }
    return out;
  }

  std::map<std::string, std::set<std::string>> types() const {
    std::map<std::string, std::set<std::string>> out;
    for (const auto& call : log.calls)
      if (!call.server.empty())
        out[call.server].insert(call.type);
    return out;
  }
};

const std::set<std::string> every_type{"ALL"};

cue state_cue(instant at, const agent_id& who, bool ready) {
  routing::agent_set_state set;
  set.agent = who;
  set.state = ready ? routing::agent_state::ready : routing::agent_state::not_ready;
  if (!ready)
    set.reason = code_word{"away"};
  return {at, set, {}, {}};
}

cue sign_in_cue(instant at, const agent_id& who, const std::set<std::string>& skills) {
  routing::agent_sign_in in;
  in.agent = who;
  for (const auto& s : skills)
    in.skills[skill_id{s}] = 5;
  agent_manner how;
  // Nobody of the log misses an offer; over the bus a machine that halts may make it so.
  how.back_after = 1s;
  return {at, in, how, {}};
}

/// Goes home: not in the queue's staff any more, which a break would be. Later than anybody talks.
cue sign_out_cue(instant last, const agent_id& who) {
  return {last + 2h, routing::agent_sign_out{who}, {}, {}};
}

void staff_as_recorded(const call_log& log, const call_log_options& how, std::vector<cue>& out) {
  const shift_reader reader{log, how.away_after};
  const auto types = how.pools_skills ? std::map<std::string, std::set<std::string>>{}
                                      : reader.types();
  for (const auto& [server, there] : reader.shifts()) {
    const agent_id who{server};
    std::optional<instant> left;
    for (const auto& [from, to] : there) {
      if (left && from - *left >= 8h)
        out.push_back(sign_out_cue(*left, who));
      if (!left || from - *left >= 8h)
        out.push_back(sign_in_cue(from, who, how.pools_skills ? every_type : types.at(server)));
      out.push_back(state_cue(from, who, true));
      out.push_back(state_cue(to, who, false));
      left = to;
    }
  }
}

/// The centre's own hours: Sunday to Thursday 7 to 24, Friday until 14, Saturday from 20.
interval opening_hours(std::int64_t day) {
  const int weekday = to_local(day_start(day), call_log_offset_minutes).weekday;
  const auto at = day_start(day);
  if (weekday == 5)
    return {at + 7h, at + 14h};
  return weekday == 6 ? interval{at + 20h, at + 24h} : interval{at + 7h, at + 24h};
}

void staff_by_number(const call_log& log, char letter, int agents, std::vector<cue>& out) {
  std::set<std::int64_t> days;
  for (const auto& call : log.calls)
    days.insert(call.day);
  for (int n = 0; n < agents; ++n) {
    const agent_id who{fmt::format("{}{:02}", letter, n + 1)};
    for (const auto day : days) {
      const auto [from, to] = opening_hours(day);
      out.push_back(sign_in_cue(from, who, every_type));
      out.push_back(state_cue(from, who, true));
      out.push_back(state_cue(to, who, false));
      out.push_back(sign_out_cue(to, who));
    }
  }
}

cue opening_cue(const recorded_call& call, const call_log_options& how) {
  reception::contact_open open;
  open.contact = contact_of(call);
  open.channel = channel_id{"phone"};
  open.queue = bank;
  open.skills = {skill_id{call.type}};
  if (call.priority && how.priority_credit > span{0})
    open.age_s = how.priority_credit;
  return {call.arrival, std::move(open), {}, manner_of(call, how)};
}

} // namespace

contact_id contact_of(const recorded_call& call) {
  return contact_id{fmt::format("row-{}", call.row)};
}

span draw_talk(dice& by, std::string_view type) {
  return draw_service(by, kind_of(type));
}

contact_manner manner_of(const recorded_call& call, const call_log_options& how) {
  contact_manner out;
  dice by{how.seed * 1'000'003 + call.row};
  if (call.end == call_end::abandoned)
    out.patience = call.wait;
  else if (!how.endless_patience)
    out.patience = draw_patience(by, call.wait);
  out.talk = call.service ? *call.service : draw_talk(by, call.type);
  // Drawn last: whoever is asked waits and talks as in a play where nobody is.
  out.takes_callback = by.chance(how.takes_callback);
  out.dial_after = dial_rings;
  return out;
}

answer<routing::queue_define> queue_of(const call_log_options& how) {
  routing::queue_define out;
  out.queue = bank;
  out.wrap_up_s = how.wrap_up;
  out.wait_estimate = how.wait_estimate;
  out.service_level_s = std::chrono::seconds{service_levels.front()};
  const auto* fields = how.policy.as<value::map>();
  if (!fields)
    return out;
  auto whole = data_of(command{out}, false);
  for (const auto& [name, field] : *fields)
    whole.set(name, field);
  auto read = read_command(routing::queue_define::type, whole);
  if (!read)
    return no(read.error());
  return std::get<routing::queue_define>(std::move(*read));
}

std::vector<cue> cues_of(const call_log& log, const call_log_options& how) {
  std::vector<cue> out;
  out.push_back({day_start(log.calls.front().day), queue_of(how).value(), {}, {}});
  if (how.agents)
    staff_by_number(log, 'N', *how.agents, out);
  else
    staff_as_recorded(log, how, out);
  staff_by_number(log, 'M', how.more_agents, out);
  for (const auto& call : log.calls)
    out.push_back(opening_cue(call, how));
  std::ranges::stable_sort(out, {}, &cue::at);
  return out;
}

void call_score::add_answered(span wait) {
  ++answered;
  answered_wait_s += to_seconds(wait);
  for (std::size_t i = 0; i < service_levels.size(); ++i)
    answered_in[i] += wait <= std::chrono::seconds{service_levels[i]} ? 1U : 0U;
}

void call_score::add_abandoned(span wait) {
  ++abandoned;
  abandoned_wait_s += to_seconds(wait);
  for (std::size_t i = 0; i < service_levels.size(); ++i)
    abandoned_in[i] += wait <= std::chrono::seconds{service_levels[i]} ? 1U : 0U;
}

void call_score::add(const call_score& other) {
  offered += other.offered;
  answered += other.answered;
  abandoned += other.abandoned;
  callbacks += other.callbacks;
  answered_wait_s += other.answered_wait_s;
  abandoned_wait_s += other.abandoned_wait_s;
  for (std::size_t i = 0; i < service_levels.size(); ++i) {
    answered_in[i] += other.answered_in[i];
    abandoned_in[i] += other.abandoned_in[i];
  }
}

call_scores recorded_scores(const call_log& log) {
  call_scores out;
  for (const auto& call : log.calls) {
    auto& s = out[call.day];
    ++s.offered;
    if (call.end == call_end::answered)
      s.add_answered(call.wait);
    else
      s.add_abandoned(call.wait);
  }
  return out;
}

call_score total(const call_scores& of) {
  call_score out;
  for (const auto& [day, s] : of)
    out.add(s);
  return out;
}

call_scorer::call_scorer(const call_log& log) {
  for (const auto& call : log.calls)
    days_.emplace(contact_of(call), call.day);
}

void call_scorer::saw(const event& e, instant at) {
  const auto ended = [&](const contact_id& c, auto add) {
    const auto found = waiting_.find(c);
    if (found == waiting_.end())
      return;
    add(scores_[found->second.day], at - found->second.since);
    waiting_.erase(found);
  };
  if (const auto* opened = std::get_if<reception::contact_opened>(&e)) {
    if (const auto known = days_.find(opened->contact); known != days_.end()) {
      waiting_[opened->contact] = {known->second, at};
      ++scores_[known->second].offered;
    }
  } else if (const auto* answered = std::get_if<routing::contact_connected>(&e)) {
    ended(answered->contact, [](call_score& s, span wait) { s.add_answered(wait); });
  } else if (const auto* gone = std::get_if<routing::contact_abandoned>(&e)) {
    ended(gone->contact, [](call_score& s, span wait) { s.add_abandoned(wait); });
  } else if (const auto* later = std::get_if<routing::contact_callback_requested>(&e)) {
    ended(later->contact, [](call_score& s, span) { ++s.callbacks; });
  }
}

value figures_of(const call_score& s) {
  value out{value::map{}};
  const auto count = [](std::size_t n) { return value{static_cast<std::int64_t>(n)}; };
  const auto share = [&](std::string name, double part, std::size_t of) {
    if (of > 0)
      out.add(name, part / static_cast<double>(of));
  };
  const auto ended = s.answered + s.abandoned;
  out.add("offered", count(s.offered));
  out.add("answered", count(s.answered));
  out.add("abandoned", count(s.abandoned));
  if (s.callbacks > 0)
    out.add("callbacks", count(s.callbacks));
  share("abandon_rate", static_cast<double>(s.abandoned), s.offered);
  share("asa_s", s.answered_wait_s, s.answered);
  share("mean_wait_s", s.answered_wait_s + s.abandoned_wait_s, ended);
  for (std::size_t i = 0; i < service_levels.size(); ++i) {
    const auto name = [&](std::string_view variant) {
      return fmt::format("{}_{}", variant, service_levels[i]);
    };
    const auto in = static_cast<double>(s.answered_in[i]);
    const auto gone_in = static_cast<double>(s.abandoned_in[i]);
    share(name("sl_strict"), in, ended);
    share(name("sl_offered"), in + gone_in, ended);
    share(name("sl_late"), in, ended - s.abandoned_in[i]);
    share(name("sl_answered"), in, s.answered);
  }
  return out;
}

} // namespace careline::program
