#include "tools/careline/engine_watch.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "tools/careline/service_manager.hpp"

namespace careline::program {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds look_each = 1s;
/// A start is told without delay.
constexpr std::chrono::milliseconds look_each_at_first = 20ms;

/// A third of what the manager waits for, so that one late look is no harm.
std::chrono::milliseconds rhythm() {
  using std::chrono::milliseconds;
  const auto wanted = service_manager::watchdog() / 3;
  if (wanted == 0us)
    return look_each;
  return std::clamp<milliseconds>(std::chrono::floor<milliseconds>(wanted), 1ms, look_each);
}

} // namespace

watch_judgement::verdict watch_judgement::judge(const vital_signs& seen) {
  verdict out;
  out.is_up = true;
  for (const auto& [name, turns] : seen.turns) {
    auto& t = threads_.try_emplace(name, turning{turns, seen.now}).first->second;
    if (t.turns != turns)
      t = {turns, seen.now};
    out.is_up = out.is_up && turns > 0;
    if (seen.now - t.since > limits_.silent_max)
      out.silent.push_back(name);
  }
  for (const auto& a : seen.actors) {
    out.is_up = out.is_up && a.has_answered;
    if (a.delay > limits_.silent_max)
      out.silent.push_back(a.name);
  }
  if (seen.commit_running > limits_.commit_end)
    out.end = fmt::format("a commit has not come back from the disk for {:.1f} s: nothing can be "
                          "accepted any more, so this engine ends; whoever was not answered sends "
                          "the same id again",
                          static_cast<double>(seen.commit_running.count()) / 1e6);
  return out;
}

engine_watch::engine_watch(watch_limits limits, watch_ports ports)
    : ports_(std::move(ports)), judgement_(limits), each_(rhythm()), thread_([this] { run(); }) {}

engine_watch::~engine_watch() {
  {
    const std::lock_guard hold{mutex_};
    ended_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void engine_watch::stopping() {
  {
    const std::lock_guard hold{mutex_};
    stopping_ = true;
  }
  service_manager::tell("STOPPING=1\nSTATUS=stopping");
}

std::vector<std::string> engine_watch::silent() const {
  const std::lock_guard hold{mutex_};
  return silent_;
}

void engine_watch::run() {
  for (;;) {
    look();
    std::unique_lock hold{mutex_};
    const std::chrono::milliseconds each = is_up_ ? each_ : std::min(each_, look_each_at_first);
    if (wake_.wait_for(hold, each, [this] { return ended_; }))
      return;
  }
}

void engine_watch::look() {
  auto found = judgement_.judge(ports_.look());
  if (!found.end.empty())
    return ports_.end(found.end);
  const bool is_alive = found.silent.empty();
  {
    const std::lock_guard hold{mutex_};
    silent_ = std::move(found.silent);
    if (stopping_)
      return;
  }
  std::string news;
  if (found.is_up && !std::exchange(is_up_, true))
    news += "READY=1\n";
  if (is_up_ && is_alive)
    news += "WATCHDOG=1\n";
  if (auto status = ports_.status(); status != told_) {
    news += "STATUS=" + status + "\n";
    told_ = std::move(status);
  }
  if (!news.empty())
    service_manager::tell(news);
}

} // namespace careline::program
