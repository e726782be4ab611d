#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/careline/call_log.hpp"
#include "tools/careline/people.hpp"

namespace careline::program {

/// What comes down on an engine. Rates and times are of engine time.
struct load_wish {
  double per_s = 10;        ///< contacts
  span lasts = 60s;
  span lead{};              ///< before the first contact: queues and agents come first
  int queues = 20;
  int agents = 200;
  double talk_s = 120;      ///< means of what is drawn
  double patience_s = 180;
  double answer_s = 3;
  double surge = 1;         ///< in the middle fifth so many times as many
  double repeats = 0;       ///< share of those who gave up that come again, a minute later
  double for_help = 0;      ///< share of contacts that are calls for help
  std::uint64_t seed = 1;
};

/// Queues, agents and contacts of a load, in the order of time, beginning at `start`. Ids begin
/// with `run`, so that two loads on one engine are kept apart.
std::vector<cue> cues_of(const load_wish& wish, instant start, const std::string& run);

/// A call log laid over itself `times` times: as many centres beside each other, each with its
/// queue and its staff, shifted by some seconds against each other.
std::vector<cue> cues_of(const call_log& log, int times, instant start, const std::string& run,
                         std::uint64_t seed);

} // namespace careline::program
