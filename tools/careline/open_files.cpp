#include "tools/careline/open_files.hpp"

#include <algorithm>
#include <sys/resource.h>

namespace careline::program {

std::uint64_t raise_open_files() {
  /// No engine needs more, and where no limit is set a number is still wanted.
  constexpr rlim_t enough = 1U << 20U;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0)
    return 0;
  const auto before = files.rlim_cur;
  files.rlim_cur = std::max(before, std::min(files.rlim_max, enough));
  if (setrlimit(RLIMIT_NOFILE, &files) != 0)
    return before;
  return files.rlim_cur;
}

} // namespace careline::program
