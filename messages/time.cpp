#include "messages/time.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace careline {

namespace {

using std::chrono::days;
using std::chrono::floor;

constexpr int minutes_per_day = 24 * 60;

/// Reads exactly `digits` decimal digits and moves on; nothing when there are fewer.
std::optional<int> take_number(std::string_view& text, std::size_t digits) noexcept {
  if (text.size() < digits)
    return std::nullopt;
  int n = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9')
      return std::nullopt;
    n = n * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return n;
}

bool take_char(std::string_view& text, char wanted) noexcept {
  if (text.empty() || text.front() != wanted)
    return false;
  text.remove_prefix(1);
  return true;
}

/// Reads ".123456789", cut to milliseconds; zero when there is no fraction.
std::optional<int> take_fraction_ms(std::string_view& text) noexcept {
  if (!take_char(text, '.'))
    return 0;
  int ms = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9' && digits < 9) {
    if (digits < 3)
      ms = ms * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0)
    return std::nullopt;
  for (; digits < 3; ++digits)
    ms *= 10;
  return ms;
}

/// The last `digits` decimal digits of a number that is not below zero. Each event and each reply
/// has a time: printf would be a twentieth of the work.
void put_number(std::string& text, std::int64_t n, std::size_t digits) {
  const auto end = text.size() + digits;
  text.resize(end);
  for (std::size_t i = 1; i <= digits; ++i, n /= 10)
    text[end - i] = static_cast<char>('0' + n % 10);
}

std::optional<int> take_offset(std::string_view text) noexcept {
  if (text == "Z" || text == "z")
    return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-'))
    return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = take_number(text, 2);
  const bool colon = take_char(text, ':');
  const auto minutes = take_number(text, 2);
  if (!hours || !colon || !minutes || *hours > 23 || *minutes > 59)
    return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

} // namespace

span from_seconds(double seconds) noexcept {
  return span{std::llround(seconds * 1000.0)};
}

std::string to_rfc3339(instant at, int offset_minutes) {
  const auto local = at + std::chrono::minutes{offset_minutes};
  const auto day = floor<days>(local);
  const std::chrono::year_month_day date{day};
  const auto ms = (local - day).count();
  std::string text;
  text.reserve(29);
  put_number(text, std::clamp(static_cast<int>(date.year()), 0, 9999), 4);
  put_number(text += '-', static_cast<unsigned>(date.month()), 2);
  put_number(text += '-', static_cast<unsigned>(date.day()), 2);
  put_number(text += 'T', ms / 3'600'000, 2);
  put_number(text += ':', ms / 60'000 % 60, 2);
  put_number(text += ':', ms / 1'000 % 60, 2);
  put_number(text += '.', ms % 1'000, 3);
  if (offset_minutes == 0)
    return text += 'Z';
  put_number(text += offset_minutes < 0 ? '-' : '+', std::abs(offset_minutes) / 60, 2);
  put_number(text += ':', std::abs(offset_minutes) % 60, 2);
  return text;
}

std::string to_rfc3339(instant at) {
  return to_rfc3339(at, 0);
}

std::optional<zoned_instant> parse_rfc3339(std::string_view text) noexcept {
  const auto year = take_number(text, 4);
  const bool dash1 = take_char(text, '-');
  const auto month = take_number(text, 2);
  const bool dash2 = take_char(text, '-');
  const auto day = take_number(text, 2);
  if (!year || !dash1 || !month || !dash2 || !day)
    return std::nullopt;
  if (!take_char(text, 'T') && !take_char(text, 't') && !take_char(text, ' '))
    return std::nullopt;
  const auto hour = take_number(text, 2);
  const bool colon1 = take_char(text, ':');
  const auto minute = take_number(text, 2);
  const bool colon2 = take_char(text, ':');
  const auto second = take_number(text, 2);
  if (!hour || !colon1 || !minute || !colon2 || !second || *hour > 23 || *minute > 59
      || *second > 60)
    return std::nullopt;
  const auto ms = take_fraction_ms(text);
  const auto offset = take_offset(text);
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!ms || !offset || !date.ok())
    return std::nullopt;
  const auto local = std::chrono::sys_days{date} + std::chrono::hours{*hour}
                     + std::chrono::minutes{*minute} + std::chrono::seconds{*second} + span{*ms};
  return zoned_instant{local - std::chrono::minutes{*offset}, *offset};
}

local_time to_local(instant at, int offset_minutes) noexcept {
  const auto local = at + std::chrono::minutes{offset_minutes};
  const auto day = floor<days>(local);
  local_time out;
  out.day = day.time_since_epoch().count();
  out.ms_of_day = static_cast<int>((local - day).count());
  out.hour = out.ms_of_day / 3'600'000;
  out.weekday = static_cast<int>(std::chrono::weekday{day}.iso_encoding());
  return out;
}

instant local_midnight(instant at, int offset_minutes) noexcept {
  static_assert(minutes_per_day == 1440);
  const auto local = at + std::chrono::minutes{offset_minutes};
  return instant{floor<days>(local)} - std::chrono::minutes{offset_minutes};
}

} // namespace careline
