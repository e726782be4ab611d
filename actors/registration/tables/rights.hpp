#pragma once

#include <array>
#include <span>
#include <string_view>

#include "messages/registration_commands.hpp"

namespace careline::registration {

/// What a person may ask for by law, and until when it is answered (domain R2.5).
struct right_row {
  right_kind kind;
  int days;                  ///< natural days
  std::string_view source;
};
std::span<const right_row> right_rows() noexcept;
/// Requires: a kind (each has its row).
const right_row& row_of_right(right_kind kind) noexcept;

/// Warned when so much of the time is over, in percent; at 100 it has lapsed.
inline constexpr std::array warned_at{50, 80, 100};

} // namespace careline::registration
