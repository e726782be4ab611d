#include "messages/z85.hpp"

#include <array>
#include <cstdint>
#include <limits>

namespace careline {

namespace {

constexpr std::string_view digits =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
constexpr std::size_t fingerprint_size = 10;

} // namespace

std::string to_z85(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() / 4 * 5);
  for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
    std::uint32_t n = 0;
    for (std::size_t k = 0; k < 4; ++k)
      n = n << 8U | static_cast<unsigned char>(bytes[i + k]);
    std::array<char, 5> group{};
    for (auto at = group.rbegin(); at != group.rend(); ++at, n /= 85)
      *at = digits[n % 85];
    out.append(group.data(), group.size());
  }
  return out;
}

std::optional<std::string> from_z85(std::string_view text) {
  if (text.size() % 5 != 0)
    return std::nullopt;
  std::string out;
  out.reserve(text.size() / 5 * 4);
  for (std::size_t i = 0; i < text.size(); i += 5) {
    std::uint64_t n = 0;
    for (std::size_t k = 0; k < 5; ++k) {
      const auto digit = digits.find(text[i + k]);
      if (digit == digits.npos)
        return std::nullopt;
      n = n * 85 + digit;
    }
    if (n > std::numeric_limits<std::uint32_t>::max())
      return std::nullopt;
    for (int shift = 24; shift >= 0; shift -= 8)
      out += static_cast<char>(n >> shift & 0xFFU);
  }
  return out;
}

bool is_z85_key(std::string_view text) {
  return text.size() == z85_key_size && from_z85(text).has_value();
}

std::string fingerprint_of(std::string_view key) {
  return std::string{key.substr(0, fingerprint_size)};
}

} // namespace careline
