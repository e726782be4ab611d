#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "actors/board/model.hpp"

namespace careline::board {

// What a page is shown. A whole frame is one JSON object:
//
//   "position"        log position it is true for
//   "time"            RFC 3339 UTC, engine time it is true for
//   "offset_minutes"  of local time; "speed" of engine time; "simulated": speed is not 1
//   "centre"          figures, and "oldest_since": ms since 1970 (not there when nobody waits)
//   "channels"        {channel: figures and oldest_since}
//   "agents"          {"ready", "busy", "offered", "wrap_up", "not_ready": how many}
//   "queues"          {queue: figures, oldest_since, "agents" {state: how many},
//                      "service_level_s", "weight"}
//   "history"         up to 60 minutes of the centre, oldest first, the running one last:
//                     {"t": ms, "waiting" (at its end), "offered", "answered", "abandoned", "sl"}
//   "intervals"       the centre's last 8 quarters of an hour, the running one last: {"t": ms,
//                     "offered", "queued", "answered", "abandoned", …, the service levels}
//
// figures: "waiting", "oldest_waiting_s", "longest_wait_s", "wait_estimate_s", "in_progress",
// "queued", "answered", "abandoned", "refused", "timed_out", "abandon_rate", "asa_s", "aht_s",
// "occupancy", "sl_answered", "sl_offered", "sl_left", "sl_strict", "sl_no_short", "sl_late" and
// the others of docs/metrics.md. A figure without a base is not there. Shares have four decimals,
// seconds one. Of a queue or channel, what grows with the clock alone (oldest_waiting_s, occupancy)
// is as of its last change or the last full minute, whichever is later: a page counts on from
// oldest_since.
//
// A delta is a JSON Merge Patch (RFC 7396) on the frame before: what changed; null: gone.

/// One frame for the pages. JSON text, made once and shared by all of them.
struct frame {
  position at = 0;
  bool whole = false;
  std::string json;
};

/// Makes the frames of one board. Each tick calls `delta`, whose result goes to every page; a page
/// that starts or fell behind is given `whole`, which is the frame as of the last `delta`, so that
/// the next delta fits it too. Keeps the last frame in parts and makes anew only the queues that an
/// event touched since: a tick costs what changed.
/// One thread uses it; the board may be evolved between the calls. Times never go back.
class frame_maker {
public:
  /// Goes on to the board as of `now` and says what changed since the frame before; the first one
  /// is against an empty object.
  frame delta(const board_model& board, instant now);
  /// The frame as of the last delta, whole. "{}" at position 0 before the first one.
  frame whole() const;
  /// Position of the last frame.
  position at() const noexcept { return at_; }

  /// Queues made anew in the last frame.
  std::size_t queues_made() const noexcept { return made_; }

private:
  struct part {
    std::string id;
    std::uint64_t changes = 0;
    instant valued_at{};
    value shown;
    bool is_new = true;
  };

  static void show_part(part& of, value shown, value& patch);
  void update_queues(const state& s, instant now, value& patch);
  void update_channels(const state& s, instant now, value& patch);
  void update_hall(const state& s, instant now, value& patch);
  void update_top(std::string_view key, value now_shown, value& patch);

  position at_ = 0;
  std::pair<instant, std::uint64_t> areas_as_of_;
  value top_{value::map{}};    ///< all but the channels and queues
  std::vector<part> channels_;
  std::vector<part> queues_;   ///< in the board's order
  std::size_t made_ = 0;
};

/// The merge patch that turns `before` into `after`; an empty map when they are equal. Both maps.
value merge_patch_between(const value& before, const value& after);

} // namespace careline::board
