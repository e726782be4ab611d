#include "store/keys/passwords.hpp"

#include <array>
#include <sodium.h>
#include <vector>

namespace careline::store {

namespace {

std::string hex_of(const unsigned char* bytes, std::size_t size) {
  std::string out(size * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes, size);
  out.pop_back();
  return out;
}

} // namespace

std::string hash_password(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (sodium_init() < 0
      || crypto_pwhash_str(out.data(), password.data(), password.size(),
                           crypto_pwhash_OPSLIMIT_INTERACTIVE,
                           crypto_pwhash_MEMLIMIT_INTERACTIVE)
             != 0)
    return {};
  return out.data();
}

bool fits(std::string_view password, std::string_view hash) {
  const std::string text{hash};
  return sodium_init() >= 0
         && crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
}

const std::string& hash_of_nobody() {
  static const auto made = hash_password(random_token());
  return made;
}

std::string random_token() {
  std::array<unsigned char, 32> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  constexpr auto variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string out(sodium_base64_ENCODED_LEN(bytes.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), variant);
  out.pop_back();
  return out;
}

std::string random_hex(std::size_t bytes) {
  std::vector<unsigned char> made(bytes);
  randombytes_buf(made.data(), made.size());
  return hex_of(made.data(), made.size());
}

std::string random_base32() {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out(32, 'A');
  for (auto& c : out)
    c = letters[randombytes_uniform(static_cast<std::uint32_t>(letters.size()))];
  return out;
}

std::string digest_of_token(std::string_view token, std::string_view purpose) {
  std::array<unsigned char, 32> out{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, out.size());
  for (const auto part : {purpose, std::string_view{"\0", 1}, token})
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()),
                              part.size());
  crypto_generichash_final(&state, out.data(), out.size());
  return hex_of(out.data(), out.size());
}

bool are_same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace careline::store
