#include "actors/kernel/log_pages.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>

#include "actors/kernel/shell_batch.hpp"

namespace careline::kernel {

namespace {

constexpr std::size_t page_events = 1000;
constexpr std::size_t page_bytes = std::size_t{4} << 20U;
/// Enough that neither side waits for the other's slower pages.
constexpr std::size_t pages_ahead_max = 4;

using records = std::vector<event_record>;

store::log_error damaged(std::string what, position at) {
  return {store::log_fault::damaged, std::move(what), at};
}

log_pages::page decoded(records from) {
  std::vector<placed_event> out;
  out.reserve(from.size());
  for (auto& r : from) {
    auto what = event_in(r);
    if (!what)
      return no(damaged("an event of type " + r.type + " cannot be read", r.at));
    out.push_back({r.at, r.time, std::move(r.subject), std::move(*what)});
  }
  return out;
}

} // namespace

struct log_pages::impl {
  impl(const store::event_log& l, position after, position until)
      : log(l), read_to(after), to(until) {}

  /// The next records, none behind the last. Only by the one who reads: the thread, or the caller
  /// where there is none.
  result<records, store::log_error> fetch() {
    if (read_to >= to)
      return records{};
    store::read_options options;
    options.limit = page_events;
    options.bytes_max = page_bytes;
    options.after = read_to;
    auto found = log.read(options);
    if (!found)
      return no(found.error());
    std::erase_if(found->events, [&](const event_record& r) { return r.at > to; });
    if (found->events.empty())
      return no(damaged("the log ends too early", read_to));
    read_to = found->events.back().at;
    return std::move(found->events);
  }

  /// What is thrown here, as when there is no memory left, is the caller's.
  void run() {
    try {
      read_ahead();
    } catch (...) {
      const std::lock_guard hold{mutex};
      thrown = std::current_exception();
    }
    changed.notify_all();
  }

  /// Decodes while the caller has enough to do; else the caller does, so that both always work.
  void read_ahead() {
    for (bool more = true; more;) {
      auto got = fetch();
      more = got && !got->empty();
      part one = got ? part{std::move(*got)} : part{page{no(got.error())}};
      std::unique_lock hold{mutex};
      if (more && !waiting.empty()) {
        hold.unlock();
        one = decoded(std::get<records>(std::move(one)));
        hold.lock();
      }
      changed.wait(hold, [&] { return stopping || waiting.size() < pages_ahead_max; });
      if (stopping)
        return;
      waiting.push_back(std::move(one));
      changed.notify_all();
    }
  }

  page take() {
    std::unique_lock hold{mutex};
    changed.wait(hold, [&] { return thrown || !waiting.empty(); });
    if (waiting.empty())
      std::rethrow_exception(thrown);
    auto one = std::move(waiting.front());
    waiting.pop_front();
    changed.notify_all();
    hold.unlock();
    return std::holds_alternative<page>(one) ? std::get<page>(std::move(one))
                                             : decoded(std::get<records>(std::move(one)));
  }

  using part = std::variant<records, page>;

  const store::event_log& log;
  position read_to;
  const position to;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<part> waiting;
  bool stopping = false;
  std::exception_ptr thrown;
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
  if (impl_->thread.joinable())
    return impl_->take();
  auto got = impl_->fetch();
  return got ? decoded(std::move(*got)) : page{no(got.error())};
}

} // namespace careline::kernel
