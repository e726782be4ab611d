#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/event_log.hpp"
#include "store/inspect.hpp"

namespace careline::store {

/// The layout that this program writes; it reads older ones.
inline constexpr std::uint32_t newest_layout = 2;

/// Where a log stands, and what belongs to it at that position beside its events.
struct log_state {
  position head = 0;
  chain_hash hash{};
  std::uint64_t epoch = 0;
  std::uint32_t layout = newest_layout;  ///< that the folder has now
  instant last{};        ///< time of the event at the head
  std::vector<checkpoint> checkpoints;
  /// The remembered commands as they are kept, one behind the other: key:32 length:u16 row.
  std::string commands;
  std::uint64_t held_us = 0;  ///< so long one transaction lasted at the most while this was read
};
/// Takes the first of `commands` off; nothing when there is none, or it is cut short.
struct kept_command {
  std::string_view key;
  std::string_view row;
};
std::optional<kept_command> take_command(std::string_view& commands);
void add_command(std::string& commands, const kept_command& one);

/// The rows of a log as they are kept, for copying it. Beside a running engine, too: a transaction
/// lives only as long as a few megabytes are copied in memory, so that the engine's freed pages are
/// used again whatever the copy waits for. Rows never change once they are there.
class log_rows {
public:
  /// Looks at the log as every opening does. Requires: this process has it open nowhere else.
  static result<std::unique_ptr<log_rows>, log_error> open(const std::string& data_folder);
  ~log_rows();

  /// The newest durable state. The remembered commands of a day are copied a few megabytes a
  /// transaction as well: of what came behind the head meanwhile none is among them, but that a
  /// command was refused, or changed nothing, may be. `between` is called after each transaction.
  result<log_state, log_error> state(const std::function<void()>& between = {}) const;
  /// h(at). Requires: not above the head.
  result<chain_hash, log_error> hash_at(position at) const;

  /// A row, record ‖ h(position). False: stop.
  using each_row = std::function<bool(std::string_view row)>;
  /// Calls `each` for the rows in (after, until], each checked against the chain that is at `hash`
  /// after `after`. `damaged` names the first that is not what was written.
  result<void, log_error> walk(position after, const chain_hash& hash, position until,
                               const each_row& each, const progress& tell = {}) const;

private:
  struct impl;
  explicit log_rows(std::unique_ptr<impl> of);
  std::unique_ptr<impl> impl_;
};

} // namespace careline::store
