#include "actors/kernel/log_snapshots.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "messages/codec.hpp"
#include "store/background.hpp"
#include "store/stopwatch.hpp"

namespace careline::kernel {

namespace {

/// After each round, so many times as long as it took is left to those who serve: a round costs the
/// more the more there is to save, however few events came since.
constexpr std::uint64_t rests = 9;
/// Of so many of the newest events the entities are compared: a tenth of a second of the live
/// models' time each round at most.
constexpr std::size_t subjects_compared = 8192;

} // namespace

struct log_snapshots::impl {
  impl(const store::event_log& l, snapshot_options o, position at)
      : log(l), options(std::move(o)), last(at) {}

  bool is_due(std::uint64_t times = 1) const {
    return options.every != 0 && head >= last + times * options.every;
  }
  bool is_late() const { return is_due(snapshots_late_max); }

  void run() {
    store::run_in_background("snapshots");
    std::chrono::microseconds rest{0};
    std::unique_lock hold{mutex};
    for (;;) {
      wake.wait_for(hold, rest, [&] { return stopping || is_late(); });
      wake.wait(hold, [&] { return stopping || is_due(); });
      if (stopping)
        return;
      const auto to = head;
      says_hashes = to > last + 1;  // the event itself is no reason for another one
      hold.unlock();
      const auto began_us = store::steady_us();
      const bool did = has_room() && keep(to);
      rest = std::chrono::microseconds{rests * (store::steady_us() - began_us)};
      hold.lock();
      if (did)
        newest = to;
      else if (!stopping)
        ++failed;
      last = to;
    }
  }

  /// Told once, not each time anew.
  bool has_room() {
    const bool has = log.room_bytes() > 0;
    if (!has && had_room)
      options.remark("no snapshots while the disk is full");
    had_room = has;
    return has;
  }

  /// True when nothing speaks against writing what was folded.
  bool agrees(const std::vector<capability*>& models, position at, const subjects_seen& seen) {
    if (!options.ask)
      return true;
    const auto did = compare_with_live(log, models, at, seen.newest(), options.ask,
                                       [this] { return stopping.load(); });
    if (!did) {
      options.remark("no snapshots: " + did.error().detail);
      return false;
    }
    compared += did->compared;
    if (!did->is_whole && !stopping)
      options.remark("the live models were not all compared with the log: one did not answer in "
                     "time or is behind");
    if (!did->difference)
      return true;
    ++differences;
    options.alarm(*did->difference);
    return false;
  }

  engine::state_hashed hashes_of(const std::vector<capability*>& models, position at) const {
    engine::state_hashed out;
    out.at = at;
    out.said_by = options.version;
    for (const auto* model : models)
      out.states.emplace(code_word{model->name()}, state_hash(*model));
    return out;
  }

  /// All kinds in one walk over the log; true when all were written.
  bool keep(position to) {
    subjects_seen seen{subjects_compared};
    std::vector<std::unique_ptr<capability>> made;
    std::vector<capability*> models;
    for (const auto& make : options.kinds)
      models.push_back(made.emplace_back(make()).get());
    const auto done =
        recover_to(log, to, models, options.find, [this] { return stopping.load(); },
                   [&](const placed_event& e) { seen.take(e); });
    if (!done) {
      options.remark("no snapshots: " + done.error().detail);
      return false;
    }
    for (const auto& remark : done->remarks)
      options.remark(remark);
    if (done->head != to)
      return false;  // stopped on the way
    const bool tells = says_hashes && options.hashed;
    const auto hashed = tells ? hashes_of(models, to) : engine::state_hashed{};
    std::vector<kept_state> states;
    for (const auto* model : models)
      states.push_back({to, pack(model->save())});
    if (!agrees(models, to, seen))  // the models go on meanwhile
      return false;
    bool all = true;
    for (std::size_t i = 0; i < models.size(); ++i) {
      const bool did = !stopping && options.write(models[i]->name(), states[i]);
      written += did ? 1 : 0;
      all = all && did;
    }
    if (all && tells)
      options.hashed(hashed);
    return all;
  }

  const store::event_log& log;
  snapshot_options options;
  std::mutex mutex;
  std::condition_variable wake;
  position head = 0;
  position last;
  std::atomic<bool> stopping{false};
  bool had_room = true;  ///< of the thread
  bool says_hashes = false;  ///< likewise
  std::atomic<std::uint64_t> written{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> compared{0};
  std::atomic<std::uint64_t> differences{0};
  std::atomic<position> newest{last};
  std::thread thread;
};

log_snapshots::log_snapshots(const store::event_log& log, snapshot_options options, position last)
    : impl_(std::make_unique<impl>(log, std::move(options), last)) {
  impl_->thread = std::thread{[this] { impl_->run(); }};
}

log_snapshots::~log_snapshots() {
  {
    const std::lock_guard hold{impl_->mutex};
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  impl_->thread.join();
}

void log_snapshots::reached(position head) {
  bool news = false;
  {
    const std::lock_guard hold{impl_->mutex};
    const auto before = std::pair{impl_->is_due(), impl_->is_late()};
    impl_->head = std::max(impl_->head, head);
    news = before != std::pair{impl_->is_due(), impl_->is_late()};
  }
  if (news)
    impl_->wake.notify_one();
}

std::uint64_t log_snapshots::written() const {
  return impl_->written;
}

std::uint64_t log_snapshots::failed() const {
  return impl_->failed;
}

std::uint64_t log_snapshots::compared() const {
  return impl_->compared;
}

std::uint64_t log_snapshots::differences() const {
  return impl_->differences;
}

position log_snapshots::newest() const {
  return impl_->newest;
}

} // namespace careline::kernel
