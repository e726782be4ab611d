#pragma once

#include <optional>
#include <string_view>

#include "messages/vocabulary.hpp"

namespace careline::kernel {

/// `command.too_large` when a list of `e` is longer than a reader takes: written, it would keep the
/// engine from starting again.
std::optional<problem> too_long_to_read(const event& e);

} // namespace careline::kernel
