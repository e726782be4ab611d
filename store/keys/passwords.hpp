#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace careline::store {

/// What people prove to be themselves by. All of it by libsodium; no password is ever kept.

inline constexpr std::size_t password_bytes_min = 12;
inline constexpr std::size_t password_bytes_max = 256;
/// Whoever set one before may go on with it. Length is what counts, and no rule about which letters
/// (NIST SP 800-63B).
constexpr bool may_be_set(std::string_view password) noexcept {
  return password_bytes_min <= password.size() && password.size() <= password_bytes_max;
}

/// argon2id with 64 MiB and 2 passes, as text that says so: about 0.1 s, on purpose. Empty when
/// there is no memory for it.
std::string hash_password(std::string_view password);

/// Takes as long whatever is wrong with the password. Nothing when there is no memory to tell.
std::optional<bool> fits(std::string_view password, std::string_view hash);

/// A hash that no password fits: what is checked for a name that nobody has, so that the time
/// taken does not tell.
const std::string& hash_of_nobody();

/// 256 random bits as base64url: what a browser shows for a session.
std::string random_token();
/// `bytes` random bytes as hexadecimal digits.
std::string random_hex(std::size_t bytes);
/// 160 random bits as base32: the secret of a second factor.
std::string random_base32();

/// BLAKE2b-256 of a token, 64 hexadecimal digits: what is kept of it. `purpose` keeps the digests
/// of one token apart.
std::string digest_of_token(std::string_view token, std::string_view purpose);

/// Compares in a time that does not tell where the two differ.
bool are_same(std::string_view a, std::string_view b);

} // namespace careline::store
