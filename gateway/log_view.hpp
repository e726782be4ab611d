#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "messages/value.hpp"

namespace careline::gateway {

/// Narrows the `types` of a `log.read` to what somebody may see: what it gives is then what an
/// event socket would. `may_see(type)` says yes or no; `visible_under(prefix)` gives prefixes, none
/// where nothing of it is his, {""} for all. What is wrong with the types is left for the engine to
/// say.
template <class MaySee, class VisibleUnder>
void narrow_log_read(value& data, const MaySee& may_see, const VisibleUnder& visible_under) {
  constexpr std::string_view no_type = "nothing";  // no event is called so
  const auto* asked = data.find("types");
  const auto* types = asked ? asked->as<value::list>() : nullptr;
  if (asked && !asked->is_nil() && !types)
    return;
  std::vector<std::string> seen;
  if (!types || types->empty()) {
    seen = visible_under(std::string_view{});
    if (seen.size() == 1 && seen.front().empty())
      return;  // all there is
  } else {
    for (const auto& one : *types) {
      const auto* word = one.as<std::string>();
      if (!word)
        return;
      if (!word->ends_with('.') && may_see(std::string_view{*word}))
        seen.push_back(*word);
      if (word->ends_with('.'))
        for (auto& part : visible_under(std::string_view{*word}))
          seen.push_back(std::move(part));
    }
  }
  if (seen.empty())
    seen.emplace_back(no_type);
  value::list narrowed;
  for (auto& word : seen)
    narrowed.emplace_back(std::move(word));
  data.set("types", std::move(narrowed));
}

} // namespace careline::gateway
