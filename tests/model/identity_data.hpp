#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/registration/rules/id_number.hpp"

/// What the tests of the registration's rules have in common: the public lists that they are held
/// against (../shared/data/identity_cn, with origins and licences in the README beside it).
namespace careline::registration {

using cells = std::vector<std::string>;

/// Each row of a list without its head, its cells trimmed of blanks and quotes. Returns how many
/// there were; says so and returns 0 where the list is not there.
int each_row(const std::string& list, const std::function<void(const cells&)>& look,
             char between = ',');

std::string whole_file(const std::string& name);

/// The day on which the tests are played.
inline constexpr date a_day{std::chrono::year{2026} / 3 / 2};

/// Seventeen digits and the check digit that belongs to them.
inline std::string completed(std::string digits) {
  digits += id_check_digit(digits);
  return digits;
}

} // namespace careline::registration
