#pragma once

#include <string>

#include "store/log_rows.hpp"

namespace careline::store {

struct backup_request {
  std::string data;     ///< the data folder; an engine may be working in it
  std::string to;       ///< the folder of the backup: missing, empty, or a backup of the same log
  std::string keys_to;  ///< where the keys go; empty: nowhere
  instant now{};        ///< by the clock of this machine
};
struct backed_up {
  position before = 0;      ///< head of the backup that was there; 0 for none
  position head = 0;
  chain_hash hash{};
  instant last{};           ///< time of the event at the head
  std::uint64_t bytes = 0;  ///< of the events that were added
  std::uint64_t held_us = 0;  ///< as in `log_state`
  bool has_keys = false;    ///< the data folder had some, and they were asked for
  std::size_t keys = 0;
};
/// Adds to the backup in `to` what the log has more, each event checked against the chain. It is
/// that of the moment when this was called. Until all of it is on disk the backup that was there
/// stays as it was, whatever goes wrong. Refuses a folder with other things in it, the backup of
/// another log, and to put the keys where others are (see key_image::write).
result<backed_up, log_error> back_up(const backup_request& what, const progress& tell = {});

struct restore_request {
  std::string from;       ///< the folder of a backup
  std::string to;         ///< the data folder: missing or empty
  std::string keys_from;  ///< where the keys are; empty: none are wanted
  bool only_check = false;  ///< reads all of the backup and writes nothing
};
struct restored {
  position head = 0;
  chain_hash hash{};
  instant taken{};          ///< when the backup was
  instant last{};           ///< time of the last event in it
  std::uint64_t bytes = 0;  ///< of the events
  std::size_t keys = 0;
};
/// Makes a data folder out of a backup, each event checked against the chain. Where it fails,
/// nothing is left of it. Where keys are wanted and not there, it is refused.
result<restored, log_error> restore(const restore_request& what, const progress& tell = {});

} // namespace careline::store
