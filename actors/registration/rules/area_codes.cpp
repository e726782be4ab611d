#include "actors/registration/rules/area_codes.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "actors/registration/rules/divisions.hpp"

namespace careline::registration {

namespace {

struct history_row {
  std::int16_t prefix;
  std::string_view codes;
};
constexpr history_row history[] = {
#include "actors/registration/tables/area_history.inc"
};
static_assert(std::is_sorted(std::begin(history), std::end(history),
                             [](const auto& a, const auto& b) { return a.prefix < b.prefix; }));

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr int year_of(char letter) {
  return letter <= 'Z' ? 1980 + letter - 'A' : 2006 + letter - 'a';
}
static_assert(year_of('A') == 1980 && year_of('n') == history_ends);

/// The last year in which the two digits stood behind the row's four; 0 when never.
constexpr int last_listed(std::string_view codes, int digits) {
  int year = 0;
  for (std::size_t at = 0; at < codes.size();) {
    if (!is_digit(codes[at])) {
      year = year_of(codes[at++]);
      continue;
    }
    if ((codes[at] - '0') * 10 + codes[at + 1] - '0' == digits)
      return year;
    at += 2;
  }
  return 0;
}

} // namespace

area_life find_area_code(int code) noexcept {
  if (find_division(code))
    return {area_standing::in_force, 0};
  const auto row =
      std::lower_bound(std::begin(history), std::end(history), code / 100,
                       [](const history_row& r, int prefix) { return r.prefix < prefix; });
  if (row == std::end(history) || row->prefix != code / 100)
    return {};
  const int year = last_listed(row->codes, code % 100);
  return year == 0 ? area_life{} : area_life{area_standing::retired, year};
}

std::size_t count_historic_codes() noexcept {
  std::size_t digits = 0;
  for (const auto& row : history)
    digits += static_cast<std::size_t>(std::count_if(row.codes.begin(), row.codes.end(), is_digit));
  return digits / 2;
}

} // namespace careline::registration
