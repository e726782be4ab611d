#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "messages/json.hpp"
#include "tools/careline/asking.hpp"
#include "tools/careline/command_line.hpp"

namespace careline::program {

namespace {

struct tail_request {
  engine_place engine;
  std::string events = "tcp://127.0.0.1:5571";
  std::vector<std::string> types;
  position after = 0;
  bool from_start = false;
  std::uint64_t count = 0;  ///< 0: without end
};

/// Prints what comes until enough was told or nobody reads it.
class teller {
public:
  explicit teller(std::uint64_t count) : count_(count) {}

  void take(const std::vector<event_record>& events) {
    for (const auto& record : events) {
      if (over_)
        return;
      const auto event = to_value(record);
      const bool read = !event || print(to_json(*event) + "\n");
      if (!read || ++told_ == count_)
        end();
    }
  }
  void end() {
    {
      const std::lock_guard lock{mutex_};
      over_ = true;
    }
    ended_.notify_all();
  }
  void wait() {
    std::unique_lock lock{mutex_};
    ended_.wait(lock, [this] { return over_.load(); });
  }

private:
  std::uint64_t count_;
  std::uint64_t told_ = 0;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::atomic<bool> over_{false};
};

/// Waits for Ctrl-C on a thread of its own, as a handler may not wake a condition.
class stop_on_signal {
public:
  explicit stop_on_signal(teller& of) {
    sigemptyset(&signals_);
    for (const int s : {SIGINT, SIGTERM, SIGUSR1})
      sigaddset(&signals_, s);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    thread_ = std::thread{[this, &of] {
      int got = 0;
      sigwait(&signals_, &got);
      of.end();
    }};
  }
  ~stop_on_signal() {
    pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
  }
  stop_on_signal(const stop_on_signal&) = delete;
  stop_on_signal& operator=(const stop_on_signal&) = delete;

private:
  sigset_t signals_{};
  std::thread thread_;
};

} // namespace

int tail_main(int argc, char** argv) {
  auto app = make_app("tail", "Follows events live, as JSON lines; personal values stay sealed.");
  tail_request asked;
  app.add_option("TYPE", asked.types, "types, or prefixes that end in \".\" (contact.); none: all");
  auto* after = app.add_option("--after", asked.after, "begin behind this position");
  app.add_flag("--from-start", asked.from_start, "begin with the first event")->excludes(after);
  app.add_option("--count", asked.count, "end after so many");
  app.add_option("--events", asked.events, "the engine's event socket")->envname("CARELINE_EVENTS");
  add_engine_flags(app, asked.engine);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  gateway::bus::subscriber_options options;
  options.events_address = asked.events;
  options.commands_address = asked.engine.commands;
  options.types = asked.types;
  options.after = asked.after;
  options.from_head = !asked.from_start && after->count() == 0;
  options.source = "careline-tail";
  teller out{asked.count};
  try {
    const stop_on_signal stop{out};
    const gateway::bus::bus_subscriber follower{
        options, [&](const std::vector<event_record>& events, position) { out.take(events); }};
    out.wait();
  } catch (const std::runtime_error& wrong) {
    complain(wrong.what());
    return exit_code::wrong_usage;
  }
  return exit_code::done;
}

} // namespace careline::program
