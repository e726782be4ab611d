#include <catch2/catch.hpp>

#include <array>
#include <csignal>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/simulation/last_words.hpp"
#include "tests/simulation/report.hpp"
#include "tests/simulation/world.hpp"

using namespace careline::simulation;

namespace {

unsigned seeds() {
  return std::getenv("TESTS_LONG") && *std::getenv("TESTS_LONG") ? 5000u : 60u;
}

run_outcome run_seed(std::uint64_t seed, bool traced = false) {
  run_options with;
  with.seed = seed;
  with.traced = traced;
  return run(with);
}

} // namespace

TEST_CASE("whatever goes wrong, nothing acknowledged is lost, and all that was begun ends",
          "[R2.2.3][R2.3.5]") {
  run_figures all;
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    const auto done = run_seed(seed);
    if (!done.broken_promise.empty())
      FAIL(tell_of(seed).text);
    all.lives += done.figures.lives;
    all.asked_of_replaced += done.figures.asked_of_replaced;
    all.answers_of_replaced += done.figures.answers_of_replaced;
    all.shown += done.figures.shown;
    all.types.insert(done.figures.types.begin(), done.figures.types.end());
    for (std::size_t i = 0; i < fault_kinds; ++i)
      all.faults[i] += done.figures.faults[i];
  }
  // Each kind of fault was there, and engines came back.
  for (const auto& row : fault_rows) {
    INFO(row.name);
    CHECK(all.faults[static_cast<std::size_t>(row.what)] > 0);
  }
  CHECK(all.lives > seeds());
  // Engines that were replaced were asked, some before they knew; and timelines were looked at.
  CHECK(all.asked_of_replaced > 0);
  CHECK(all.answers_of_replaced > 0);
  CHECK(all.shown > seeds());
  // What officers say is taken, and not refused each time.
  for (const auto* type :
       {"key.accepted", "key.revoked", "access.granted", "access.revoked", "user.password_set",
        "user.vetted", "user.bound", "user.signed_in", "user.sign_in_failed", "user.locked",
        "user.signed_out", "api_key.accepted", "access.more_asked", "access.more_allowed",
        "access.violation_recorded"}) {
    INFO(type);
    CHECK(all.types.contains(type));
  }
}

TEST_CASE("a seed that ends the whole process is named with its last words") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const auto child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    ::signal(SIGABRT, SIG_DFL);
    say_at_death(4711);
    std::abort();
  }
  ::close(ends[1]);
  std::string said;
  std::array<char, 256> some{};
  for (auto n = ::read(ends[0], some.data(), some.size()); n > 0;
       n = ::read(ends[0], some.data(), some.size()))
    said.append(some.data(), static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(said.find("simulation --seed 4711") != std::string::npos);
}

TEST_CASE("the same seed is the same run") {
  const auto one = run_seed(7, true);
  const auto other = run_seed(7, true);
  CHECK(one.figures.steps == other.figures.steps);
  CHECK(one.story == other.story);
}
