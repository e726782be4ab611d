#include "tools/careline/positions.hpp"

#include <charconv>
#include <fmt/format.h>

#include "tools/careline/terminal.hpp"

namespace careline::program {

CLI::Validator whole_number(std::uint64_t least) {
  const auto wrong_in = [least](const std::string& given) {
    std::uint64_t n = 0;
    const auto* const end = given.data() + given.size();
    const auto read = std::from_chars(given.data(), end, n);
    if (read.ec == std::errc{} && read.ptr == end && n >= least)
      return std::string{};
    return fmt::format("\"{}\" is no whole number, {} or more", printable(given.substr(0, 64)),
                       least);
  };
  return CLI::Validator{wrong_in, std::string{}};
}

std::string no_such_position(std::string_view subcommand, std::uint64_t after,
                             std::uint64_t head) {
  return fmt::format("{}: the log ends at {}; there is no position {} yet", subcommand, head,
                     after);
}

} // namespace careline::program
