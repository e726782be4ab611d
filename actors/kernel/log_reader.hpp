#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "messages/queries.hpp"
#include "messages/vocabulary.hpp"
#include "store/event_log.hpp"

namespace careline::kernel {

/// Reads the log for queries, on a thread of its own: no actor waits for a disk.
class log_reader {
public:
  /// At so many questions waiting the next one is `engine.busy`.
  static constexpr std::size_t waiting_max = 256;

  /// `log` outlives the reader. Starts the thread; `by_hand`: none, the work is done in `post`.
  explicit log_reader(const store::event_log& log, bool by_hand = false);
  /// Answers what is queued, then ends the thread.
  ~log_reader();
  log_reader(const log_reader&) = delete;
  log_reader& operator=(const log_reader&) = delete;

  /// Answers what is queued, then ends the thread; from then on nothing is taken. Not from its own
  /// thread.
  void stop();
  /// Runs `work` on the reader's thread. False, and not run, when too much is waiting. Any thread.
  bool post(std::function<void(const store::event_log&)> work);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// A page of events, as `log.read` is answered: {events, next, head}.
answer<value> read_page(const store::event_log& log, const query::log_read& what);

/// True for a query whose answer is made complete from the log.
bool needs_log(const command& query) noexcept;
/// Adds to a model's answer what only the log has: `timeline` to contact.show and to
/// customer.timeline, `decisions` to why.contact. A contact that left memory is answered from the
/// log alone.
answer<value> complete(const store::event_log& log, const command& query, answer<value> told);

} // namespace careline::kernel
