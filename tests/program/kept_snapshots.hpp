#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include "tests/program/real_engine.hpp"

namespace careline::real {

/// Asks the engine on until it has kept snapshots: they are made in the background, and compared
/// with the living models first. Throws where there never are any.
inline void ask_until_snapshots(desk& d, const std::string& data) {
  constexpr int asked_max = 20'000;
  for (int i = 0; i < asked_max; ++i) {
    for (const auto& file : std::filesystem::directory_iterator{data + "/snapshots"})
      if (file.path().extension() != ".tmp")
        return;
    d.ask("engine.status", "{}");
  }
  throw std::runtime_error{"no snapshots are kept in " + data};
}

} // namespace careline::real
