#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/bus/bus_client.hpp"
#include "messages/value.hpp"

namespace CLI {
class App;
}

namespace careline::program {

/// What every subcommand that talks to a running engine is told.
struct engine_place {
  std::string commands = "tcp://127.0.0.1:5570";
  double timeout_s = 5;
};
void add_engine_flags(CLI::App& app, engine_place& into);

/// Asks a running engine. One question at a time.
class asking {
public:
  /// Nothing when the address is none; said on stderr.
  static std::optional<asking> open(const engine_place& place, const std::string& source);

  /// The reply, or nothing when the engine did not answer in time; said on stderr.
  std::optional<reply> send(command_envelope what);
  /// The data of a query's answer; nothing when it was refused or not answered, said on stderr.
  std::optional<value> query(std::string_view type, value data);

private:
  asking() = default;
  std::unique_ptr<gateway::bus::bus_client> client_;
  engine_place place_;
  std::string source_;
};

/// A problem as a sentence: "There is no queue of this id. (queue: care)".
std::string sentence_of(const problem& why);

} // namespace careline::program
