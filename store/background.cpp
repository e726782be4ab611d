#include "store/background.hpp"

#include <algorithm>
#include <cstdint>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace careline::store {

namespace {

/// `sched_attr` of <linux/sched/types.h>, which cannot stand beside the C library's <sched.h>.
struct attributes {
  std::uint32_t size = 48;
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};
static_assert(sizeof(attributes) == 48);

/// How long a thread wants to run once it has its turn; who wants less is let in first. The system
/// takes 0.1 to 100 ms.
constexpr std::uint64_t promptly_ns = 100'000;
constexpr std::uint64_t background_ns = 10'000'000;

/// On Linux this is of the one thread; where it is not allowed, the thread just takes its share. A
/// thread that was given a policy of its own keeps it.
bool schedule(int nice_min, std::uint64_t turn_ns) noexcept {
  constexpr std::uint32_t usual_policy = 0;
  attributes as;
  if (::syscall(SYS_sched_getattr, 0, &as, sizeof as, 0U) != 0 || as.policy != usual_policy)
    return false;
  as.nice = std::max(as.nice, nice_min);
  as.runtime = turn_ns;
  return ::syscall(SYS_sched_setattr, 0, &as, 0U) == 0;
}

} // namespace

void run_promptly() noexcept {
  constexpr int lowest = -20;
  schedule(lowest, promptly_ns);
}

void run_in_background(const char* name) noexcept {
  constexpr int low = 10;  // about a tenth of who serves; never nothing
  prctl(PR_SET_NAME, name);
  if (!schedule(low, background_ns))
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), low);
}

} // namespace careline::store
