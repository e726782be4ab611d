#pragma once

#include <string_view>

namespace careline::store {

/// A file that is nowhere but in this process's memory.
class memory_file {
public:
  /// Throws lmdb::failure.
  memory_file();
  ~memory_file();
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;

  int handle() const noexcept { return file_; }
  /// All that is in it now; nothing may be written to it after this. Throws lmdb::failure.
  std::string_view bytes();

private:
  int file_ = -1;
  void* map_ = nullptr;
  std::size_t size_ = 0;
};

} // namespace careline::store
