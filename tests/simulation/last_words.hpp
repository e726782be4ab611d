#pragma once

#include <cstdint>

namespace careline::simulation {

/// From now on, whatever ends the process by a signal or a sanitizer's report also says on standard
/// error that this seed was being run, and how to run it again.
void say_at_death(std::uint64_t seed) noexcept;

} // namespace careline::simulation
