#include <fmt/format.h>

#include "messages/json.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/config.hpp"
#include "tools/careline/config_table.hpp"

namespace careline::program {

namespace {

value value_of(const config_field& field, const std::string& given) {
  switch (field.kind) {
    case field_kind::text: return given;
    case field_kind::flag: return given == "true";
    case field_kind::whole:
    case field_kind::number: return from_json(given).value_or(value{given});
  }
  return {};
}

value as_json(const loaded_config& c) {
  value out{value::map{}};
  const auto put = [&](std::string_view key, value in_force) {
    value row;
    row.set("value", std::move(in_force));
    row.set("from", c.origins.find(key)->second);
    out.set(key, std::move(row));
  };
  for (const auto& field : config_fields())
    put(field.key, value_of(field, text_of(c.values, field.key)));
  value::list triage;
  for (const auto& row : c.values.triage) {
    value item;
    item.set("need", row.need);
    item.set("queue", row.queue.text());
    if (!row.duty.empty())
      item.set("duty", row.duty);
    triage.push_back(std::move(item));
  }
  put("triage", std::move(triage));
  return out;
}

std::string as_table(const loaded_config& c) {
  text_table table{{{"key"}, {"value"}, {"unit"}, {"from"}}};
  for (const auto& field : config_fields())
    table.add({std::string{field.key}, text_of(c.values, field.key), std::string{field.unit},
               c.origins.find(field.key)->second});
  table.add({"triage", fmt::format("{} rows", c.values.triage.size()), "", c.origins.at("triage")});
  for (const auto& row : c.values.triage)
    table.add({"  " + row.need, row.queue.text(), row.duty, ""});
  return table.text();
}

std::string fields_table() {
  text_table table{{{"key"}, {"default"}, {"unit"}, {"limit"}, {"environment"}, {"what it is"}}};
  for (const auto& field : config_fields())
    table.add({std::string{field.key}, text_of(config{}, field.key), std::string{field.unit},
               std::string{field.limit}, environment_name(field.key), std::string{field.summary}});
  table.add(
      {"triage", "0 rows", "", "[[triage]] need, queue, duty", "", "needs and where they lead"});
  return table.text();
}

value fields_json() {
  value out{value::map{}};
  for (const auto& field : config_fields()) {
    value row{value::map{}};
    row.add("default", value_of(field, text_of(config{}, field.key)));
    row.add("unit", field.unit);
    row.add("limit", field.limit);
    row.add("environment", environment_name(field.key));
    row.add("says", field.summary);
    out.add(field.key, std::move(row));
  }
  return out;
}

int check(const loaded_config& c, const given_flags& flags) {
  for (const auto& remark : c.remarks)
    complain(remark);
  const auto file = flags.find("config");
  const auto what = file == flags.end() ? std::string{"the configuration"} : file->second;
  return print(fmt::format("{} is sound\n", what)) ? exit_code::done : exit_code::work_failed;
}

} // namespace

int config_main(int argc, char** argv) {
  auto app = make_app("config", "Checks a configuration, or shows what is in force and from where.",
                      {"careline config check careline.toml",
                       "careline config show --config careline.toml", "careline config fields"});
  app.require_subcommand(1);
  given_flags flags;
  bool json = false;
  auto* check_it = app.add_subcommand("check", "say whether it is sound; what is wrong and where");
  check_it->add_option_function<std::string>(
      "FILE", [&](const std::string& file) { flags["config"] = file; }, "TOML file");
  auto* show = app.add_subcommand("show", "print each value and where it came from");
  show->add_flag("--json", json, "as one JSON object");
  auto* fields = app.add_subcommand("fields", "print every field with its default, unit and limit");
  fields->add_flag("--json", json, "as one JSON object");
  add_config_flags(*check_it, flags);
  add_config_flags(*show, flags);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  if (fields->parsed())
    return print(json ? to_json(fields_json()) + "\n" : fields_table()) ? exit_code::done
                                                                        : exit_code::work_failed;
  const auto loaded = load_config(sources_of(flags));
  if (!loaded) {
    complain(loaded.error());
    return exit_code::wrong_usage;
  }
  if (check_it->parsed())
    return check(*loaded, flags);
  return print(json ? to_json(as_json(*loaded)) + "\n" : as_table(*loaded)) ? exit_code::done
                                                                          : exit_code::work_failed;
}

} // namespace careline::program
