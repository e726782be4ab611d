#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/simulation/faults.hpp"

namespace careline::simulation {

struct run_options {
  std::uint64_t seed = 1;
  bool traced = false;
};

struct run_figures {
  std::uint64_t steps = 0;
  std::uint64_t events = 0;
  std::uint64_t answers = 0;
  std::uint64_t lives = 0;   ///< engines that came up
  std::uint64_t asked_of_replaced = 0;   ///< messages to engines that others had taken over from
  std::uint64_t answers_of_replaced = 0;
  std::uint64_t shown = 0;   ///< timelines of contacts that were compared with the log
  double seconds = 0;        ///< simulated
  fault_counts faults{};
  std::set<std::string> types;  ///< of what happened
};

struct run_outcome {
  run_figures figures;
  std::string broken_promise;        ///< empty: all were kept
  std::deque<std::string> story;     ///< the last steps, when traced
};

/// How the promise begins of a run that was ended by an exception.
inline constexpr std::string_view threw = "it throws: ";

/// One centre, some minutes of its life, everything that can go wrong, from one seed: the same seed
/// gives the same run to the last byte.
run_outcome run(const run_options& with);

} // namespace careline::simulation
