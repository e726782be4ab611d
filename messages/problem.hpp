#pragma once

#include <span>
#include <string>
#include <string_view>

#include "messages/result.hpp"

namespace careline {

/// Why something was refused, not understood or not taken now, as in RFC 9457.
/// `type` is a stable code from the one list in problems.cpp; `title` a sentence for a person.
struct problem {
  std::string type;
  std::string title;
  std::string field;   ///< the field at fault, dotted ("rules[0].after_s"); empty when none is
  std::string detail;  ///< what was found or expected; never a personal value
  friend bool operator==(const problem&, const problem&) = default;
};

/// One row of the list of codes: what kind of answer it belongs to, and its sentence.
struct problem_row {
  std::string_view type;
  std::string_view outcome;  ///< "refused", "busy" or "invalid"
  std::string_view title;
};

/// All codes there are, sorted by code. Codes never change their meaning.
std::span<const problem_row> problem_rows() noexcept;

/// The problem of that code with its sentence filled in. Requires: the code is in the list.
problem because(std::string_view type, std::string field = {}, std::string detail = {});

/// The outcome word that goes with a code ("refused" for an unknown one).
std::string_view outcome_of(std::string_view type) noexcept;

template <class T>
using answer = result<T, problem>;

} // namespace careline
