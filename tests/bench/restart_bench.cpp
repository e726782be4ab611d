// How long a start takes: the real program on a log of a million events (or another number), first
// by folding all of it, then from snapshots; and what an engine costs that has nothing to do. Not a
// test (docs/performance.md).
//   restart_bench [events] [folder] [data] [starts]
// `data` is a data folder that is kept, and filled up where it has fewer events; `starts` of each
// kind (3).
// The program is $CARELINE_BIN, or the one beside the benchmarks.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/bench/live_engine.hpp"

namespace careline::bench {
namespace {

constexpr std::size_t waiting = 1'000;
constexpr std::size_t in_flight = 200;
constexpr std::uint64_t round_us = 2'000'000;

void fill(const std::string& data, position events) {
  const bool is_new = !std::filesystem::exists(data);
  engine e{data, {"--snapshot-events", "0", "--disk-mib", "16384"}};
  centre c{e};
  if (is_new)
    c.prepare(waiting);
  while (c.head() < events)
    c.closed(in_flight, round_us);
  std::printf("%llu events, %zu contacts waiting, log of %.0f MiB\n",
              static_cast<unsigned long long>(c.head()), waiting,
              static_cast<double>(std::filesystem::file_size(data + "/log/data.mdb")) / 1048576);
  std::fflush(stdout);
}

void print_starts(const char* what, const std::string& data, int starts, bool without_snapshots) {
  waits took;
  double mib = 0;
  for (int i = 0; i < starts; ++i) {
    if (without_snapshots)
      std::filesystem::remove_all(data + "/snapshots");
    engine e{data, {"--snapshot-events", "0", "--disk-mib", "16384"}};
    took.push_back(e.ready_us);
    mib = e.private_mib();
    e.end(SIGKILL);
  }
  std::printf("%-44s median of %d: %6.2f s, worst %6.2f s; private memory %.0f MiB\n", what,
              starts, percentile(took, 0.5) / 1000, percentile(took, 1) / 1000, mib);
  std::fflush(stdout);
}

/// Board, reception, routing, sessions, three desks: those of a long log come minutes apart.
constexpr std::size_t capabilities = 7;

/// One of each capability, of where the log stands.
void write_snapshots(const std::string& data) {
  engine once{data, {"--snapshot-events", "1000", "--disk-mib", "16384"}};
  centre c{once};
  std::size_t whole = 0;
  std::uintmax_t bytes = 0;
  while (whole < capabilities) {
    c.listen(std::chrono::seconds{1});
    whole = 0;
    bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator{data + "/snapshots"})
      if (file.path().extension() == ".snap") {
        ++whole;
        bytes += file.file_size();
      }
  }
  once.end(SIGTERM);
  std::printf("snapshots: %.1f MiB\n", static_cast<double>(bytes) / 1048576);
}

void print_idle(const std::string& data) {
  constexpr std::chrono::seconds watched{10};
  engine e{data};
  centre c{e};
  const auto before = e.cpu_s();
  c.listen(watched);
  std::printf("idle: %.2f %% of a core, private memory %.1f MiB\n",
              (e.cpu_s() - before) / static_cast<double>(watched.count()) * 100, e.private_mib());
}

int run(position events, const std::string& folder, const std::string& data, int starts) {
  std::printf("%s; %s\n", machine().c_str(), folder.c_str());
  print_idle(folder + "/new");
  fill(data, events);
  print_starts("start without snapshots, after kill -9", data, starts, true);
  write_snapshots(data);
  print_starts("start from snapshots, after kill -9", data, starts, false);
  return 0;
}

} // namespace
} // namespace careline::bench

int main(int argc, char** argv) {
  const auto events = static_cast<careline::position>(argc > 1 ? std::atoll(argv[1]) : 1'000'000);
  return careline::bench::in_scratch_folder(
      argc > 2 ? argv[2] : nullptr,
      [&](const std::string& folder) {
        return careline::bench::run(events, folder, argc > 3 ? argv[3] : folder + "/data",
                                    argc > 4 ? std::atoi(argv[4]) : 3);
      });
}
