#include "store/background.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace careline::store {

void run_in_background(const char* name) noexcept {
  constexpr int low = 10;  // about a tenth of who serves; never nothing
  prctl(PR_SET_NAME, name);
  // On Linux this is of the one thread; where it is not allowed, the thread just takes its share.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), low);
}

} // namespace careline::store
