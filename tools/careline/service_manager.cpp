#include "tools/careline/service_manager.hpp"

#include <cstdint>
#include <systemd/sd-daemon.h>

namespace careline::program {

std::chrono::microseconds service_manager::watchdog() {
  std::uint64_t every_us = 0;
  return std::chrono::microseconds{sd_watchdog_enabled(0, &every_us) > 0 ? every_us : 0};
}

void service_manager::tell(const std::string& state) {
  sd_notify(0, state.c_str());
}

} // namespace careline::program
