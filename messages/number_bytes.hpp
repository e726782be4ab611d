#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace careline {

// Numbers as they are written down: little-endian, as the machine has them (docs/log-format.md).
static_assert(std::endian::native == std::endian::little);

/// Adds the number's bytes.
template <class N>
void put_number(std::string& to, N n) {
  char bytes[sizeof n];
  std::memcpy(bytes, &n, sizeof n);
  to.append(bytes, sizeof n);
}

/// The number whose bytes begin at `offset`. Requires: all of them are there.
template <class N>
N number_at(std::string_view bytes, std::size_t offset = 0) noexcept {
  N n;
  std::memcpy(&n, bytes.data() + offset, sizeof n);
  return n;
}

} // namespace careline
