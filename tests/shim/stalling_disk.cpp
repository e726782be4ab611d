// A disk that stops answering, for the program it is loaded into (LD_PRELOAD): while the FIFO that
// STALLED_DISK names is there, a sync of the log does not come back before somebody opens it for
// writing.

#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" int fdatasync(int fd) {
  char path[4096];
  const auto size = readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path);
  const std::string_view file{path, size > 0 ? static_cast<std::size_t>(size) : 0};
  const char* fifo = std::getenv("STALLED_DISK");
  if (fifo && file.ends_with("/log/data.mdb"))
    if (const int held = open(fifo, O_RDONLY); held >= 0)
      close(held);
  return static_cast<int>(syscall(SYS_fdatasync, fd));
}
