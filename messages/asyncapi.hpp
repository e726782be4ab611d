#pragma once

#include <string>
#include <string_view>

#include "messages/value.hpp"

namespace careline {

/// The bus as an AsyncAPI 3.0 document: the command socket with a message for every command and
/// query and its reply, the event socket with a channel for every event type, and the JSON Schema
/// (draft 7) of each one's data, made from the field lists that read and write them. What is sealed
/// is said to be so. `careline catalogue --asyncapi` prints it; a test validates it against
/// AsyncAPI's own schema, and the golden events and commands against it.
value asyncapi(std::string_view version);

} // namespace careline
