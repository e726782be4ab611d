#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "store/memory/memory_log.hpp"

namespace careline::store {

/// What a killed machine leaves of the group that was being written, as opening finds it: a group
/// is a transaction, so one of which a part reached the disk is lost as well.
enum class unsynced_fate {
  lost,
  whole,  ///< all of it is there, but nobody was told
};

/// A disk under a log, as simulation wants it: it outlives every engine, a write is one thing, its
/// sync another, and either goes wrong when it is told to. All of it on one thread.
class simulated_disk {
public:
  /// Told of each group that became durable, acknowledged or not: the epoch of the opening that
  /// wrote it, and its places.
  using witness = std::function<void(std::uint64_t, const std::vector<batch>&,
                                     const std::vector<committed>&)>;

  explicit simulated_disk(const open_options& options, witness sees = {});
  simulated_disk(const simulated_disk&) = delete;
  simulated_disk& operator=(const simulated_disk&) = delete;

  /// A log on this disk, which outlives it. `locked` while another opening lives, unless `no_lock`:
  /// a lock that does not hold, as on a shared folder. Each opening has a higher epoch, and from
  /// then on the appends of earlier ones are `conflict`.
  result<std::unique_ptr<event_log>, log_error> open(bool no_lock = false);

  /// A group is written and waits for its sync.
  bool has_unsynced() const noexcept { return written_.has_value(); }
  /// The sync succeeds: what was written is durable, and its writer hears of it.
  void sync();
  /// The sync fails: the writer hears so, and cannot know what is on the disk.
  void fail_sync(unsynced_fate fate);
  /// The machine dies: nobody hears anything.
  void crash(unsynced_fate fate);
  /// From now on each write is synced as it is made.
  void sync_each_write() { syncs_each_ = true; }
  /// Changes one bit of the record at `at`, as a bad disk would.
  void damage(position at) { log_.damage(at); }
  /// The next append fails before anything is written.
  void fail_next_append() { fails_next_ = true; }

  /// Bytes left before opening is refused, from now on, less what is written; nothing: as many as
  /// there are. Below -reserve_bytes even the reserve is used up, and appends are `full`.
  void set_room(std::optional<std::int64_t> bytes) { room_ = bytes; }

  /// What is durable, seen by the oracles.
  const memory_log& durable() const noexcept { return log_; }

private:
  friend class simulated_log;
  struct written {
    std::uint64_t epoch = 0;
    std::vector<batch> group;
    position expected_head = 0;
    event_log::append_done done;
  };

  void append(written what);
  result<std::vector<committed>, log_error> commit(written& what);
  void keep(unsynced_fate fate);

  memory_log log_;
  witness sees_;
  std::optional<written> written_;
  std::optional<std::int64_t> room_;
  std::uint64_t epoch_ = 0;
  int open_ = 0;
  bool fails_next_ = false;
  bool syncs_each_ = false;
};

} // namespace careline::store
