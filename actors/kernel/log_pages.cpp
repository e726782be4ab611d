#include "actors/kernel/log_pages.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "actors/kernel/shell_batch.hpp"

namespace careline::kernel {

namespace {

constexpr std::size_t page_events = 1000;
constexpr std::size_t page_bytes = std::size_t{4} << 20U;
/// Enough that neither side waits for the other's slower pages.
constexpr std::size_t pages_ahead_max = 4;

store::log_error damaged(std::string what, position at) {
  return {store::log_fault::damaged, std::move(what), at};
}

} // namespace

struct log_pages::impl {
  impl(const store::event_log& l, position after, position until)
      : log(l), read_to(after), to(until) {}

  /// Only by the one who reads: the thread, or the caller where there is none.
  page read() {
    store::read_options options;
    options.limit = page_events;
    options.bytes_max = page_bytes;
    options.after = read_to;
    std::vector<placed_event> out;
    if (read_to >= to)
      return out;
    auto found = log.read(options);
    if (!found)
      return no(found.error());
    out.reserve(found->events.size());
    for (const auto& r : found->events) {
      if (r.at > to)
        break;
      auto what = event_in(r);
      if (!what)
        return no(damaged("an event of type " + r.type + " cannot be read", r.at));
      out.push_back({r.at, r.time, std::move(*what)});
    }
    if (out.empty())
      return no(damaged("the log ends too early", read_to));
    read_to = out.back().at;
    return out;
  }

  void run() {
    for (;;) {
      auto one = read();
      const bool more = one && !one->empty();
      std::unique_lock hold{mutex};
      changed.wait(hold, [&] { return stopping || waiting.size() < pages_ahead_max; });
      if (stopping)
        return;
      waiting.push_back(std::move(one));
      changed.notify_all();
      if (!more)
        return;
    }
  }

  page take() {
    std::unique_lock hold{mutex};
    changed.wait(hold, [&] { return !waiting.empty(); });
    auto one = std::move(waiting.front());
    // The last one stays, for whoever asks once more.
    if (one && !one->empty())
      waiting.pop_front();
    changed.notify_all();
    return one;
  }

  const store::event_log& log;
  position read_to;
  const position to;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<page> waiting;
  bool stopping = false;
  std::thread thread;
};

log_pages::log_pages(const store::event_log& log, position after, position to, log_threads threads)
    : impl_(std::make_unique<impl>(log, after, to)) {
  if (threads == log_threads::own)
    impl_->thread = std::thread{[this] { impl_->run(); }};
}

log_pages::~log_pages() {
  if (!impl_->thread.joinable())
    return;
  {
    const std::lock_guard hold{impl_->mutex};
    impl_->stopping = true;
  }
  impl_->changed.notify_all();
  impl_->thread.join();
}

log_pages::page log_pages::next() {
  return impl_->thread.joinable() ? impl_->take() : impl_->read();
}

} // namespace careline::kernel
