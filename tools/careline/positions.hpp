#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace careline::program {

/// For an option that takes a whole number, `least` or more: a position, how many.
CLI::Validator whole_number(std::uint64_t least = 0);

/// Why nothing can be told behind `after`, as `subcommand` says it.
std::string no_such_position(std::string_view subcommand, std::uint64_t after, std::uint64_t head);

} // namespace careline::program
