#include "messages/ids.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace careline {

namespace {

/// Length of the well-formed sequence that starts at `s[0]`, or 0.
std::size_t sequence_length(std::string_view s) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(s[i]); };
  const auto tail = [&](std::size_t i) { return i < s.size() && (byte(i) & 0xC0U) == 0x80U; };
  const auto lead = byte(0);
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead <= 0xDF)
    return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!tail(1) || !tail(2) || (lead == 0xE0 && byte(1) < 0xA0)
        || (lead == 0xED && byte(1) > 0x9F))
      return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3) || (lead == 0xF0 && byte(1) < 0x90)
        || (lead == 0xF4 && byte(1) > 0x8F))
      return 0;
    return 4;
  }
  return 0;
}

} // namespace

namespace {

/// Where other scripts have no letters: controls, spaces and punctuation.
struct code_points {
  std::uint32_t first;
  std::uint32_t last;
};
constexpr std::array no_letters{
    code_points{0x80, 0xBF},     code_points{0x1680, 0x1680}, code_points{0x2000, 0x206F},
    code_points{0x3000, 0x303F}, code_points{0xFE10, 0xFE6F}, code_points{0xFEFF, 0xFF0F},
    code_points{0xFF1A, 0xFF20},
};

/// Requires: `s` is one well-formed sequence.
std::uint32_t code_point_of(std::string_view s) noexcept {
  constexpr std::array<std::uint32_t, 5> lead_bits{0, 0x7F, 0x1F, 0x0F, 0x07};
  std::uint32_t point = static_cast<std::uint8_t>(s[0]) & lead_bits[s.size()];
  for (const char tail : s.substr(1))
    point = point << 6U | (static_cast<std::uint8_t>(tail) & 0x3FU);
  return point;
}

bool may_be_in_code(std::uint32_t point) noexcept {
  if (point < 0x80) {
    const auto c = static_cast<char>(point);
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'
           || c == '-' || c == '.' || c == ':';
  }
  return std::none_of(no_letters.begin(), no_letters.end(), [&](const code_points& range) {
    return point >= range.first && point <= range.last;
  });
}

} // namespace

bool is_valid_code(std::string_view text) noexcept {
  if (text.empty() || text.size() > code_bytes_max)
    return false;
  while (!text.empty()) {
    const auto length = sequence_length(text);
    if (length == 0 || !may_be_in_code(code_point_of(text.substr(0, length))))
      return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_valid_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    std::uint64_t eight = 0;
    if (text.size() >= sizeof eight) {
      std::memcpy(&eight, text.data(), sizeof eight);
      const bool is_ascii = (eight & 0x8080'8080'8080'8080U) == 0;
      if (is_ascii) {
        text.remove_prefix(sizeof eight);
        continue;
      }
    }
    const auto length = sequence_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_valid_id(std::string_view text) noexcept {
  if (text.empty() || text.size() > id_bytes_max)
    return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F)
      return false;
    // U+0080 to U+009F are control characters too: C2 80 to C2 9F.
    if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0)
      return false;
  }
  return is_valid_utf8(text);
}

} // namespace careline
