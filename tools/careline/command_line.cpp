#include "tools/careline/command_line.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

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

std::vector<std::string> names_below(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* below : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(below->get_name());
  return names;
}

/// What is wrong, ended by a full stop; CLI11's own words where they say enough.
std::string sentence_for(const CLI::App& app, const CLI::ParseError& wrong) {
  const auto below = names_below(app);
  if (dynamic_cast<const CLI::RequiredError*>(&wrong) && !below.empty()
      && app.get_subcommands().empty())
    return fmt::format("say one of {}.", fmt::join(below, ", "));
  std::string said = printable(wrong.what());
  // "A flag" becomes "a flag", "FILE" stays.
  if (said.size() > 1 && !std::isupper(static_cast<unsigned char>(said[1])))
    said.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(said.front())));
  return said.ends_with('.') ? said : said + ".";
}

std::string suggestion_for(const CLI::App& app, int argc, char** argv) {
  const auto known = words_of(app);
  const std::vector<std::string_view> views{known.begin(), known.end()};
  for (int i = 1; i < argc; ++i) {
    std::string_view given{argv[i]};
    given = given.substr(0, given.find('='));
    if (std::ranges::find(views, given) != views.end())
      continue;
    if (given.starts_with("--") || !names_below(app).empty())
      if (auto said = suggestion(given, views); !said.empty())
        return said;
  }
  return {};
}

} // namespace

subcommand_app::subcommand_app(std::string_view name, std::string_view says,
                               const std::vector<std::string>& examples)
    : CLI::App{std::string{says}, fmt::format("careline {}", name)} {
  get_formatter()->column_width(34);
  std::string shown;
  for (const auto& example : examples)
    shown += (shown.empty() ? "Examples:\n  " : "\n  ") + example;
  footer(shown);
}

std::optional<int> parse_or_exit(CLI::App& app, int argc, char** argv) {
  const auto name = app.get_name().substr(std::string_view{"careline "}.size());
  try {
    app.parse(argc, argv);
    return {};
  } catch (const CLI::CallForHelp&) {
    const auto asked = app.get_subcommands();
    return print((asked.empty() ? app : *asked.front()).help()) ? exit_code::done
                                                                : exit_code::work_failed;
  } catch (const CLI::ParseError& wrong) {
    complain(fmt::format("{}: {}{} \"careline help {}\" says how it is used.", name,
                         sentence_for(app, wrong), suggestion_for(app, argc, argv), name));
    return exit_code::wrong_usage;
  }
}

} // namespace careline::program
