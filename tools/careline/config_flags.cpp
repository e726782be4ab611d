#include "tools/careline/config.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>

// The configuration as flags of a subcommand; apart from what is read, as only this needs CLI11.

namespace careline::program {

namespace {

/// "from the loss … (s; 0 to 3600) [10]"
std::string help_of(const config_field& field) {
  const auto preset = text_of(config{}, field.key);
  if (field.kind == field_kind::flag)
    return std::string{field.summary};
  return fmt::format("{} ({}{}{}) [{}]", field.summary, field.unit, field.unit.empty() ? "" : ": ",
                     field.limit, preset);
}

} // namespace

void add_config_flags(CLI::App& app, given_flags& into, std::vector<std::string_view> keys) {
  app.add_option_function<std::string>(
         "--config", [&into](const std::string& file) { into["config"] = file; },
         "TOML file with the configuration")
      ->type_name("FILE");
  for (const auto& field : config_fields()) {
    if (!keys.empty() && std::ranges::find(keys, field.key) == keys.end())
      continue;
    const std::string key{field.key};
    const auto says = help_of(field);
    if (field.kind == field_kind::flag)
      app.add_flag_callback(std::string{field.flag}, [&into, key] { into[key] = "true"; }, says);
    else
      app.add_option_function<std::string>(
             std::string{field.flag},
             [&into, key](const std::string& given) { into[key] = given; }, says)
          ->type_name(field.kind == field_kind::text ? "TEXT" : "N");
  }
}

} // namespace careline::program
