#include "gateway/http/one_time_code.hpp"

#include <array>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace careline::gateway::http {

namespace {

constexpr std::size_t digits = 6;
constexpr std::uint32_t modulus = 1'000'000;

/// The bytes of base32 (RFC 4648) without padding; empty where it is none.
std::string bytes_of_base32(std::string_view text) {
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const int five = c >= 'A' && c <= 'Z' ? c - 'A' : c >= '2' && c <= '7' ? c - '2' + 26 : -1;
    if (five < 0)
      return {};
    held = (held << 5U | static_cast<std::uint32_t>(five)) & 0xFFFU;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<char>(held >> static_cast<unsigned>(bits) & 0xFFU));
    }
  }
  return out;
}

} // namespace

std::string code_of(std::string_view secret, std::uint64_t step) {
  const auto key = bytes_of_base32(secret);
  if (key.empty())
    return {};
  std::array<unsigned char, 8> counter{};
  for (std::size_t i = 0; i < counter.size(); ++i)
    counter[i] = static_cast<unsigned char>(step >> (8 * (7 - i)) & 0xFFU);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  if (!HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), counter.data(), counter.size(),
            mac.data(), &size))
    return {};
  const std::size_t at = mac[size - 1] & 0x0FU;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i)
    number = number << 8U | mac[at + i];
  auto text = std::to_string((number & 0x7FFFFFFFU) % modulus);
  return std::string(digits - text.size(), '0') + text;
}

std::uint64_t step_of_code(std::string_view secret, std::string_view code, instant now) {
  if (code.size() != digits)
    return 0;
  const auto present = static_cast<std::uint64_t>(to_ms(now) / 1000 / code_step_s);
  std::uint64_t found = 0;
  for (auto step = present - 1; step <= present + 1; ++step) {
    const auto right = code_of(secret, step);
    if (right.size() == digits && CRYPTO_memcmp(right.data(), code.data(), digits) == 0)
      found = step;
  }
  return found;
}

} // namespace careline::gateway::http
