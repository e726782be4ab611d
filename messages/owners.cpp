#include "messages/owners.hpp"

#include <array>

namespace careline {

namespace {

struct row {
  std::string_view prefix;  ///< a whole type, or a prefix ending in "."
  owner who;
};

/// The first row that fits decides. A test walks all command types.
constexpr std::array rows{
    row{"contact.open", owner::reception}, row{"contact.rate", owner::reception},
    // On its way to routing, which says it: what agents and machines say is looked at first.
    row{"contact.say", owner::reception},
    row{"contact.classify", owner::reception},
    row{"contact.issue_materials", owner::reception},
    row{"contact.present_materials", owner::reception},
    row{"contact.remind", owner::reception},
    row{"triage.", owner::reception},      row{"area.", owner::reception},
    row{"wording.", owner::reception},     row{"materials.", owner::reception},
    row{"self_service.", owner::reception},
    row{"contact.", owner::routing},       row{"queue.", owner::routing},
    row{"agent.", owner::routing},         row{"offer.", owner::routing},
    row{"dial.", owner::routing},          row{"site.", owner::routing},
    row{"why.", owner::routing},
    row{"ticket.", owner::routing},        row{"hall.", owner::routing},
    row{"session.", owner::session},       row{"board.", owner::board},
    row{"log.", owner::log},               row{"engine.", owner::engine},
    row{"customer.", owner::registration}, row{"identity.", owner::registration},
    row{"consent.", owner::registration},  row{"right.", owner::registration},
    row{"promise.", owner::promise},
    row{"key.", owner::security},          row{"access.", owner::security},
    row{"user.", owner::security},         row{"api_key.", owner::security},
};

} // namespace

owner owner_of(std::string_view type) noexcept {
  for (const auto& r : rows)
    if (type == r.prefix || (r.prefix.back() == '.' && type.starts_with(r.prefix)))
      return r.who;
  return owner::engine;
}

} // namespace careline
