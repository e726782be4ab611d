#include "tools/careline/event_filter.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "messages/vocabulary.hpp"
#include "tools/careline/config.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

std::optional<std::string> ready_event_filter(std::vector<std::string>& types) {
  const auto known = event_types();
  std::vector<std::string> nouns;
  for (const auto type : known)
    if (const std::string noun{type.substr(0, type.find('.'))};
        std::ranges::find(nouns, noun) == nouns.end())
      nouns.push_back(noun);
  for (auto& type : types) {
    if (std::ranges::find(known, type) != known.end())
      continue;
    const std::string noun{std::string_view{type}.substr(0, type.size() - type.ends_with('.'))};
    if (std::ranges::find(nouns, noun) == nouns.end()) {
      std::vector<std::string_view> near{known.begin(), known.end()};
      near.insert(near.end(), nouns.begin(), nouns.end());
      return fmt::format("there is no event \"{}\".{} \"careline catalogue\" lists them.",
                         printable(type.substr(0, 64)), suggestion(noun, near));
    }
    type = noun + ".";
  }
  return {};
}

} // namespace careline::program
