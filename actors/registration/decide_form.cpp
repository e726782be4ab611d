#include "actors/registration/decide_form.hpp"

#include <algorithm>
#include <charconv>

#include "actors/registration/rules/divisions.hpp"
#include "actors/registration/rules/documents.hpp"
#include "actors/registration/rules/phone_number.hpp"
#include "actors/registration/rules/text.hpp"

namespace careline::registration {

namespace {

using text_or_rule = result<std::string, std::string>;
using word_list = std::vector<code_word>;

constexpr std::size_t characters_max = 200;
constexpr std::size_t name_characters_max = 60;

date local_date(instant now, int offset_minutes) {
  return date{std::chrono::sys_days{std::chrono::days{to_local(now, offset_minutes).day}}};
}

std::optional<document_kind> kind_named(std::string_view word) {
  for (const auto& [kind, name] : names(document_kind{}))
    if (name == word)
      return kind;
  return std::nullopt;
}

/// Names in whatever characters; nothing that only changes how a screen shows what follows.
text_or_rule read_text(std::string_view typed, std::size_t most, std::string_view rule) {
  const auto first = typed.find_first_not_of(' ');
  if (first == std::string_view::npos)
    return no(std::string{rule});
  typed = typed.substr(first, typed.find_last_not_of(' ') + 1 - first);
  std::size_t count = 0;
  for (auto rest = typed; !rest.empty(); ++count) {
    const auto one = first_code_point(rest);
    if (one.value < 0x20 || (one.value >= 0x7F && one.value < 0xA0))
      return no(std::string{rule});
    rest.remove_prefix(one.bytes);
  }
  if (count > most)
    return no(std::string{rule});
  return std::string{typed};
}

text_or_rule read_birthday(std::string_view typed, const date& today) {
  int numbers[3]{};
  const std::pair<std::size_t, std::size_t> parts[]{{0, 4}, {5, 2}, {8, 2}};
  const bool formed = typed.size() == 10 && typed[4] == '-' && typed[7] == '-';
  for (int i = 0; formed && i < 3; ++i) {
    const auto digits = typed.substr(parts[i].first, parts[i].second);
    if (!all_digits(digits))
      return no(std::string{"registration.birthday_form"});
    std::from_chars(digits.data(), digits.data() + digits.size(), numbers[i]);
  }
  if (!formed)
    return no(std::string{"registration.birthday_form"});
  const date born{std::chrono::year{numbers[0]},
                  std::chrono::month{static_cast<unsigned>(numbers[1])},
                  std::chrono::day{static_cast<unsigned>(numbers[2])}};
  if (!born.ok() || born < id_policy{}.born_min)
    return no(std::string{"registration.birthday_no_day"});
  if (born > today)
    return no(std::string{"registration.birthday_future"});
  return std::string{typed};
}

text_or_rule read_division(std::string_view typed, word_list& warnings) {
  const auto digits = squeezed(typed);
  if (digits.size() != 6 || !all_digits(digits))
    return no(std::string{"registration.division_form"});
  int code = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), code);
  if (!find_division(code))
    warnings.emplace_back("divisionUnknown");
  return digits;
}

text_or_rule read_phone(std::string_view typed, word_list& warnings) {
  const auto read = read_phone_number(typed);
  if (!read)
    return no(std::string{refusal_of(read.error()).code});
  if (read->kind == phone_kind::emergency)
    return no(std::string{"registration.phone_emergency"});
  for (const auto w : read->warnings)
    warnings.emplace_back(word_of(w));
  return read->extension.empty() ? read->number : read->number + "-" + read->extension;
}

text_or_rule read_number_of(std::string_view kind, std::string_view typed, const date& today,
                            word_list& warnings) {
  const auto which = kind_named(kind);
  if (!which)
    return no(std::string{"registration.document_kind_unknown"});
  auto read = read_document(*which, typed, today);
  if (!read)
    return no(std::string{read.error().code});
  for (const auto w : read->warnings)
    warnings.emplace_back(w);
  return std::move(read->number);
}

/// True when a slip of the finger shows in the number itself.
bool checks_itself(std::string_view kind) {
  const auto which = kind_named(kind);
  return which == document_kind::resident_id || which == document_kind::credit_code;
}

bool is_heard_twice(const field_row& row, std::string_view kind, const form_asked& asked) {
  const bool must = row.check == field_check::phone
                    || (row.check == field_check::document_number && !checks_itself(kind));
  return !must || asked.read_back || (asked.again && asked.again->find(row.name));
}

/// A word that is no field may be anything, and is not repeated: what is refused is kept.
form_fault fault(std::string_view code, const form_asked& asked, std::string_view field,
                 form_fault::kept record) {
  const bool is_known = find_field(field) != nullptr;
  return {because(code, is_known ? "fields." + std::string{field} : "fields"), record,
          asked.purpose, code_word{is_known ? field : std::string_view{"other"}}};
}

/// The text that a document's kind has in the form, or had in the record.
std::string_view kind_for(const field_row& row, const form_asked& asked) {
  if (row.kind.empty())
    return {};
  if (const auto given = asked.fields->text_or(row.kind); !given.empty())
    return given;
  return asked.known ? asked.known->text_or(row.kind) : std::string_view{};
}

std::optional<form_fault> check_names(const form_row& form, const form_asked& asked) {
  using kept = form_fault::kept;
  const auto* entries = asked.fields->as<value::map>();
  if (!entries || entries->empty())
    return form_fault{*expected("fields", "a map of fields"), kept::nothing, {}, {}};
  for (const auto& [key, typed] : *entries) {
    const auto* row = find_field(key);
    if (!row || (row->bit & form.allowed) == 0)
      return fault("registration.field_not_necessary", asked, key, kept::refused);
  }
  const auto had = asked.known ? set_of(*asked.known) : field_set{0};
  for (const auto& row : field_rows()) {
    const bool is_there = (had & row.bit) != 0 || asked.fields->find(row.name);
    if ((form.required & row.bit) != 0 && !is_there)
      return fault("registration.field_missing", asked, row.name, kept::nothing);
    // Whoever changes the kind of a document says its number too.
    if (!row.kind.empty() && asked.fields->find(row.kind) && !asked.fields->find(row.name))
      return fault("registration.field_missing", asked, row.name, kept::nothing);
  }
  return {};
}

std::optional<form_fault> take_field(const field_row& row, const form_asked& asked,
                                     filled_form& into) {
  using kept = form_fault::kept;
  const auto* typed = asked.fields->find(row.name);
  if (!typed)
    return {};
  const auto kind = kind_for(row, asked);
  auto read = read_field(row, *typed, kind, asked.now, asked.offset_minutes, &into.warnings);
  if (!read)
    return fault(read.error(), asked, row.name, kept::rejected);
  if (const auto* second = asked.again ? asked.again->find(row.name) : nullptr) {
    const auto same = read_field(row, *second, kind, asked.now, asked.offset_minutes, nullptr);
    if (!same || *same != *read)
      return fault("registration.entries_differ", asked, row.name, kept::rejected);
  }
  if (!is_heard_twice(row, kind, asked))
    return fault("registration.not_read_back", asked, row.name, kept::nothing);
  into.fields.add(row.name, std::move(*read));
  into.given |= row.bit;
  return {};
}

/// The day in an ID number and the birthday that was said are the same, as a rule.
void compare_birthdays(filled_form& form, const form_asked& asked) {
  const auto number = form.fields.text_or("document_number");
  const auto said = form.fields.text_or("birthday");
  if (said.empty() || number.size() != 18 || kind_for(*find_field("document_number"), asked)
                                                  != "resident_id")
    return;
  const auto digits = std::string{said.substr(0, 4)} + std::string{said.substr(5, 2)}
                      + std::string{said.substr(8, 2)};
  if (number.substr(6, 8) != digits)
    form.warnings.emplace_back("birthdayDiffers");
}

} // namespace

text_or_rule read_field(const field_row& row, const value& typed, std::string_view kind,
                        instant now, int offset_minutes, std::vector<code_word>* warnings) {
  const auto* text = typed.as<std::string>();
  if (!text || !is_valid_utf8(*text))
    return no(std::string{"registration.text_form"});
  const auto today = local_date(now, offset_minutes);
  word_list unheard;
  auto& told = warnings ? *warnings : unheard;
  switch (row.check) {
    case field_check::name:
      return read_text(*text, name_characters_max, "registration.text_form");
    case field_check::text: return read_text(*text, characters_max, "registration.text_form");
    case field_check::document_kind:
      if (!kind_named(*text))
        return no(std::string{"registration.document_kind_unknown"});
      return *text;
    case field_check::document_number: return read_number_of(kind, *text, today, told);
    case field_check::phone: return read_phone(*text, told);
    case field_check::division: return read_division(*text, told);
    case field_check::birthday: return read_birthday(*text, today);
    case field_check::language:
    case field_check::customer_number:
      if (!is_valid_code(*text))
        return no(std::string{"registration.text_form"});
      return *text;
  }
  return no(std::string{"registration.text_form"});
}

result<filled_form, form_fault> read_form(const form_asked& asked) {
  const auto* form = find_form(asked.purpose.text());
  if (!form)
    return no(form_fault{because("registration.unknown_purpose", "purpose", asked.purpose.text()),
                         form_fault::kept::nothing, {}, {}});
  if (auto wrong = check_names(*form, asked))
    return no(std::move(*wrong));
  filled_form out;
  out.purpose = asked.purpose;
  for (const auto& row : field_rows())
    if (auto wrong = take_field(row, asked, out))
      return no(std::move(*wrong));
  compare_birthdays(out, asked);
  return out;
}

std::string document_key(std::string_view kind, std::string_view number, const sealer& with) {
  return with.person_of("document/" + std::string{kind} + "/" + std::string{number}).text();
}

/// Whatever extension stands behind it: the line is the same.
std::string phone_key(std::string_view number, const sealer& with) {
  return with.person_of("phone/" + std::string{number.substr(0, number.find('-'))}).text();
}

record_keys keys_of(const value& record, const sealer& with) {
  record_keys out;
  if (const auto number = record.text_or("document_number"); !number.empty())
    out.document = document_key(record.text_or("document_kind"), number, with);
  if (const auto number = record.text_or("customer_number"); !number.empty())
    out.customer = with.person_of(number).text();
  for (const auto* field : {"phone", "other_phone"})
    if (const auto number = record.text_or(field); !number.empty())
      if (auto key = phone_key(number, with);
          std::find(out.phones.begin(), out.phones.end(), key) == out.phones.end())
        out.phones.push_back(std::move(key));
  return out;
}

std::vector<code_word> names_of(field_set fields) {
  std::vector<code_word> out;
  for (const auto& row : field_rows())
    if ((fields & row.bit) != 0)
      out.emplace_back(row.name);
  return out;
}

field_set set_of(const value& record) {
  field_set out = 0;
  for (const auto& row : field_rows())
    if (record.find(row.name))
      out |= row.bit;
  return out;
}

} // namespace careline::registration
