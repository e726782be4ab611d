#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/careline/asking.hpp"

namespace careline::program {

// What the subcommands about keys and roles have in common.

struct access_request {
  engine_place engine;
  std::string data;      ///< where the administrator's key is, when no key is named
  std::string client;
  std::string reason = "by_hand";
  bool json = false;
};
/// Where the engine is, with which key to ask it, and `--reason`.
void add_access_flags(CLI::App& app, access_request& into);

/// Asks the running engine, by the key that is named or else by the administrator's in the data
/// folder. Failure: said on stderr, as an exit code.
result<asking, int> ask_about_access(const access_request& by);

/// Asks for all clients, or for `by.client` alone, and prints what is told; the exit code.
int tell_list(const access_request& by, std::string_view type,
              std::string (*table)(const value& told));
/// Sends a change and tells what came of it; the exit code.
int tell_change(asking& engine, const access_request& by, std::string_view type, value data);
int grant_roles(asking& engine, const access_request& by, const std::vector<std::string>& roles);

} // namespace careline::program
