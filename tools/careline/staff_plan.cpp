#include "tools/careline/staff_plan.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "tools/careline/demo_profile.hpp"
#include "tools/careline/scenario_play.hpp"

namespace careline::program {

namespace {

const queue_id staffed_queue{"staffed"};

std::size_t interval_of(const recorded_call& call, span interval) {
  return static_cast<std::size_t>((call.arrival - day_start(call.day)) / interval);
}

std::size_t days_in(const call_log& log) {
  std::set<std::int64_t> days;
  for (const auto& call : log.calls)
    days.insert(call.day);
  return days.size();
}

/// Keeps what became of contacts by the interval in which they came.
class interval_scorer {
public:
  interval_scorer(std::size_t intervals, double within_s)
      : results_(intervals), within_(from_seconds(within_s)) {}

  void expects(const contact_id& who, std::size_t interval) { intervals_[who] = interval; }

  void saw(const event& e, instant at) {
    if (const auto* opened = std::get_if<reception::contact_opened>(&e)) {
      waiting_[opened->contact] = at;
      ++results_[intervals_.at(opened->contact)].calls;
    } else if (const auto* answered = std::get_if<routing::contact_connected>(&e)) {
      if (auto* r = left(answered->contact, at)) {
        ++r->answered;
        r->answered_in += waited_ <= within_ ? 1U : 0U;
      }
    } else if (const auto* gone = std::get_if<routing::contact_abandoned>(&e)) {
      if (auto* r = left(gone->contact, at))
        ++r->abandoned;
    }
  }

  std::vector<staffed_result> take() { return std::move(results_); }

private:
  staffed_result* left(const contact_id& who, instant at) {
    const auto found = waiting_.find(who);
    if (found == waiting_.end())
      return nullptr;
    waited_ = at - found->second;
    waiting_.erase(found);
    auto& r = results_[intervals_.at(who)];
    r.waited_s += to_seconds(waited_);
    return &r;
  }

  std::vector<staffed_result> results_;
  std::unordered_map<contact_id, std::size_t> intervals_;
  std::unordered_map<contact_id, instant> waiting_;
  span within_;
  span waited_{};
};

agent_id planned_agent(int n) {
  return agent_id{fmt::format("N{:04}", n + 1)};
}

cue queue_cue(instant at, span wrap_up) {
  routing::queue_define define;
  define.queue = staffed_queue;
  define.wrap_up_s = wrap_up;
  return {at, define, {}, {}};
}

cue agent_cue(instant at, int n, bool is_new, bool ready) {
  const auto who = planned_agent(n);
  if (is_new) {
    routing::agent_sign_in in;
    in.agent = who;
    return {at, in, agent_manner{}, {}};
  }
  routing::agent_set_state set;
  set.agent = who;
  set.state = ready ? routing::agent_state::ready : routing::agent_state::not_ready;
  if (!ready)
    set.reason = code_word{"shift_over"};
  return {at, set, {}, {}};
}

cue call_cue(instant at, const contact_id& who, const contact_manner& how) {
  reception::contact_open open;
  open.contact = who;
  open.channel = channel_id{"phone"};
  open.queue = staffed_queue;
  return {at, std::move(open), {}, how};
}

/// Comings and goings that leave as many there as the plan has, on each day of the log.
void add_shifts(const call_log& log, const std::vector<staffed_interval>& plan, span interval,
                std::vector<cue>& out) {
  std::set<std::int64_t> days;
  for (const auto& call : log.calls)
    days.insert(call.day);
  // What one day has behind midnight meets the next day's beginning: whoever wants more is right.
  std::map<instant, int> wanted;
  for (const auto day : days)
    for (std::size_t i = 0; i < plan.size(); ++i) {
      auto& n = wanted[day_start(day) + interval * static_cast<std::int64_t>(i)];
      n = std::max(n, plan[i].agents_a);
    }
  int known = 0;
  int there = 0;
  for (const auto& [at, n] : wanted) {
    for (; there < n; ++there) {
      out.push_back(agent_cue(at, there, there >= known, true));
      known = std::max(known, there + 1);
    }
    for (; there > n; --there)
      out.push_back(agent_cue(at, there - 1, false, false));
  }
}

std::vector<staffed_result> play_scored(std::vector<cue> cues, interval_scorer scorer,
                                        std::uint64_t seed) {
  std::ranges::stable_sort(cues, {}, &cue::at);
  kernel::virtual_options options;
  options.start = cues.front().at;
  options.seed = seed;
  virtual_centre centre{options, [&scorer](const kernel::logged_event& e) {
                          scorer.saw(e.what, e.time);
                        }};
  play(centre, std::move(cues));
  return scorer.take();
}

} // namespace

staffed_interval staffed(const workforce::work& load, const staff_wish& wish) {
  using workforce::formula;
  staffed_interval out;
  out.load = load;
  workforce::target lines;
  lines.lost = wish.blocked;
  out.lines = agents_for(formula::b, load, lines);
  out.agents_c = agents_for(formula::c, load, wish.wanted);
  out.of_c = expect(formula::c, load, std::max(0, out.agents_c), wish.wanted.within_s);
  if (load.patience_s > 0) {
    out.agents_a = agents_for(formula::a, load, wish.wanted);
    out.of_a = expect(formula::a, load, std::max(0, out.agents_a), wish.wanted.within_s);
  } else {
    out.agents_a = out.agents_c;
    out.of_a = out.of_c;
  }
  return out;
}

double mean_patience_s(const call_log& log) {
  span waited{};
  std::int64_t gone = 0;
  for (const auto& call : log.calls) {
    waited += call.wait;
    gone += call.end == call_end::abandoned ? 1 : 0;
  }
  return gone == 0 ? 0 : to_seconds(waited) / static_cast<double>(gone);
}

double mean_handle_s(const call_log& log, span wrap_up) {
  span served{};
  std::int64_t calls = 0;
  for (const auto& call : log.calls)
    if (call.end == call_end::answered && call.service) {
      served += *call.service + wrap_up;
      ++calls;
    }
  return calls == 0 ? 0 : to_seconds(served) / static_cast<double>(calls);
}

std::vector<staffed_interval> plan_of(const call_log& log, span interval, span wrap_up,
                                      const staff_wish& wish) {
  const auto days = static_cast<double>(days_in(log));
  const double handle_s = mean_handle_s(log, wrap_up);
  const double patience_s = mean_patience_s(log);
  struct counted {
    double calls = 0;
    double served = 0;
    double handle_s = 0;
  };
  std::vector<counted> all(static_cast<std::size_t>((24h + interval - 1ms) / interval));
  for (const auto& call : log.calls) {
    const auto i = interval_of(call, interval);
    if (i >= all.size())
      all.resize(i + 1);  // it began to wait behind midnight, and belongs to the day before
    all[i].calls += 1;
    if (call.end == call_end::answered && call.service) {
      all[i].served += 1;
      all[i].handle_s += to_seconds(*call.service + wrap_up);
    }
  }
  std::vector<staffed_interval> out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& one = all[i];
    const double mean = one.served > 0 ? one.handle_s / one.served : handle_s;
    auto planned = staffed({one.calls / days / to_seconds(interval), mean, patience_s}, wish);
    planned.from = interval * static_cast<std::int64_t>(i);
    planned.calls = one.calls / days;
    out.push_back(planned);
  }
  return out;
}

std::vector<staffed_result> play_plan(const call_log& log,
                                      const std::vector<staffed_interval>& plan, span interval,
                                      double within_s, const call_log_options& how) {
  interval_scorer scorer{plan.size(), within_s};
  std::vector<cue> cues;
  cues.push_back(queue_cue(day_start(log.calls.front().day), how.wrap_up));
  add_shifts(log, plan, interval, cues);
  for (const auto& call : log.calls) {
    scorer.expects(contact_of(call), interval_of(call, interval));
    cues.push_back(call_cue(call.arrival, contact_of(call), manner_of(call, how)));
  }
  return play_scored(std::move(cues), std::move(scorer), how.seed);
}

staffed_result play_steady(const workforce::work& load, int agents, double within_s, double hours,
                           std::uint64_t seed) {
  interval_scorer scorer{1, within_s};
  dice by{seed};
  std::vector<cue> cues;
  const auto start = from_ms(0);
  cues.push_back(queue_cue(start, 0s));
  for (int n = 0; n < agents; ++n)
    cues.push_back(agent_cue(start, n, true, true));
  double at = 0;
  for (int n = 0; (at += by.exponential(1 / load.calls_per_s)) < hours * 3600; ++n) {
    const contact_id who{fmt::format("call-{}", n)};
    contact_manner how;
    how.talk = from_seconds(by.exponential(load.handle_s));
    if (load.patience_s > 0)
      how.patience = from_seconds(by.exponential(load.patience_s));
    scorer.expects(who, 0);
    cues.push_back(call_cue(start + from_seconds(at), who, how));
  }
  return play_scored(std::move(cues), std::move(scorer), seed).front();
}

} // namespace careline::program
