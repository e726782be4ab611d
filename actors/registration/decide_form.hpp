#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/registration/tables/forms.hpp"
#include "messages/fields.hpp"
#include "messages/ids.hpp"
#include "messages/personal.hpp"
#include "messages/problem.hpp"
#include "messages/value.hpp"

namespace careline::registration {

/// Why a form was not taken, and what is kept of that: which field, by which rule.
struct form_fault {
  enum class kept { nothing, refused, rejected };
  problem why;
  kept record = kept::nothing;
  code_word form;
  code_word field;
};

/// A form whose values were checked and made one way. Clear: it is sealed before it is an event.
struct filled_form {
  code_word purpose;
  value fields{value::map{}};       ///< what was given, in the order of the table
  field_set given = 0;
  std::vector<code_word> warnings;
};

/// What a form is read by.
struct form_asked {
  code_word purpose;
  const value* fields = nullptr;    ///< as they were typed
  const value* again = nullptr;     ///< and typed a second time; null: they were not
  bool read_back = false;
  const value* known = nullptr;     ///< the record so far; null: a new party
  instant now{};
  int offset_minutes = 480;
};
/// Checks each field by its row (domain 3.1 - 3.3): what the purpose does not need is refused, what
/// cannot be right is rejected, and a number that has no check digit must be heard twice.
result<filled_form, form_fault> read_form(const form_asked& asked);

/// One value made one way, as `read_form` makes it. `kind`: the document's, of its number.
result<std::string, std::string> read_field(const field_row& row, const value& typed,
                                            std::string_view kind, instant now,
                                            int offset_minutes, std::vector<code_word>* warnings);

/// The keyed hashes that a record is found by.
struct record_keys {
  std::string document;
  std::string customer;
  std::vector<std::string> phones;
};
record_keys keys_of(const value& record, const sealer& with);
std::string document_key(std::string_view kind, std::string_view number, const sealer& with);
std::string phone_key(std::string_view number, const sealer& with);

/// The names of the fields in a set, in the order of the table.
std::vector<code_word> names_of(field_set fields);
field_set set_of(const value& record);

} // namespace careline::registration
