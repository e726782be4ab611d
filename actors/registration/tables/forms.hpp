#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "messages/time.hpp"

namespace careline::registration {

/// What may be asked of a person and what for (R2.2.1, R2.3.2). The centre's own rows; whoever
/// changes them changes what is collected, not what was.

/// How a field's value is checked.
enum class field_check {
  name,
  text,
  document_kind,
  document_number,
  phone,
  division,
  birthday,
  language,
  customer_number,
};

/// A set of fields, one bit each. Saved states have them: a bit keeps its field for ever.
using field_set = std::uint32_t;

struct field_row {
  std::string_view name;
  field_set bit;
  field_check check;
  std::string_view kind;  ///< of a document's number: the field that says which document
};
std::span<const field_row> field_rows() noexcept;
/// Null for a word that is no field.
const field_row* find_field(std::string_view name) noexcept;

/// A purpose: the only fields that are taken for it, and those without which it makes no sense.
struct form_row {
  std::string_view purpose;
  std::uint32_t bit;      ///< keeps its form for ever, as a field's
  field_set allowed;
  field_set required;
};
std::span<const form_row> form_rows() noexcept;
const form_row* find_form(std::string_view purpose) noexcept;

/// What fields are shown in clear for, and which of them.
struct reveal_row {
  std::string_view purpose;
  field_set allowed;
  bool by_right;          ///< only while the person's own request for access or a copy is open
};
std::span<const reveal_row> reveal_rows() noexcept;
const reveal_row* find_reveal(std::string_view purpose) noexcept;

/// So much may one client see in clear.
inline constexpr std::size_t reveals_max = 20;
inline constexpr span reveals_window = 60s;

} // namespace careline::registration
