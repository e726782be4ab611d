#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

#include <unistd.h>

namespace careline {

/// Where a test's files lie: on a disk, or in memory where there is such a place, for files of
/// which no sync matters.
enum class scratch_place { on_disk, in_memory };

/// A folder of a test's own; gone with it. Throws where none can be made.
class scratch_folder {
public:
  scratch_folder() : scratch_folder(scratch_place::on_disk) {}
  explicit scratch_folder(scratch_place where) {
    const std::filesystem::path memory{"/dev/shm"};
    const bool in_memory = where == scratch_place::in_memory && ::access(memory.c_str(), W_OK) == 0;
    const auto place = in_memory ? memory : std::filesystem::temp_directory_path();
    path_ = (place / "careline-test-XXXXXX").string();
    if (!::mkdtemp(path_.data()))
      throw std::runtime_error{"cannot make a folder in " + place.string()};
  }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

} // namespace careline
