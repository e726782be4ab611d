#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/bus/bus_client.hpp"
#include "messages/value.hpp"
#include "tools/careline/client_keys.hpp"
#include "tools/careline/past_engine.hpp"

namespace CLI {
class App;
}

namespace careline::program {

/// What every subcommand that talks to a running engine is told.
struct engine_place {
  std::string commands = "tcp://127.0.0.1:5570";
  double timeout_s = 5;
  std::string key_file;  ///< empty: an engine without keys
};
void add_engine_flags(CLI::App& app, engine_place& into);

/// Asks a running engine, or one as it was. One question at a time.
class asking {
public:
  /// Nothing when the address is none, or the key cannot be used; said on stderr.
  static std::optional<asking> open(const engine_place& place, const std::string& source);
  /// The past where one is asked for, else the running engine. Failure: said on stderr, as an exit
  /// code.
  static result<asking, int> open(const engine_place& place, const past_place& past,
                                  const std::string& source);

  /// The reply, or nothing when the engine did not answer in time; said on stderr.
  std::optional<reply> send(command_envelope what);
  /// The data of a query's answer; nothing when it was refused or not answered, said on stderr.
  std::optional<value> query(std::string_view type, value data);

private:
  asking() = default;
  std::unique_ptr<gateway::bus::bus_client> client_;
  std::optional<past_engine> past_;
  engine_place place_;
  std::string source_;
};

/// A problem as a sentence: "There is no queue of this id. (queue: care)".
std::string sentence_of(const problem& why);

} // namespace careline::program
