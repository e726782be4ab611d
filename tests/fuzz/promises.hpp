#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "messages/codec.hpp"
#include "messages/envelope.hpp"
#include "messages/ids.hpp"

// What the targets have in common. A target is one file and one row of the list in CMakeLists.txt;
// beside "it does not crash" it holds promises up to each input.

namespace careline::fuzz {

/// Ends the program where a promise is broken: libFuzzer keeps the input.
inline void hold(bool is_kept, const char* promise) {
  if (is_kept)
    return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Takes what is before the first `mark` off the front; everything where there is none.
inline std::string_view take_until(std::string_view& from, std::string_view mark) {
  const auto end = from.find(mark);
  const auto part = from.substr(0, end);
  from.remove_prefix(end == from.npos ? from.size() : end + mark.size());
  return part;
}

/// A refusal has a code of the one list and a sentence, and whoever sent the bytes can read both.
inline void hold_refusal(const problem& why) {
  const auto rows = problem_rows();
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const problem_row& r) { return r.type == why.type; });
  hold(row != rows.end(), "a refusal has a code of the list");
  hold(why.title == row->title && !why.title.empty(), "a refusal has the sentence of its code");
  const auto bytes = pack(to_value(refuse("id", why)));
  const auto told = unpack_said(bytes, bytes.size());
  hold(told.has_value(), "a refusal can be read by who is told it");
  const auto read = read_reply(*told);
  hold(read && read->why == why, "a refusal is read as it was told");
}

/// A sentence for a person: not empty, one line, text.
inline void hold_sentence(std::string_view sentence) {
  hold(!sentence.empty(), "there is a sentence");
  hold(is_valid_utf8(sentence), "a sentence is text");
  hold(std::none_of(sentence.begin(), sentence.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }),
       "a sentence is one line and does not drive the terminal");
}

} // namespace careline::fuzz
