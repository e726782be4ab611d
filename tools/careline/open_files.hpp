#pragma once

#include <cstdint>

namespace careline::program {

/// Raises what this process may have open at once to the most that it is allowed (a service's usual
/// limit of 1,024 is for programs that use select). Returns what holds now.
std::uint64_t raise_open_files();

} // namespace careline::program
