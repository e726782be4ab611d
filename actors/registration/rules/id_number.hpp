#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/registration/rules/area_codes.hpp"
#include "actors/registration/rules/refusal.hpp"
#include "messages/result.hpp"

namespace careline::registration {

/// The number of a resident's identity card (GB 11643-1999), checked before anything is stored
/// (R2.2.1, R2.3.1):
///
///     110105 19491231 002 X
///     area   born     |   check digit (ISO 7064 MOD 11-2)
///                     order of the day; odd for men
///
/// What comes back is the person's own and clear; the caller seals it.

using date = std::chrono::year_month_day;

/// What a centre may set otherwise.
struct id_policy {
  /// The first day on which anybody may be born.
  date born_min{std::chrono::year{1880} / 1 / 1};
  /// The first two digits that there are: provinces; 71 Taiwan; 81, 82 and 83 for residents from
  /// Hong Kong, Macau and Taiwan; 9 and a region for foreigners with permanent residence.
  std::string_view prefixes = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 "
                              "50 51 52 53 54 61 62 63 64 65 71 81 82 83 91 92 93 94 95 96";
};

enum class sex { male, female };
constexpr auto names(sex) {
  using enum sex;
  return std::to_array<std::pair<sex, std::string_view>>({{male, "male"}, {female, "female"}});
}

/// What does not look right, and may be.
enum class id_warning {
  old_form,                ///< fifteen digits, made into eighteen: compare with the card
  century_unsure,          ///< old form, order 996 to 999: kept for who was born before 1900
  area_unknown,            ///< no list has the area code
  area_gone_before_birth,  ///< no list had it any more when the person was born
};
constexpr auto names(id_warning) {
  using enum id_warning;
  return std::to_array<std::pair<id_warning, std::string_view>>(
      {{old_form, "oldForm"},
       {century_unsure, "centuryUnsure"},
       {area_unknown, "areaUnknown"},
       {area_gone_before_birth, "areaGoneBeforeBirth"}});
}

struct id_number {
  std::string number;  ///< eighteen characters, with a capital X
  date born;
  sex recorded_sex = sex::male;
  int area = 0;        ///< six digits, for `full_name`; a foreigner's are a region and a country
  area_life area_is;
  std::vector<id_warning> warnings;
};

/// Why a number is none, in the order in which it is looked at.
enum class id_fault {
  characters,
  length,
  province,
  no_such_day,
  in_future,
  too_old,
  order,
  check_digit
};
refusal refusal_of(id_fault why) noexcept;

/// Reads what was typed: blanks, hyphens and full-width digits are taken as they are meant, a small
/// x as a large one, fifteen digits as the old form of the number of somebody born in 19YY. Nobody
/// is born after `today`, the day where the number is given.
result<id_number, id_fault> read_id_number(std::string_view typed, const date& today,
                                           const id_policy& policy = {});

/// The check digit to the first seventeen. Requires: seventeen digits or more.
char id_check_digit(std::string_view digits) noexcept;

} // namespace careline::registration
