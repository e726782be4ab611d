#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// The single forms of MessagePack at the end of `out`, each in the smallest size that holds it.
// For `messages/packing.*`; whole values are written by `pack`. Written by msgpack-c, in its one
// home (messages/codec.cpp).

namespace careline {

void pack_nil(std::string& out);
void pack_bool(bool b, std::string& out);
void pack_int(std::int64_t n, std::string& out);
void pack_unsigned(std::uint64_t n, std::string& out);
/// A whole number becomes an integer.
void pack_double(double n, std::string& out);
void pack_text(std::string_view text, std::string& out);
void pack_bytes(std::string_view bytes, std::string& out);
/// So many values follow.
void pack_list_head(std::size_t count, std::string& out);
/// So many pairs of key and value follow.
void pack_map_head(std::size_t count, std::string& out);

} // namespace careline
