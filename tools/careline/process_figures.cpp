#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

#include "tools/careline/metrics.hpp"

namespace careline::program {

namespace {

/// The number behind `key` in a file of "Key: number" lines; 0 when there is none.
std::uint64_t number_in(const char* file, std::string_view key) {
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key))
      return std::strtoull(line.c_str() + key.size(), nullptr, 10);
  return 0;
}

/// When this process began: its start in ticks after boot, and when that was.
double start_time() {
  std::ifstream in{"/proc/self/stat"};
  std::string all;
  std::getline(in, all);
  // The name in brackets may hold anything; what follows is numbers.
  const auto behind_name = all.rfind(')');
  if (behind_name == std::string::npos)
    return 0;
  std::istringstream words{all.substr(behind_name + 2)};
  std::string word;
  constexpr int start_ticks_word = 20;
  for (int i = 0; i < start_ticks_word && words >> word; ++i)
    continue;
  const auto ticks = std::strtod(word.c_str(), nullptr);
  return static_cast<double>(number_in("/proc/stat", "btime "))
         + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

} // namespace

process_figures read_process_figures() {
  process_figures out;
  out.start_time_s = start_time();
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  out.cpu_s = seconds(used.ru_utime) + seconds(used.ru_stime);
  constexpr std::uint64_t kib = 1024;
  out.resident_bytes = number_in("/proc/self/status", "VmRSS:") * kib;
  out.private_bytes = number_in("/proc/self/status", "RssAnon:") * kib;
  out.threads = number_in("/proc/self/status", "Threads:");
  std::error_code none;
  for (std::filesystem::directory_iterator at{"/proc/self/fd", none}, end; at != end;
       at.increment(none))
    ++out.open_files;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0)
    out.open_files_max = files.rlim_cur;
  return out;
}

} // namespace careline::program
