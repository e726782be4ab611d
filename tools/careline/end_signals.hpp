#pragma once

#include <csignal>
#include <ctime>

namespace careline::program {

/// Signals that end the process; blocked before a thread starts, so that only this asks for them.
class end_signals {
public:
  end_signals() {
    sigemptyset(&ends_);
    sigaddset(&ends_, SIGTERM);
    sigaddset(&ends_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends_, nullptr);
  }
  bool came() {
    timespec none{};
    came_ = came_ || sigtimedwait(&ends_, nullptr, &none) > 0;
    return came_;
  }

private:
  sigset_t ends_{};
  bool came_ = false;
};

} // namespace careline::program
