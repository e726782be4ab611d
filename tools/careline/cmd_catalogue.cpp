#include "messages/catalogue.hpp"
#include "tools/careline/command_line.hpp"

namespace careline::program {

int catalogue_main(int argc, char** argv) {
  auto app = make_app("catalogue", "Prints every command, query and event with its fields.");
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  return print(catalogue()) ? exit_code::done : exit_code::work_failed;
}

} // namespace careline::program
