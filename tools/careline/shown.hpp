#pragma once

#include <string>
#include <string_view>

#include "messages/value.hpp"

namespace careline::program {

// A field of an answer as a person reads it; "-" where it is not there.

std::string word(const value& of, std::string_view key);
std::string seconds(const value& of, std::string_view key);  ///< "95 s"
std::string percent(const value& of, std::string_view key);  ///< 0.5 is "50.0 %"
/// Words of a list with commas: "zh, vip".
std::string words(const value& of, std::string_view key);

/// The list, empty where there is none.
const value::list& list_in(const value& of, std::string_view key);
/// The map, empty where there is none.
const value& map_in(const value& of, std::string_view key);

} // namespace careline::program
