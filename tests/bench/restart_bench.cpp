// How long a start takes: the real program on a log of a million events (or another number), first
// by folding all of it, then from snapshots; and what an engine costs that has nothing to do. Not a
// test (docs/performance.md).
//   restart_bench [events] [folder]
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
constexpr int starts = 3;

void fill(const std::string& data, position events) {
  engine e{data};
  centre c{e};
  c.prepare(waiting);
  while (c.head() < events)
    c.closed(in_flight, round_us);
  std::printf("%llu events, %zu contacts waiting, log of %.0f MiB\n",
              static_cast<unsigned long long>(c.head()), waiting,
              static_cast<double>(std::filesystem::file_size(data + "/log/data.mdb")) / 1048576);
}

void print_starts(const char* what, const std::string& data, std::vector<std::string> more,
                  int signal, bool without_snapshots) {
  waits took;
  for (int i = 0; i < starts; ++i) {
    if (without_snapshots)
      std::filesystem::remove_all(data + "/snapshots");
    engine e{data, more};
    took.push_back(e.ready_us);
    e.end(signal);
  }
  std::printf("%-44s median of %d: %6.2f s, worst %6.2f s\n", what, starts,
              percentile(took, 0.5) / 1000, percentile(took, 1) / 1000);
  std::fflush(stdout);
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

int run(position events, const std::string& folder) {
  std::printf("%s; %s\n", machine().c_str(), folder.c_str());
  print_idle(folder + "/new");
  const auto data = folder + "/data";
  fill(data, events);
  print_starts("start without snapshots, after kill -9", data, {"--snapshot-events", "0"}, SIGKILL,
               true);
  {
    engine once{data, {"--snapshot-events", "1000"}};  // writes one of where it stands
    centre c{once};
    while (!std::filesystem::exists(data + "/snapshots")
           || std::filesystem::is_empty(data + "/snapshots"))
      c.listen(std::chrono::seconds{1});
    c.listen(std::chrono::seconds{5});  // all kinds of it
    once.end(SIGTERM);
  }
  print_starts("start from snapshots, after kill -9", data, {"--snapshot-events", "0"}, SIGKILL,
               false);
  return 0;
}

} // namespace
} // namespace careline::bench

int main(int argc, char** argv) {
  const auto events = static_cast<careline::position>(argc > 1 ? std::atoll(argv[1]) : 1'000'000);
  return careline::bench::in_scratch_folder(
      argc > 2 ? argv[2] : nullptr,
      [&](const std::string& folder) { return careline::bench::run(events, folder); });
}
