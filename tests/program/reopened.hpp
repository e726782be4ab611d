#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include "tests/program/real_engine.hpp"

// What becomes of an engine on a data folder of which something is missing.

namespace careline::real {

/// Who waits in the queue "care": at most 100.
inline std::size_t waiting_at(const engine& e) {
  desk d{e, "phone-1"};
  const auto shown = d.ask("queue.show", R"({"queue":"care","limit":100})");
  return shown.data.find("waiting")->as<value::list>()->size();
}

/// An engine that does not begin: what it says.
inline std::string refused(const std::string& data, std::vector<std::string> more = {}) {
  engine e{data, std::move(more)};
  CHECK(e.ready.empty());
  CHECK(e.end(0) == 3);
  return e.said();
}

} // namespace careline::real
