#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace careline::store {

/// Exact type words, or prefixes ending in "."; none = all.
class type_filter {
public:
  /// `words` outlives the filter.
  explicit type_filter(const std::vector<std::string>& words) : words_(words) {}

  bool passes_all() const noexcept { return words_.empty(); }
  bool passes(std::string_view type) const {
    return words_.empty() || std::any_of(words_.begin(), words_.end(), [&](const auto& word) {
             return word.ends_with('.') ? type.starts_with(word) : type == word;
           });
  }
  /// The last position of any type that passes: after it there is nothing to look for.
  template <class Position>
  Position last_of(const std::vector<std::pair<std::string, Position>>& last_of_types) const {
    Position last = 0;
    for (const auto& [type, at] : last_of_types)
      if (passes(type))
        last = std::max(last, at);
    return last;
  }

private:
  const std::vector<std::string>& words_;
};

} // namespace careline::store
