#pragma once

#include <careline_gateway/client.hpp>

#include "messages/envelope.hpp"

namespace careline_gateway {

// Between what a gateway's author sees and what the engine's own code speaks.

/// Fields that hold nothing are left out.
careline::value to_wire(const value::map& fields);
value from_wire(const careline::value& v);
reply from_wire(careline::reply r);
event from_wire(const careline::event_record& e);

} // namespace careline_gateway
