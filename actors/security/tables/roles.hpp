#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace careline::security {

/// The role that may change who may do what: one client at least always has it.
inline constexpr std::string_view administrator = "administrator";

/// What one role may send (commands and queries) and see (events). A pattern is a whole word, a
/// prefix that ends in ".", or "*" for all.
struct role_row {
  std::string_view name;
  std::string_view what;  ///< who has it, for a person
  std::span<const std::string_view> sends;
  std::span<const std::string_view> sees;
};

/// The one table (R9.1.2b); docs/security.md shows it, a test walks it.
std::span<const role_row> roles() noexcept;
/// Null when there is none of that name.
const role_row* find_role(std::string_view name) noexcept;

bool fits(std::string_view pattern, std::string_view type) noexcept;
bool may_send(const role_row& role, std::string_view type) noexcept;
bool may_see(const role_row& role, std::string_view type) noexcept;
/// What of the events whose types begin with `prefix` a role may see, as prefixes: `prefix` itself
/// where that is all of them, else the parts of it that are allowed.
std::vector<std::string> visible_under(const role_row& role, std::string_view prefix);

} // namespace careline::security
