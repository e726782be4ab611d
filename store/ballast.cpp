#include "store/ballast.hpp"

#include <algorithm>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace careline::store {

namespace {

/// Where something else goes on filling the disk, it gets what is given back: little at a time.
constexpr std::uint64_t slices = 8;
constexpr std::uint64_t slice_min = 4096;

std::uint64_t size_of(const std::string& file) {
  struct stat about {};
  return ::stat(file.c_str(), &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
}

} // namespace

ballast::ballast(std::string file, std::uint64_t bytes, std::function<std::uint64_t()> free_bytes)
    : file_(std::move(file)), bytes_(bytes), slice_(std::max(bytes / slices, slice_min)),
      free_bytes_(std::move(free_bytes)), held_(size_of(file_)) {}

void ballast::begin() {
  if (held_ > bytes_)
    shrink_to(bytes_);
  if (free_bytes_() < slice_)
    give_back();
  while (take()) {
  }
}

bool ballast::give_back() {
  const auto now = held_.load();
  return now > 0 && shrink_to(now - std::min(now, slice_));
}

bool ballast::shrink_to(std::uint64_t bytes) {
  const int file = ::open(file_.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0)
    return false;
  const bool done = ::ftruncate(file, static_cast<off_t>(bytes)) == 0;
  if (done) {
    held_ = bytes;
    ::fsync(file);  // a journalling file system frees the blocks only then
  }
  ::close(file);
  return done;
}

bool ballast::take() {
  const auto now = held_.load();
  if (now >= bytes_ || free_bytes_() < bytes_ + slice_)
    return false;
  const int file = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0)
    return false;
  const auto more = std::min(slice_, bytes_ - now);
  const bool done =
      ::posix_fallocate(file, static_cast<off_t>(now), static_cast<off_t>(more)) == 0;
  if (done)
    held_ = now + more;
  else if (::ftruncate(file, static_cast<off_t>(now)) != 0)
    held_ = size_of(file_);
  ::close(file);
  return done;
}

} // namespace careline::store
