#include "messages/personal.hpp"

namespace careline {

namespace {
constexpr std::string_view marker = "clear:";
}

person_id clear_sealer::person_of(std::string_view customer) const {
  return person_id{"P-" + std::string{customer}};
}

answer<std::string> clear_sealer::seal(const person_id&, std::string_view clear) {
  return std::string{marker} + std::string{clear};
}

answer<std::string> clear_sealer::open(const person_id&, std::string_view sealed) const {
  if (!sealed.starts_with(marker))
    return no(because("person.damaged"));
  return std::string{sealed.substr(marker.size())};
}

} // namespace careline
