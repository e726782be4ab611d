#include "actors/registration/rules/id_number.hpp"

#include <algorithm>

#include "actors/registration/rules/text.hpp"

namespace careline::registration {

namespace {

constexpr std::size_t old_length = 15;
constexpr std::size_t length = 18;

int number_in(std::string_view digits) {
  int n = 0;
  for (const char c : digits)
    n = n * 10 + (c - '0');
  return n;
}

bool has_prefix(std::string_view prefixes, std::string_view two) {
  for (std::size_t at = 0; at + 2 <= prefixes.size(); at += 3)
    if (prefixes.substr(at, 2) == two)
      return true;
  return false;
}

date day_in(std::string_view eight) {
  return std::chrono::year{number_in(eight.substr(0, 4))}
         / number_in(eight.substr(4, 2)) / number_in(eight.substr(6, 2));
}

/// The order in which children of a place and a day were written down, three digits.
std::string_view order_in(std::string_view number) {
  return number.substr(14, 3);
}

/// Only the last of eighteen may be an X.
bool has_right_characters(std::string_view number) {
  if (number.size() == length && number.back() == 'X')
    number.remove_suffix(1);
  return all_digits(number);
}

/// Foreigners' numbers have a region and a country where residents' have an area; of those from
/// Hong Kong, Macau and Taiwan only the first two digits say anything.
bool has_area(std::string_view number) {
  return number[0] < '8';
}

std::vector<id_warning> warnings_of(const id_number& id, bool old_form) {
  std::vector<id_warning> out;
  if (old_form)
    out.push_back(id_warning::old_form);
  if (old_form && order_in(id.number) >= "996")
    out.push_back(id_warning::century_unsure);
  if (!has_area(id.number))
    return out;
  if (id.area_is.standing == area_standing::unknown)
    out.push_back(id_warning::area_unknown);
  // A list of one year is the last word until the next year's; 2019's until nobody knows when.
  const int last = id.area_is.last_year;
  if (last != 0 && last != history_ends && static_cast<int>(id.born.year()) > last + 1)
    out.push_back(id_warning::area_gone_before_birth);
  return out;
}

} // namespace

char id_check_digit(std::string_view digits) noexcept {
  constexpr std::array weights{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t at = 0; at < weights.size(); ++at)
    sum += weights[at] * (digits[at] - '0');
  return "10X98765432"[sum % 11];
}

result<id_number, id_fault> read_id_number(std::string_view typed, const date& today,
                                           const id_policy& policy) {
  std::string number = squeezed(typed);
  if (!has_right_characters(number))
    return no(id_fault::characters);
  const bool old_form = number.size() == old_length;
  if (old_form) {
    number.insert(6, "19");
    number += id_check_digit(number);
  }
  if (number.size() != length)
    return no(id_fault::length);

  const std::string_view view = number;
  if (!has_prefix(policy.prefixes, view.substr(0, 2)))
    return no(id_fault::province);
  const date born = day_in(view.substr(6, 8));
  if (!born.ok())
    return no(id_fault::no_such_day);
  if (born > today)
    return no(id_fault::in_future);
  if (born < policy.born_min)
    return no(id_fault::too_old);
  if (order_in(view) == "000")
    return no(id_fault::order);
  if (view.back() != id_check_digit(view))
    return no(id_fault::check_digit);

  id_number id;
  id.born = born;
  id.recorded_sex = (view[16] - '0') % 2 == 1 ? sex::male : sex::female;
  id.area = number_in(view.substr(0, 6));
  id.area_is = find_area_code(id.area);
  id.number = std::move(number);
  id.warnings = warnings_of(id, old_form);
  return id;
}

refusal refusal_of(id_fault why) noexcept {
  switch (why) {
    case id_fault::characters:
      return {"registration.id_number_characters",
              "An ID number has digits only, and an X at most at its end."};
    case id_fault::length:
      return {"registration.id_number_length",
              "An ID number has 18 characters, or 15 in its old form."};
    case id_fault::province:
      return {"registration.id_number_province",
              "No province has the first two digits of this ID number."};
    case id_fault::no_such_day:
      return {"registration.id_number_date", "The ID number's date of birth is no day."};
    case id_fault::in_future:
      return {"registration.id_number_future",
              "The ID number's date of birth is still to come."};
    case id_fault::too_old:
      return {"registration.id_number_too_old",
              "The ID number's date of birth is too long ago."};
    case id_fault::order:
      return {"registration.id_number_sequence", "No ID number has 000 before its check digit."};
    case id_fault::check_digit:
      return {"registration.id_number_check_digit",
              "The ID number's last character does not fit the others: one is mistyped."};
  }
  return {};
}

} // namespace careline::registration
