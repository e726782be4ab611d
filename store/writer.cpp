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

#include "messages/planted.hpp"
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

using places = result<std::vector<committed>, log_error>;

/// An append that answers at once or later, as something to wait for. It may answer when nobody
/// waits any more.
class pending_append {
public:
  event_log::append_done answer() {
    return [to = at_](places outcome) {
      const std::scoped_lock hold{to->mutex};
      to->outcome = std::move(outcome);
      to->answered.notify_one();
    };
  }
  bool is_answered() const {
    const std::scoped_lock hold{at_->mutex};
    return at_->outcome.has_value();
  }
  places wait() {
    std::unique_lock hold{at_->mutex};
    at_->answered.wait(hold, [this] { return at_->outcome.has_value(); });
    return *std::exchange(at_->outcome, std::nullopt);
  }

private:
  struct meeting {
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<places> outcome;
  };
  std::shared_ptr<meeting> at_ = std::make_shared<meeting>();
};

} // namespace

struct log_writer::impl {
  impl(event_log& to, writer_options as)
      : log(to), options(std::move(as)), head(log.head()), epoch(log.epoch()) {
    for (auto& [type, at] : log.last_of_types())
      last_of_types.emplace(std::move(type), at);
    if (!options.by_hand)
      thread = std::thread{[this] { run(); }};
  }

  using outcomes = std::vector<result<committed, log_error>>;
  using indexes = std::vector<std::size_t>;

  void run();
  bool step();
  bool wait_for_group();
  void gather(std::unique_lock<std::mutex>& hold);
  void take_group();
  std::size_t group_size() const;

  void begin();
  void hand_on(std::int64_t room);
  void hear(places from_log);
  void conclude(const outcomes& became);
  void answer(const outcomes& became);
  outcomes as_hoped() const;
  indexes choose(std::int64_t room) const;
  outcomes all_without_room() const;
  void note_commit(std::uint64_t took_us);
  void tell(const outcomes& became);

  event_log& log;
  writer_options options;
  std::vector<tail_listener> listeners;

  // Of the writer's thread alone.
  position head;
  std::uint64_t epoch;
  std::unordered_map<std::string, position> last_of_types;
  std::optional<log_error> failed;

  // The group that is on its way into the log.
  std::vector<waiting> group;
  indexes chosen;               ///< those of it that the log was handed
  bool on_reserve = false;      ///< tried again with what the reserve is there for
  bool waits_for_log = false;
  pending_append pending;
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
  if (impl_->thread.joinable())
    impl_->thread.join();
}

void log_writer::submit(batch what, done when_durable) {
  waiting w{std::move(what), std::move(when_durable), 0};
  w.bytes = room_needed(w.what);
  bool wakes = false;
  {
    const std::scoped_lock hold{impl_->mutex};
    impl_->queue.push_back(std::move(w));
    if (planted(bug::fills_its_queue))
      impl_->queue.insert(impl_->queue.end(), 20, waiting{{}, [](const auto&) {}, 0});
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

bool log_writer::step() {
  return impl_->step();
}

bool log_writer::is_idle() const {
  const std::scoped_lock hold{impl_->mutex};
  return impl_->queue.empty() && !impl_->waits_for_log;
}

void log_writer::impl::run() {
  prctl(PR_SET_TIMERSLACK, timer_slack_ns);
  while (wait_for_group()) {
    begin();
    while (waits_for_log)
      hear(pending.wait());
  }
}

bool log_writer::impl::step() {
  if (waits_for_log) {
    if (!pending.is_answered())
      return false;
    hear(pending.wait());
    return true;
  }
  {
    const std::scoped_lock hold{mutex};
    if (queue.empty())
      return false;
    take_group();
  }
  begin();
  return true;
}

/// Waits for work; false when there is none left and the writer stops.
bool log_writer::impl::wait_for_group() {
  std::unique_lock hold{mutex};
  if (queue.empty()) {
    wakes_at = 1;
    changed.wait(hold, [this] { return stops || !queue.empty(); });
    wakes_at = 0;
  }
  if (queue.empty())
    return false;
  gather(hold);
  take_group();
  return true;
}

void log_writer::impl::take_group() {
  const auto end = queue.begin() + static_cast<std::ptrdiff_t>(group_size());
  group.assign(std::make_move_iterator(queue.begin()), std::make_move_iterator(end));
  queue.erase(queue.begin(), end);
  if (planted(bug::loses_last_of_group) && group.size() > 2)
    group.pop_back();
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

/// Hands the group to the log. What was submitted before a barrier at the front is durable already:
/// that one waits for no sync.
void log_writer::impl::begin() {
  const auto begin = std::find_if_not(group.begin(), group.end(), [this](const auto& w) {
    return w.is_barrier() && !failed;
  });
  for (auto w = group.begin(); w != begin; ++w)
    w->when_durable(committed{});
  group.erase(group.begin(), begin);
  if (group.empty())
    return;
  if (failed) {
    conclude(outcomes(group.size(), no(*failed)));
    return;
  }
  on_reserve = false;
  hand_on(log.room_bytes());
}

void log_writer::impl::hand_on(std::int64_t room) {
  chosen = choose(room);
  if (chosen.empty()) {
    began_us = 0; // there may have been a first try
    conclude(all_without_room());
    return;
  }
  // Copied: the listeners are given the events, and after `full` fewer are tried again.
  std::vector<batch> batches;
  batches.reserve(chosen.size());
  for (const auto i : chosen)
    batches.push_back(group[i].what);
  if (planted(bug::publishes_before_append))
    tell(as_hoped());
  if (planted(bug::acknowledges_before_sync))
    answer(as_hoped());
  waits_for_log = true;
  if (!on_reserve)
    began_us = steady_us();
  if (planted(bug::appends_after_any_head))
    head = log.head();
  log.append(std::move(batches), head, epoch, pending.answer());
}

void log_writer::impl::hear(places from_log) {
  waits_for_log = false;
  const bool is_full = !from_log && from_log.error().fault == log_fault::full;
  if (is_full && !std::exchange(on_reserve, true)) {
    // Nothing was written. Once more, with what the reserve is there for.
    hand_on(-1);
    return;
  }
  const auto took_us = steady_us() - began_us.exchange(0);
  if (!from_log && !is_full) {
    failed = from_log.error();
    if (options.on_fatal && !planted(bug::ignores_failed_write))
      options.on_fatal(*failed);
    conclude(outcomes(group.size(), no(*failed)));
    return;
  }
  auto became = all_without_room();
  for (std::size_t n = 0; from_log && n < chosen.size(); ++n) {
    const auto& place = (*from_log)[n];
    became[chosen[n]] = place;
    head = std::max(head, place.last);
  }
  if (from_log)
    note_commit(took_us);
  conclude(became);
}

log_writer::impl::outcomes log_writer::impl::all_without_room() const {
  outcomes became(group.size(), no(log_error{log_fault::full, "no room in the log for new work"}));
  for (std::size_t i = 0; i < group.size(); ++i)
    if (group[i].is_barrier())
      became[i] = committed{};
  return became;
}

/// Answers each of the group in the order of submission.
void log_writer::impl::conclude(const outcomes& became) {
  answer(became);
  tell(became);
  group.clear();
}

void log_writer::impl::answer(const outcomes& became) {
  for (std::size_t i = 0; i < group.size(); ++i)
    if (const auto told = std::exchange(group[i].when_durable, {}))
      told(became[i]);
}

/// Only a planted bug believes in it.
log_writer::impl::outcomes log_writer::impl::as_hoped() const {
  auto became = all_without_room();
  auto at = head;
  for (const auto i : chosen) {
    const auto events = group[i].what.events.size();
    became[i] = events == 0 ? committed{} : committed{at + 1, at + events};
    at += events;
  }
  return became;
}

/// Which of the group go into the log: with too little room, only those that may use the reserve.
log_writer::impl::indexes log_writer::impl::choose(std::int64_t room) const {
  indexes out;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group[i].is_barrier())
      continue;
    const auto needed = static_cast<std::int64_t>(group[i].bytes);
    if (room < needed && !group[i].what.uses_reserve)
      continue;
    room -= needed;
    out.push_back(i);
  }
  return out;
}

void log_writer::impl::note_commit(std::uint64_t took_us) {
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
void log_writer::impl::tell(const outcomes& became) {
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
  if (planted(bug::publishes_backwards))
    std::reverse(durable.begin(), durable.end());
  if (planted(bug::publishes_with_gaps) && durable.size() > 1)
    durable.erase(durable.begin() + 1);
  for (const auto& listener : listeners)
    listener(durable);
}

} // namespace careline::store
