#include <atomic>
#include <condition_variable>
#include <csignal>
#include <fmt/format.h>
#include <mutex>
#include <poll.h>
#include <stdexcept>
#include <thread>
#include <unistd.h>

#include "messages/json.hpp"
#include "tools/careline/asking.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/event_filter.hpp"
#include "tools/careline/positions.hpp"

namespace careline::program {

namespace {

constexpr auto own_name = "careline-tail";

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
  /// True once it is over.
  bool wait_for(std::chrono::milliseconds most) {
    std::unique_lock lock{mutex_};
    return ended_.wait_for(lock, most, [this] { return over_.load(); });
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

/// Says once that the engine is not there; events are followed all the same when it comes.
class absence {
public:
  absence(const engine_place& place, const gateway::bus::client_key& key) : place_(place) {
    auto client = gateway::bus::bus_client::connect(place.commands, nullptr, key);
    if (!client)
      throw std::runtime_error{client.error()};
    client_ = std::move(*client);
    command_envelope asked;
    asked.type = "engine.status";
    asked.source = name_by(key, own_name);
    client_->send(std::move(asked));
  }
  void look(std::chrono::milliseconds passed) {
    waited_ += passed;
    if (!client_)
      return;
    const bool answered = client_->receive(std::chrono::milliseconds{0}).has_value();
    if (!answered && waited_ < from_seconds(place_.timeout_s))
      return;
    if (!answered)
      complain(fmt::format("no answer from {} yet; waiting for the engine", place_.commands));
    client_.reset();
  }

private:
  const engine_place& place_;
  std::chrono::milliseconds waited_{0};
  std::unique_ptr<gateway::bus::bus_client> client_;
};

/// Where the log ends, when the engine says so in time.
std::optional<position> head_of(const engine_place& place, const gateway::bus::client_key& key) {
  auto client = gateway::bus::bus_client::connect(place.commands, nullptr, key);
  if (!client)
    throw std::runtime_error{client.error()};
  command_envelope asked;
  asked.type = "engine.status";
  asked.source = name_by(key, own_name);
  const auto told = (*client)->ask(std::move(asked), from_seconds(place.timeout_s));
  if (!told || told->why)
    return std::nullopt;
  return static_cast<position>(told->data.int_or("head", 0));
}

/// A pipe whose reader has gone; otherwise the next event would be the first to notice.
bool nobody_reads() {
  pollfd out{STDOUT_FILENO, 0, 0};
  return poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLNVAL)) != 0;
}

void follow(const tail_request& asked, const gateway::bus::client_key& key, bool from_head) {
  gateway::bus::subscriber_options options;
  options.events_address = asked.events;
  options.commands_address = asked.engine.commands;
  options.types = asked.types;
  options.after = asked.after;
  options.from_head = from_head;
  options.source = own_name;
  options.key = key;
  options.on_unreadable = [](const std::string& what) { complain("tail: " + what); };
  options.on_refused = [](const std::string& topic) {
    complain(fmt::format("tail: this client may not see \"{}\"", printable(topic)));
  };
  teller out{asked.count};
  const stop_on_signal stop{out};
  absence engine{asked.engine, key};
  const gateway::bus::bus_subscriber follower{
      options, [&](const std::vector<event_record>& events, position) { out.take(events); }};
  constexpr std::chrono::milliseconds tick{100};
  while (!out.wait_for(tick) && !nobody_reads())
    engine.look(tick);
}

} // namespace

int tail_main(int argc, char** argv) {
  auto app = make_app(
      "tail", "Follows events live, as JSON lines, from now on; personal values stay sealed.",
      {"careline tail", "careline tail contact. agent.state_changed",
       "careline tail --from-start --count 10"});
  tail_request asked;
  app.add_option("TYPE", asked.types, "event types, or prefixes that end in \".\" (contact.)")
      ->type_name("");
  auto* after = app.add_option("--after", asked.after, "begin behind this position")
                    ->check(whole_number())
                    ->type_name("POSITION");
  app.add_flag("--from-start", asked.from_start, "begin with the first event")->excludes(after);
  app.add_option("--count", asked.count, "end after so many")
      ->check(whole_number(1))
      ->type_name("N");
  app.add_option("--events", asked.events, "the engine's event socket")
      ->envname("CARELINE_EVENTS")
      ->type_name("ADDRESS")
      ->capture_default_str();
  add_engine_flags(app, asked.engine);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  if (const auto wrong = ready_event_filter(asked.types)) {
    complain("tail: " + *wrong);
    return exit_code::wrong_usage;
  }
  const auto key = key_in(asked.engine.key_file);
  if (!key)
    return exit_code::wrong_usage;
  try {
    // A log that ends before would be taken for another one, and be told from its start.
    if (const auto head = asked.after > 0 ? head_of(asked.engine, *key) : std::nullopt;
        head && *head < asked.after) {
      complain(no_such_position("tail", asked.after, *head));
      return exit_code::work_failed;
    }
    follow(asked, *key, !asked.from_start && after->count() == 0);
  } catch (const std::runtime_error& wrong) {
    complain(fmt::format("tail: {} (--events {} --commands {})", wrong.what(), asked.events,
                         asked.engine.commands));
    return exit_code::wrong_usage;
  }
  return exit_code::done;
}

} // namespace careline::program
