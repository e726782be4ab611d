#include "store/folder_lock.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace careline::store {

folder_lock::~folder_lock() {
  if (file_ >= 0)
    ::close(file_);
}

folder_lock::folder_lock(folder_lock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

folder_lock& folder_lock::operator=(folder_lock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

result<folder_lock, folder_lock::refusal> folder_lock::take(const std::string& folder) {
  const auto path = folder + "/lock";
  folder_lock taken;
  taken.file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (taken.file_ < 0)
    return no(refusal{false, "cannot make " + path + ": " + std::strerror(errno)});
  if (::flock(taken.file_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return no(
          refusal{true, "another engine works in " + folder + "; stop it, or name another folder"});
    return no(refusal{false, "cannot lock " + path + ": " + std::strerror(errno)});
  }
  return taken;
}

} // namespace careline::store
