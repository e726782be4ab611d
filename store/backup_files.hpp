#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/log_rows.hpp"

namespace careline::store {

// The files of a backup folder (docs/log-format.md "Backup"): parts, each with the rows that one
// backup added, and `state`, which says up to where the parts count. All of them are plain files,
// written once and read from front to back, so that they may lie on any disk, a network's too.

/// What `state` says.
struct backup_state {
  log_state log;
  instant taken{};  ///< when the copying began, by the clock of the machine that did
};
/// Nothing when `folder` holds no backup. `damaged`, `newer_format` or `io` say what is wrong.
result<std::optional<backup_state>, log_error> read_backup_state(const std::string& folder);
result<void, log_error> write_backup_state(const std::string& folder, const backup_state& state);

/// A part: the rows after `after`, up to `head`.
struct backup_part {
  std::string path;
  std::uint64_t bytes = 0;
  position after = 0;
  chain_hash hash_after{};
  position head = 0;
  chain_hash hash{};
};
/// The parts that lead from nothing to the state's head. `damaged` when one is missing, cut short
/// or of another log.
result<std::vector<backup_part>, log_error> find_backup_parts(const std::string& folder,
                                                              const log_state& state);
/// Where the part is written whose first row is after `after`.
std::string backup_part_path(const std::string& folder, position after);
std::string backup_part_head(position after, const chain_hash& hash);
/// A row as a part has it, before the row itself.
std::string backup_row_head(std::string_view row);
std::string backup_part_end(position head, const chain_hash& hash);

/// Calls `each` with the rows of a part, unchecked, until it says no. `damaged`: it is cut short.
result<void, log_error>
walk_backup_part(const backup_part& part,
                 const std::function<result<void, log_error>(std::string_view row)>& each);

/// True for what a backup itself has put into its folder, or left there when it was cut off.
bool is_of_backup(const std::string& name);
/// Removes what a backup that was cut off has left: unfinished files, parts after `head`.
void remove_leftovers(const std::string& folder, position head);

} // namespace careline::store
