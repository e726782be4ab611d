#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/event_log.hpp"

namespace careline::store {

/// A capability's state as it was at a position of the log. Only a cache: without any, the log is
/// folded from its start (design §5.9).
struct snapshot {
  position at = 0;
  std::string body;  ///< MessagePack
};

/// Which ones stay: the newest few for a restart, and the last one of each day, so that the log can
/// be looked at as it was then.
struct snapshot_keeping {
  std::size_t newest = 2;
  int days = 30;  ///< so many days back from the newest one's; 0: none
};

/// Writes `<folder>/<capability>-<at>.snap` whole or not at all, then removes those of that
/// capability that need not stay. A file's day is the UTC day it was written on. `hash` is the
/// log's h(at). On failure says why, and nothing changed.
result<void, std::string> write_snapshot(const std::string& folder, std::string_view capability,
                                         position at, const chain_hash& hash, std::string_view body,
                                         const snapshot_keeping& keep = {});

struct loaded_snapshot {
  std::optional<snapshot> newest;       ///< nothing: fold from the start
  std::vector<std::string> left_aside;  ///< one sentence for each that could not be used
};
/// The newest one that is whole and of this very log: its checksum is right, its position is not
/// above the head, its hash is the log's.
loaded_snapshot load_newest_snapshot(const std::string& folder, std::string_view capability,
                                     const event_log& log);

struct placed_snapshot {
  std::string path;
  position at = 0;
};
/// Some snapshot in the folder that is whole and of a position above this one, of whatever
/// capability and log. As their names say where they are of, as a rule none is read.
std::optional<placed_snapshot> whole_snapshot_above(const std::string& folder, position head);

} // namespace careline::store
