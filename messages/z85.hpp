#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace careline {

/// The text form of ZeroMQ's keys (RFC 32): five printable characters for four bytes.

/// A key of 32 bytes is this long.
inline constexpr std::size_t z85_key_size = 40;

/// Requires: the number of bytes is a multiple of four.
std::string to_z85(std::string_view bytes);
/// Nothing when `text` is no whole number of groups, or has a group that stands for no four bytes.
std::optional<std::string> from_z85(std::string_view text);

/// `text` can be a key: 40 characters that stand for 32 bytes.
bool is_z85_key(std::string_view text);
/// What a person tells two public keys apart by: the first ten characters.
std::string fingerprint_of(std::string_view key);

} // namespace careline
