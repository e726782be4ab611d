#include "store/sync_path.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace careline::store {

int sync_path(const std::string& path) noexcept {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return errno;
  const int wrong = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  // Some file systems have nothing to sync in a folder, and say so.
  return wrong == EINVAL ? 0 : wrong;
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

} // namespace careline::store
