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

/// Puts contacts in the queue "care" until the log says how its engines' models were, so often: an
/// engine does so in the background, behind a snapshot. Throws where none ever does.
inline void ask_until_hashed(desk& d, std::size_t times) {
  constexpr int asked_max = 20'000;
  for (int i = 0; i < asked_max; ++i) {
    if (i % 50 == 0)
      d.ask("contact.open", R"({"channel":"phone","queue":"care","address":"+861380000"})");
    const auto page = d.ask("log.read", R"({"after":0,"types":["engine.state_hashed"]})");
    if (page.data.find("events")->as<value::list>()->size() >= times)
      return;
  }
  throw std::runtime_error{"the log does not say how its engines' models were"};
}

} // namespace careline::real
