#pragma once

#include <string>
#include <string_view>

#include "messages/problem.hpp"
#include "messages/value.hpp"

namespace careline {

/// Compact JSON; keys in the map's own order, binary as base64url, whole numbers without a point.
std::string to_json(const value& v);
/// The same with two spaces of indentation, for people.
std::string to_pretty_json(const value& v);

/// Reads JSON text. Refuses (`command.malformed`, with the place) what is no JSON, deeper than 16,
/// has a key twice, or has anything after its end.
answer<value> from_json(std::string_view text);

std::string to_base64url(std::string_view bytes);

} // namespace careline
