#pragma once

#include <optional>
#include <string_view>

#include "messages/problem.hpp"
#include "messages/value.hpp"

namespace careline {

/// Words in a rule's `when` and `do` that nobody knows, which a reader would leave aside though
/// they were meant: a rule that narrows less than it says is worse than a no. Nothing when all is
/// well.
std::optional<problem> unknown_rule_words(std::string_view type, const value& data);

} // namespace careline
