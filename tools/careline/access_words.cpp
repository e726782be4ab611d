#include "tools/careline/access_words.hpp"

#include <filesystem>
#include <fmt/format.h>

#include "messages/json.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/key_places.hpp"
#include "tools/careline/log_commands.hpp"

namespace careline::program {

void add_access_flags(CLI::App& app, access_request& into) {
  add_engine_flags(app, into.engine);
  add_data_option(app, into.data);
  app.add_option("--reason", into.reason, "a code that says why")->capture_default_str();
}

result<asking, int> ask_about_access(const access_request& by) {
  auto place = by.engine;
  std::error_code ignored;
  const auto own = administrator_key_of(by.data);
  if (place.key_file.empty() && std::filesystem::exists(own, ignored))
    place.key_file = own;
  auto engine = asking::open(place, "careline-access");
  if (!engine)
    return no(exit_code::wrong_usage);
  return std::move(*engine);
}

int tell_list(const access_request& by, std::string_view type,
              std::string (*table)(const value& told)) {
  auto engine = ask_about_access(by);
  if (!engine)
    return engine.error();
  value data{value::map{}};
  if (!by.client.empty())
    data.set("client", by.client);
  const auto told = engine->query(type, std::move(data));
  if (!told)
    return exit_code::work_failed;
  return print(by.json ? to_json(*told) + "\n" : table(*told)) ? exit_code::done
                                                               : exit_code::work_failed;
}

int tell_change(asking& engine, const access_request& by, std::string_view type, value data) {
  command_envelope change;
  change.type = type;
  change.data = std::move(data);
  const auto got = engine.send(std::move(change));
  if (!got)
    return exit_code::work_failed;
  if (got->outcome != outcome_kind::accepted) {
    complain(got->why ? sentence_of(*got->why) : std::string{word_of(got->outcome)});
    return exit_code::work_failed;
  }
  const auto said = by.json          ? to_json(to_value(*got)) + "\n"
                    : got->at == 0   ? std::string{"it is so already\n"}
                                     : fmt::format("accepted, position {}\n", got->at);
  return print(said) ? exit_code::done : exit_code::work_failed;
}

int grant_roles(asking& engine, const access_request& by, const std::vector<std::string>& roles) {
  value::list wanted;
  for (const auto& role : roles)
    wanted.emplace_back(role);
  return tell_change(engine, by, "access.grant",
                     value{value::map{{"client", by.client},
                                      {"roles", value{std::move(wanted)}},
                                      {"reason", by.reason}}});
}

} // namespace careline::program
