#include "actors/registration/rules/divisions.hpp"

#include <algorithm>
#include <cstdint>

namespace careline::registration {

namespace {

struct province_row {
  std::int16_t code;
  std::string_view name;
};
constexpr province_row provinces[] = {
#include "actors/registration/tables/provinces.inc"
};

struct prefecture_row {
  std::int16_t code;
  std::string_view name;
  std::string_view counties;  ///< two digits and a name each; no name has a digit
};
constexpr prefecture_row prefectures[] = {
#include "actors/registration/tables/prefectures.inc"
};

template <class Rows>
constexpr bool is_ascending(const Rows& rows) {
  return std::is_sorted(std::begin(rows), std::end(rows),
                        [](const auto& a, const auto& b) { return a.code < b.code; });
}
static_assert(is_ascending(provinces) && is_ascending(prefectures));

template <class Rows>
constexpr auto find(const Rows& rows, int code) noexcept {
  const auto at = std::lower_bound(std::begin(rows), std::end(rows), code,
                                   [](const auto& row, int wanted) { return row.code < wanted; });
  return at != std::end(rows) && at->code == code ? &*at : nullptr;
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes the first county off the list: its two digits and its name.
struct county {
  int digits = 0;
  std::string_view name;
};
constexpr county take_county(std::string_view& list) {
  std::size_t end = 2;
  while (end < list.size() && !is_digit(list[end]))
    ++end;
  const county first{(list[0] - '0') * 10 + list[1] - '0', list.substr(2, end - 2)};
  list.remove_prefix(end);
  return first;
}

/// Names that only say that counties stand together.
constexpr bool only_groups(const division& d) {
  return d.level == division_level::prefecture
         && (d.name == "市辖区" || d.name == "县" || d.name.find("直辖") != d.name.npos);
}

} // namespace

std::optional<division> find_division(int code) noexcept {
  if (code % 10000 == 0) {
    const auto* row = find(provinces, code / 10000);
    return row ? std::optional{division{code, row->name, division_level::province}} : std::nullopt;
  }
  const auto* row = find(prefectures, code / 100);
  if (!row)
    return {};
  if (code % 100 == 0)
    return division{code, row->name, division_level::prefecture};
  for (auto rest = row->counties; !rest.empty();)
    if (const auto next = take_county(rest); next.digits == code % 100)
      return division{code, next.name, division_level::county};
  return {};
}

std::optional<division> parent_of(const division& of) noexcept {
  switch (of.level) {
    case division_level::county:
      return find_division(of.code / 100 * 100);
    case division_level::prefecture:
      return find_division(of.code / 10000 * 10000);
    case division_level::province:
      break;
  }
  return {};
}

std::string full_name(int code) {
  std::string out;
  int before = 0;
  for (const int part : {code / 10000 * 10000, code / 100 * 100, code}) {
    const auto d = part == before ? std::nullopt : find_division(part);
    before = part;
    if (d && !only_groups(*d))
      out += d->name;
  }
  return out;
}

settlement settlement_hint(int code) noexcept {
  const auto d = find_division(code);
  if (!d || d->level != division_level::county)
    return settlement::unsure;
  // Two counties by another name; 碑林区 in the middle of Xi'an ends like the first.
  if (d->name == "神农架林区" || d->name == "六枝特区")
    return settlement::rural;
  if (d->name.ends_with("县") || d->name.ends_with("旗"))
    return settlement::rural;
  return d->name.ends_with("区") ? settlement::urban : settlement::unsure;
}

division_counts count_divisions() noexcept {
  division_counts n{static_cast<int>(std::size(provinces)),
                    static_cast<int>(std::size(prefectures)), 0};
  for (const auto& row : prefectures)
    for (auto rest = row.counties; !rest.empty(); ++n.counties)
      take_county(rest);
  return n;
}

} // namespace careline::registration
