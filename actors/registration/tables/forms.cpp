#include "actors/registration/tables/forms.hpp"

#include <algorithm>
#include <array>

namespace careline::registration {

namespace {

using enum field_check;

constexpr field_set name_bit = 1U << 0U;
constexpr field_set kind_bit = 1U << 1U;
constexpr field_set document_bit = 1U << 2U;
constexpr field_set phone_bit = 1U << 3U;
constexpr field_set other_phone_bit = 1U << 4U;
constexpr field_set address_bit = 1U << 5U;
constexpr field_set division_bit = 1U << 6U;
constexpr field_set birthday_bit = 1U << 7U;
constexpr field_set language_bit = 1U << 8U;
constexpr field_set customer_bit = 1U << 9U;
constexpr field_set proxy_name_bit = 1U << 10U;
constexpr field_set proxy_kind_bit = 1U << 11U;
constexpr field_set proxy_document_bit = 1U << 12U;

constexpr field_set phones = phone_bit | other_phone_bit;
constexpr field_set document = kind_bit | document_bit;
constexpr field_set proxy = proxy_name_bit | proxy_kind_bit | proxy_document_bit;
constexpr field_set place = address_bit | division_bit;
constexpr field_set all = (1U << 13U) - 1;

constexpr std::array fields{
    field_row{"name", name_bit, name, {}},
    field_row{"document_kind", kind_bit, document_kind, {}},
    field_row{"document_number", document_bit, document_number, "document_kind"},
    field_row{"phone", phone_bit, phone, {}},
    field_row{"other_phone", other_phone_bit, phone, {}},
    field_row{"address", address_bit, text, {}},
    field_row{"division", division_bit, division, {}},
    field_row{"birthday", birthday_bit, birthday, {}},
    field_row{"language", language_bit, language, {}},
    field_row{"customer_number", customer_bit, customer_number, {}},
    field_row{"proxy_name", proxy_name_bit, name, {}},
    field_row{"proxy_document_kind", proxy_kind_bit, document_kind, {}},
    field_row{"proxy_document_number", proxy_document_bit, document_number,
              "proxy_document_kind"},
};

/// real_name: what the order on real identity asks for (No. 25 of 2013), of an agent the documents
/// of both. Elsewhere no document is asked for where a number will do.
constexpr std::array forms{
    form_row{"consult", 1U << 0U, name_bit | phone_bit | language_bit, 0},
    form_row{"callback", 1U << 1U, name_bit | phones | language_bit, phone_bit},
    form_row{"fault", 1U << 2U, name_bit | phones | place | language_bit | customer_bit,
             phone_bit},
    form_row{"complaint", 1U << 3U, name_bit | phones | language_bit | customer_bit,
             name_bit | phone_bit},
    form_row{"business", 1U << 4U, name_bit | phones | document | language_bit | customer_bit,
             name_bit | phone_bit | document},
    form_row{"real_name", 1U << 5U,
             name_bit | phones | document | place | proxy | customer_bit,
             name_bit | document | address_bit},
    form_row{"care", 1U << 6U, name_bit | phone_bit | birthday_bit | language_bit,
             name_bit | phone_bit},
};

constexpr std::array reveals{
    reveal_row{"dial", name_bit | phones, false},
    reveal_row{"visit", name_bit | phones | place, false},
    reveal_row{"delivery", name_bit | phones | place, false},
    reveal_row{"verify", name_bit | document | birthday_bit, false},
    reveal_row{"contract", name_bit | document | phones | place | customer_bit | proxy, false},
    reveal_row{"access", all, true},
    reveal_row{"copy", all, true},
};

template <class Rows, class Key>
auto* found(const Rows& rows, std::string_view word, Key key) noexcept {
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const auto& one) { return one.*key == word; });
  return row == rows.end() ? nullptr : &*row;
}

} // namespace

std::span<const field_row> field_rows() noexcept {
  return fields;
}

const field_row* find_field(std::string_view name) noexcept {
  return found(fields, name, &field_row::name);
}

std::span<const form_row> form_rows() noexcept {
  return forms;
}

const form_row* find_form(std::string_view purpose) noexcept {
  return found(forms, purpose, &form_row::purpose);
}

std::span<const reveal_row> reveal_rows() noexcept {
  return reveals;
}

const reveal_row* find_reveal(std::string_view purpose) noexcept {
  return found(reveals, purpose, &reveal_row::purpose);
}

} // namespace careline::registration
