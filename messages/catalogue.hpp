#pragma once

#include <string>

namespace careline {

/// docs/events.md: every command, query and event with its fields, made from the same field lists
/// that read and write them. `careline catalogue` prints it; a test compares the two.
std::string catalogue();

} // namespace careline
