#pragma once

#include <cstddef>
#include <string_view>

#include "messages/ids.hpp"

namespace careline::program {

/// Calls `each(code point, its bytes)` along UTF-8 text. A byte that belongs to no character comes
/// as U+FFFD with the replacement's own bytes, so that what is handed on is always valid.
template <class Each>
void for_each_code_point(std::string_view text, Each each) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const auto first = byte(i);
    const std::size_t length = first < 0x80           ? 1U
                               : (first & 0xE0) == 0xC0 ? 2U
                               : (first & 0xF0) == 0xE0 ? 3U
                               : (first & 0xF8) == 0xF0 ? 4U
                                                        : 0U;
    const bool whole = length > 0 && is_valid_utf8(text.substr(i, length));
    char32_t point = length < 2 ? first : first & (0x7FU >> length);
    for (std::size_t k = 1; whole && k < length; ++k)
      point = (point << 6U) | (byte(i + k) & 0x3FU);
    if (whole)
      each(point, text.substr(i, length));
    else
      each(U'\uFFFD', std::string_view{"\xEF\xBF\xBD"});
    i += whole ? length : 1;
  }
}

} // namespace careline::program
