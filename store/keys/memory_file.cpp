#include "store/keys/memory_file.hpp"

#include <cerrno>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/lmdb/lmdb_env.hpp"

namespace careline::store {

memory_file::memory_file() : file_(::memfd_create("careline", MFD_CLOEXEC)) {
  if (file_ < 0)
    throw lmdb::failure(errno, "making a file in memory");
}

memory_file::~memory_file() {
  if (map_)
    ::munmap(map_, size_);
  ::close(file_);
}

std::string_view memory_file::bytes() {
  struct stat about {};
  if (!map_ && ::fstat(file_, &about) == 0 && about.st_size > 0) {
    size_ = static_cast<std::size_t>(about.st_size);
    void* const at = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file_, 0);
    if (at == MAP_FAILED)
      throw lmdb::failure(errno, "reading a file in memory");
    map_ = at;
  }
  return {static_cast<const char*>(map_), map_ ? size_ : 0};
}

} // namespace careline::store
