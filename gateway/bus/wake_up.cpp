#include "gateway/bus/wake_up.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace careline::gateway::bus {

wake_up::wake_up() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0)
    throw std::system_error{errno, std::generic_category(), "eventfd"};
}

wake_up::~wake_up() {
  ::close(fd_);
}

void wake_up::ring() noexcept {
  // Fails only when it is readable already.
  eventfd_write(fd_, 1);
}

void wake_up::clear() noexcept {
  eventfd_t rung = 0;
  eventfd_read(fd_, &rung);
}

} // namespace careline::gateway::bus
