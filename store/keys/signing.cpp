#include "store/keys/signing.hpp"

#include <sodium.h>

#include "store/hash.hpp"

namespace careline::store {

namespace {

static_assert(crypto_sign_PUBLICKEYBYTES == sizeof(public_key));
static_assert(crypto_sign_SECRETKEYBYTES == 64);
static_assert(crypto_sign_SEEDBYTES == 32);
static_assert(crypto_sign_BYTES == sizeof(signed_head::signature));

constexpr std::size_t id_digits = 16;

const unsigned char* raw(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

} // namespace

std::string public_key::id() const {
  return to_hex(bytes_of(blake128(bytes_of(bytes)))).substr(0, id_digits);
}

std::string public_key::text() const {
  return to_hex(bytes_of(bytes));
}

bool public_key::has_signed(const signed_head& head) const {
  const auto said = signed_bytes(head);
  return head.key == id()
         && crypto_sign_verify_detached(head.signature.data(), raw(said), said.size(), bytes.data())
                == 0;
}

std::optional<public_key> parse_public_key(std::string_view text) {
  public_key key;
  std::size_t size = 0;
  const char* end = nullptr;
  if (text.size() != 2 * key.bytes.size()
      || sodium_hex2bin(key.bytes.data(), key.bytes.size(), text.data(), text.size(), nullptr,
                        &size, &end)
             != 0
      || size != key.bytes.size() || end != text.data() + text.size())
    return std::nullopt;
  return key;
}

signing_key::signing_key(const secret_key& seed) {
  crypto_sign_seed_keypair(public_.bytes.data(), secret_.data(), seed.data());
}

signing_key::~signing_key() {
  sodium_memzero(secret_.data(), secret_.size());
}

signed_head signing_key::sign(position at, const chain_hash& hash, instant time) const {
  signed_head head;
  head.at = at;
  head.hash = hash;
  head.time = time;
  head.key = public_.id();
  const auto said = signed_bytes(head);
  crypto_sign_detached(head.signature.data(), nullptr, raw(said), said.size(), secret_.data());
  return head;
}

result<signing_key, log_error> load_signing_key(const std::string& path, bool may_make) {
  const auto seed = load_secret(
      path, {"signing key", "an engine that serves this folder makes it at its start"}, may_make);
  if (!seed)
    return no(seed.error());
  return signing_key{*seed};
}

} // namespace careline::store
