// Runs the simulation with faults over many seeds, and shows the last steps of one that fails.
//   simulation [--seeds N] [--from N]     so many runs, beginning with that seed; whoever ends it
//                                         (Ctrl-C, SIGTERM) hears of those that were run
//   simulation --seed N                   one run, with its last steps
// Not a test of its own: tests/simulation/simulation_test.cpp runs the first of them.

#include <csignal>
#include <cstdio>
#include <string>

#include "store/stopwatch.hpp"
#include "tests/simulation/report.hpp"
#include "tests/simulation/said.hpp"
#include "tests/simulation/world.hpp"

namespace {

using namespace careline::simulation;

int show(std::uint64_t seed) {
  const auto told = tell_of(seed);
  std::printf("%s\n", told.text.c_str());
  return told.is_broken ? 1 : 0;
}

volatile std::sig_atomic_t is_told_to_end = 0;

void add(run_figures& all, const run_figures& f) {
  all.steps += f.steps;
  all.events += f.events;
  all.answers += f.answers;
  all.lives += f.lives;
  all.shown += f.shown;
  all.answers_of_replaced += f.answers_of_replaced;
  all.seconds += f.seconds;
  for (std::size_t i = 0; i < fault_kinds; ++i)
    all.faults[i] += f.faults[i];
}

void print(const run_figures& all, std::uint64_t seeds, double took) {
  std::printf("%llu seeds in %.1f s (%.1f a second): each promise kept\n"
              "%llu steps, %llu events, %llu answers, %llu timelines, %llu engines (%llu answers "
              "of replaced ones), %.0f simulated hours (%.0f simulated seconds a second)\n",
              static_cast<unsigned long long>(seeds), took, static_cast<double>(seeds) / took,
              static_cast<unsigned long long>(all.steps),
              static_cast<unsigned long long>(all.events),
              static_cast<unsigned long long>(all.answers),
              static_cast<unsigned long long>(all.shown),
              static_cast<unsigned long long>(all.lives),
              static_cast<unsigned long long>(all.answers_of_replaced), all.seconds / 3600,
              all.seconds / took);
  for (const auto& row : fault_rows)
    std::printf("  %-24.*s %llu\n", static_cast<int>(row.name.size()), row.name.data(),
                static_cast<unsigned long long>(all.faults[static_cast<std::size_t>(row.what)]));
}

int run_many(std::uint64_t from, std::uint64_t seeds) {
  for (const int signal : {SIGINT, SIGTERM})
    std::signal(signal, [](int) { is_told_to_end = 1; });
  run_figures all;
  const auto began = careline::store::steady_us();
  auto seed = from;
  for (; seed < from + seeds && !is_told_to_end; ++seed) {
    run_options with;
    with.seed = seed;
    const auto done = run(with);
    if (!done.broken_promise.empty())
      return show(seed);
    add(all, done.figures);
  }
  print(all, seed - from, static_cast<double>(careline::store::steady_us() - began) / 1e6);
  if (seed < from + seeds)
    std::printf("told to end: --from %llu goes on\n", static_cast<unsigned long long>(seed));
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  const auto said = pairs_of(argc, argv, {"--seed", "--seeds", "--from"}).value_or(pairs_said{});
  const auto one = number_of(said, "--seed", 0);
  const auto seeds = number_of(said, "--seeds", 1000);
  const auto from = number_of(said, "--from", 1);
  if (!one || !seeds || !from || (argc > 1 && said.empty())) {
    std::fprintf(stderr, "simulation [--seeds N] [--from N] | --seed N\n");
    return 2;
  }
  return said.contains("--seed") ? show(*one) : run_many(*from, *seeds);
}
