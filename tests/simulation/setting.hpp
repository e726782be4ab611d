#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include "messages/time.hpp"
#include "messages/uuid.hpp"
#include "tests/simulation/faults.hpp"

namespace careline::simulation {

/// A promise that was not kept.
class broken : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

inline void must(bool holds, const std::string& promise) {
  if (!holds)
    throw broken{promise};
}

/// Everything that is drawn comes from one seed (SplitMix64, Steele et al. 2014).
class dice {
public:
  explicit dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t draw() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(draw() % n); }
  int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<std::size_t>(high - low) + 1));
  }
  bool one_in(std::size_t n) { return below(n) == 0; }
  span from_to(span low, span high) {
    return low + span{static_cast<std::int64_t>(
               below(static_cast<std::size_t>((high - low).count()) + 1))};
  }

private:
  std::uint64_t state_;
};

/// 2 March 2026, a Monday, 09:00 at +08:00.
inline const instant nine = from_ms(1'772'413'200'000);

/// What all parts of a run share: the dice, the time, what goes wrong, and the story so far.
class setting {
public:
  setting(std::uint64_t seed, bool traced) : draw(seed), traced_(traced) {}

  /// Throws the dice for a fault, counts it and tells it.
  bool strikes(fault f) {
    if (is_calm)
      return false;
    const auto& row = fault_rows[static_cast<std::size_t>(f)];
    if (draw.below(100'000) >= static_cast<std::size_t>(row.per_100k))
      return false;
    ++counts[static_cast<std::size_t>(f)];
    tell([&] { return "! " + std::string{row.name}; });
    return true;
  }
  /// A promise, looked at where nothing may be thrown: the run ends after this step.
  void hold(bool holds, const std::string& promise) {
    if (!holds && broken_promise.empty())
      broken_promise = promise;
  }
  /// The last steps are kept for whoever has to understand them.
  template <class Sentence>
  void tell(Sentence&& make) {
    if (!traced_)
      return;
    story.push_back(std::to_string(at.count()) + " ms  " + make());
    if (story.size() > story_max)
      story.pop_front();
  }
  /// An id as a client makes them, out of the dice.
  std::string new_id() {
    uuid7 id;
    const auto ms = static_cast<std::uint64_t>(to_ms(now()));
    for (unsigned i = 0; i < 6; ++i)
      id.bytes[i] = static_cast<unsigned char>(ms >> (40 - 8 * i));
    const auto a = draw.draw();
    const auto b = draw.draw();
    id.bytes[6] = static_cast<unsigned char>(0x70U | (a & 0x0fU));
    id.bytes[7] = static_cast<unsigned char>(a >> 8U);
    id.bytes[8] = static_cast<unsigned char>(0x80U | ((a >> 16U) & 0x3fU));
    for (unsigned i = 9; i < 16; ++i)
      id.bytes[i] = static_cast<unsigned char>(b >> (8 * (i - 9)));
    return id.text();
  }
  /// The clients' clock.
  instant now() const { return nine + at; }

  dice draw;
  span at{};             ///< since the run began
  bool is_calm = false;  ///< faults have stopped
  fault_counts counts{};
  std::deque<std::string> story;
  std::string broken_promise;

private:
  static constexpr std::size_t story_max = 400;
  bool traced_;
};

} // namespace careline::simulation
