#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/careline/call_log.hpp"
#include "tools/careline/demo_profile.hpp"
#include "tools/careline/people.hpp"

namespace careline::program {

/// One of the three channels of a load: phone, chat or kiosk; and the slots of an agent for them.
channel_id load_channel(dice& by);
std::map<channel_id, int> load_slots();
/// When a surge begins and ends in a load of so many seconds: its middle fifth.
std::pair<double, double> surge_of(double all_s);
/// Who gave up and comes again does so after this.
inline constexpr span load_returns_after = 60s;

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

/// A call log laid over itself: as many centres beside each other, each with its queue and its
/// staff, shifted by some seconds against each other.
struct overlay_wish {
  int times = 1;
  span from{};  ///< since local midnight of its first day; who is there by then is there at once
  std::optional<span> lasts;  ///< nothing: to the end of the log
  /// Of the load: `lead`, `surge`, `repeats`, `for_help`, `seed`. With a surge callers, chats and
  /// kiosks come on top of the middle fifth, to the same queues, and agents take all three.
  load_wish load;
};
std::vector<cue> cues_of(const call_log& log, const overlay_wish& wish, instant start,
                         const std::string& run);

} // namespace careline::program
