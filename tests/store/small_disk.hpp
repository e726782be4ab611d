#pragma once

#include <fstream>
#include <functional>
#include <string>

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

// A disk that is small, full or cannot be written, for stories that only a real one tells.

namespace careline::store::story {

/// A file system on `folder`, for this process alone. False where there is no right to mount one.
inline bool enter_disk(const std::string& folder, const char* options, unsigned long flags = 0) {
  return ::unshare(CLONE_NEWNS) == 0
         && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
         && ::mount("none", folder.c_str(), "tmpfs", flags, options) == 0;
}

inline void take_all(const std::string& file) {
  std::ofstream others{file, std::ios::binary};
  for (const std::size_t bytes : {std::size_t{1} << 16U, std::size_t{1} << 10U, std::size_t{1}}) {
    others.clear();
    while (others.write(std::string(bytes, 'x').data(), static_cast<std::streamsize>(bytes)))
      others.flush();
  }
}

/// What there is no disk for.
inline constexpr int no_disk = 77;

/// Lives `story` in a process of its own and gives what it says.
inline int in_child(const std::function<int()>& story) {
  const auto child = ::fork();
  if (child == 0)
    std::_Exit(story());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace careline::store::story
