#include "tools/careline/command_line.hpp"

#include <fmt/format.h>
#include <vector>

#include "tools/careline/config.hpp"

namespace careline::program {

namespace {

/// Every word that could have been meant where `app` was being read.
std::vector<std::string> words_of(const CLI::App& app) {
  std::vector<std::string> words;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames())
      words.push_back("--" + name);
  for (const auto* below : app.get_subcommands([](const CLI::App*) { return true; })) {
    words.push_back(below->get_name());
    const auto more = words_of(*below);
    words.insert(words.end(), more.begin(), more.end());
  }
  return words;
}

std::string suggestion_for(const CLI::App& app, int argc, char** argv) {
  const auto known = words_of(app);
  const std::vector<std::string_view> views{known.begin(), known.end()};
  for (int i = 1; i < argc; ++i) {
    std::string_view given{argv[i]};
    given = given.substr(0, given.find('='));
    if (std::ranges::find(views, given) != views.end())
      continue;
    if (given.starts_with("--") || !app.get_subcommands([](const CLI::App*) { return true; }).empty())
      if (auto said = suggestion(given, views); !said.empty())
        return said;
  }
  return {};
}

} // namespace

subcommand_app::subcommand_app(std::string_view name, std::string_view says)
    : CLI::App{std::string{says}, fmt::format("careline {}", name)} {
  get_formatter()->column_width(34);
}

std::optional<int> parse_or_exit(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    return {};
  } catch (const CLI::CallForHelp&) {
    const auto asked = app.get_subcommands();
    return print((asked.empty() ? app : *asked.front()).help()) ? exit_code::done
                                                                : exit_code::work_failed;
  } catch (const CLI::ParseError& wrong) {
    complain(fmt::format("{}: {}.{} \"careline help {}\" says what there is.", app.get_name().substr(9),
                         wrong.what(), suggestion_for(app, argc, argv), app.get_name().substr(9)));
    return exit_code::wrong_usage;
  }
}

} // namespace careline::program
