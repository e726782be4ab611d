#pragma once

#include <string>

namespace careline::program {

// Where keys of the bus are in a data folder.

/// The engine's own secret half.
inline std::string bus_key_of(const std::string& data) {
  return data + "/keys/bus.key";
}

/// The key file of the first client, whom the engine makes administrator.
inline std::string administrator_key_of(const std::string& data) {
  return data + "/admin.key";
}

} // namespace careline::program
