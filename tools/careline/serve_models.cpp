#include "tools/careline/serve_models.hpp"

#include "actors/board/model.hpp"
#include "actors/reception/model.hpp"
#include "actors/routing/model.hpp"

namespace careline::program {

kernel::engine_models make_models(const config&) {
  kernel::engine_models out;
  out.reception = std::make_unique<reception::reception_model>();
  out.routing = std::make_unique<routing::routing_model>();
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
