#include "tools/careline/serve_models.hpp"

#include <stdexcept>

#include "actors/board/model.hpp"
#include "actors/desks.hpp"
#include "actors/routing/model.hpp"
#include "actors/security/model.hpp"

namespace careline::program {

namespace {

/// The wall's seconds in engine time, which is what routing's deadlines run in.
span grace_of(const config& with) {
  return from_seconds(with.grace_s * with.speed);
}

} // namespace

reception::reception_policy reception_policy_of(const config& with) {
  reception::reception_policy out;
  out.default_queue = with.default_queue;
  out.safety_place = with.safety_place;
  out.language = code_word{with.language};
  for (const auto& row : with.triage)
    out.triage.push_back({row.need, row.queue, row.duty});
  return out;
}

desk_policy desk_policy_of(const config& with) {
  desk_policy out;
  if (with.key_copies_days > 0)
    out.registration.key_copies = std::chrono::hours{24} * with.key_copies_days;
  return out;
}

kernel::outside_places places_of(const config& with) {
  return {with.safety_place, with.fallback};
}

kernel::engine_models make_models(const config& with) {
  kernel::engine_models out;
  out.reception = std::make_unique<reception::reception_model>(reception_policy_of(with));
  out.routing = std::make_unique<routing::routing_model>(grace_of(with));
  out.session = std::make_unique<kernel::session_model>();
  out.board = std::make_unique<board::board_model>();
  out.desks = make_desks(desk_policy_of(with));
  return out;
}

const security::access_book& book_of(const kernel::engine_models& models) {
  for (const auto& desk : models.desks)
    if (desk.who == owner::security)
      return static_cast<const security::security_model&>(*desk.of).book();
  throw std::logic_error{"an engine has no desk of security"};
}

void restart(const kernel::engine_models& models, instant now) {
  static_cast<routing::routing_model&>(*models.routing).restart(now);
}

std::vector<std::function<std::unique_ptr<kernel::capability>()>> model_kinds(const config& with) {
  std::vector<std::function<std::unique_ptr<kernel::capability>()>> out{
      [with] { return std::move(make_models(with).reception); },
      [with] { return std::move(make_models(with).routing); },
      [with] { return std::move(make_models(with).session); },
      [with] { return std::move(make_models(with).board); }};
  for (std::size_t i = 0; i < make_desks().size(); ++i)
    out.emplace_back([with, i] { return std::move(make_desks(desk_policy_of(with)).at(i).of); });
  return out;
}

} // namespace careline::program
