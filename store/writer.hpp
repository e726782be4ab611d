#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "store/event_log.hpp"

namespace careline::store {

/// Told of what became durable, in order, on the writer's thread, after the callbacks of the same
/// group. Must not block.
using tail_listener = std::function<void(const std::vector<std::shared_ptr<const event_record>>&)>;

struct writer_options {
  std::size_t group_events_max = 4096;
  std::size_t group_bytes_max = 1024 * 1024;
  /// Called once on the writer's thread when the log failed or another engine took it over: nothing
  /// more will be written, and what is still queued is answered with the same reason.
  std::function<void(const log_error&)> on_fatal;
  /// No thread: whoever owns the writer calls `step`, and it is all one thread's (simulation).
  bool by_hand = false;
};

struct writer_figures {
  std::uint64_t commits = 0;
  std::uint64_t batches = 0;
  std::uint64_t events = 0;
  std::uint64_t queued = 0;          ///< batches waiting now
  std::uint64_t last_commit_us = 0;
  std::uint64_t mean_commit_us = 0;  ///< moving average
  std::uint64_t running_us = 0;      ///< how long the commit that runs now has taken; 0: none does
};

/// The one writer: a thread that takes whatever batches are queued, up to a cap, waits at most
/// 5 % of the usual commit time for a half-filled group (performance.md "Gather window"), appends
/// them as one transaction, and then calls back each in order. It grows its groups by itself under
/// load.
class log_writer {
public:
  /// `log` outlives the writer. Starts the thread.
  log_writer(event_log& log, writer_options options);
  /// Writes what is queued, then stops the thread. By hand: what is queued is gone, as it is when
  /// a process is killed.
  ~log_writer();
  log_writer(const log_writer&) = delete;
  log_writer& operator=(const log_writer&) = delete;

  using done = std::function<void(result<committed, log_error>)>;

  /// Queues a batch; `when_durable` runs on the writer's thread, in the order of submission.
  /// An empty batch is a barrier: it joins the current sync and costs none when nothing is open.
  /// `full` is answered for a batch that is not allowed the reserve; nothing else is affected.
  /// Any thread.
  void submit(batch what, done when_durable);

  /// Adds a listener to what becomes durable from now on. Before the first submit only.
  void listen(tail_listener listener);

  writer_figures figures() const;

  /// By hand only: hands one group to the log, or, when the log has answered, tells everybody.
  /// False when there is nothing to do.
  bool step();
  /// By hand only: nothing is queued, and nothing is on its way into the log.
  bool is_idle() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace careline::store
