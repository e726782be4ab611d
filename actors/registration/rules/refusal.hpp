#pragma once

#include <string_view>

namespace careline::registration {

/// Why a value was not taken: a code that never changes its meaning, and a sentence for whoever
/// typed it. It never holds the value. The field at fault is known to the caller.
struct refusal {
  std::string_view code;
  std::string_view sentence;
  friend bool operator==(const refusal&, const refusal&) = default;
};

} // namespace careline::registration
