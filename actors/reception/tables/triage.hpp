#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "messages/reception_tables.hpp"

namespace careline::reception {

/// Where a need leads, and how sure that is.
struct triage {
  const triage_row* row = nullptr;  ///< of the table that was looked in
  double confidence = 0;  ///< 1 the need is the word itself, 0.8 it holds words of one place only,
                          ///< 0.4 of several, 0 of none
};

/// Below this the default queue takes the contact (R2.1.4).
inline constexpr double confidence_min = 0.5;

/// Looks a need up. ASCII letters count alike in either case; the longest word found decides.
triage triage_need(const std::vector<triage_row>& table, std::string_view need);

/// What is wrong with a table that somebody defines, as far as the table alone can tell.
std::optional<problem> check(const std::vector<triage_row>& rows);
/// What is wrong with a complexity, where one is given.
std::optional<problem> check_complexity(std::optional<int> given, std::string_view path);

} // namespace careline::reception
