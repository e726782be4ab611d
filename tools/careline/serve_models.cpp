#include "tools/careline/serve_models.hpp"

#include "actors/board/model.hpp"
#include "actors/reception/model.hpp"
#include "actors/routing/model.hpp"

namespace careline::program {

namespace {

reception::reception_policy reception_policy_of(const config& with) {
  reception::reception_policy out;
  out.default_queue = with.default_queue;
  out.safety_place = with.safety_place;
  for (const auto& row : with.triage)
    out.triage.push_back({row.need, row.queue, row.duty});
  return out;
}

} // namespace

kernel::engine_models make_models(const config& with) {
  kernel::engine_models out;
  out.reception = std::make_unique<reception::reception_model>(reception_policy_of(with));
  out.routing = std::make_unique<routing::routing_model>(std::chrono::seconds{with.grace_s});
  out.session = std::make_unique<kernel::session_model>();
  out.board = std::make_unique<board::board_model>();
  return out;
}

std::vector<std::function<std::unique_ptr<kernel::capability>()>> model_kinds(const config& with) {
  return {[with] { return std::move(make_models(with).reception); },
          [with] { return std::move(make_models(with).routing); },
          [with]() -> std::unique_ptr<kernel::capability> {
            return std::move(make_models(with).session);
          },
          [with] { return std::move(make_models(with).board); }};
}

} // namespace careline::program
