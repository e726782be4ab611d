#include "tools/careline/comparison.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <numeric>
#include <utility>

#include "tools/careline/terminal.hpp"

namespace careline::program {

seen_mean mean_of(const std::vector<double>& values) {
  seen_mean out;
  if (values.empty())
    return out;
  const auto n = static_cast<double>(values.size());
  for (const double v : values)
    out.mean += v / n;
  if (values.size() < 2)
    return out;
  double squares = 0;
  for (const double v : values)
    squares += (v - out.mean) * (v - out.mean);
  const double t = boost::math::quantile(boost::math::students_t{n - 1}, 0.975);
  out.half = t * std::sqrt(squares / (n - 1) / n);
  return out;
}

std::vector<compared_metric> usual_metrics() {
  return {{"offered", shown_as::count},
          {"answered", shown_as::count},
          {"abandoned", shown_as::count},
          {"callbacks", shown_as::count},
          {"callbacks_answered", shown_as::count},
          {"callbacks_lost", shown_as::count},
          {"abandon_rate", shown_as::share},
          {"sl_late", shown_as::share},
          {"sl_strict", shown_as::share},
          {"sl_offered", shown_as::share},
          {"sl_answered", shown_as::share},
          {"asa_s", shown_as::seconds},
          {"wait_p90_s", shown_as::seconds},
          {"longest_wait_s", shown_as::seconds},
          {"callback_wait_s", shown_as::seconds},
          {"callback_wait_p90_s", shown_as::seconds},
          {"aht_s", shown_as::seconds},
          {"occupancy", shown_as::share}};
}

std::string seeds_sentence(int seeds, bool is_compared) {
  return fmt::format("means of {} seeds{}.", seeds,
                     is_compared ? ", differences with the interval that holds the mean 95 times "
                                   "of 100"
                                 : "");
}

void wait_tally::saw(const event& e, instant at) {
  const auto ended = [&](const contact_id& who, auto add) {
    const auto found = waiting_.find(who);
    if (found == waiting_.end())
      return;
    add(found->second);
    waiting_.erase(found);
  };
  if (const auto* queued = std::get_if<routing::contact_queued>(&e))
    waiting_.try_emplace(queued->contact, waiting{at});
  else if (const auto* later = std::get_if<routing::contact_callback_requested>(&e)) {
    const auto found = waiting_.find(later->contact);
    if (found != waiting_.end() && !std::exchange(found->second.callback, true))
      ++callbacks_;
  } else if (const auto* answered = std::get_if<routing::contact_connected>(&e))
    ended(answered->contact, [&](const waiting& w) {
      (w.callback ? called_back_s_ : answered_s_).push_back(to_seconds(at - w.since));
    });
  else if (const auto* gone = std::get_if<routing::contact_abandoned>(&e))
    ended(gone->contact, [&](const waiting& w) { abandoned_ += w.callback ? 0 : 1; });
  else if (const auto* over = std::get_if<routing::contact_timed_out>(&e))
    ended(over->contact, [](const waiting&) {});
}

namespace {

void add_waits(value& to, std::string_view mean, std::string_view p90, std::vector<double> waits) {
  if (waits.empty())
    return;
  const auto n = static_cast<double>(waits.size());
  if (!mean.empty())
    to.add(mean, std::accumulate(waits.begin(), waits.end(), 0.0) / n);
  const auto at = static_cast<std::size_t>(std::ceil(0.9 * n)) - 1;
  std::ranges::nth_element(waits, waits.begin() + static_cast<std::ptrdiff_t>(at));
  to.add(p90, waits[at]);
}

std::vector<double> known(const std::vector<double>& of) {
  std::vector<double> out;
  std::ranges::copy_if(of, std::back_inserter(out), [](double x) { return std::isfinite(x); });
  return out;
}

std::string number(double x, shown_as as) {
  return as == shown_as::share ? fmt::format("{:.1f} %", x * 100) : fmt::format("{:.1f}", x);
}

std::string mean_text(const std::vector<double>& of, shown_as as) {
  const auto all = known(of);
  return all.empty() ? "-" : number(mean_of(all).mean, as);
}

} // namespace

value wait_tally::figures() const {
  value out{value::map{}};
  const auto answered = static_cast<std::int64_t>(answered_s_.size());
  out.add("answered", answered);
  out.add("abandoned", abandoned_);
  if (const auto all = answered + abandoned_ + callbacks_; all > 0)
    out.add("abandon_rate", static_cast<double>(abandoned_) / static_cast<double>(all));
  add_waits(out, "asa_s", "wait_p90_s", answered_s_);
  add_waits(out, "callback_wait_s", "callback_wait_p90_s", called_back_s_);
  return out;
}

void wait_tally::complete(value& figures) const {
  add_waits(figures, {}, "wait_p90_s", answered_s_);
  add_waits(figures, "callback_wait_s", "callback_wait_p90_s", called_back_s_);
}

void comparison::take(const value& figures, std::vector<double> column::*into) {
  for (const auto& m : metrics_) {
    const auto* figure = figures.find(m.name);
    (columns_[m.name].*into).push_back(figure ? figure->to_double() : std::nan(""));
  }
}

bool comparison::is_compared() const {
  return std::ranges::any_of(columns_, [](const auto& c) { return !c.second.otherwise.empty(); });
}

/// Somebody measured it, and it was not nothing each time.
bool comparison::happened(const column& c) {
  const auto counts = [](double x) { return std::isfinite(x) && x != 0; };
  return std::ranges::any_of(c.as_it_was, counts) || std::ranges::any_of(c.otherwise, counts);
}

/// Of the seeds that measured it under both.
std::vector<double> comparison::differences(const column& c) {
  std::vector<double> out;
  for (std::size_t i = 0; i < c.otherwise.size(); ++i)
    out.push_back(c.otherwise[i] - c.as_it_was[i]);
  return known(out);
}

std::string comparison::differs(const column& c, shown_as as) {
  const auto all = differences(c);
  if (all.empty())
    return "-";
  const auto d = mean_of(all);
  const auto unit = as == shown_as::share ? 100.0 : 1.0;
  const auto* const points = as == shown_as::share ? " points" : "";
  if (all.size() < 2)
    return fmt::format("{:+.1f}{}", d.mean * unit, points);
  return fmt::format("{:+.1f} ± {:.1f}{}", d.mean * unit, d.half * unit, points);
}

std::string comparison::table() const {
  using side = text_table::side;
  std::vector<text_table::column> heads{
      {"metric"}, {"recorded", side::right}, {"played", side::right}};
  if (is_compared()) {
    heads.push_back({"other policy", side::right});
    heads.push_back({"difference", side::right});
  }
  text_table out{std::move(heads)};
  for (const auto& m : metrics_) {
    const auto found = columns_.find(m.name);
    const auto* was = recorded_.find(m.name);
    if (found == columns_.end() || (!was && !happened(found->second)))
      continue;
    const auto& one = found->second;
    std::vector<std::string> cells{m.name, was ? number(was->to_double(), m.as) : "-",
                                   mean_text(one.as_it_was, m.as)};
    if (is_compared()) {
      cells.push_back(mean_text(one.otherwise, m.as));
      cells.push_back(differs(one, m.as));
    }
    out.add(std::move(cells));
  }
  return out.text();
}

value comparison::json() const {
  value rows{value::map{}};
  const auto add = [](value& to, const std::string& name, const std::vector<double>& of) {
    const auto all = known(of);
    if (all.empty())
      return;
    to.add(name, mean_of(all).mean);
    if (all.size() > 1)
      to.add(name + "_half", mean_of(all).half);
  };
  for (const auto& m : metrics_) {
    value one{value::map{}};
    if (const auto* was = recorded_.find(m.name))
      one.add("recorded", *was);
    if (const auto found = columns_.find(m.name); found != columns_.end()) {
      add(one, "played", found->second.as_it_was);
      add(one, "other_policy", found->second.otherwise);
      add(one, "difference", differences(found->second));
    }
    rows.add(m.name, std::move(one));
  }
  return rows;
}

} // namespace careline::program
