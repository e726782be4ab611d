#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "store/log_rows.hpp"

namespace careline::program {

// One item of an exported log, a line of JSON or a map of MessagePack: docs/log-format.md "Export".

enum class export_format { jsonl, msgpack };

/// What comes first: where the file begins.
struct exported_head {
  position after = 0;
  store::chain_hash hash{};  ///< h(after)
};
struct exported_event {
  event_record record;
  store::chain_hash hash{};
};
/// What comes last: a file without it was cut off.
struct exported_end {
  store::log_state log;      ///< without commands
  std::uint64_t events = 0;  ///< in the file
};
using exported = std::variant<exported_head, exported_event, exported_end>;

std::string export_item(export_format as, const exported_head& head);
std::string export_item(export_format as, const exported_event& event);
std::string export_item(export_format as, const exported_end& end);

/// Reads an item. The detail of a failure is a phrase that goes on from its place ("is no JSON").
/// What an event shows must be what its bytes say, as only these are in the hash.
result<exported, store::log_error> read_exported(export_format as, std::string_view item);

/// How many lists and maps lie in one another: JSON is read down to `depth_max`.
std::size_t depth_of(const value& v);

} // namespace careline::program
