#include "store/writer.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>

#include <sys/prctl.h>

#include "store/row.hpp"
#include "store/stopwatch.hpp"

namespace careline::store {

namespace {

using steady_span = std::chrono::microseconds;

/// The kernel may wake a sleeper this much late; its usual 50 µs would be several gather windows.
constexpr unsigned long timer_slack_ns = 1000;

struct waiting {
  batch what;
  log_writer::done when_durable;
  std::uint64_t bytes = 0;

  bool is_barrier() const noexcept {
    return what.events.empty() && !what.command && what.checkpoints.empty();
  }
};

/// An append that answers at once or later, as something to wait for.
class pending_append {
public:
  event_log::append_done answer() {
    return [this](result<std::vector<committed>, log_error> outcome) {
      const std::scoped_lock hold{mutex_};
      outcome_ = std::move(outcome);
      answered_.notify_one();
    };
  }
  result<std::vector<committed>, log_error> wait() {
    std::unique_lock hold{mutex_};
    answered_.wait(hold, [this] { return outcome_.has_value(); });
    return std::move(*outcome_);
  }

private:
  std::mutex mutex_;
  std::condition_variable answered_;
  std::optional<result<std::vector<committed>, log_error>> outcome_;
};

} // namespace

struct log_writer::impl {
  impl(event_log& to, writer_options chosen)
      : log(to), options(std::move(chosen)), head(log.head()), epoch(log.epoch()) {
    for (auto& [type, at] : log.last_of_types())
      last_of_types.emplace(std::move(type), at);
    thread = std::thread{[this] { run(); }};
  }

  using outcomes = std::vector<result<committed, log_error>>;
  using indexes = std::vector<std::size_t>;

  void run();
  bool take_group(std::vector<waiting>& group);
  void gather(std::unique_lock<std::mutex>& hold);
  std::size_t group_size() const;

  void handle(std::vector<waiting>& group);
  outcomes commit(std::vector<waiting>& group);
  indexes choose(const std::vector<waiting>& group, std::int64_t room) const;
  result<std::vector<committed>, log_error> append(const std::vector<waiting>& group,
                                                   const indexes& chosen);
  void note_commit(std::uint64_t took_us, const std::vector<waiting>& group, const indexes& chosen);
  void tell(std::vector<waiting>& group, const outcomes& became);

  event_log& log;
  writer_options options;
  std::vector<tail_listener> listeners;

  // Of the writer's thread alone.
  position head;
  std::uint64_t epoch;
  std::unordered_map<std::string, position> last_of_types;
  std::optional<log_error> failed;

  std::atomic<std::uint64_t> began_us{0};  ///< of the commit that runs now; 0: none does

  mutable std::mutex mutex;  ///< of all below
  std::condition_variable changed;
  std::deque<waiting> queue;
  std::size_t wakes_at = 0;  ///< the thread sleeps until so many are queued; 0: it is awake
  bool stops = false;
  writer_figures figures;
  /// How many batches were under way at once lately: half of them are a half-filled group.
  double usual_in_flight = 1;

  std::thread thread;  ///< last: it uses all of the above
};

log_writer::log_writer(event_log& log, writer_options options)
    : impl_(std::make_unique<impl>(log, std::move(options))) {}

log_writer::~log_writer() {
  {
    const std::scoped_lock hold{impl_->mutex};
    impl_->stops = true;
  }
  impl_->changed.notify_one();
  impl_->thread.join();
}

void log_writer::submit(batch what, done when_durable) {
  waiting w{std::move(what), std::move(when_durable), 0};
  w.bytes = room_needed(w.what);
  bool wakes = false;
  {
    const std::scoped_lock hold{impl_->mutex};
    impl_->queue.push_back(std::move(w));
    wakes = impl_->wakes_at != 0 && impl_->queue.size() >= impl_->wakes_at;
    if (wakes)
      impl_->wakes_at = 0;
  }
  if (wakes)
    impl_->changed.notify_one();
}

void log_writer::listen(tail_listener listener) {
  const std::scoped_lock hold{impl_->mutex};
  impl_->listeners.push_back(std::move(listener));
}

writer_figures log_writer::figures() const {
  const std::scoped_lock hold{impl_->mutex};
  auto f = impl_->figures;
  f.queued = impl_->queue.size();
  if (const auto began = impl_->began_us.load(); began != 0)
    f.running_us = std::max<std::uint64_t>(steady_us() - began, 1);
  return f;
}

void log_writer::impl::run() {
  prctl(PR_SET_TIMERSLACK, timer_slack_ns);
  std::vector<waiting> group;
  while (take_group(group)) {
    handle(group);
    group.clear();
  }
}

/// Waits for work; false when there is none left and the writer stops.
bool log_writer::impl::take_group(std::vector<waiting>& group) {
  std::unique_lock hold{mutex};
  if (queue.empty()) {
    wakes_at = 1;
    changed.wait(hold, [this] { return stops || !queue.empty(); });
    wakes_at = 0;
  }
  if (queue.empty())
    return false;
  gather(hold);
  const auto end = queue.begin() + static_cast<std::ptrdiff_t>(group_size());
  group.assign(std::make_move_iterator(queue.begin()), std::make_move_iterator(end));
  queue.erase(queue.begin(), end);
  return true;
}

/// Gives the senders who were just answered the moment they need to come back, so that halves do
/// not take turns at the disk. A sender alone is never kept waiting, nor is a barrier.
void log_writer::impl::gather(std::unique_lock<std::mutex>& hold) {
  constexpr std::uint64_t share = 20;  // 5 %
  const auto hoped = static_cast<std::size_t>(usual_in_flight);
  const auto window_us = figures.mean_commit_us / share;
  if (stops || failed || window_us == 0 || queue.size() >= hoped)
    return;
  if (std::any_of(queue.begin(), queue.end(), [](const auto& w) { return w.is_barrier(); }))
    return;
  wakes_at = hoped;
  changed.wait_for(hold, steady_span{window_us}, [&] { return stops || queue.size() >= hoped; });
  wakes_at = 0;
}

std::size_t log_writer::impl::group_size() const {
  std::size_t count = 0;
  std::size_t events = 0;
  std::uint64_t bytes = 0;
  for (const auto& w : queue) {
    events += std::max<std::size_t>(w.what.events.size(), 1);
    bytes += w.bytes;
    if (count > 0 && (events > options.group_events_max || bytes > options.group_bytes_max))
      break;
    ++count;
  }
  return count;
}

/// Makes a group durable and answers each of it in the order of submission.
void log_writer::impl::handle(std::vector<waiting>& group) {
  // What was submitted before a barrier at the front is durable already: it waits for no sync.
  const auto begin = std::find_if_not(group.begin(), group.end(), [this](const auto& w) {
    return w.is_barrier() && !failed;
  });
  for (auto w = group.begin(); w != begin; ++w)
    w->when_durable(committed{});
  group.erase(group.begin(), begin);
  if (group.empty())
    return;
  const bool had_failed = failed.has_value();
  const auto became = commit(group);
  if (failed && !had_failed && options.on_fatal)
    options.on_fatal(*failed);
  for (std::size_t i = 0; i < group.size(); ++i)
    group[i].when_durable(became[i]);
  tell(group, became);
}

log_writer::impl::outcomes log_writer::impl::commit(std::vector<waiting>& group) {
  if (failed)
    return outcomes(group.size(), no(*failed));
  const auto began = steady_us();
  began_us = began;
  auto chosen = choose(group, log.room_bytes());
  auto places = append(group, chosen);
  if (!places && places.error().fault == log_fault::full) {
    // Nothing was written. Once more, with what the reserve is there for.
    chosen = choose(group, -1);
    places = append(group, chosen);
  }
  began_us = 0;
  if (!places && places.error().fault != log_fault::full) {
    failed = places.error();
    return outcomes(group.size(), no(*failed));
  }
  outcomes became(group.size(), no(log_error{log_fault::full, "no room in the log for new work"}));
  for (std::size_t i = 0; i < group.size(); ++i)
    if (group[i].is_barrier())
      became[i] = committed{};
  if (!places)
    return became;
  for (std::size_t n = 0; n < chosen.size(); ++n) {
    const auto& place = (*places)[n];
    became[chosen[n]] = place;
    head = std::max(head, place.last);
  }
  if (!chosen.empty())
    note_commit(steady_us() - began, group, chosen);
  return became;
}

/// Which of the group go into the log: with too little room, only those that may use the reserve.
log_writer::impl::indexes log_writer::impl::choose(const std::vector<waiting>& group,
                                                   std::int64_t room) const {
  indexes chosen;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group[i].is_barrier())
      continue;
    const auto needed = static_cast<std::int64_t>(group[i].bytes);
    if (room < needed && !group[i].what.uses_reserve)
      continue;
    room -= needed;
    chosen.push_back(i);
  }
  return chosen;
}

result<std::vector<committed>, log_error>
log_writer::impl::append(const std::vector<waiting>& group, const indexes& chosen) {
  if (chosen.empty())
    return std::vector<committed>{};
  // Copied: the listeners are given the events, and after `full` fewer are tried again.
  std::vector<batch> batches;
  batches.reserve(chosen.size());
  for (const auto i : chosen)
    batches.push_back(group[i].what);
  pending_append pending;
  log.append(std::move(batches), head, epoch, pending.answer());
  return pending.wait();
}

void log_writer::impl::note_commit(std::uint64_t took_us, const std::vector<waiting>& group,
                                   const indexes& chosen) {
  constexpr std::uint64_t weight = 16;
  constexpr double forgets = 0.8;
  const std::scoped_lock hold{mutex};
  auto& f = figures;
  ++f.commits;
  f.batches += chosen.size();
  for (const auto i : chosen)
    f.events += group[i].what.events.size();
  f.last_commit_us = took_us;
  f.mean_commit_us =
      f.commits == 1 ? took_us : (f.mean_commit_us * (weight - 1) + took_us) / weight;
  usual_in_flight = std::max(static_cast<double>(group.size() + queue.size()),
                             std::max(1.0, usual_in_flight * forgets));
}

/// Hands on what became durable, complete with the places the log gave.
void log_writer::impl::tell(std::vector<waiting>& group, const outcomes& became) {
  if (listeners.empty())
    return;
  std::vector<std::shared_ptr<const event_record>> durable;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!became[i])
      continue;
    auto at = became[i]->first;
    for (auto& e : group[i].what.events) {
      auto told = std::make_shared<event_record>(std::move(e));
      told->at = at++;
      told->previous = std::exchange(last_of_types[told->type], told->at);
      durable.push_back(std::move(told));
    }
  }
  if (durable.empty())
    return;
  for (const auto& listener : listeners)
    listener(durable);
}

} // namespace careline::store
