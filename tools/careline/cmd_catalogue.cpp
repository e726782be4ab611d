#include "messages/asyncapi.hpp"
#include "messages/catalogue.hpp"
#include "messages/json.hpp"
#include "tools/careline/command_line.hpp"

namespace careline::program {

int catalogue_main(int argc, char** argv) {
  auto app = make_app("catalogue", "Prints every command, query and event with its fields.",
                      {"careline catalogue > events.md",
                       "careline catalogue --asyncapi > asyncapi.json"});
  bool as_asyncapi = false;
  app.add_flag("--asyncapi", as_asyncapi, "as an AsyncAPI 3.0 document (JSON) of the bus");
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  const auto said = as_asyncapi ? to_json(asyncapi(CARELINE_VERSION)) + "\n" : catalogue();
  return print(said) ? exit_code::done : exit_code::work_failed;
}

} // namespace careline::program
