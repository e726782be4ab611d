#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "actors/kernel/capability.hpp"
#include "actors/kernel/log_pages.hpp"
#include "store/event_log.hpp"

namespace careline::kernel {

/// A capability's state as it was at a position.
struct kept_state {
  position at = 0;
  std::string body;  ///< MessagePack of `capability::save`
};
/// The newest usable snapshot of a capability; nothing when there is none. With `log_threads::own`
/// it is called from several threads at once.
using find_snapshot = std::function<std::optional<kept_state>(std::string_view capability)>;

using seen_event = std::function<void(const placed_event&)>;

/// The record at a position; nothing where the log has none there.
result<std::optional<event_record>, store::log_error> record_at(const store::event_log& log,
                                                                position at);

/// What a log says of itself before any model is asked.
struct log_birth {
  std::uint64_t seed = 0;
  std::string time_zone;
  int offset_minutes = 480;
  double speed = 1;
  instant last_time{};        ///< of the newest event
};
/// Nothing in it for a log without events. `damaged` when the log does not begin with log.created.
result<std::optional<log_birth>, store::log_error> read_birth(const store::event_log& log);

/// What a fold over the log did.
struct recovered {
  position began = 0;          ///< after the oldest of the snapshots; 0: one was missing
  position head = 0;           ///< at `to` the models are as they were there; before it: stopped
  std::uint64_t folded = 0;    ///< events read after the snapshots
  std::vector<std::string> remarks;
};

/// Brings each capability to the log's present head: its newest snapshot, then every event after it
/// (design §1.6). A snapshot that cannot be loaded is left aside with a remark. Personal values
/// stay sealed, as they are in the log. A capability that refuses a state must be as new
/// afterwards. With threads of its own, snapshots are loaded beside each other, and the log is read
/// by one while the caller's folds.
result<recovered, store::log_error> recover(const store::event_log& log,
                                            const std::vector<capability*>& models,
                                            const find_snapshot& snapshots,
                                            log_threads threads = log_threads::callers);

/// The same up to `to`, wherever the head may be. `stops` is asked between pages; when it says yes,
/// the fold ends there, and `head` says how far it came. `seen` is told of each event.
result<recovered, store::log_error> recover_to(const store::event_log& log, position to,
                                               const std::vector<capability*>& models,
                                               const find_snapshot& snapshots,
                                               const std::function<bool()>& stops = {},
                                               const seen_event& seen = {},
                                               log_threads threads = log_threads::callers);

/// Takes in what follows `from`, where all of the models stand, up to `to`. Returns how many.
result<std::uint64_t, store::log_error> fold_on(const store::event_log& log, position from,
                                                position to,
                                                const std::vector<capability*>& models);

} // namespace careline::kernel
