#pragma once

#include <cstddef>

namespace careline::registration {

/// Whether there is such an area code (six digits), or was. A resident ID keeps the code of the
/// place and the year it was given: what was merged or renamed since stays right for ever.
enum class area_standing { in_force, retired, unknown };

struct area_life {
  area_standing standing = area_standing::unknown;
  int last_year = 0;  ///< the last in which it was listed; 0 for a code in force or never listed
};

/// Looks a code up in the divisions of 2023, then in all lists of 1980 to 2019.
area_life find_area_code(int code) noexcept;

/// The last list of the history. What is missing in 2023 was taken out between the two.
inline constexpr int history_ends = 2019;

/// How many codes the history has, for whoever checks it.
std::size_t count_historic_codes() noexcept;

} // namespace careline::registration
