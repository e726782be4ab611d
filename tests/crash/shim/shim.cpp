#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/crash/recording.hpp"

// Loaded before a program (LD_PRELOAD), it stands in for the calls of libc that change files, does
// them itself, and writes down those that meet the watched folder. One at a time, so that the order
// in the recording is the order in which the kernel saw them. What is written through a mapping is
// not seen: of all that a data folder holds this is LMDB's lock file alone, which it makes anew.

namespace {

using careline::crash::act;
using careline::crash::entry_head;

struct recorder {
  std::mutex mutex;
  std::string folder;
  int out = -1;
  std::set<int> files;  ///< descriptors of what is in the folder

  recorder() {
    const auto* watched = std::getenv(careline::crash::folder_variable);
    const auto* to = std::getenv(careline::crash::recording_variable);
    if (!watched || !to)
      return;
    folder = watched;
    constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    out = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, to, flags, 0600));
    if (out >= 0)
      write_down({act::watch, -1, 0, 0, 0, 0}, folder);
  }

  bool watches(const std::string& path) const {
    return out >= 0 && path.starts_with(folder)
           && (path.size() == folder.size() || path[folder.size()] == '/');
  }
  bool watches(int file) const { return out >= 0 && files.contains(file); }

  void put(const void* bytes, std::size_t size) const {
    const auto* from = static_cast<const char*>(bytes);
    while (size > 0) {
      const auto done = ::syscall(SYS_write, out, from, size);
      if (done <= 0)
        std::abort();  // a recording with a hole would prove anything
      from += done;
      size -= static_cast<std::size_t>(done);
    }
  }
  void write_down(entry_head head, const std::string& text, const void* data = nullptr) const {
    const int kept = errno;
    head.text_bytes = static_cast<std::uint32_t>(text.size());
    put(&head, sizeof head);
    put(text.data(), text.size());
    put(data, head.data_bytes);
    errno = kept;
  }
};

recorder& the_recorder() {
  // Never destroyed: others still close their files after the end of main.
  static auto& one = *std::make_unique<recorder>().release();
  return one;
}

std::string whole_path(int folder, const char* path) {
  if (folder == AT_FDCWD || path[0] == '/')
    return path;
  char of_folder[PATH_MAX];
  const auto link = "/proc/self/fd/" + std::to_string(folder);
  const auto size = ::readlink(link.c_str(), of_folder, sizeof of_folder);
  return size < 0 ? path : std::string(of_folder, static_cast<std::size_t>(size)) + "/" + path;
}

int open_at(int folder, const char* path, int flags, unsigned mode) {
  auto& r = the_recorder();
  const std::scoped_lock hold{r.mutex};
  const auto whole = whole_path(folder, path);
  const bool was_there = ::syscall(SYS_faccessat, AT_FDCWD, whole.c_str(), F_OK) == 0;
  const auto file = static_cast<int>(::syscall(SYS_openat, folder, path, flags, mode));
  if (file < 0)
    return file;
  r.files.erase(file);
  if (r.watches(whole)) {
    r.files.insert(file);
    r.write_down({act::open, file, was_there ? 0U : 1U, 0, static_cast<unsigned>(flags), 0}, whole);
  }
  return file;
}

ssize_t write_at(int file, const void* bytes, std::size_t size, off_t at) {
  auto& r = the_recorder();
  const std::scoped_lock hold{r.mutex};
  const auto done = ::syscall(SYS_pwrite64, file, bytes, size, at);
  if (done > 0 && r.watches(file))
    r.write_down({act::write, file, static_cast<std::uint64_t>(at),
                  static_cast<std::uint64_t>(done), 0, 0}, {}, bytes);
  return done;
}

/// Where a plain write goes. Requires: nobody else moves it; nobody here shares a descriptor.
std::uint64_t place_of(int file) {
  const int kept = errno;
  const auto at = ::syscall(SYS_lseek, file, 0, SEEK_CUR);
  errno = kept;
  return at < 0 ? 0 : static_cast<std::uint64_t>(at);
}

int sync_file(long call, int file) {
  auto& r = the_recorder();
  const std::scoped_lock hold{r.mutex};
  const auto done = static_cast<int>(::syscall(call, file));
  if (done == 0 && r.watches(file))
    r.write_down({act::sync, file, 0, 0, 0, 0}, {});
  return done;
}

int allocate(int file, int mode, off_t at, off_t bytes) {
  auto& r = the_recorder();
  const std::scoped_lock hold{r.mutex};
  const auto done = static_cast<int>(::syscall(SYS_fallocate, file, mode, at, bytes));
  if (done == 0 && r.watches(file))
    r.write_down({act::allocate, file, static_cast<std::uint64_t>(at + bytes), 0, 0, 0}, {});
  return done;
}

int remove_at(int folder, const char* path, int flags) {
  auto& r = the_recorder();
  const std::scoped_lock hold{r.mutex};
  const auto whole = whole_path(folder, path);
  const auto done = static_cast<int>(::syscall(SYS_unlinkat, folder, path, flags));
  if (done == 0 && r.watches(whole))
    r.write_down({act::unlink, -1, 0, 0, 0, 0}, whole);
  return done;
}

} // namespace

extern "C" {

void crash_note(const char* bytes, std::size_t size) {
  auto& r = the_recorder();
  const std::scoped_lock hold{r.mutex};
  if (r.out >= 0)
    r.write_down({act::note, -1, 0, size, 0, 0}, {}, bytes);
}

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(more, unsigned) : 0U;
  va_end(more);
  return open_at(AT_FDCWD, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(more, unsigned) : 0U;
  va_end(more);
  return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(more, unsigned) : 0U;
  va_end(more);
  return open_at(folder, path, flags, mode);
}

int close(int file) {
  auto& r = the_recorder();
  const std::scoped_lock hold{r.mutex};
  if (r.watches(file)) {
    r.files.erase(file);
    r.write_down({act::close, file, 0, 0, 0, 0}, {});
  }
  return static_cast<int>(::syscall(SYS_close, file));
}

ssize_t pwrite(int file, const void* bytes, std::size_t size, off_t at) {
  return write_at(file, bytes, size, at);
}

ssize_t pwrite64(int file, const void* bytes, std::size_t size, off64_t at) {
  return write_at(file, bytes, size, at);
}

ssize_t write(int file, const void* bytes, std::size_t size) {
  auto& r = the_recorder();
  const std::scoped_lock hold{r.mutex};
  const bool watched = r.watches(file);
  const auto at = watched ? place_of(file) : 0;
  const auto done = ::syscall(SYS_write, file, bytes, size);
  if (watched && done > 0)
    r.write_down({act::write, file, at, static_cast<std::uint64_t>(done), 0, 0}, {}, bytes);
  return done;
}

ssize_t writev(int file, const iovec* parts, int count) {
  auto& r = the_recorder();
  const std::scoped_lock hold{r.mutex};
  const bool watched = r.watches(file);
  const auto at = watched ? place_of(file) : 0;
  const auto done = ::syscall(SYS_writev, file, parts, count);
  if (!watched || done <= 0)
    return done;
  std::string bytes;
  for (int i = 0; i < count; ++i)
    bytes.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  r.write_down({act::write, file, at, static_cast<std::uint64_t>(done), 0, 0}, {}, bytes.data());
  return done;
}

ssize_t pwritev(int file, const iovec* parts, int count, off_t at) {
  std::string bytes;
  for (int i = 0; i < count; ++i)
    bytes.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  return write_at(file, bytes.data(), bytes.size(), at);
}

int fsync(int file) {
  return sync_file(SYS_fsync, file);
}

int fdatasync(int file) {
  return sync_file(SYS_fdatasync, file);
}

int ftruncate(int file, off_t size) noexcept {
  auto& r = the_recorder();
  const std::scoped_lock hold{r.mutex};
  const auto done = static_cast<int>(::syscall(SYS_ftruncate, file, size));
  if (done == 0 && r.watches(file))
    r.write_down({act::truncate, file, static_cast<std::uint64_t>(size), 0, 0, 0}, {});
  return done;
}

int fallocate(int file, int mode, off_t at, off_t bytes) {
  return allocate(file, mode, at, bytes);
}

int posix_fallocate(int file, off_t at, off_t bytes) {
  return allocate(file, 0, at, bytes) == 0 ? 0 : errno;
}

int rename(const char* from, const char* to) noexcept {
  auto& r = the_recorder();
  const std::scoped_lock hold{r.mutex};
  const auto done = static_cast<int>(::syscall(SYS_rename, from, to));
  if (done == 0 && r.watches(std::string{to}))
    r.write_down({act::rename, -1, 0, 0, 0, 0}, std::string{from} + '\0' + to);
  return done;
}

int unlink(const char* path) noexcept {
  return remove_at(AT_FDCWD, path, 0);
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  return remove_at(folder, path, flags);
}

int rmdir(const char* path) noexcept {
  return remove_at(AT_FDCWD, path, AT_REMOVEDIR);
}

int remove(const char* path) noexcept {
  const auto done = remove_at(AT_FDCWD, path, 0);
  return done != 0 && (errno == EISDIR || errno == EPERM)
             ? remove_at(AT_FDCWD, path, AT_REMOVEDIR)
             : done;
}

int mkdir(const char* path, mode_t mode) noexcept {
  auto& r = the_recorder();
  const std::scoped_lock hold{r.mutex};
  const auto done = static_cast<int>(::syscall(SYS_mkdir, path, mode));
  if (done == 0 && r.watches(std::string{path}))
    r.write_down({act::make_folder, -1, 0, 0, 0, 0}, path);
  return done;
}

} // extern "C"
