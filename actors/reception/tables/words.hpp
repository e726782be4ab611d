#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/fields.hpp"

namespace careline::reception {

/// Words that neither agents nor machines say (R2.2.4).
class forbidden_words {
public:
  forbidden_words() = default;
  explicit forbidden_words(std::vector<std::string> words);

  const std::vector<std::string>& words() const noexcept { return words_; }
  /// Those that the text holds, as the list has them. ASCII letters count alike in either case,
  /// full-width signs as their usual forms, and spaces not at all.
  std::vector<std::string> in(std::string_view text) const;

private:
  std::vector<std::string> words_;
  std::vector<std::string> folded_;  ///< one for each of them
};

/// What is wrong with a list that somebody defines.
std::optional<problem> check_forbidden(const std::vector<std::string>& words);
/// What is wrong with the text of a wording: its length, or a placeholder that nobody fills in.
std::optional<problem> check_wording(std::string_view text);

} // namespace careline::reception
