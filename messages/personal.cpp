#include "messages/personal.hpp"

namespace careline {

namespace {
constexpr std::string_view marker = "clear:";
}

/// An id as the real one's: without the control characters that keep other people's names apart.
person_id clear_sealer::person_of(std::string_view customer) const {
  std::string id{"P-"};
  for (const char c : customer)
    id += static_cast<unsigned char>(c) < 0x20 ? '-' : c;
  return person_id{std::move(id)};
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
