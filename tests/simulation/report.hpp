#pragma once

#include <cstdint>
#include <string>

namespace careline::simulation {

/// One seed, run again for whoever has to understand it.
struct told {
  std::string text;  ///< the last steps; then seed, commit, the promise, and how to see it again
  bool is_broken = false;
};

told tell_of(std::uint64_t seed);

} // namespace careline::simulation
