#pragma once

#include <optional>
#include <string>

#include "gateway/bus/client_key.hpp"

namespace CLI {
class App;
}

namespace careline::program {

// How subcommands that talk to an engine come by the key that it asks for.

/// `--key FILE`, or CARELINE_KEY.
void add_key_option(CLI::App& app, std::string& into);

/// The key in a file; an empty one where none is named. Nothing: it cannot be used, said on stderr.
std::optional<gateway::bus::client_key> key_in(const std::string& file);

/// Who speaks: the key's client, or without a key whom the subcommand says.
std::string name_by(const gateway::bus::client_key& key, const std::string& otherwise);

} // namespace careline::program
