#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "store/keys/secrets.hpp"
#include "store/signed_head.hpp"

namespace careline::store {

/// The half of a signing key (Ed25519) that everybody may know.
struct public_key {
  std::array<unsigned char, 32> bytes{};

  /// What a signed head names it by: the first 64 bits of its hash, as digits.
  std::string id() const;
  /// All of it, as digits.
  std::string text() const;
  /// False when the head, the signature or the key is another one.
  bool has_signed(const signed_head& head) const;
  friend bool operator==(const public_key&, const public_key&) = default;
};
/// Reads 64 hexadecimal digits.
std::optional<public_key> parse_public_key(std::string_view text);

/// Signs heads. Its secret half is wiped when it goes.
class signing_key {
public:
  explicit signing_key(const secret_key& seed);
  signing_key(const signing_key&) = default;
  signing_key& operator=(const signing_key&) = default;
  ~signing_key();

  const public_key& shown() const noexcept { return public_; }
  signed_head sign(position at, const chain_hash& hash, instant time) const;

private:
  public_key public_;
  std::array<unsigned char, 64> secret_{};
};

/// Reads `path` (the data folder's `keys/signing.key`), or makes it (mode 0600, durable) when
/// `may_make`. Else says what is wrong with it.
result<signing_key, log_error> load_signing_key(const std::string& path, bool may_make);

} // namespace careline::store
