#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "messages/envelope.hpp"
#include "messages/result.hpp"
#include "store/disk_use.hpp"

namespace careline::store {

using digest16 = std::array<unsigned char, 16>;
using chain_hash = std::array<unsigned char, 32>;

/// Why the log did not do as asked. Anything but `full` and `conflict` ends the process: what was
/// decided on top of it cannot be taken back (design §5.3).
enum class log_fault { conflict, full, damaged, locked, newer_format, io };
struct log_error {
  log_fault fault = log_fault::io;
  std::string detail;
  position at = 0;  ///< where, when a position is at fault
};

/// What makes a command happen once: who sent it, under which id.
struct command_key {
  std::string client;
  std::string id;
  friend bool operator==(const command_key&, const command_key&) = default;
};

/// The answer a command got, kept for 24 h of engine time (design §5.5). Only accepted and refused.
struct remembered {
  outcome_kind outcome = outcome_kind::accepted;
  position at = 0;           ///< filled in by the log for an accepted command with events
  digest16 digest{};         ///< over type and data: the same id with another body is refused
  std::string problem_code;
  std::string problem_field;
  std::string problem_detail; ///< its first 255 bytes
  std::string data;          ///< MessagePack, at most 512 bytes; nothing personal
};

struct checkpoint {
  std::string listener;
  position at = 0;
};

/// What one command, timer or reaction caused: all of it becomes durable, or none.
struct batch {
  std::vector<event_record> events;  ///< `at` and `previous` are given by the log
  std::optional<std::pair<command_key, remembered>> command;
  std::vector<checkpoint> checkpoints;
  bool uses_reserve = false;         ///< may be written below the disk's reserve (design §5.21)
};

/// What became of a batch: its first and last position (0, 0 for one without events).
struct committed {
  position first = 0;
  position last = 0;
};

/// Where a read has got to. A page may be empty although more follows (nothing of the types asked
/// for in a long stretch): all is read when `next` is the head.
struct page {
  std::vector<event_record> events;
  position next = 0;  ///< scanned to: read on after this
};

/// What to read. Types are exact words, or prefixes ending in "."; none = all.
struct read_options {
  position after = 0;
  std::size_t limit = 1000;
  std::size_t bytes_max = 1024 * 1024;
  std::vector<std::string> types;
};

/// What a log takes and holds; what its kind does not know stays 0.
struct log_usage {
  std::uint64_t used_bytes = 0;        ///< of the budget; what was freed inside is used again
  disk_room room;
  std::uint64_t disk_free_bytes = 0;   ///< on the disk it lies on
  std::uint64_t reader_slots = 0;      ///< taken by readers, those of other processes too
  std::uint64_t reader_slots_max = 0;
  /// Commits since the oldest read began that is still open: what was freed since is not used
  /// again.
  std::uint64_t oldest_read_commits = 0;
};

/// The durable, ordered log of one partition (design §5.10, §5.20): the only thing that makes
/// something true. Implementations: `lmdb/` (default), `memory/`. All pass
/// tests/store/event_log_contract.
class event_log {
public:
  virtual ~event_log() = default;

  using append_done = std::function<void(result<std::vector<committed>, log_error>)>;

  /// Appends the batches in their order as one unit, after `expected_head`, and calls `done` once:
  /// with the place of each batch when all is durable, or with the reason, and then nothing was
  /// written. `conflict`: the head has moved on or `epoch` is not the newest.
  /// Requires: one append at a time, from the writer's thread. `done` may run before this returns.
  virtual void append(std::vector<batch> group, position expected_head, std::uint64_t epoch,
                      append_done done) = 0;

  /// Last durable position. Any thread.
  virtual position head() const = 0;
  /// h(head). Any thread.
  virtual chain_hash head_hash() const = 0;
  /// This opening's number; each opening for writing has a higher one.
  virtual std::uint64_t epoch() const = 0;

  /// h(at); h(0) is zeros. `conflict` when `at` is above the head. Any thread.
  virtual result<chain_hash, log_error> hash_at(position at) const = 0;

  /// Reads on, verifying the chain; holds no old state of the log between calls. Any thread.
  /// `damaged` names the first wrong position; once it is known, nothing at or after it is ever
  /// returned. What comes before it is served as usual.
  virtual result<page, log_error> read(const read_options& what) const = 0;
  /// The events of one entity ("contact/C-7") in order, from the stream index. Any thread.
  virtual result<std::vector<event_record>, log_error>
  read_stream(std::string_view subject) const = 0;
  /// The answer a command got, if it is still remembered. Any thread.
  virtual result<std::optional<remembered>, log_error>
  find_command(const command_key& key) const = 0;
  /// A listener's checkpoint; nothing when it never had one.
  virtual result<std::optional<position>, log_error>
  find_checkpoint(std::string_view listener) const = 0;
  /// Position of the last event of each type. Any thread.
  virtual std::vector<std::pair<std::string, position>> last_of_types() const = 0;

  /// Bytes still free for events before opening is refused; negative below the reserve.
  virtual std::int64_t room_bytes() const = 0;
  /// What is kept back so that all that is open can be ended.
  virtual std::int64_t reserve_bytes() const = 0;
  /// Any thread.
  virtual log_usage usage() const { return {}; }
};

/// What the log asks the disk it lies on. Stories put one here that fills up; an empty function
/// asks the system.
struct disk_probe {
  std::function<std::uint64_t()> free_bytes;
  std::function<int()> commit_error;  ///< the errno that the next commit meets; 0 for none
};

struct open_options {
  std::string place;              ///< "memory:" or a folder
  std::uint64_t map_bytes = 64ULL << 30U;
  bool read_only = false;         ///< beside a running engine, in another process
  /// Forget remembered commands older than this at each append, by the time in their ids.
  span remember = std::chrono::hours{24} + std::chrono::minutes{10};
  /// What that time is compared with. Empty: the newest event's time, which is right as long as the
  /// clients' clock is the engine's (design §5.5); at another speed than 1 it is not.
  std::function<instant()> id_now{};
  /// Kept free for what is open already; 0: the larger of 10 % of the budget and 256 MiB. The
  /// budget is the map, or what the disk can still hold where that is less.
  std::uint64_t reserve_bytes = 0;
  disk_probe disk{};
};

/// Opens or makes a log. `locked`: another engine has the folder; `newer_format`: made by a newer
/// version; `damaged`: its last records or meta are not what was written.
result<std::unique_ptr<event_log>, log_error> open_event_log(const open_options& options);

} // namespace careline::store
