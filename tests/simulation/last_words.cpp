#include "tests/simulation/last_words.hpp"

#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <string_view>
#include <unistd.h>

/// There where a sanitizer is.
extern "C" void __sanitizer_set_death_callback(void (*)()) __attribute__((weak));

namespace careline::simulation {

namespace {

/// A sanitizer has more to say of the faults, and calls back; not of an abort.
constexpr std::array deadly{SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

std::atomic<std::uint64_t> running{0};
std::array<struct sigaction, deadly.size()> before{};

void write_text(std::string_view text) noexcept {
  // Nothing can be done when even that fails.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

/// Nothing in it but what a signal's handler may do.
void say_seed() {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), running.load()).ptr;
  write_text("\nthe process ends in seed ");
  write_text({digits.data(), static_cast<std::size_t>(end - digits.data())});
  write_text("; to see it again: simulation --seed ");
  write_text({digits.data(), static_cast<std::size_t>(end - digits.data())});
  write_text("\n");
}

/// Then as if it had not been here.
void on_death(int signal) {
  say_seed();
  for (std::size_t i = 0; i < deadly.size(); ++i)
    if (deadly.at(i) == signal)
      ::sigaction(signal, &before.at(i), nullptr);
  ::raise(signal);
}

} // namespace

/// Each time anew: a test's frame puts back its own between two tests.
void say_at_death(std::uint64_t seed) noexcept {
  running = seed;
  if (__sanitizer_set_death_callback)
    __sanitizer_set_death_callback(say_seed);
  struct sigaction act {};
  act.sa_handler = on_death;
  for (std::size_t i = 0; i < (__sanitizer_set_death_callback ? 1 : deadly.size()); ++i) {
    struct sigaction old {};
    ::sigaction(deadly[i], &act, &old);
    if (old.sa_handler != on_death)
      before[i] = old;
  }
}

} // namespace careline::simulation
