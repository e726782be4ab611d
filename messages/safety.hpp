#pragma once

#include <string_view>

#include "messages/reception.hpp"

namespace careline {

/// Calls for help (contract §2 "Safety", R9.3.3f): what every floor must know alike, so that a
/// person in danger waits nowhere.

/// True for an emergency number: 110, 119, 120, 122.
bool is_emergency(std::string_view number) noexcept;

/// True for an opening that must never wait or be turned away: marked so, or towards an emergency
/// number.
bool is_safety(const reception::contact_open& c) noexcept;
/// The same of a command that was not read yet, and perhaps cannot be.
bool is_safety(std::string_view type, const value& data) noexcept;

} // namespace careline
