#pragma once

#include <memory>

#include "actors/kernel/virtual_kernel.hpp"
#include "store/event_log.hpp"

namespace careline::program {

/// The log of a played scenario, in memory, so that its questions are answered by the code that
/// answers them in a serving engine. `kept`: false leaves events aside, and answers without them.
class scenario_log {
public:
  explicit scenario_log(bool kept);

  /// Takes in each event, in order.
  void take(const kernel::logged_event& e);
  /// Answers `log.read`, and completes what a model `told` with what only the log has.
  answer<value> complete(const command& query, answer<value> told) const;

private:
  std::unique_ptr<store::event_log> log_;  ///< null: not kept
  clear_sealer keys_;
};

} // namespace careline::program
