#pragma once

#include <memory>
#include <vector>

#include "messages/envelope.hpp"

namespace careline::gateway {

using published = std::vector<std::shared_ptr<const event_record>>;

/// Where a gateway is told of what became durable, in log order, and of the board.
class egress {
public:
  virtual ~egress() = default;

  /// Events that have just become durable. Called from the writer's thread: hands them on and
  /// returns at once.
  virtual void publish(const published& events) = 0;
};

} // namespace careline::gateway
