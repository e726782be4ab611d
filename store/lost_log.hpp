#pragma once

#include <optional>
#include <string>

#include "messages/envelope.hpp"

namespace careline::store {

// Signed heads and snapshots are written only after what they are of is durable, so that no crash
// leaves them without it. What they tell of a log is a piece of a sentence. All of these look at
// files only, and change none.

/// What tells that a data folder had a log with events in it: a head that was signed, or a
/// snapshot. Where there is no log beside them it was taken away, or its disk is not there.
/// Nothing: there may never have been one.
std::optional<std::string> trace_of_log(const std::string& data_folder,
                                        const std::string& heads_file);

/// What tells that a data folder's log was once longer than to `head`: the last signed head in the
/// folder's own `heads.jsonl`, by its own key, or a snapshot that is whole. Heads that are kept
/// elsewhere are not asked: they know of more where an older backup was restored. Nothing when
/// `head` is 0 (`trace_of_log` is for that).
std::optional<std::string> trace_above(const std::string& data_folder, position head);

/// Whether the folder has a log's file at all. It may be one without events.
bool has_log_file(const std::string& data_folder);

} // namespace careline::store
