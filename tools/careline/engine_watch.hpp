#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "actors/kernel/caf_engine.hpp"

namespace careline::program {

/// One look at the engine's main parts.
struct vital_signs {
  std::chrono::nanoseconds now{};                ///< steady
  std::map<std::string, std::uint64_t> turns;    ///< of each thread that turns without being asked
  std::vector<kernel::actor_figures> actors;     ///< empty: there are none any more
  std::chrono::microseconds commit_running{};    ///< 0: none does
};

struct watch_limits {
  std::chrono::seconds silent_max{15};  ///< a part that gave no sign for longer is silent
  std::chrono::seconds commit_end{60};  ///< a commit that takes longer ends the process
};

/// What the looks add up to. Pure: time comes with the signs.
class watch_judgement {
public:
  explicit watch_judgement(watch_limits limits) : limits_(limits) {}

  struct verdict {
    bool is_up = false;               ///< every part has given its first sign
    std::vector<std::string> silent;  ///< by name
    std::string end;                  ///< why the process must end; empty: it need not
  };
  verdict judge(const vital_signs& seen);

private:
  struct turning {
    std::uint64_t turns = 0;
    std::chrono::nanoseconds since{};
  };

  watch_limits limits_;
  std::map<std::string, turning> threads_;
};

struct watch_ports {
  /// Looks, and asks the actors for their next sign. Must not block.
  std::function<vital_signs()> look;
  /// One line for `systemctl status`.
  std::function<std::string()> status;
  /// Ends the process; a test only notes it.
  std::function<void(const std::string& sentence)> end;
};

/// Looks at the engine on a thread of its own, and tells the service manager: READY=1 when every
/// part has given its first sign of life, WATCHDOG=1 while all of them do. A part that hangs is
/// thus answered by the manager's restart, a commit that does not come back by `end`.
class engine_watch {
public:
  engine_watch(watch_limits limits, watch_ports ports);
  ~engine_watch();
  engine_watch(const engine_watch&) = delete;
  engine_watch& operator=(const engine_watch&) = delete;

  /// STOPPING=1; from now on only the commit is watched.
  void stopping();
  /// The silent parts, as of the last look. Any thread.
  std::vector<std::string> silent() const;

private:
  void run();
  void look();

  watch_ports ports_;
  watch_judgement judgement_;
  std::chrono::milliseconds each_;
  std::string told_;          ///< the last status
  bool is_up_ = false;

  mutable std::mutex mutex_;  ///< of the rest
  std::condition_variable wake_;
  std::vector<std::string> silent_;
  bool stopping_ = false;
  bool ended_ = false;
  std::thread thread_;        ///< last: it uses all of the above
};

} // namespace careline::program
