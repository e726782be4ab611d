#include "store/whole_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sync_path.hpp"

namespace careline::store {

namespace {

constexpr std::size_t block_bytes = 1U << 20U;

} // namespace

whole_file::whole_file(std::string path) : path_(std::move(path)), unfinished_(path_ + ".tmp") {
  file_ = ::open(unfinished_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file_ < 0)
    fail("cannot make ");
}

whole_file::~whole_file() {
  if (file_ < 0)
    return;
  ::close(file_);
  ::unlink(unfinished_.c_str());
}

bool whole_file::fail(const std::string& doing) {
  if (wrong_.empty())
    wrong_ = doing + path_ + ": " + std::strerror(errno);
  return false;
}

bool whole_file::write(std::string_view bytes) {
  if (!wrong_.empty())
    return false;
  waiting_ += bytes;
  bytes_ += bytes.size();
  return waiting_.size() < block_bytes || flush();
}

bool whole_file::flush() {
  for (std::string_view left = waiting_; !left.empty();) {
    const auto written = ::write(file_, left.data(), left.size());
    if (written < 0 && errno != EINTR)
      return fail("cannot write ");
    left.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  waiting_.clear();
  return true;
}

result<void, std::string> whole_file::finish() {
  if (!wrong_.empty() || !flush())
    return no(wrong_);
  if (::fsync(file_) != 0 || ::rename(unfinished_.c_str(), path_.c_str()) != 0) {
    fail("cannot write ");
    return no(wrong_);
  }
  ::close(file_);
  file_ = -1;
  if ((errno = sync_path(folder_of(path_))) != 0) {
    fail("cannot make durable ");
    return no(wrong_);
  }
  return {};
}

std::optional<std::string> bytes_in(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return std::nullopt;
  std::string bytes;
  struct stat about {};
  if (::fstat(file, &about) == 0 && about.st_size > 0)
    bytes.reserve(static_cast<std::size_t>(about.st_size));
  std::string block(block_bytes, '\0');
  ssize_t got = 0;
  do {
    got = ::read(file, block.data(), block.size());
    bytes.append(block, 0, got > 0 ? static_cast<std::size_t>(got) : 0);
  } while (got > 0 || (got < 0 && errno == EINTR));
  const int wrong = errno;
  ::close(file);
  errno = wrong;
  return got < 0 ? std::nullopt : std::optional{std::move(bytes)};
}

} // namespace careline::store
