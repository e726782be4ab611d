#include "actors/desks.hpp"

#include <utility>

#include "actors/security/model.hpp"

namespace careline {

std::vector<kernel::desk> make_desks(const desk_policy& with) {
  std::vector<kernel::desk> out;
  out.push_back({owner::registration,
                 std::make_unique<registration::registration_model>(with.registration)});
  out.push_back({owner::promise, std::make_unique<promise::promise_model>(with.promise)});
  out.push_back({owner::security, std::make_unique<security::security_model>()});
  return out;
}

std::vector<std::pair<owner, kernel::capability*>> lent(const std::vector<kernel::desk>& desks) {
  std::vector<std::pair<owner, kernel::capability*>> out;
  for (const auto& desk : desks)
    out.emplace_back(desk.who, desk.of.get());
  return out;
}

} // namespace careline
