#include "actors/registration/rules/documents.hpp"

#include <algorithm>

#include "actors/registration/rules/text.hpp"
#include "messages/fields.hpp"

namespace careline::registration {

namespace {

using answered = result<document, refusal>;

constexpr std::string_view form = "registration.document_form";

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z');
}

bool all_letters_or_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_letter_or_digit);
}

answered read_resident_id(std::string_view typed, const date& today, const id_policy& policy) {
  auto id = read_id_number(typed, today, policy);
  if (!id)
    return no(refusal_of(id.error()));
  document d{document_kind::resident_id, id->number, std::nullopt, {}};
  for (const auto warning : id->warnings)
    d.warnings.push_back(word_of(warning));
  d.person = *std::move(id);
  return d;
}

answered read_hong_kong_macau_permit(std::string_view typed, const date&, const id_policy&) {
  auto number = squeezed(typed);
  const std::string_view view = number;
  if (view.size() != 9 || (view[0] != 'H' && view[0] != 'M') || !all_digits(view.substr(1)))
    return no(refusal{form, "A permit of Hong Kong or Macau is H or M and 8 digits."});
  return document{document_kind::hong_kong_macau_permit, std::move(number), {}, {}};
}

answered read_taiwan_permit(std::string_view typed, const date&, const id_policy&) {
  auto number = squeezed(typed);
  if (number.size() != 8 || !all_digits(number))
    return no(refusal{form, "A permit of Taiwan is 8 digits."});
  return document{document_kind::taiwan_permit, std::move(number), {}, {}};
}

/// Nine characters are what a passport has room for that machines read (ICAO 9303).
answered read_passport(std::string_view typed, const date&, const id_policy&) {
  auto number = squeezed(typed);
  if (number.size() < 5 || number.size() > 9 || !all_letters_or_digits(number)
      || std::none_of(number.begin(), number.end(), is_digit))
    return no(refusal{form, "A passport's number is 5 to 9 letters and digits."});
  return document{document_kind::passport, std::move(number), {}, {}};
}

/// 军字第1234567号: one word for the service, then the number; 号 may be left out.
answered read_military_id(std::string_view typed, const date&, const id_policy&) {
  constexpr std::string_view middle = "字第";
  constexpr std::string_view end = "号";
  const refusal why{form, "A military ID is written like 军字第1234567号, with 4 to 8 digits."};
  auto number = squeezed(typed);
  if (number.empty())
    return no(why);
  if (!number.ends_with(end))
    number += end;
  const std::string_view view = number;
  const auto word = first_code_point(view);
  if (word.value < 0x4e00 || word.value > 0x9fff || view.substr(word.bytes).find(middle) != 0)
    return no(why);
  auto digits = view.substr(word.bytes + middle.size());
  digits.remove_suffix(end.size());
  if (digits.size() < 4 || digits.size() > 8 || !all_digits(digits))
    return no(why);
  return document{document_kind::military_id, std::move(number), {}, {}};
}

answered read_household_book(std::string_view typed, const date&, const id_policy&) {
  auto number = squeezed(typed);
  if (number.size() < 3 || number.size() > 21 || !all_letters_or_digits(number))
    return no(refusal{form, "A household book's number is 3 to 21 letters and digits."});
  return document{document_kind::household_book, std::move(number), {}, {}};
}

answered read_organisation(std::string_view typed, const date&, const id_policy&) {
  auto code = read_credit_code(typed);
  if (!code)
    return no(refusal_of(code.error()));
  document d{document_kind::credit_code, {}, {}, {}};
  if (!has_sound_organisation_code(*code))
    d.warnings.push_back("organisationCode");
  d.number = *std::move(code);
  return d;
}

constexpr std::array rows{
    document_row{document_kind::resident_id, document_holder::person, "居民身份证",
                 read_resident_id},
    document_row{document_kind::hong_kong_macau_permit, document_holder::person,
                 "港澳居民来往内地通行证", read_hong_kong_macau_permit},
    document_row{document_kind::taiwan_permit, document_holder::person, "台湾居民来往大陆通行证",
                 read_taiwan_permit},
    document_row{document_kind::passport, document_holder::person, "护照", read_passport},
    document_row{document_kind::military_id, document_holder::person, "军人证件",
                 read_military_id},
    document_row{document_kind::household_book, document_holder::person, "户口簿",
                 read_household_book},
    document_row{document_kind::credit_code, document_holder::organisation, "统一社会信用代码",
                 read_organisation},
};

constexpr std::string_view credit_alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr std::size_t credit_length = 18;

/// 0 to 9, then A 10 and so on, as GB 11714 counts.
constexpr int organisation_value(char c) {
  return is_digit(c) ? c - '0' : c - 'A' + 10;
}

} // namespace

std::span<const document_row> document_rows() noexcept {
  return rows;
}

result<document, refusal> read_document(document_kind kind, std::string_view typed,
                                        const date& today, const id_policy& policy) {
  return rows[static_cast<std::size_t>(kind)].read(typed, today, policy);
}

char credit_code_check(std::string_view code) noexcept {
  std::size_t sum = 0;
  std::size_t weight = 1;
  for (const char c : code.substr(0, credit_length - 1)) {
    sum += credit_alphabet.find(c) * weight;
    weight = weight * 3 % 31;
  }
  return credit_alphabet[(31 - sum % 31) % 31];
}

bool has_sound_organisation_code(std::string_view code) noexcept {
  constexpr std::array weights{3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t at = 0; at < weights.size(); ++at)
    sum += weights[at] * organisation_value(code[8 + at]);
  return "0X987654321"[sum % 11] == code[16];
}

result<std::string, credit_code_fault> read_credit_code(std::string_view typed) {
  auto code = squeezed(typed);
  const std::string_view view = code;
  if (view.find_first_not_of(credit_alphabet) != view.npos)
    return no(credit_code_fault::characters);
  if (view.size() != credit_length)
    return no(credit_code_fault::length);
  if (!all_digits(view.substr(2, 6))) // where it was registered
    return no(credit_code_fault::characters);
  if (view.back() != credit_code_check(view))
    return no(credit_code_fault::check_character);
  return code;
}

refusal refusal_of(credit_code_fault why) noexcept {
  switch (why) {
    case credit_code_fault::length:
      return {"registration.credit_code_length", "A unified social credit code has 18 characters."};
    case credit_code_fault::characters:
      return {"registration.credit_code_characters",
              "A unified social credit code has digits and capital letters, never I, O, S, V or Z; "
              "its third to eighth are digits."};
    case credit_code_fault::check_character:
      return {"registration.credit_code_check",
              "The credit code's last character does not fit the others: one is mistyped."};
  }
  return {};
}

} // namespace careline::registration
