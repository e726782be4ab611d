#pragma once

#include <optional>
#include <string>

namespace careline::program {

/// A password: from a terminal typed twice and not shown, from a pipe its first line. Nothing when
/// it is too short, too long or not typed the same twice; said on stderr.
std::optional<std::string> ask_password();

} // namespace careline::program
