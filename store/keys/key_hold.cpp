#include "store/keys/key_hold.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/lmdb/lmdb_env.hpp"

namespace careline::store {

key_hold::key_hold(const std::string& folder, kind how)
    : file_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  int wrong = file_ < 0 ? errno : 0;
  const int lock = how == kind::to_read ? LOCK_SH : LOCK_EX;
  while (wrong == 0 && ::flock(file_, lock) != 0)
    wrong = errno == EINTR ? 0 : errno;
  if (wrong == 0)
    return;
  if (file_ >= 0)
    ::close(file_);
  throw lmdb::failure(wrong, "holding " + folder);
}

key_hold::~key_hold() {
  if (file_ >= 0)
    ::close(file_);
}

key_hold::key_hold(key_hold&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

key_hold& key_hold::operator=(key_hold&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

} // namespace careline::store
