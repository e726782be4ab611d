#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "messages/problem.hpp"
#include "messages/value.hpp"

namespace careline {

// Limits of a command's body (design §5.19). Beyond them it is refused, never half read.
inline constexpr std::size_t body_bytes_max = 64 * 1024;
inline constexpr std::size_t depth_max = 16;
inline constexpr std::size_t items_max = 4096;
/// What the engine says wraps what it was told: a policy in an event, the event in a page, the page
/// in a reply. So replies, events and snapshots may go deeper than the commands that led to them.
inline constexpr std::size_t said_depth_max = 32;

/// Appends the MessagePack form of `v` to `out`: smallest integer forms, other
/// numbers as float 64 (whole ones as integers).
void pack(const value& v, std::string& out);
std::string pack(const value& v);

/// Reads one MessagePack value that fills `bytes` to the last byte. Refuses, with
/// `command.malformed` and what was wrong: broken or trailing bytes, a map key that is no text or
/// stands twice, text that is no UTF-8, extension types, depth above 16, more than 4,096 items;
/// `command.too_large`: more than `bytes_max` bytes. Never throws.
answer<value> unpack(std::string_view bytes, std::size_t bytes_max = body_bytes_max);

/// Reads what an engine said, a reply or an event: as `unpack`, but up to 32 levels deep, and of
/// any number of items that fits into `bytes_max`.
answer<value> unpack_said(std::string_view bytes, std::size_t bytes_max);

/// Reads what this program itself packed and guards by a checksum (a snapshot's body): any size and
/// any number of items, depth at most 32; keys are not compared. Never for bytes from outside.
answer<value> unpack_own(std::string_view bytes);

} // namespace careline
