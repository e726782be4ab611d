#pragma once

#include <optional>
#include <string>
#include <vector>

namespace careline::program {

/// Readies event types as people type them for a filter: "contact" becomes the prefix "contact.".
/// A sentence comes back for one that no event has, with the nearest.
std::optional<std::string> ready_event_filter(std::vector<std::string>& types);

} // namespace careline::program
