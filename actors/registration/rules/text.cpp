#include "actors/registration/rules/text.hpp"

#include <algorithm>

namespace careline::registration {

namespace {

constexpr char32_t no_character = 0xffffffff;

constexpr bool between(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}

constexpr bool is_blank(char32_t c) {
  return c == U'\t' || c == U' ' || c == 0xa0 || between(c, 0x2000, 0x200a) || c == 0x202f
         || c == 0x3000;
}

/// Joiners, marks of direction, the mark of byte order.
constexpr bool has_no_width(char32_t c) {
  return between(c, 0x200b, 0x200f) || between(c, 0x202a, 0x202e) || between(c, 0x2060, 0x2069)
         || c == 0xfeff;
}

/// The ASCII that a character stands for; 0 for none.
constexpr char ascii_of(char32_t c) {
  if (between(c, 0xff01, 0xff5e))
    return static_cast<char>(c - 0xff01 + '!');
  if (is_blank(c))
    return ' ';
  if (between(c, 0x2010, 0x2015) || c == 0x2212 || c == 0x2d || c == 0xfe63 || c == 0x30fc)
    return '-';
  if (c == 0x3010 || c == 0x3014 || c == '[')
    return '(';
  if (c == 0x3011 || c == 0x3015 || c == ']')
    return ')';
  return 0;
}

} // namespace

code_point first_code_point(std::string_view text) noexcept {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80)
    return {lead, 1};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
  if (bytes == 1 || lead > 0xf4 || text.size() < bytes)
    return {no_character, 1};
  auto value = static_cast<char32_t>(lead & (0x7f >> bytes));
  for (std::size_t at = 1; at < bytes; ++at) {
    if ((byte(at) & 0xc0) != 0x80)
      return {no_character, 1};
    value = value << 6 | (byte(at) & 0x3f);
  }
  return {value, bytes};
}

bool all_digits(std::string_view text) noexcept {
  return !text.empty()
         && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string half_width(std::string_view typed) {
  std::string out;
  for (; !typed.empty();) {
    const auto next = first_code_point(typed);
    if (const char ascii = ascii_of(next.value))
      out += ascii;
    else if (!has_no_width(next.value))
      out += typed.substr(0, next.bytes);
    typed.remove_prefix(next.bytes);
  }
  return out;
}

std::string squeezed(std::string_view typed) {
  std::string out = half_width(typed);
  std::erase_if(out, [](char c) { return c == ' ' || c == '-' || c == '.'; });
  for (auto& c : out)
    if (c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 'a' + 'A');
  return out;
}

} // namespace careline::registration
