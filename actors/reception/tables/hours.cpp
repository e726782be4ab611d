#include "actors/reception/tables/hours.hpp"

#include <algorithm>
#include <charconv>

namespace careline::reception {

namespace {

constexpr int minutes_of_day = 24 * 60;
constexpr int days_looked_at = 366;
constexpr std::size_t rows_max = 400;  ///< of dates or hours: more than a year of them

/// Minutes of the day, from one to before the other.
struct opening {
  int from = 0;
  int to = minutes_of_day;
};

/// Digits of one part of "08:30" or "2026-10-01".
std::optional<int> number(std::string_view text) {
  int n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size() || text.front() == '-')
    return std::nullopt;
  return n;
}

/// "00:00" to "24:00".
std::optional<int> minutes(std::string_view text) {
  if (text.size() != 5 || text[2] != ':')
    return std::nullopt;
  const auto hour = number(text.substr(0, 2));
  const auto minute = number(text.substr(3));
  if (!hour || !minute || *minute > 59 || *hour * 60 + *minute > minutes_of_day)
    return std::nullopt;
  return *hour * 60 + *minute;
}

std::optional<opening> between(const std::string& from, const std::string& to) {
  const auto a = minutes(from);
  const auto b = minutes(to);
  if (!a || !b || *a >= *b)
    return std::nullopt;
  return opening{*a, *b};
}

std::string two_digits(unsigned n) {
  return (n < 10 ? "0" : "") + std::to_string(n);
}

/// The date of a local day, as the tables write it.
std::string date_of(std::int64_t day) {
  const std::chrono::year_month_day ymd{std::chrono::sys_days{std::chrono::days{day}}};
  return std::to_string(static_cast<int>(ymd.year())) + "-"
         + two_digits(static_cast<unsigned>(ymd.month())) + "-"
         + two_digits(static_cast<unsigned>(ymd.day()));
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-')
    return false;
  const auto year = number(text.substr(0, 4));
  const auto month = number(text.substr(5, 2));
  const auto day = number(text.substr(8));
  return year && month && day && *year >= 1970
         && std::chrono::year_month_day{std::chrono::year{*year},
                                        std::chrono::month{static_cast<unsigned>(*month)},
                                        std::chrono::day{static_cast<unsigned>(*day)}}
                .ok();
}

/// When it is open on a local day: a date's own hours go before those of its day of the week.
std::vector<opening> openings_on(const service_area& area, std::int64_t day, int weekday) {
  const auto date = date_of(day);
  if (std::ranges::find(area.closed_on, date) != area.closed_on.end())
    return {};
  std::vector<opening> out;
  const bool is_special =
      std::ranges::any_of(area.open_on, [&](const open_date& one) { return one.date == date; });
  for (const auto& one : area.open_on)
    if (one.date == date)
      out.push_back(between(one.from, one.to).value_or(opening{}));
  if (is_special)
    return out;
  if (area.open.empty())
    return {opening{}};
  for (const auto& one : area.open)
    if (std::ranges::find(one.weekdays, weekday) != one.weekdays.end())
      if (const auto hours = between(one.from, one.to))
        out.push_back(*hours);
  return out;
}

std::optional<problem> check(const weekly_hours& one, const std::string& path) {
  if (one.weekdays.empty()
      || std::ranges::any_of(one.weekdays, [](int day) { return day < 1 || day > 7; }))
    return expected(path + ".weekdays", "days from 1, Monday, to 7, Sunday");
  if (!between(one.from, one.to))
    return expected(path + ".from", "\"08:30\", before to, at most \"24:00\"; past midnight is two "
                                    "rows");
  return {};
}

std::optional<problem> check(const open_date& one, const service_area& area,
                             const std::string& path) {
  if (!is_date(one.date))
    return expected(path + ".date", "a date: \"2026-10-01\"");
  if (std::ranges::find(area.closed_on, one.date) != area.closed_on.end())
    return expected(path + ".date", "a date that is not in closed_on");
  const bool all_day = one.from.empty() && one.to.empty();
  if (!all_day && !between(one.from, one.to))
    return expected(path + ".from", "\"08:30\", before to; or neither of them: all day");
  return {};
}

} // namespace

bool is_open(const service_area& area, instant at, int offset_minutes) {
  const auto local = to_local(at, offset_minutes);
  const int minute = local.ms_of_day / 60'000;
  return std::ranges::any_of(
      openings_on(area, local.day, local.weekday),
      [&](const opening& one) { return one.from <= minute && minute < one.to; });
}

std::optional<instant> opens_next(const service_area& area, instant at, int offset_minutes) {
  if (is_open(area, at, offset_minutes))
    return at;
  const auto today = to_local(at, offset_minutes);
  const auto midnight = local_midnight(at, offset_minutes);
  for (int ahead = 0; ahead <= days_looked_at; ++ahead) {
    const int weekday = (today.weekday - 1 + ahead) % 7 + 1;
    std::optional<instant> first;
    for (const auto& one : openings_on(area, today.day + ahead, weekday)) {
      const auto begins = midnight + std::chrono::hours{24 * ahead}
                          + std::chrono::minutes{one.from};
      if (begins > at && (!first || begins < *first))
        first = begins;
    }
    if (first)
      return first;
  }
  return std::nullopt;
}

std::optional<problem> check_hours(const service_area& area) {
  if (area.open.size() > rows_max || area.closed_on.size() > rows_max
      || area.open_on.size() > rows_max)
    return expected("open", "at most 400 rows of hours and of dates each");
  for (std::size_t i = 0; i < area.open.size(); ++i)
    if (auto wrong = check(area.open[i], "open[" + std::to_string(i) + "]"))
      return wrong;
  for (std::size_t i = 0; i < area.closed_on.size(); ++i)
    if (!is_date(area.closed_on[i]))
      return expected("closed_on[" + std::to_string(i) + "]", "a date: \"2026-10-01\"");
  for (std::size_t i = 0; i < area.open_on.size(); ++i)
    if (auto wrong = check(area.open_on[i], area, "open_on[" + std::to_string(i) + "]"))
      return wrong;
  return {};
}

} // namespace careline::reception
