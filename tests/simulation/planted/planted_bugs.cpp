// Proves that the simulation bites: puts one bug after the other into the engine, and says in how
// many seeds each is found, and by which promise. Fails when one is not.
//   planted_bugs [--seeds N] [--bug NAME] [--from FIRST]
// N: at most so many seeds for each. Without --from the hunt for a few begins at a seed that is
// known to be near; with `--from 1` the figure is how many seeds it takes.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

#include "messages/planted.hpp"
#include "tests/simulation/world.hpp"

namespace careline {
bug planted_bug = bug::none;
} // namespace careline

namespace {

using namespace careline;
using namespace careline::simulation;

struct row {
  bug what;
  std::string_view name;
  std::uint64_t near = 1;  ///< a seed at or before one that finds it
};
constexpr row rows[] = {
    {bug::acknowledges_before_sync, "acknowledges before sync"},
    {bug::publishes_before_append, "publishes before append"},
    {bug::publishes_backwards, "publishes backwards"},
    {bug::loses_last_of_group, "loses the last of a group"},
    {bug::ignores_failed_write, "ignores a failed write"},
    {bug::appends_after_any_head, "appends after any head, of any epoch", 60},
    {bug::skips_dedupe, "skips dedupe"},
    {bug::skips_what_is_in_flight, "does not look at what is in flight"},
    {bug::answers_repeats_anew, "answers a repeated command anew"},
    {bug::takes_any_body, "takes any body for an id"},
    {bug::forgets_answers, "forgets answers"},
    {bug::loses_checkpoint, "loses a reaction's checkpoint"},
    {bug::has_no_busy, "is never busy", 20},
    {bug::forgets_leases_on_restart, "forgets leases on restart", 57},
    {bug::applies_newer_snapshot, "applies a snapshot newer than the log"},
    {bug::skips_event_after_snapshot, "skips the event after a snapshot"},
    {bug::saves_less, "saves less than it needs"},
    {bug::forgets_rest, "forgets a rest time"},
    {bug::offers_one_too_many, "offers one too many"},
    {bug::accepts_for_anybody, "accepts another's offer"},
    {bug::finishes_for_anybody, "finishes another's contact"},
    {bug::leaves_offers_open, "leaves offers of ended contacts open"},
    {bug::forgets_a_rest_is_over, "forgets that a rest is over"},
    {bug::decides_between_deadlines, "decides between deadlines that are past"},
    {bug::sleeps_past_deadlines, "sleeps past deadlines"},
    {bug::forgets_to_hand_back, "forgets to hand back"},
    {bug::clock_goes_back, "lets the clock go back"},
    {bug::follower_sees_no_gap, "sees no gap when following"},
    {bug::refuses_help_when_full, "refuses a call for help when full"},
};
static_assert(std::size(rows) == static_cast<std::size_t>(bug::count_) - 1);

/// A bug may take the whole process with it, or never come back: each has one of its own.
constexpr unsigned patience_s = 60;

[[noreturn]] void hunt(const row& r, std::uint64_t from, std::uint64_t seeds) {
  planted_bug = r.what;
  run_options with;
  for (with.seed = from; with.seed < from + seeds; ++with.seed) {
    ::alarm(patience_s);
    std::string promise;
    try {
      promise = run(with).broken_promise;
    } catch (const std::exception& e) {
      promise = std::string{"it throws: "} + e.what();
    }
    if (promise.empty())
      continue;
    promise = promise.substr(0, promise.find('\n')).substr(0, 110);
    std::printf("%-40.*s %5llu   %s\n", static_cast<int>(r.name.size()), r.name.data(),
                static_cast<unsigned long long>(with.seed - from + 1), promise.c_str());
    std::fflush(stdout);
    ::_exit(0);
  }
  ::_exit(1);
}

bool is_found(const row& r, std::uint64_t from, std::uint64_t seeds) {
  std::fflush(stdout);
  const auto child = ::fork();
  if (child == 0)
    hunt(r, from, seeds);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status))
    std::printf("%-40.*s     ?   it %s\n", static_cast<int>(r.name.size()), r.name.data(),
                WTERMSIG(status) == SIGALRM ? "never comes back" : "takes the process with it");
  else if (WEXITSTATUS(status) != 0)
    std::printf("%-40.*s NOT FOUND in %llu seeds\n", static_cast<int>(r.name.size()),
                r.name.data(), static_cast<unsigned long long>(seeds));
  return WIFSIGNALED(status) || WEXITSTATUS(status) == 0;
}

} // namespace

int main(int argc, char** argv) {
  std::uint64_t seeds = 150;
  std::uint64_t from = 0;
  std::string_view only;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::string_view{argv[i]} == "--seeds")
      seeds = std::strtoull(argv[i + 1], nullptr, 10);
    else if (std::string_view{argv[i]} == "--from")
      from = std::strtoull(argv[i + 1], nullptr, 10);
    else if (std::string_view{argv[i]} == "--bug")
      only = argv[i + 1];
  }
  std::printf("%-40s seeds   found by\n", "bug");
  int missed = 0;
  for (const auto& r : rows)
    if (only.empty() || r.name == only)
      missed += is_found(r, from == 0 ? r.near : from, seeds) ? 0 : 1;
  std::printf("%d of %zu not found within %llu seeds\n", missed, std::size(rows),
              static_cast<unsigned long long>(seeds));
  return missed == 0 ? 0 : 1;
}
