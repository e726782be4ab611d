#pragma once

#include <cstdint>
#include <ctime>

namespace careline::store {

/// Microseconds on a clock that only runs forward: how long something took, for figures and short
/// waits. It never says what time it is, and no decision rests on it.
inline std::uint64_t steady_us() noexcept {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000U
         + static_cast<std::uint64_t>(t.tv_nsec) / 1000U;
}

} // namespace careline::store
