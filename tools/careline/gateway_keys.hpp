#pragma once

#include <string>

#include "gateway/bus/client_key.hpp"

namespace careline::program {

/// The keys of a talk with a gateway that has one. The gateway talks to who stands between it and
/// the engine inside, whose key is another one than that of the engine it is made for: so it is
/// given a key file of this talk, with its own two halves.
struct talk_keys {
  gateway::bus::client_key desk;     ///< of who may do everything in the engine inside
  gateway::bus::client_key gateway;  ///< the gateway's, for the engine inside
  std::string front_secret;          ///< of who stands between, as Z85
  std::string file;                  ///< the gateway's key file for this talk
};

/// Has the engine that serves with keys on the folder `data` accept a gateway's key, and writes
/// its key file into that folder. Fails with a sentence.
result<talk_keys, std::string> let_in(const gateway::bus::client_key& gateways,
                                      const std::string& data, const std::string& commands);

} // namespace careline::program
