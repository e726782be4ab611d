#pragma once

#include <memory>
#include <string>
#include <vector>

#include "messages/vocabulary.hpp"
#include "store/event_log.hpp"

namespace careline::kernel {

/// An event of the log, read.
struct placed_event {
  position at = 0;
  instant time{};
  std::string subject;
  event what;
};

/// Whether work on the log may have threads of its own. A start may, so that one processor reads
/// and checks while the other folds; what runs in the background or by hand keeps to its caller's.
enum class log_threads { callers, own };

/// The events of a stretch of the log, page by page, in order: read, checked against the chain and
/// decoded, a few pages ahead of the caller where there may be a thread for it. One caller.
class log_pages {
public:
  using page = result<std::vector<placed_event>, store::log_error>;

  /// Everything after `after` up to `to`. `log` outlives it.
  log_pages(const store::event_log& log, position after, position to, log_threads threads);
  /// Ends the thread, whatever was not taken.
  ~log_pages();
  log_pages(const log_pages&) = delete;
  log_pages& operator=(const log_pages&) = delete;

  /// The next page; waits for it. One without events is the last. `damaged` at the first event that
  /// is not what was written, or when the log ends too early. Not to be called after one of these.
  page next();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace careline::kernel
