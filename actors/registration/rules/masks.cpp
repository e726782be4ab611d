#include "actors/registration/rules/masks.hpp"

#include <vector>

#include "actors/registration/rules/phone_number.hpp"
#include "actors/registration/rules/text.hpp"

namespace careline::registration {

namespace {

/// Rare characters are told apart by a selector behind them; accents may stand behind their letter.
bool belongs_to_the_one_before(char32_t c) {
  return (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef)
         || (c >= 0x300 && c <= 0x36f);
}

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto next = first_code_point(text.substr(at));
    if (!out.empty() && belongs_to_the_one_before(next.value))
      out.back() = {out.back().data(), out.back().size() + next.bytes};
    else
      out.push_back(text.substr(at, next.bytes));
    at += next.bytes;
  }
  return out;
}

/// All but the first and last so many are stars; everything is, where that leaves no star.
std::string starred(std::string_view text, std::size_t first, std::size_t last) {
  const auto all = characters_of(text);
  std::string out;
  for (std::size_t at = 0; at < all.size(); ++at) {
    const bool shown = first + last < all.size() && (at < first || at >= all.size() - last);
    out += shown ? all[at] : std::string_view{"*"};
  }
  return out;
}

} // namespace

std::string mask_id_number(std::string_view number, mask_for whom) {
  return whom == mask_for::revealer ? starred(number, 6, 4) : starred(number, 1, 1);
}

std::string mask_phone(std::string_view number) {
  const auto phone = read_phone_number(number);
  if (!phone)
    return mask_text(number);
  std::string_view digits = phone->number;
  switch (phone->kind) {
    case phone_kind::mobile:
      return starred(digits.substr(3), 3, 4);
    case phone_kind::fixed:
      return phone->area + starred(digits.substr(phone->area.size() + 2), 0, 4);
    case phone_kind::things:
    case phone_kind::foreign:
      return starred(digits, 3, 2);
    case phone_kind::toll_free:
    case phone_kind::shared_cost:
    case phone_kind::premium:
    case phone_kind::service:
    case phone_kind::emergency:
      break;
  }
  return written(*phone);
}

std::string mask_name(std::string_view name) {
  return starred(name, 1, 0);
}

std::string mask_text(std::string_view text) {
  return characters_of(text).size() >= 6 ? starred(text, 1, 1) : starred(text, 1, 0);
}

} // namespace careline::registration
