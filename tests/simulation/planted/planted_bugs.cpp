// Proves that the simulation bites: puts one bug after the other into the engine, and says in how
// many seeds each is found, in which, and by which promise. That seed without the bug must keep all
// promises. Fails when one is not found.
//   planted_bugs [--seeds N] [--bug NAME] [--from FIRST]
// N: at most so many seeds for each (150), from FIRST on (1).

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <new>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "messages/planted.hpp"
#include "tests/simulation/said.hpp"
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
};
constexpr row rows[] = {
    {bug::acknowledges_before_sync, "acknowledges before sync"},
    {bug::publishes_before_append, "publishes before append"},
    {bug::publishes_backwards, "publishes backwards"},
    {bug::publishes_with_gaps, "publishes with gaps"},
    {bug::reuses_position, "gives a position a second time"},
    {bug::loses_last_of_group, "loses the last of a group"},
    {bug::ignores_failed_write, "ignores a failed write"},
    {bug::fills_its_queue, "fills its queue with what nobody sent"},
    {bug::appends_after_any_head, "appends after any head, of any epoch"},
    {bug::skips_dedupe, "skips dedupe"},
    {bug::skips_what_is_in_flight, "does not look at what is in flight"},
    {bug::answers_repeats_anew, "answers a repeated command anew"},
    {bug::takes_any_body, "takes any body for an id"},
    {bug::forgets_answers, "forgets answers"},
    {bug::forgets_refused_field, "repeats a refusal without its field"},
    {bug::forgets_answered_data, "repeats an answer without its data"},
    {bug::loses_checkpoint, "loses a reaction's checkpoint"},
    {bug::has_no_busy, "is never busy"},
    {bug::forgets_leases_on_restart, "forgets leases on restart"},
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
    {bug::timeline_lacks_newest, "shows a timeline without its newest event"},
    {bug::forgets_the_ended, "knows no contact that has ended"},
    {bug::ages_from_queueing, "counts age from the last queueing"},
    {bug::keeps_first_urgency, "keeps the urgency of the opening"},
};
static_assert(std::size(rows) == static_cast<std::size_t>(bug::count_) - 1);

/// A bug may take the whole process with it, or never come back: each has one of its own.
/// Of a seed: seconds at work, however busy the machine is with other things, and in all.
constexpr long work_s_max = 60;
constexpr unsigned patience_s = 900;

/// What such a process leaves for the one that started it.
struct trail {
  std::uint64_t seed = 0;             ///< that it came to
  std::array<char, 111> promise{};    ///< not kept in it
};

/// By a signal, should the seed come to no end.
void limit_time() {
  itimerval work{};
  work.it_value.tv_sec = work_s_max;
  ::setitimer(ITIMER_PROF, &work, nullptr);
  ::alarm(patience_s);
}

/// How such a process ends by itself. Sanitizers have other numbers.
constexpr int found = 10;
constexpr int found_nothing = 11;

[[noreturn]] void run_seeds(bug what, std::uint64_t from, std::uint64_t until, trail& left) {
  planted_bug = what;
  run_options with;
  for (with.seed = from; with.seed < until; ++with.seed) {
    left.seed = with.seed;
    limit_time();
    const auto promise = run(with).broken_promise;
    if (promise.empty())
      continue;
    const auto line = promise.substr(0, std::min(promise.find('\n'), left.promise.size() - 1));
    std::copy(line.begin(), line.end(), left.promise.begin());
    ::_exit(found);
  }
  ::_exit(found_nothing);
}

/// How a process ended that ran some seeds.
enum class came { to_nothing, to_a_broken_promise, to_its_death, to_an_end_of_means };

came follow(bug what, std::uint64_t from, std::uint64_t until, trail& left) {
  std::fflush(stdout);
  const auto child = ::fork();
  if (child == 0)
    run_seeds(what, from, until, left);
  int status = 0;
  ::waitpid(child, &status, 0);
  const std::string_view promise{left.promise.data()};
  // Time and memory end for many reasons: that nobody waits for is no promise.
  if (WIFSIGNALED(status)) {
    const auto by = WTERMSIG(status);
    return by == SIGPROF || by == SIGALRM || by == SIGKILL ? came::to_an_end_of_means
                                                           : came::to_its_death;
  }
  if (WEXITSTATUS(status) == found_nothing)
    return came::to_nothing;
  if (WEXITSTATUS(status) != found)
    return came::to_its_death;
  return promise == std::string{threw} + std::bad_alloc{}.what() ? came::to_an_end_of_means
                                                                 : came::to_a_broken_promise;
}

bool is_found(const row& r, std::uint64_t from, std::uint64_t seeds, trail& left) {
  left = {};
  const auto with_it = follow(r.what, from, from + seeds, left);
  const auto seed = static_cast<unsigned long long>(left.seed);
  std::printf("%-42.*s ", static_cast<int>(r.name.size()), r.name.data());
  if (with_it == came::to_nothing || with_it == came::to_an_end_of_means) {
    if (with_it == came::to_nothing)
      std::printf("NOT FOUND in %llu seeds\n", static_cast<unsigned long long>(seeds));
    else
      std::printf("NOT FOUND: seed %llu came to no end in time or memory\n", seed);
    return false;
  }
  const std::string promise{with_it == came::to_its_death ? "it takes the process with it"
                                                          : left.promise.data()};
  std::printf("%5llu %6llu   %s\n", static_cast<unsigned long long>(seed - from + 1), seed,
              promise.c_str());
  left = {};
  const auto without = follow(bug::none, seed, seed + 1, left);
  if (without == came::to_nothing)
    return true;
  std::printf("  NOT FOUND: without the bug that seed %s\n",
              without == came::to_an_end_of_means ? "came to no end in time or memory"
                                                  : "keeps its promises no better");
  return false;
}

} // namespace

int main(int argc, char** argv) {
  const auto said = pairs_of(argc, argv, {"--seeds", "--from", "--bug"}).value_or(pairs_said{});
  const auto seeds = number_of(said, "--seeds", 150);
  const auto from = number_of(said, "--from", 1);
  const auto only = said.contains("--bug") ? said.at("--bug") : std::string_view{};
  const auto asked = std::count_if(std::begin(rows), std::end(rows), [&](const row& r) {
    return only.empty() || r.name == only;
  });
  if (!seeds || !from || asked == 0 || (argc > 1 && said.empty())) {
    std::fprintf(stderr, "planted_bugs [--seeds N] [--from N] [--bug NAME]\n");
    return 2;
  }
  void* shared = ::mmap(nullptr, sizeof(trail), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    std::fprintf(stderr, "no memory to share with the processes that look for bugs\n");
    return 2;
  }
  auto& left = *static_cast<trail*>(shared);
  std::printf("%-42s seeds   seed   found by\n", "bug");
  int missed = 0;
  for (const auto& r : rows)
    if (only.empty() || r.name == only)
      missed += is_found(r, *from, *seeds, left) ? 0 : 1;
  std::printf("%d of %lld not found within %llu seeds\n", missed, static_cast<long long>(asked),
              static_cast<unsigned long long>(*seeds));
  return missed == 0 ? 0 : 1;
}
