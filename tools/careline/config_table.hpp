#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tools/careline/config.hpp"

namespace careline::program {

/// Sets one field from text. What is wrong with it comes back as a phrase that goes on from the
/// field's name: "must be …"; nothing when it was taken.
/// Requires: `key` is in config_fields().
std::optional<std::string> set_field(config& c, std::string_view key, std::string_view text);

/// The row of `key`, or null.
const config_field* find_field(std::string_view key) noexcept;

/// CARELINE_SESSION_GRACE_S for "session.grace_s".
std::string environment_name(std::string_view key);

/// Reads a file over `into`. Fails with a sentence that begins with the file and line.
result<void, std::string> read_config_file(const std::string& path, loaded_config& into);

} // namespace careline::program
