#include <catch2/catch.hpp>

#include <cstdlib>
#include <initializer_list>

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

TEST_CASE("the same seed is the same run") {
  const auto one = run_seed(7, true);
  const auto other = run_seed(7, true);
  CHECK(one.figures.steps == other.figures.steps);
  CHECK(one.story == other.story);
}
