#include "messages/uuid.hpp"

#include <algorithm>
#include <cstdint>
#include <random>

namespace careline {

namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

constexpr bool dash_at(std::size_t i) noexcept {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

} // namespace

instant uuid7::time() const noexcept {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i)
    ms = ms << 8 | bytes[i];
  return from_ms(ms);
}

std::string uuid7::text() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      out += '-';
    out += digits[bytes[i] >> 4U];
    out += digits[bytes[i] & 15U];
  }
  return out;
}

std::optional<uuid7> parse_uuid7(std::string_view text) noexcept {
  if (text.size() != 36)
    return std::nullopt;
  uuid7 id;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (dash_at(i)) {
      if (text[i] != '-')
        return std::nullopt;
      continue;
    }
    const int digit = hex_digit(text[i]);
    if (digit < 0)
      return std::nullopt;
    auto& byte = id.bytes[nibble / 2];
    byte = static_cast<unsigned char>(nibble % 2 == 0 ? digit << 4 : byte | digit);
    ++nibble;
  }
  if (id.bytes[6] >> 4U != 7 || id.bytes[8] >> 6U != 2)
    return std::nullopt;
  return id;
}

uuid7 uuid7_maker::make(instant now) {
  constexpr unsigned counter_max = 0xFFF;
  // A clock that was ahead and was put right: ids of then would be refused for as long as it was.
  constexpr span back_max = std::chrono::minutes{1};
  if (now > last_ || now + back_max < last_) {
    last_ = now;
    counter_ = 0;
  } else if (++counter_ > counter_max) {
    last_ += span{1};
    counter_ = 0;
  }
  uuid7 id;
  const auto ms = static_cast<std::uint64_t>(to_ms(last_));
  for (std::size_t i = 0; i < 6; ++i)
    id.bytes[i] = static_cast<unsigned char>(ms >> (40 - 8 * i));
  id.bytes[6] = static_cast<unsigned char>(0x70U | counter_ >> 8U);
  id.bytes[7] = static_cast<unsigned char>(counter_);
  thread_local std::random_device source;
  for (std::size_t i = 8; i < 16; i += 4) {
    const std::uint32_t bits = source();
    for (std::size_t k = 0; k < 4; ++k)
      id.bytes[i + k] = static_cast<unsigned char>(bits >> (8 * k));
  }
  id.bytes[8] = static_cast<unsigned char>(0x80U | (id.bytes[8] & 0x3FU));
  return id;
}

} // namespace careline
