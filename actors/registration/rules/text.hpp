#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace careline::registration {

/// The first character of UTF-8 text. A byte that is no UTF-8 is a character of its own, of a value
/// that no character has.
struct code_point {
  char32_t value = 0;
  std::size_t bytes = 0;
};
/// Requires: text is not empty.
code_point first_code_point(std::string_view text) noexcept;

/// True for ASCII digits and nothing else, at least one.
bool all_digits(std::string_view text) noexcept;

/// How a number stands on paper, made one way: full-width digits, letters and signs as in ASCII,
/// all blanks ' ', all hyphens and dashes '-', all brackets '(' and ')'; marks that have no width,
/// as address books leave them, are gone. What it does not know stays.
std::string half_width(std::string_view typed);

/// The same without blanks, hyphens and dots, and with capital letters.
std::string squeezed(std::string_view typed);

} // namespace careline::registration
