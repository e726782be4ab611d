#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/careline/subcommands.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

/// Parses a subcommand's arguments. Something comes back when it is over already: done after
/// `--help`, wrong_usage (said on stderr) for arguments that are not understood.
std::optional<int> parse_or_exit(CLI::App& app, int argc, char** argv);

/// An app named "careline NAME", set up as all subcommands are. `examples` are whole command lines
/// that its help ends with.
class subcommand_app final : public CLI::App {
public:
  subcommand_app(std::string_view name, std::string_view says,
                 const std::vector<std::string>& examples);
};
inline subcommand_app make_app(std::string_view name, std::string_view says,
                               const std::vector<std::string>& examples = {}) {
  return subcommand_app{name, says, examples};
}

} // namespace careline::program
