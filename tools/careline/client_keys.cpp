#include "tools/careline/client_keys.hpp"

#include "tools/careline/command_line.hpp"

namespace careline::program {

void add_key_option(CLI::App& app, std::string& into) {
  app.add_option("--key", into, "this client's key file, for an engine that serves with keys")
      ->envname("CARELINE_KEY")
      ->type_name("FILE");
}

std::optional<gateway::bus::client_key> key_in(const std::string& file) {
  if (file.empty())
    return gateway::bus::client_key{};
  auto key = gateway::bus::read_client_key(file);
  if (key)
    return std::move(*key);
  complain(key.error());
  return std::nullopt;
}

std::string name_by(const gateway::bus::client_key& key, const std::string& otherwise) {
  return key.empty() ? otherwise : key.client;
}

} // namespace careline::program
