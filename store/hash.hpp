#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/event_log.hpp"

namespace careline::store {

/// h(n) = BLAKE2b-256( h(n-1) ‖ record(n) ).
chain_hash next_hash(const chain_hash& before, std::string_view record);

/// BLAKE2b-256 and BLAKE2b-128 of `bytes`.
chain_hash blake256(std::string_view bytes);
digest16 blake128(std::string_view bytes);

/// What tells two commands with one id apart: BLAKE2b-128( type ‖ 0 ‖ data ), keyed: the data is in
/// clear, and whoever has the log must not be able to try out telephone numbers on it.
/// `packed_data` is the data re-encoded, so that equal content has equal bytes whatever the
/// client's encoder does. Requires: a key of at most 64 bytes.
digest16 digest_of_command(std::string_view key, std::string_view type,
                           std::string_view packed_data);

/// Digits for a person: "00ff…".
std::string to_hex(std::string_view bytes);
/// A hash out of its 64 digits; nothing when they are none.
std::optional<chain_hash> hash_from_hex(std::string_view digits);
/// Bytes out of what messages/json.hpp's to_base64url makes of them; nothing when it is none.
std::optional<std::string> from_base64url(std::string_view text);

/// The bytes of a hash or digest, for as long as it lives.
template <std::size_t Size>
std::string_view bytes_of(const std::array<unsigned char, Size>& a) noexcept {
  return {reinterpret_cast<const char*>(a.data()), a.size()};
}

} // namespace careline::store
