#include "store/keys/old_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace careline::store {

old_file::old_file(const std::string& path) : file_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {}

old_file::~old_file() {
  if (file_ >= 0)
    ::close(file_);
}

void old_file::overwrite() const {
  struct stat about {};
  if (file_ < 0 || ::fstat(file_, &about) != 0)
    return;
  const std::string zeros(1U << 20U, '\0');
  for (off_t at = 0; at < about.st_size; at += static_cast<off_t>(zeros.size()))
    if (::pwrite(file_, zeros.data(), zeros.size(), at) < 0)
      return;
  ::fsync(file_);
}

} // namespace careline::store
