#include "tools/careline/call_log_estimates.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "tools/careline/call_log_report.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

namespace {

/// What a caller takes for right.
constexpr double near_s = 30;

double at_share(const std::vector<double>& sorted, double share) {
  if (sorted.empty())
    return 0;
  const auto at = share * static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(std::lround(at))];
}

struct error_figures {
  double p10 = 0, median = 0, p90 = 0, mean_off = 0, near = 0, too_short = 0;
};

error_figures figures(std::vector<double>& errors) {
  std::ranges::sort(errors);
  error_figures out;
  out.p10 = at_share(errors, .1);
  out.median = at_share(errors, .5);
  out.p90 = at_share(errors, .9);
  for (const double e : errors) {
    out.mean_off += std::abs(e);
    out.near += std::abs(e) <= near_s ? 1 : 0;
    out.too_short += e < -near_s ? 1 : 0;
  }
  const auto all = static_cast<double>(std::max<std::size_t>(1, errors.size()));
  out.mean_off /= all;
  out.near /= all;
  out.too_short /= all;
  return out;
}

} // namespace

void estimate_judge::saw(const event& e, instant at) {
  if (const auto* queued = std::get_if<routing::contact_queued>(&e)) {
    waiting_[queued->contact] = {at, queued->wait_s};
  } else if (const auto* answered = std::get_if<routing::contact_connected>(&e)) {
    const auto found = waiting_.find(answered->contact);
    if (found == waiting_.end())
      return;
    const auto waited = at - found->second.since;
    if (waited > span{0} && found->second.told)
      made_.errors_s.push_back(to_seconds(*found->second.told - waited));
    else if (waited > span{0})
      ++made_.untold;
    waiting_.erase(found);
  } else if (const auto* gone = std::get_if<routing::contact_abandoned>(&e)) {
    const auto found = waiting_.find(gone->contact);
    if (found == waiting_.end())
      return;
    ++made_.gave_up;
    made_.gave_up_late += found->second.told && at - found->second.since > *found->second.told;
    waiting_.erase(found);
  }
}

std::string estimates_table(std::vector<estimate_judgement> all) {
  using side = text_table::side;
  text_table table{{{"wait_estimate"},
                    {"answered who waited", side::right},
                    {"told", side::right},
                    {"p10", side::right},
                    {"median", side::right},
                    {"p90", side::right},
                    {"mean off", side::right},
                    {"within 30 s", side::right},
                    {"30 s too short", side::right},
                    {"hung up", side::right},
                    {"later than told", side::right}}};
  for (auto& one : all) {
    const auto told = one.errors_s.size();
    const auto f = figures(one.errors_s);
    table.add({std::string{word_of(one.kind)}, std::to_string(told + one.untold),
               std::to_string(told), fmt::format("{:+.0f} s", f.p10),
               fmt::format("{:+.0f} s", f.median), fmt::format("{:+.0f} s", f.p90),
               fmt::format("{:.0f} s", f.mean_off), fmt::format("{:.1f} %", f.near * 100),
               fmt::format("{:.1f} %", f.too_short * 100), std::to_string(one.gave_up),
               std::to_string(one.gave_up_late)});
  }
  return "Told minus waited: below zero is a wait longer than was told.\n\n" + table.text();
}

value estimates_json(std::vector<estimate_judgement> all) {
  const auto count = [](std::size_t n) { return value{static_cast<std::int64_t>(n)}; };
  value::list out;
  for (auto& one : all) {
    const auto f = figures(one.errors_s);
    value row{value::map{}};
    row.add("wait_estimate", word_of(one.kind));
    row.add("told", count(one.errors_s.size()));
    row.add("untold", count(one.untold));
    row.add("error_p10_s", f.p10);
    row.add("error_p50_s", f.median);
    row.add("error_p90_s", f.p90);
    row.add("mean_off_s", f.mean_off);
    row.add("within_30_s", f.near);
    row.add("too_short_by_30_s", f.too_short);
    row.add("gave_up", count(one.gave_up));
    row.add("gave_up_later_than_told", count(one.gave_up_late));
    out.push_back(std::move(row));
  }
  value whole{value::map{}};
  whole.add("estimates", std::move(out));
  return whole;
}

std::vector<estimate_judgement> judge_estimates(const call_log& log, call_log_options how) {
  using kind = routing::wait_estimate_kind;
  std::vector<estimate_judgement> out;
  for (const auto one : {kind::staffed, kind::smoothed, kind::recent}) {
    how.wait_estimate = one;
    estimate_judge judge{one};
    play_call_log(log, how, [&judge](const event& e, instant at) { judge.saw(e, at); });
    out.push_back(judge.take());
  }
  return out;
}

} // namespace careline::program
