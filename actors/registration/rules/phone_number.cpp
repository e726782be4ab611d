#include "actors/registration/rules/phone_number.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>

#include "actors/registration/rules/text.hpp"
#include "messages/safety.hpp"

namespace careline::registration {

namespace {

using answered = result<phone_number, phone_fault>;

struct area_row {
  std::int16_t code;  ///< without its 0
  std::int8_t digits_min, digits_max;  ///< of a number there
  std::string_view place;
};
constexpr area_row areas[] = {
#include "actors/registration/tables/line_areas.inc"
};

struct operator_row {
  std::string_view name;
  std::string_view segments;  ///< each with a blank behind it
};
constexpr operator_row operators[] = {
#include "actors/registration/tables/mobile_operators.inc"
};

/// Numbers that begin so and have so many digits in all, dialled without an area code.
struct plan_row {
  std::string_view prefix;
  std::size_t digits_min, digits_max;
  phone_kind kind;
};
constexpr plan_row numbering_plan[] = {
    {"100", 3, 3, phone_kind::service},      {"100", 5, 5, phone_kind::service},
    {"101", 5, 5, phone_kind::service},      {"102", 5, 5, phone_kind::service},
    {"106", 5, 5, phone_kind::service},      {"1064", 13, 13, phone_kind::things},
    {"108", 4, 4, phone_kind::service},      {"112", 3, 3, phone_kind::service},
    {"114", 3, 3, phone_kind::service},      {"121", 5, 5, phone_kind::service},
    {"123", 3, 3, phone_kind::service},      {"123", 5, 5, phone_kind::service},
    {"1440", 13, 13, phone_kind::things},    {"160", 3, 3, phone_kind::service},
    {"160", 8, 8, phone_kind::premium},      {"168", 3, 3, phone_kind::service},
    {"168", 8, 8, phone_kind::premium},      {"400", 10, 10, phone_kind::shared_cost},
    {"800", 10, 10, phone_kind::toll_free},  {"950", 10, 11, phone_kind::shared_cost},
    {"95", 5, 6, phone_kind::service},       {"96", 5, 6, phone_kind::service},
};

/// Services that also answer behind an area code, for who wants another place's.
constexpr std::string_view services_of_places[] = {"100", "123", "95", "96"};

/// Segments of mobile numbers without an operator: in the list of 2022, or in no list at all.
constexpr std::string_view unassigned_segments = "142 143 154 160 161 163 164 168 169 179 194";
constexpr std::string_view data_segments = "140 141 144 146 148 149";
constexpr std::string_view virtual_segments = "162 165 167 170 171";

constexpr std::size_t extension_digits_max = 5;

bool lists(std::string_view words, std::string_view word) {
  return words.find(word) != words.npos;
}

bool is_mobile(std::string_view n) {
  return n.size() == 11 && n[0] == '1' && n[1] >= '3';
}

const plan_row* find_in_plan(std::string_view n) {
  const auto row = std::find_if(std::begin(numbering_plan), std::end(numbering_plan),
                                [&](const plan_row& r) {
                                  return n.starts_with(r.prefix) && n.size() >= r.digits_min
                                         && n.size() <= r.digits_max;
                                });
  return row == std::end(numbering_plan) ? nullptr : row;
}

/// The area that a number begins with: 10 and 20 to 29 have two digits, all others three.
const area_row* find_area(std::string_view n) {
  const std::size_t digits = n.starts_with("10") || n.starts_with("2") ? 2 : 3;
  if (n.size() < digits)
    return nullptr;
  int code = 0;
  for (const char c : n.substr(0, digits))
    code = code * 10 + (c - '0');
  const auto row = std::lower_bound(std::begin(areas), std::end(areas), code,
                                    [](const area_row& r, int wanted) { return r.code < wanted; });
  return row != std::end(areas) && row->code == code ? &*row : nullptr;
}

std::string_view first_operator_of(std::string_view n) {
  for (std::size_t digits = 4; digits >= 2; --digits) {
    const auto segment = std::string{n.substr(0, digits)} + ' ';
    for (const auto& row : operators)
      if (row.segments.starts_with(segment) || lists(row.segments, ' ' + segment))
        return row.name;
  }
  return {};
}

phone_number of(phone_kind kind, std::string number) {
  phone_number p;
  p.kind = kind;
  p.number = std::move(number);
  return p;
}

phone_number mobile(std::string_view n) {
  auto p = of(phone_kind::mobile, "+86" + std::string{n});
  const auto segment = n.substr(0, 3);
  p.first_operator = first_operator_of(n);
  p.is_virtual_operator = lists(virtual_segments, segment);
  if (lists(unassigned_segments, segment))
    p.warnings.push_back(phone_warning::segment_unassigned);
  if (lists(data_segments, segment))
    p.warnings.push_back(phone_warning::data_segment);
  return p;
}

answered fixed(std::string_view n) {
  const auto* area = find_area(n);
  if (!area)
    return no(phone_fault::area_unknown);
  const auto code = std::to_string(area->code);
  const auto local = n.substr(code.size());
  const auto digits = static_cast<int>(local.size());
  const bool is_service = find_in_plan(local) && digits >= 5 && digits <= 6
                          && std::any_of(std::begin(services_of_places),
                                         std::end(services_of_places),
                                         [&](auto prefix) { return local.starts_with(prefix); });
  if (!is_service && (digits < area->digits_min || digits > area->digits_max))
    return no(phone_fault::length);
  auto p = of(is_service ? phone_kind::service : phone_kind::fixed, "+86" + std::string{n});
  p.area = '0' + code;
  p.place = area->place;
  return p;
}

/// Why digits without a 0 before them are none of the numbers that need none.
phone_fault why_nothing(std::string_view n) {
  if (n.size() == 7 || n.size() == 8 || fixed(n))
    return phone_fault::area_missing;
  return n.size() == 11 && n[0] == '1' ? phone_fault::not_assigned : phone_fault::length;
}

/// A number of this country, without its code. `has_country`: that stood before it, where an area
/// code goes without its 0.
answered national(std::string_view n, bool has_country) {
  const bool has_trunk = n.starts_with('0');
  if (has_trunk)
    n.remove_prefix(1);
  if (n.empty())
    return no(phone_fault::length);
  if (is_mobile(n))
    return mobile(n);
  if (!has_trunk) {
    if (is_emergency(n))
      return of(phone_kind::emergency, std::string{n});
    if (const auto* row = find_in_plan(n))
      return of(row->kind, (n.size() < 7 ? "" : "+86") + std::string{n});
  }
  return has_trunk || has_country ? fixed(n) : answered{no(why_nothing(n))};
}

answered foreign(std::string_view n) {
  if (n.size() < 7 || n.size() > 15 || n[0] == '0')
    return no(phone_fault::length);
  return of(phone_kind::foreign, '+' + std::string{n});
}

/// What is left of a number when everything else is taken away.
struct dialled {
  std::string digits;
  bool has_plus = false;
  std::size_t before_last_hyphen = 0;  ///< digits there; 0 without a hyphen
};

/// Nothing where there is something that belongs to no number.
std::optional<dialled> digits_of(std::string_view text) {
  dialled d;
  for (const char c : text) {
    if (c >= '0' && c <= '9')
      d.digits += c;
    else if (c == '-')
      d.before_last_hyphen = d.digits.size();
    else if (c == '+' && d.digits.empty() && !d.has_plus)
      d.has_plus = true;
    else if (!lists(" ().", std::string_view{&c, 1}))
      return {};
  }
  return d;
}

answered dial(std::string_view n, bool has_plus) {
  const bool from_anywhere = has_plus || n.starts_with("00");
  if (!has_plus && from_anywhere)
    n.remove_prefix(2);
  if (from_anywhere && !n.starts_with("86"))
    return foreign(n);
  // No area code begins with 86, and eight digits at most do without one.
  const bool has_country = n.starts_with("86") && (from_anywhere || n.size() >= 11);
  if (has_country)
    n.remove_prefix(2);
  return national(n, has_country);
}

/// Where an extension is named; npos when none is. `words` is how long its name is.
std::size_t find_extension(std::string_view text, std::size_t& words) {
  constexpr std::string_view marks[] = {"转分机", "转", "分机", "ext", "EXT", "Ext",
                                        "x",      "X",  "#",    ",",   ";"};
  for (const auto mark : marks)
    if (const auto at = text.find(mark); at != text.npos) {
      words = mark.size();
      return at;
    }
  return text.npos;
}

/// "(0)" is for those who dial from within the country; behind its code it says nothing.
void drop_trunk_in_brackets(std::string& text) {
  const auto at = text.find("(0)");
  if (at != text.npos && (text.find('+') < at || text.starts_with("00")))
    text.erase(at, 3);
}

answered with_extension(answered phone, std::string extension) {
  if (!phone)
    return phone;
  const bool can_have = phone->kind == phone_kind::fixed || phone->kind == phone_kind::mobile
                        || phone->kind == phone_kind::toll_free
                        || phone->kind == phone_kind::shared_cost;
  if (!can_have || extension.size() > extension_digits_max || !all_digits(extension))
    return no(phone_fault::extension);
  phone->extension = std::move(extension);
  return phone;
}

} // namespace

answered read_phone_number(std::string_view typed) {
  auto text = half_width(typed);
  drop_trunk_in_brackets(text);
  std::size_t words = 0;
  const auto mark = find_extension(text, words);
  const auto number = digits_of(std::string_view{text}.substr(0, mark));
  if (!number)
    return no(phone_fault::characters);
  if (mark != text.npos) {
    auto extension = text.substr(mark + words);
    std::erase_if(extension, [](char c) { return lists(" .:-", std::string_view{&c, 1}); });
    return with_extension(dial(number->digits, number->has_plus), std::move(extension));
  }
  auto whole = dial(number->digits, number->has_plus);
  const auto before = number->before_last_hyphen;
  if (whole || before == 0 || number->digits.size() - before > extension_digits_max
      || number->digits.size() == before)
    return whole;
  // "010-12345678-123": too long for one number, right for one with an extension.
  const std::string_view digits = number->digits;
  auto head = dial(digits.substr(0, before), number->has_plus);
  return head ? with_extension(std::move(head), std::string{digits.substr(before)}) : whole;
}

std::string written(const phone_number& phone) {
  std::string out;
  const auto spaced = [&](std::string_view digits, std::initializer_list<std::size_t> groups) {
    for (const auto size : groups) {
      out += out.empty() ? "" : " ";
      out += digits.substr(0, size);
      digits.remove_prefix(size);
    }
  };
  std::string_view digits = phone.number;
  if (phone.kind == phone_kind::foreign || !digits.starts_with('+'))
    return phone.number;
  digits.remove_prefix(3);
  if (!phone.area.empty()) {
    out = phone.area;
    digits.remove_prefix(phone.area.size() - 1);
    if (phone.kind == phone_kind::service)
      spaced(digits, {digits.size()});
    else
      spaced(digits, {digits.size() - 4, 4});
  } else if (phone.kind == phone_kind::mobile) {
    spaced(digits, {3, 4, 4});
  } else if (phone.kind == phone_kind::premium) {
    spaced(digits, {4, 4});
  } else if (digits.starts_with("950")) {
    spaced(digits, {3, digits.size() - 3});
  } else if (digits.size() == 10) {
    spaced(digits, {3, 3, 4});
  } else {
    out = digits;
  }
  if (!phone.extension.empty())
    out += " 转 " + phone.extension;
  return out;
}

refusal refusal_of(phone_fault why) noexcept {
  switch (why) {
    case phone_fault::characters:
      return {"registration.phone_characters", "A phone number has digits only."};
    case phone_fault::length:
      return {"registration.phone_length", "A phone number of its kind has more or fewer digits."};
    case phone_fault::area_missing:
      return {"registration.phone_area_missing",
              "A fixed line needs its area code, beginning with 0."};
    case phone_fault::area_unknown:
      return {"registration.phone_area_unknown", "There is no such area code."};
    case phone_fault::extension:
      return {"registration.phone_extension",
              "An extension is 1 to 5 digits, behind a number that can have one."};
    case phone_fault::not_assigned:
      return {"registration.phone_not_assigned", "No kind of phone number begins so."};
  }
  return {};
}

} // namespace careline::registration
