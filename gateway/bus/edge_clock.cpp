#include "gateway/bus/edge_clock.hpp"

#include <ctime>

namespace careline::gateway::bus {

namespace {

span read_clock(clockid_t which) {
  timespec at{};
  clock_gettime(which, &at);
  return std::chrono::duration_cast<span>(std::chrono::seconds{at.tv_sec}
                                          + std::chrono::nanoseconds{at.tv_nsec});
}

} // namespace

span since_boot() {
  return read_clock(CLOCK_MONOTONIC);
}

instant wall_time() {
  return instant{read_clock(CLOCK_REALTIME)};
}

} // namespace careline::gateway::bus
