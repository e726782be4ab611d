#pragma once

#include <optional>
#include <string>

namespace careline::store {

/// What tells that a data folder had a log with events in it, as a piece of a sentence: a head that
/// was signed, or a snapshot. Both are written only after what they are of is durable, so that no
/// crash leaves them without it: where there is no log beside them it was taken away, or its disk
/// is not there. Nothing: there may never have been one. Looks at files only, and changes none.
std::optional<std::string> trace_of_log(const std::string& data_folder,
                                        const std::string& heads_file);

/// Whether the folder has a log's file at all. It may be one without events.
bool has_log_file(const std::string& data_folder);

} // namespace careline::store
