#pragma once

namespace careline::store {

/// Says that the calling thread, and those that it will start, do little at a time and are waited
/// for: the system lets them run at once where it would otherwise let another one end its turn
/// first, which is milliseconds. They get no larger share by it. Where the system knows nothing of
/// that (Linux before 6.12), nothing changes.
void run_promptly() noexcept;

/// Says that the calling thread does what can wait: it gets little of the processor while those who
/// serve want it, and from then on goes by `name` (at most 15 bytes) in the system's tools.
void run_in_background(const char* name) noexcept;

} // namespace careline::store
