#pragma once

#include <string_view>

namespace careline {

/// Who decides or answers a command or query: one owner each (design §5.1).
enum class owner {
  reception,
  routing,
  session,
  board,
  log,
  engine,
  registration,
  promise,
  security,
};

/// The owner of a command or query type, from the one table in owners.cpp. Requires: a known type.
owner owner_of(std::string_view command_type) noexcept;

} // namespace careline
