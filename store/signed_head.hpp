#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "store/event_log.hpp"

namespace careline::store {

/// "The log stood so", signed (docs/log-format.md). Whoever keeps it elsewhere can show later that
/// nothing up to there was changed, and nothing cut off.
struct signed_head {
  std::string partition{default_partition};
  position at = 0;
  chain_hash hash{};  ///< h(at)
  instant time{};     ///< engine time of the signing
  std::string key;    ///< id of the key it was signed with
  std::array<unsigned char, 64> signature{};
  friend bool operator==(const signed_head&, const signed_head&) = default;
};

/// What the signature is over: all but itself and the key's id.
std::string signed_bytes(const signed_head& head);

/// One line of JSON, without the line's end.
std::string to_line(const signed_head& head);
/// Reads it back; says what is wrong with a line that is not exactly as one is written.
result<signed_head, std::string> parse_head(std::string_view line);

/// A line of a file of heads: a head, or why it is none.
struct head_line {
  std::size_t number = 0;  ///< from 1
  result<signed_head, std::string> head;
};
/// All lines of a file. Fails with a sentence when it cannot be read.
result<std::vector<head_line>, std::string> read_heads(const std::string& path);

/// Why nothing could be appended; the file is as it was.
struct heads_failure {
  std::string sentence;
  bool is_disk_full = false;
};
/// Appends a line, durable when it returns; makes the file where there is none. A last line that a
/// crash cut short is taken away first: nobody was told of it.
result<void, heads_failure> append_head(const std::string& path, const signed_head& head);
/// Whether it could be done, without doing it.
result<void, heads_failure> try_heads_file(const std::string& path);

} // namespace careline::store
