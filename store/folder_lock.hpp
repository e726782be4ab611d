#pragma once

#include <string>

#include "messages/result.hpp"

namespace careline::store {

/// Holds a folder for one process (flock on the file `lock` in it), until it dies or this goes.
class folder_lock {
public:
  folder_lock() = default;
  ~folder_lock();
  folder_lock(folder_lock&& other) noexcept;
  folder_lock& operator=(folder_lock&& other) noexcept;

  /// Whether another process has the folder, or the file could not be made.
  struct refusal {
    bool held_by_other = false;
    std::string detail;
  };
  static result<folder_lock, refusal> take(const std::string& folder);

private:
  int file_ = -1;
};

} // namespace careline::store
