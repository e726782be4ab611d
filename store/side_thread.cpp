#include "store/side_thread.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <pthread.h>

#include "store/stopwatch.hpp"

namespace careline::store {

/// What the thread needs; it may be the last to hold it.
struct side_thread::shared {
  std::mutex mutex;
  std::condition_variable wake;
  std::function<void()> next;
  bool is_busy = false;
  bool is_let_go = false;
  bool ends = false;
};

side_thread::side_thread(const char* name) : shared_(std::make_shared<shared>()) {
  thread_ = std::thread{[with = shared_] { work(with); }};
  pthread_setname_np(thread_.native_handle(), name);
}

side_thread::~side_thread() {
  bool is_busy = false;
  {
    const std::scoped_lock hold{shared_->mutex};
    shared_->ends = true;
    is_busy = shared_->is_busy;
  }
  shared_->wake.notify_all();
  if (is_busy)
    thread_.detach();
  else
    thread_.join();
}

void side_thread::work(const std::shared_ptr<shared>& with) {
  std::unique_lock hold{with->mutex};
  while (true) {
    with->wake.wait(hold, [&] { return with->ends || with->next; });
    if (with->ends)
      return;
    auto what = std::exchange(with->next, nullptr);
    hold.unlock();
    what();
    what = nullptr;
    hold.lock();
    with->is_busy = false;
    with->wake.notify_all();
  }
}

bool side_thread::run(std::function<void()> what, std::uint64_t until_us) {
  std::unique_lock hold{shared_->mutex};
  auto& s = *shared_;
  if (s.is_busy || s.is_let_go)
    return false;
  s.is_busy = true;
  s.next = std::move(what);
  s.wake.notify_all();
  const auto is_over = [&] { return !s.is_busy || s.is_let_go; };
  if (until_us == always)
    s.wake.wait(hold, is_over);
  else
    for (auto now = steady_us(); !is_over() && now < until_us; now = steady_us())
      s.wake.wait_for(hold, std::chrono::microseconds{until_us - now}, is_over);
  return !s.is_busy;
}

void side_thread::let_go() {
  {
    const std::scoped_lock hold{shared_->mutex};
    shared_->is_let_go = true;
  }
  shared_->wake.notify_all();
}

} // namespace careline::store
