#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "store/event_log.hpp"
#include "store/row.hpp"

namespace careline::store {

/// Last position of each type.
using type_positions = std::map<std::string, position, std::less<>>;

/// A log whose records can be had as they are kept, without making events of them: what only looks
/// at hashes is as quick as the hash. Every log of this folder is one.
class row_source {
public:
  /// One record that was checked; false: no more. Must not use the log.
  using each_record = std::function<bool(const chain_walk&)>;

  /// Shows the records in (after, until], each checked against the chain. `damaged` as
  /// event_log::read says it; what was shown before is right. Any thread.
  /// Requires: `until` is not above the head.
  virtual std::optional<log_error> walk_records(position after, position until,
                                                const each_record& each) const = 0;

  /// Checks what is kept beside the records and stands in no chain: the last position of each type
  /// (`walked`: of the records up to `until`), checkpoints, remembered replies. `damaged` names the
  /// row. Any thread.
  virtual std::optional<log_error> check_beside(const type_positions& walked,
                                                position until) const = 0;

protected:
  ~row_source() = default;
};

} // namespace careline::store
