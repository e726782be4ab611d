#pragma once

#include <optional>
#include <string>

#include "messages/envelope.hpp"

namespace careline::store {

/// What tells that a data folder's log was once longer than to `head`, as a piece of a sentence: a
/// snapshot that is whole, or the last signed head in the folder's own `heads.jsonl`, by its
/// own key. Both are written only after what they are of is durable. Heads that are kept elsewhere
/// are not asked: they know of more where an older backup was restored. Nothing when `head` is 0
/// (store/lost_log.hpp is for that). Looks at files only, and changes none.
std::optional<std::string> trace_above(const std::string& data_folder, position head);

} // namespace careline::store
