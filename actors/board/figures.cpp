#include "actors/board/figures.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace careline::board {

namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::size_t minutes_kept = minutes_shown + 1;  // one to carry `waiting` on from

/// Adds figures under their names; a figure without a base is not there at all.
class figure_sheet {
public:
  explicit figure_sheet(precision how) : how_(how) {}

  void count(std::string_view name, std::int64_t n) { out_.add(name, n); }
  void seconds(std::string_view name, double s) {
    out_.add(name, how_ == precision::exact ? s : rounded_to(s, 10));
  }
  void mean_s(std::string_view name, std::int64_t sum_ms, std::int64_t base) {
    if (base > 0)
      seconds(name, static_cast<double>(sum_ms) / 1000.0 / static_cast<double>(base));
  }
  void share(std::string_view name, std::int64_t part, std::int64_t base) {
    if (base > 0)
      share(name, static_cast<double>(part) / static_cast<double>(base));
  }
  void share(std::string_view name, double s) {
    out_.add(name, how_ == precision::exact ? s : rounded_to(s, 10'000));
  }
  value take() { return std::move(out_); }

private:
  value out_{value::map{}};
  precision how_;
};

void write_service_levels(figure_sheet& sheet, const counters& c) {
  const std::int64_t answered_in = c.answered_in;
  const std::int64_t seen = std::int64_t{c.answered} + c.abandoned;
  sheet.share("sl_answered", answered_in, c.answered);
  sheet.share("sl_offered", answered_in + c.abandoned_in, seen);
  sheet.share("sl_left", c.left_in, c.queued);
  sheet.share("sl_strict", answered_in, seen);
  sheet.share("sl_no_short", answered_in, seen - c.abandoned_short);
  sheet.share("sl_late", answered_in, seen - c.abandoned_in);
}

} // namespace

double rounded_to(double x, double unit) noexcept {
  return std::round(x * unit) / unit;
}

std::optional<double> share_of(std::int64_t on_ms, std::int64_t idle_ms) noexcept {
  if (on_ms + idle_ms <= 0)
    return std::nullopt;
  return static_cast<double>(on_ms) / static_cast<double>(on_ms + idle_ms);
}

std::optional<double> late_service_level(std::uint32_t answered_in, std::uint32_t answered,
                                         std::uint32_t abandoned_late) noexcept {
  const auto base = std::uint64_t{answered} + abandoned_late;
  if (base == 0)
    return std::nullopt;
  return static_cast<double>(answered_in) / static_cast<double>(base);
}

void counters::add(const counters& more) noexcept {
  const auto longest = std::max(longest_ms, more.longest_ms);
  wait_ms += more.wait_ms, greet_ms += more.greet_ms;
  human_wait_ms += more.human_wait_ms, handle_ms += more.handle_ms;
  offered += more.offered, queued += more.queued, left += more.left, left_in += more.left_in;
  answered += more.answered, answered_in += more.answered_in, moved += more.moved;
  abandoned += more.abandoned, abandoned_in += more.abandoned_in;
  abandoned_short += more.abandoned_short, refused += more.refused;
  timed_out += more.timed_out, diverted += more.diverted, finished += more.finished;
  transferred += more.transferred, callbacks += more.callbacks;
  callbacks_answered += more.callbacks_answered, callbacks_lost += more.callbacks_lost;
  greeted += more.greeted, first_answered += more.first_answered, handled += more.handled;
  longest_ms = longest;
}

counters closed(counters what, span wait, span service_level_s) noexcept {
  const bool in_time = wait <= service_level_s;
  what.left = 1;
  what.left_in = in_time ? 1 : 0;
  what.answered_in = in_time ? what.answered : 0;
  what.abandoned_in = in_time ? what.abandoned : 0;
  what.abandoned_short = wait < short_abandon_s ? what.abandoned : 0;
  what.wait_ms = what.answered ? wait.count() : 0;
  what.longest_ms = wait.count();
  return what;
}

value write_figures(const counters& c, const present& is, instant now, precision how) {
  figure_sheet sheet{how};
  sheet.count("waiting", is.waiting);
  if (is.oldest_since)
    sheet.seconds("oldest_waiting_s", std::max(0.0, to_seconds(now - *is.oldest_since)));
  if (c.longest_ms >= 0)
    sheet.seconds("longest_wait_s", static_cast<double>(c.longest_ms) / 1000.0);
  if (is.wait_estimate_s)
    sheet.seconds("wait_estimate_s", *is.wait_estimate_s);
  sheet.count("in_progress", is.in_progress);
  sheet.count("callbacks_waiting", is.callbacks_waiting);
  sheet.count("offered", c.offered);
  sheet.count("queued", c.queued);
  sheet.count("answered", c.answered);
  sheet.count("abandoned", c.abandoned);
  sheet.count("refused", c.refused);
  sheet.count("timed_out", c.timed_out);
  sheet.count("diverted", c.diverted);
  sheet.count("moved", c.moved);
  sheet.count("finished", c.finished);
  sheet.count("transferred", c.transferred);
  sheet.count("callbacks", c.callbacks);
  sheet.count("callbacks_answered", c.callbacks_answered);
  sheet.count("callbacks_lost", c.callbacks_lost);
  sheet.share("abandon_rate", c.abandoned, c.queued);
  sheet.mean_s("asa_s", c.wait_ms, c.answered);
  sheet.mean_s("greet_s", c.greet_ms, c.greeted);
  sheet.mean_s("human_wait_s", c.human_wait_ms, c.first_answered);
  sheet.mean_s("aht_s", c.handle_ms, c.handled);
  if (is.occupancy)
    sheet.share("occupancy", *is.occupancy);
  write_service_levels(sheet, c);
  return sheet.take();
}

void running_sum::start(instant at) noexcept {
  ++running_;
  starts_ += to_ms(at);
}

void running_sum::stop(instant since, instant at) noexcept {
  --running_;
  starts_ -= to_ms(since);
  closed_ += (at - since).count();
}

void running_sum::reset(instant midnight) noexcept {
  before_ += ms(midnight);
  closed_ = 0;
  starts_ = running_ * to_ms(midnight);
}

std::int64_t running_sum::ms(instant now) const noexcept {
  return closed_ + running_ * to_ms(now) - starts_;
}

std::int64_t running_sum::ms_after(instant midnight, instant now) const noexcept {
  return running_ * (now - midnight).count();
}

void scope::touch(instant at) {
  ++changes;
  touched = at;
  minute_of(at).waiting = static_cast<std::uint32_t>(waiting.size());
}

void scope::count(const counters& did, instant at, int offset_minutes, std::size_t intervals_max) {
  day.add(did);
  all.add(did);
  interval_of(at, offset_minutes, intervals_max).did.add(did);
  auto& row = minute_of(at);
  row.offered += did.offered;
  row.answered += did.answered;
  row.answered_in += did.answered_in;
  row.abandoned += did.abandoned;
  row.abandoned_late += did.abandoned - did.abandoned_in;
  touch(at);
}

void scope::begin_day() noexcept {
  day = {};
  ++changes;
}

interval_row& scope::interval_of(instant at, int offset_minutes, std::size_t intervals_max) {
  const auto midnight = local_midnight(at, offset_minutes);
  const auto start = to_ms(midnight + (at - midnight) / interval_length * interval_length);
  if (intervals_.empty() || intervals_.back().start_ms < start) {
    intervals_.push_back({start, {}, 0, 0});
    const auto oldest = start - interval_length.count() * static_cast<std::int64_t>(intervals_max);
    while (intervals_.front().start_ms <= oldest)
      intervals_.pop_front();
  }
  return intervals_.back();
}

minute_row& scope::minute_of(instant at) {
  const auto start = to_ms(at) / minute_ms * minute_ms;
  if (minutes_.empty() || minutes_.back().start_ms < start) {
    minute_row row;
    row.start_ms = start;
    minutes_.push_back(row);
    const auto oldest = start - minute_ms * static_cast<std::int64_t>(minutes_kept);
    while (minutes_.size() > 1 && minutes_[1].start_ms <= oldest)
      minutes_.pop_front();
  }
  return minutes_.back();
}

value scope::history(instant now) const {
  value::list out;
  if (minutes_.empty())
    return out;
  const auto last = to_ms(now) / minute_ms * minute_ms;
  auto row = minutes_.begin();
  std::uint32_t waiting_before = 0;
  const auto first = last - minute_ms * static_cast<std::int64_t>(minutes_shown - 1);
  for (auto t = first; t <= last; t += minute_ms) {
    while (row != minutes_.end() && row->start_ms < t)
      waiting_before = (row++)->waiting;
    if (t < minutes_.front().start_ms)
      continue;
    const bool happened = row != minutes_.end() && row->start_ms == t;
    const minute_row shown = happened ? *row : minute_row{t, waiting_before, 0, 0, 0, 0, 0};
    value item{value::map{}};
    item.add("t", t);
    item.add("waiting", std::int64_t{shown.waiting});
    item.add("offered", std::int64_t{shown.offered});
    item.add("answered", std::int64_t{shown.answered});
    item.add("abandoned", std::int64_t{shown.abandoned});
    if (const auto sl = late_service_level(shown.answered_in, shown.answered, shown.abandoned_late))
      item.add("sl", rounded_to(*sl, 10'000));
    out.push_back(std::move(item));
  }
  return out;
}

value scope::interval_list(instant now, std::size_t rows_max, precision how) const {
  value::list out;
  auto end = intervals_.end();
  while (end != intervals_.begin() && std::prev(end)->start_ms > to_ms(now))
    --end;
  const auto kept = static_cast<std::size_t>(end - intervals_.begin());
  for (auto row = end - static_cast<std::ptrdiff_t>(std::min(kept, rows_max)); row != end; ++row) {
    figure_sheet sheet{how};
    const auto& c = row->did;
    sheet.count("t", row->start_ms);
    sheet.count("offered", c.offered);
    sheet.count("queued", c.queued);
    sheet.count("answered", c.answered);
    sheet.count("abandoned", c.abandoned);
    sheet.count("refused", c.refused);
    sheet.count("timed_out", c.timed_out);
    sheet.share("abandon_rate", c.abandoned, c.queued);
    sheet.mean_s("asa_s", c.wait_ms, c.answered);
    sheet.mean_s("aht_s", c.handle_ms, c.handled);
    if (c.longest_ms >= 0)
      sheet.seconds("longest_wait_s", static_cast<double>(c.longest_ms) / 1000.0);
    if (const auto busy = share_of(row->on_contact_ms, row->idle_ms))
      sheet.share("occupancy", *busy);
    write_service_levels(sheet, c);
    out.push_back(sheet.take());
  }
  return out;
}

} // namespace careline::board
