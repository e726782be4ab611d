#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace careline::registration {

/// The country's divisions by their six digits (GB/T 2260): two for the province, two for the
/// prefecture, two for the county. As of 2023; a code that is not here may be newer or older.
/// All of it is constant data, found by halving; nothing is loaded.

enum class division_level { province, prefecture, county };

struct division {
  int code = 0;           ///< 110000, 110100, 110105
  std::string_view name;  ///< as the list has it: a prefecture may be called 市辖区 or 县
  division_level level = division_level::province;
};

/// The division of that code; none when the list has none.
std::optional<division> find_division(int code) noexcept;

/// What a division lies in, by the digits of its code; none for a province, or when the list does
/// not have it.
std::optional<division> parent_of(const division& of) noexcept;

/// From the province down: "北京市朝阳区", "河北省石家庄市长安区". What only groups counties (市辖区,
/// 县, 省直辖县级行政区划) is left out. Of a code that is not known, what is known above it; may be
/// empty.
std::string full_name(int code);

/// Town or country, guessed from what a county is called: a district (区) is town, a county or
/// banner (县, 旗) is country, a city below a prefecture may be either. An address that says it
/// itself is right.
enum class settlement { urban, rural, unsure };
settlement settlement_hint(int code) noexcept;

/// How many there are of each, for whoever checks the list.
struct division_counts {
  int provinces = 0, prefectures = 0, counties = 0;
};
division_counts count_divisions() noexcept;

} // namespace careline::registration
