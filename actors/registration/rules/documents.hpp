#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/registration/rules/id_number.hpp"

namespace careline::registration {

/// What somebody may show to say who he is, or for whom he acts (R2.2.1). One table says how the
/// number of each looks; `read_document` checks it and makes it one way (R2.3.1).

enum class document_kind {
  resident_id,             ///< 居民身份证, and what has its form
  hong_kong_macau_permit,  ///< 港澳居民来往内地通行证: H or M and eight digits
  taiwan_permit,           ///< 台湾居民来往大陆通行证: eight digits
  passport,                ///< 护照, of any country
  military_id,             ///< 军官证, 士兵证: 军字第1234567号
  household_book,          ///< 户口簿
  credit_code,             ///< 统一社会信用代码 of an organisation
};
constexpr auto names(document_kind) {
  using enum document_kind;
  return std::to_array<std::pair<document_kind, std::string_view>>(
      {{resident_id, "resident_id"},
       {hong_kong_macau_permit, "hong_kong_macau_permit"},
       {taiwan_permit, "taiwan_permit"},
       {passport, "passport"},
       {military_id, "military_id"},
       {household_book, "household_book"},
       {credit_code, "credit_code"}});
}

enum class document_holder { person, organisation };

struct document {
  document_kind kind = document_kind::resident_id;
  std::string number;               ///< made one way; the person's own: the caller seals it
  std::optional<id_number> person;  ///< what a resident ID says besides
  std::vector<std::string_view> warnings;  ///< words, as `names(id_warning)`; `organisationCode`
};

/// Reads the number of a document of that kind.
result<document, refusal> read_document(document_kind kind, std::string_view typed,
                                        const date& today, const id_policy& policy = {});

/// One row of the table: how a document is called, and what checks its number.
struct document_row {
  document_kind kind;
  document_holder holder;
  std::string_view title;  ///< as it stands on the document
  result<document, refusal> (*read)(std::string_view typed, const date& today,
                                    const id_policy& policy);
};
/// All of them, in the order of `document_kind`.
std::span<const document_row> document_rows() noexcept;

/// The unified social credit code of an organisation (GB 32100-2015): 18 digits and capital letters
/// without I, O, S, V and Z, the last one a check (MOD 31-3).
enum class credit_code_fault { length, characters, check_character };
refusal refusal_of(credit_code_fault why) noexcept;
result<std::string, credit_code_fault> read_credit_code(std::string_view typed);

/// The check character to the first seventeen. Requires: seventeen of its characters or more.
char credit_code_check(std::string_view code) noexcept;

/// True when the organisation's own code inside it, characters 9 to 17, fits its check (GB 11714,
/// MOD 11). Requires: a code that was read.
bool has_sound_organisation_code(std::string_view code) noexcept;

} // namespace careline::registration
