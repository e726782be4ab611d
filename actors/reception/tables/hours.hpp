#pragma once

#include <optional>

#include "messages/reception_tables.hpp"

namespace careline::reception {

/// By its own hours and dates, local time; a site that is closed is not looked at.
bool is_open(const service_area& area, instant at, int offset_minutes);
/// The first moment from `at` on at which it is open by its hours; none within a year.
std::optional<instant> opens_next(const service_area& area, instant at, int offset_minutes);

/// What is wrong with the hours and dates of an area that somebody defines.
std::optional<problem> check_hours(const service_area& area);

} // namespace careline::reception
