#pragma once

#include <filesystem>
#include <string>
#include <system_error>
#include <unistd.h>

namespace careline::simulation {

/// Where snapshots lie: in memory where there is such a place, for their syncs are no part of this.
class scratch_folder {
public:
  scratch_folder()
      : path_((memory_or_disk() / ("careline-simulation-" + std::to_string(::getpid()))).string()) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  const std::string& path() const noexcept { return path_; }

private:
  static std::filesystem::path memory_or_disk() {
    const std::filesystem::path memory = "/dev/shm";
    return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
  }

  std::string path_;
};

} // namespace careline::simulation
