#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/kernel/log_check.hpp"
#include "messages/engine.hpp"

namespace careline::kernel {

/// Snapshots may come this many times later than asked for, and no later: under a load at which
/// they would take more than a tenth of the time.
inline constexpr std::uint64_t snapshots_late_max = 10;

struct snapshot_options {
  /// Events; 0: never.
  std::uint64_t every = 100'000;
  /// A new instance of each capability that is kept.
  std::vector<std::function<std::unique_ptr<capability>()>> kinds;
  find_snapshot find;
  /// Writes one away; false when it could not be (only time is lost).
  std::function<bool(std::string_view capability, const kept_state&)> write;
  std::function<void(std::string)> remark;
  /// The live models, to be compared with the fold before it is written; empty: nothing is.
  ask_live ask{};
  /// Told what was written, to be put into the log: whoever folds it again can compare. Empty: no.
  std::function<void(engine::state_hashed)> hashed{};
  std::string version{};  ///< of this engine, for that event
  /// Told when they are not equal: nothing was written, and what was is left as it is.
  std::function<void(std::string)> alarm{};
};

/// Snapshots in the background (design §5.9): a fresh model is folded from the last snapshot to a
/// durable position on a thread of its own, then compared with the live ones, part by part, for the
/// entities of the newest events; the live actor never waits. A cache: failing is no harm, and
/// without room in the log none is made, so that the reserve is left to what is open.
class log_snapshots {
public:
  /// `log` outlives it. `last`: where the newest snapshots stand.
  log_snapshots(const store::event_log& log, snapshot_options options, position last);
  /// Lets what is being written end, not what is being folded, then stops.
  ~log_snapshots();
  log_snapshots(const log_snapshots&) = delete;
  log_snapshots& operator=(const log_snapshots&) = delete;

  /// The log has got so far. Any thread; never blocks.
  void reached(position head);
  std::uint64_t written() const;
  /// Times that none were made although they were due.
  std::uint64_t failed() const;
  /// Parts of live models that were found to be as the log says, and times that one was not.
  std::uint64_t compared() const;
  std::uint64_t differences() const;
  /// Where the newest complete ones stand.
  position newest() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace careline::kernel
