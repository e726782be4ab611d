#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "store/event_log.hpp"
#include "tests/crash/recording.hpp"

namespace careline::crash {

/// A place in the recording: what was noted before a crash was so before it.
using moment = std::size_t;
inline constexpr moment never = std::numeric_limits<moment>::max();

/// One append: all of it becomes true, or none.
struct group {
  moment begun = never;
  moment acknowledged = never;
  position head = 0;        ///< after it
  std::string hash;         ///< h(head)
  instant newest{};         ///< time of the last event until then
  std::vector<std::pair<store::command_key, store::remembered>> commands;
  std::map<std::string, position> checkpoints;  ///< all there are after it
};

struct sealed_value {
  moment noted = 0;
  std::string customer;
  std::string clear;
  std::string sealed;
};
struct erasing {
  std::string customer;
  moment begun = never;
  moment done = never;
};
struct snapshot_taken {
  moment noted = 0;
  std::string capability;
  position at = 0;
};
struct opening {
  moment noted = 0;
  std::uint64_t epoch = 0;
};
struct head_signed {
  moment noted = 0;
  position at = 0;
};

/// What the recorder said it began and what it said was done.
struct history {
  std::vector<group> groups;
  std::vector<sealed_value> sealed;
  std::vector<erasing> erasures;
  std::vector<snapshot_taken> snapshots;
  std::vector<opening> openings;
  std::vector<head_signed> heads;
  std::size_t commands = 0;
  std::size_t rotations = 0;  ///< of the master key; whatever is sealed opens before and after

  /// How many groups were acknowledged before that place.
  std::size_t acknowledged_before(moment crash) const;
  /// What had been noted before that place.
  history until(moment crash) const;
};

/// Requires: the recorder came to its end.
history history_of(const recording& all);

} // namespace careline::crash
