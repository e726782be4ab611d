#include <fmt/format.h>

#include "messages/json.hpp"
#include "tools/careline/command_line.hpp"

namespace careline::program {

int version_main(int argc, char** argv) {
  auto app = make_app("version", "Says which version this is.");
  bool json = false;
  app.add_flag("--json", json, "as one JSON object");
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  value out;
  out.set("version", CARELINE_VERSION);
  out.set("compiler", fmt::format("GCC {}", __VERSION__));
  const auto text = json ? to_json(out) + "\n" : fmt::format("careline {}\n", CARELINE_VERSION);
  return print(text) ? exit_code::done : exit_code::work_failed;
}

} // namespace careline::program
