#pragma once

#include <chrono>
#include <string>

namespace careline::program {

/// Who started us, where that wants to be told how it goes: systemd with `Type=notify`
/// (NOTIFY_SOCKET in the environment). Without one nothing is told and nothing fails. Any thread.
class service_manager {
public:
  /// How often it wants a sign of life, else it ends us; 0: it does not watch.
  static std::chrono::microseconds watchdog();
  /// "READY=1", "WATCHDOG=1", "STOPPING=1", "STATUS=…"; several are parted by line ends.
  static void tell(const std::string& state);
};

} // namespace careline::program
