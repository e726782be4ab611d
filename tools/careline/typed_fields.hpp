#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/result.hpp"
#include "messages/value.hpp"

namespace careline::program {

// Commands as people type them.

/// A sentence when there is no such command or query, with the nearest one.
std::optional<std::string> unknown_type(std::string_view type);
/// A sentence when `data` has a field that the command does not know, with the nearest one. The
/// engine would leave it aside, and a typing mistake with it.
std::optional<std::string> unknown_field(std::string_view type, const value& data);

/// The words of a command line with each `--KEY VALUE` (or `--KEY=VALUE`, or `--KEY` alone for
/// true) that names a field of `type` made KEY=VALUE; all others as they are.
std::vector<std::string> fields_from_flags(std::string_view type,
                                           const std::vector<std::string>& words);

/// A command's data from a JSON object (empty: none) and key=value words over it. A dotted key
/// makes a map. A value that looks like JSON is taken so, unless the field wants text ("10086") or
/// a list ("zh,en"). Fails with a sentence for what is no field; what is inside a value is for the
/// engine. Requires: `type` is known.
result<value, std::string> data_from_fields(std::string_view type, const std::string& json,
                                            const std::vector<std::string>& fields);

} // namespace careline::program
