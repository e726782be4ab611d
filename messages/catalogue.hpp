#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace careline {

/// docs/events.md: every command, query and event with its fields, made from the same field lists
/// that read and write them. `careline catalogue` prints it; a test compares the two.
std::string catalogue();

/// The names that the `data` of a command or query may hold, in the catalogue's order, without what
/// is inside its maps. Empty for a type that is none.
std::vector<std::string_view> field_names_of(std::string_view command_type);

} // namespace careline
