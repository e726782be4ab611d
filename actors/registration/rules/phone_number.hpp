#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/registration/rules/refusal.hpp"
#include "messages/result.hpp"

namespace careline::registration {

/// A number that somebody can be called at, made one way before it is stored (R2.2.1, R2.3.1).
/// docs/identity-rules.md says where each rule is from, and where it is not libphonenumber's.

enum class phone_kind {
  mobile,       ///< 138 1234 5678
  fixed,        ///< 010 1234 5678, 0335 123 4567
  things,       ///< thirteen digits of a device: nobody answers
  toll_free,    ///< 800
  shared_cost,  ///< 400, 950
  premium,      ///< 160, 168
  service,      ///< 10086, 12345, 95588, 010 96156
  emergency,    ///< 110, 119, 120, 122: never anybody's own
  foreign,      ///< of another country: only its length is checked
};
constexpr auto names(phone_kind) {
  using enum phone_kind;
  return std::to_array<std::pair<phone_kind, std::string_view>>({{mobile, "mobile"},
                                                                 {fixed, "fixed"},
                                                                 {things, "things"},
                                                                 {toll_free, "toll_free"},
                                                                 {shared_cost, "shared_cost"},
                                                                 {premium, "premium"},
                                                                 {service, "service"},
                                                                 {emergency, "emergency"},
                                                                 {foreign, "foreign"}});
}

/// What does not look right, and may be.
enum class phone_warning {
  segment_unassigned,  ///< mobile numbers that begin so were given to no operator
  data_segment,        ///< 14x that serves data cards and devices: perhaps nobody answers
};
constexpr auto names(phone_warning) {
  using enum phone_warning;
  return std::to_array<std::pair<phone_warning, std::string_view>>(
      {{segment_unassigned, "segmentUnassigned"}, {data_segment, "dataSegment"}});
}

struct phone_number {
  std::string number;     ///< E.164: "+8613812345678"; a short number as it is dialled: "10086"
  phone_kind kind = phone_kind::mobile;
  std::string extension;  ///< 1 to 5 digits, or empty
  std::string area;       ///< of a fixed line: "010"
  std::string_view place;           ///< of the area: "河北省石家庄市"
  /// Who was given the segment. A hint: since numbers may be taken along it proves nothing.
  std::string_view first_operator;  ///< "China Mobile"
  bool is_virtual_operator = false; ///< the segment was given to resellers; a hint too
  std::vector<phone_warning> warnings;
};

enum class phone_fault { characters, length, area_missing, area_unknown, extension, not_assigned };
refusal refusal_of(phone_fault why) noexcept;

/// Reads a number as people write it: with +86, 0086, 86 or none, blanks, hyphens, dots, brackets,
/// full-width digits, "转 123" or "-123" behind it. A fixed line needs its area code; any number of
/// another country begins with + or 00.
result<phone_number, phone_fault> read_phone_number(std::string_view typed);

/// As it is written in the country: "138 1234 5678", "010 1234 5678"; foreign as stored.
std::string written(const phone_number& phone);

} // namespace careline::registration
