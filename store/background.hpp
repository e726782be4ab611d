#pragma once

namespace careline::store {

/// Says that the calling thread does what can wait: it gets little of the processor while those who
/// serve want it, and from then on goes by `name` (at most 15 bytes) in the system's tools.
void run_in_background(const char* name) noexcept;

} // namespace careline::store
