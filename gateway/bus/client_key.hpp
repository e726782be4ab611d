#pragma once

#include <string>

#include "messages/result.hpp"

namespace careline::gateway::bus {

/// What a client proves by who it is, and whom it takes for the engine (CurveZMQ), as Z85. Empty:
/// it has none, and talks to an engine without keys.
struct client_key {
  std::string client;      ///< its name, as the engine knows it
  std::string public_key;
  std::string secret_key;
  std::string server_key;  ///< the engine's public half

  bool empty() const noexcept { return public_key.empty(); }
};

/// Two halves, as Z85.
struct key_pair {
  std::string public_key;
  std::string secret_key;
};
key_pair make_key_pair();
/// The public half that belongs to a secret one.
std::string public_half_of(const std::string& secret_key);

/// A client's key file (docs/security.md): text, four lines. Fails with a sentence: it is absent,
/// others may read it, a line is missing, or the halves are not one key's.
result<client_key, std::string> read_client_key(const std::string& path);
/// Makes the file, readable by its owner only; never over another one. Fails with a sentence.
result<void, std::string> write_client_key(const std::string& path, const client_key& key);

} // namespace careline::gateway::bus
