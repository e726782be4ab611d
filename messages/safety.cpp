#include "messages/safety.hpp"

#include <algorithm>
#include <array>

namespace careline {

namespace {

/// The one table: police, fire, ambulance, traffic police.
constexpr std::array<std::string_view, 4> emergency_numbers{"110", "119", "120", "122"};

/// A number may come as text or as a number.
bool leads_to_help(const value* field) noexcept {
  if (!field)
    return false;
  if (const auto* text = field->as<std::string>())
    return is_emergency(*text);
  const auto* number = field->as<std::int64_t>();
  return number && *number > 0 && *number < 1000 && is_emergency(std::to_string(*number));
}

} // namespace

bool is_emergency(std::string_view number) noexcept {
  return std::find(emergency_numbers.begin(), emergency_numbers.end(), number)
         != emergency_numbers.end();
}

bool is_safety(const reception::contact_open& c) noexcept {
  return c.safety || is_emergency(c.queue.text())
         || (c.need.is_clear() && is_emergency(c.need.reveal()));
}

bool is_safety(std::string_view type, const value& data) noexcept {
  if (type != reception::contact_open::type)
    return false;
  const auto* flag = data.find("safety");
  if (flag && flag->as<bool>() && *flag->as<bool>())
    return true;
  return leads_to_help(data.find("queue")) || leads_to_help(data.find("need"));
}

} // namespace careline
