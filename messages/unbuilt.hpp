#pragma once

#include <optional>
#include <string_view>

#include "messages/problem.hpp"
#include "messages/value.hpp"

namespace careline {

/// What a reader would leave aside though it was meant: words of the contract that this version
/// does not do yet, and words in a rule's `when` and `do` that nobody knows. A rule that narrows
/// less than it says, or a limit that does not hold, is worse than a no. Nothing when all is well.
std::optional<problem> unbuilt_words(std::string_view type, const value& data);

} // namespace careline
