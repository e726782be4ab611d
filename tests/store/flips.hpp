#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

// What the tests that change single bits on the disk stand on. Hundreds of bits, thousands with
// TESTS_LONG set.

namespace careline::store::flips {

inline bool is_long() {
  const auto* set = std::getenv("TESTS_LONG");
  return set && *set;
}

/// How many flips to try of what there is so much of.
inline std::size_t so_many(std::size_t few, std::size_t many) {
  return is_long() ? many : few;
}

inline std::string slurp(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream{path, std::ios::binary}.rdbuf();
  return all.str();
}

inline void spill(const std::string& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary} << bytes;
}

inline void flip_bit(std::string& in, std::size_t bit) {
  in[bit / 8] = static_cast<char>(in[bit / 8] ^ (1 << (bit % 8)));
}

} // namespace careline::store::flips
