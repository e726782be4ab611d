#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "store/event_log.hpp"
#include "store/lmdb/lmdb_env.hpp"

namespace careline::store::lmdb {

/// Where an entity's events are, in an environment of its own (`streams/`): disposable, filled from
/// the log by its own thread a few thousand events at a time, so that it costs the log's writer
/// nothing. It is always somewhat behind; the reader of the log looks through the rest himself.
/// Whatever becomes of it, the log is served: an index that cannot be read, or says what the log
/// does not, is made anew; one that cannot be written is tried again some thousand events later.
class stream_index {
public:
  /// What the index reads the log with. Both may be called from the index's thread.
  struct source {
    /// Calls `each` with position and subject of every event in (after, until] in order; returns
    /// how far it came, which is less than `until` only where the log is damaged.
    std::function<position(position after, position until,
                           const std::function<void(position, std::string_view)>& each)>
        subjects;
    std::function<chain_hash(position)> hash_at;
    /// False: the disk is needed for the log itself. Empty: there is always room.
    std::function<bool()> has_room;
  };

  /// Opens `folder`, emptying the index when it is not of this log, and begins to catch up with
  /// `head` in the background. Read-only: no thread, and an absent index is an empty one.
  stream_index(const std::string& folder, source from, position head, bool read_only);
  ~stream_index();
  stream_index(const stream_index&) = delete;
  stream_index& operator=(const stream_index&) = delete;

  /// The log has grown. Any thread; cheap.
  void log_is_at(position head);

  struct places {
    std::vector<position> at;  ///< of the subject's events, in order
    position indexed = 0;      ///< complete up to here
  };
  /// What it says is the whole of what was written, or nothing. Any thread.
  places find(std::string_view subject);
  /// It said something that is not so: from now on it says nothing, until it was made anew. Any
  /// thread.
  void distrust();

private:
  void open(const std::string& folder);
  bool make_anew(const std::string& folder);
  void empty();
  void look_through();
  bool is_of_this_log(const reading& r, position indexed) const;
  std::optional<places> look_up(std::string_view subject) const;
  bool names_its_event(std::string_view key, position indexed) const;
  void run();
  bool catch_up(position head);

  source from_;
  bool read_only_;
  std::unique_ptr<env> env_;
  table streams_ = 0;
  table meta_ = 0;
  position indexed_ = 0;  ///< of the thread
  std::atomic<bool> is_distrusted_{false};

  std::mutex mutex_;
  std::condition_variable changed_;
  position head_;
  position next_try_ = 0;  ///< at this head
  std::atomic<bool> stops_{false};
  std::thread thread_;
};

} // namespace careline::store::lmdb
