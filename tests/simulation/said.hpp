#pragma once

#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string_view>

namespace careline::simulation {

/// What was said to a program as pairs of "--name value".
using pairs_said = std::map<std::string_view, std::string_view>;

/// Nothing: something else was said, or a name that is not `known`.
inline std::optional<pairs_said> pairs_of(int argc, char** argv,
                                          std::initializer_list<std::string_view> known) {
  pairs_said out;
  for (int i = 1; i < argc; i += 2) {
    bool is_known = false;
    for (const auto name : known)
      is_known = is_known || name == argv[i];
    if (!is_known || i + 1 == argc)
      return std::nullopt;
    out[argv[i]] = argv[i + 1];
  }
  return out;
}

/// The number said by that name, or the usual one. Nothing: it is no whole number.
inline std::optional<std::uint64_t> number_of(const pairs_said& said, std::string_view name,
                                              std::uint64_t usual) {
  const auto found = said.find(name);
  if (found == said.end())
    return usual;
  const auto text = found->second;
  std::uint64_t n = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), n);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? std::optional{n}
                                                                         : std::nullopt;
}

} // namespace careline::simulation
