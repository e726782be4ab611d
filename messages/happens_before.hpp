#pragma once

// For ThreadSanitizer alone. Debian builds CAF and ZeroMQ without it, so it sees neither a mailbox
// nor a pipe hand anything over; whoever hands over or takes by one says so here. What is said must
// be what the library promises: an order that does not hold would hide races. Nothing is left of it
// in any other build.

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace careline {

#ifdef __SANITIZE_THREAD__
/// All that this thread did so far happens before what follows the next `happens_after` of `at`.
inline void happens_before(const void* at) noexcept {
  __tsan_release(const_cast<void*>(at));
}
inline void happens_after(const void* at) noexcept {
  __tsan_acquire(const_cast<void*>(at));
}
#else
constexpr void happens_before(const void*) noexcept {}
constexpr void happens_after(const void*) noexcept {}
#endif

} // namespace careline
