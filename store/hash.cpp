#include "store/hash.hpp"

#include <sodium.h>

namespace careline::store {

namespace {

class hasher {
public:
  explicit hasher(std::size_t size, std::string_view key = {}) : size_(size) {
    crypto_generichash_init(&state_, reinterpret_cast<const unsigned char*>(key.data()),
                            key.size(), size_);
  }
  hasher& add(std::string_view bytes) {
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                              bytes.size());
    return *this;
  }
  template <class Digest>
  Digest take() {
    Digest out;
    crypto_generichash_final(&state_, out.data(), out.size());
    return out;
  }

private:
  crypto_generichash_state state_;
  std::size_t size_;
};

} // namespace

chain_hash next_hash(const chain_hash& before, std::string_view record) {
  return hasher{sizeof(chain_hash)}.add(bytes_of(before)).add(record).take<chain_hash>();
}

chain_hash blake256(std::string_view bytes) {
  return hasher{sizeof(chain_hash)}.add(bytes).take<chain_hash>();
}

digest16 blake128(std::string_view bytes) {
  return hasher{sizeof(digest16)}.add(bytes).take<digest16>();
}

digest16 digest_of_command(std::string_view key, std::string_view type,
                           std::string_view packed_data) {
  using namespace std::string_view_literals;
  return hasher{sizeof(digest16), key}.add(type).add("\0"sv).add(packed_data).take<digest16>();
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::optional<chain_hash> hash_from_hex(std::string_view digits) {
  chain_hash out{};
  std::size_t bytes = 0;
  if (digits.size() != 2 * out.size()
      || sodium_hex2bin(out.data(), out.size(), digits.data(), digits.size(), nullptr, &bytes,
                        nullptr) != 0
      || bytes != out.size())
    return std::nullopt;
  return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string out(text.size(), '\0');
  std::size_t bytes = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                        text.size(), nullptr, &bytes, nullptr,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
    return std::nullopt;
  out.resize(bytes);
  return out;
}

} // namespace careline::store
