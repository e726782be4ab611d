#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "messages/time.hpp"

namespace careline::registration {

/// How a person proves who they are, and what that is good for (R2.2.2).
///
///     1  knows what the record has
///     2  holds what only they hold
///     3  was seen with a document

inline constexpr int level_max = 3;

struct method_row {
  std::string_view method;
  int level_max;
  std::size_t claims_min;  ///< fields that the person must name; 0: it is carried out elsewhere
};
std::span<const method_row> method_rows() noexcept;
const method_row* find_method(std::string_view method) noexcept;

/// What needs a verified person, and how far.
struct operation_row {
  std::string_view operation;
  int level;
};
std::span<const operation_row> operation_rows() noexcept;
/// 0 for what needs none.
int level_for(std::string_view operation) noexcept;

/// After so many failures in a row nobody is verified for that party for a while.
inline constexpr int failures_max = 3;
inline constexpr span locked_for = 30min;

inline constexpr span valid_for = 30min;
inline constexpr span valid_max = 4h;

} // namespace careline::registration
