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

/// Writes `<folder>/<capability>-<at>.snap` whole or not at all, then removes all but the newest
/// `keep` of that capability. `hash` is the log's h(at). On failure says why, and nothing changed.
result<void, std::string> write_snapshot(const std::string& folder, std::string_view capability,
                                         position at, const chain_hash& hash, std::string_view body,
                                         std::size_t keep = 2);

struct loaded_snapshot {
  std::optional<snapshot> newest;       ///< nothing: fold from the start
  std::vector<std::string> left_aside;  ///< one sentence for each that could not be used
};
/// The newest one that is whole and of this very log: its checksum is right, its position is not
/// above the head, its hash is the log's.
loaded_snapshot load_newest_snapshot(const std::string& folder, std::string_view capability,
                                     const event_log& log);

} // namespace careline::store
