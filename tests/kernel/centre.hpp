#pragma once

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <map>
#include <mutex>

#include "actors/kernel/caf_engine.hpp"
#include "fake_parts.hpp"
#include "messages/codec.hpp"
#include "store/hash.hpp"

namespace careline::kernel::fakes {

using words = std::vector<std::string>;

inline const auto nine = parse_rfc3339("2026-03-02T09:00:00+08:00")->at;
inline constexpr auto patience = std::chrono::seconds{20};

inline std::unique_ptr<store::event_log> memory_log(store::open_options options = {}) {
  options.place = "memory:";
  auto opened = store::open_event_log(options);
  REQUIRE(opened);
  return std::move(*opened);
}

struct centre_setup {
  std::function<std::chrono::nanoseconds()> steady{};  ///< instead of the clock in the hand
  double speed = 1;
  store::open_options log{};
  engine_models models{};  ///< where there is none, a fake
  bool by_hand = false;    ///< its actors do nothing until the test lets them
};

inline command_digest digest_of(std::string_view type, const value& data) {
  return store::digest_of_command("a key of tests", type, pack(data));
}

/// A small centre of fake models over a log in memory, with clocks in the hand.
class centre {
public:
  explicit centre(centre_setup setup = {})
      : clock{nine, setup.speed, readings(std::move(setup.steady))}, log{memory_log(setup.log)} {
    store::writer_options writing;
    writer = std::make_unique<store::log_writer>(log, writing);
    writer->listen([this](const auto& tail) {
      std::vector<event_record> events;
      for (const auto& e : tail)
        events.push_back(*e);
      if (auto* to = listening.load())
        to->deliver(events);
    });
    auto& models = setup.models;
    if (!models.reception)
      models.reception = std::make_unique<fakes::reception>();
    if (!models.routing)
      models.routing = std::make_unique<fakes::routing>();
    models.session = std::make_unique<session_model>();
    if (!models.board)
      models.board = std::make_unique<fakes::board>();
    engine_ports ports{log, *writer, keys, clock, &digest_of,
                       [this](journal_level, std::string line) { note(std::move(line)); },
                       [this](int code, std::string why) { died(code, std::move(why)); }, {}};
    engine_options options;
    options.seed = 1;
    options.by_hand = setup.by_hand;
    engine_ = std::make_unique<actor_engine>(options, std::move(ports), std::move(models));
    listening = engine_.get();
  }
  ~centre() { stop(); }
  centre(const centre&) = delete;
  centre& operator=(const centre&) = delete;

  /// Afterwards the models are nobody's: a test may look at them.
  void stop() {
    log.release();
    listening = nullptr;
    engine_->stop();
    writer.reset();
  }

  command_envelope of(std::string type, std::vector<value::entry> data) {
    command_envelope e;
    {
      const std::lock_guard hold{ids_mutex_};
      e.id = ids.make(nine).text();
    }
    e.type = std::move(type);
    e.source = "phone-1";
    e.data = value{value::map{}};
    for (auto& [key, item] : data)
      e.data.set(key, std::move(item));
    return e;
  }
  command_envelope open(const std::string& contact, const std::string& queue = "care") {
    return of("contact.open", {{"contact", contact}, {"channel", "phone"}, {"queue", queue}});
  }
  std::future<reply> send(command_envelope e) {
    auto told = std::make_shared<std::promise<reply>>();
    auto out = told->get_future();
    engine_->submit(std::move(e), "conn-1", [told](reply r) { told->set_value(std::move(r)); });
    return out;
  }
  static reply wait(std::future<reply> f) {
    REQUIRE(f.wait_for(patience) == std::future_status::ready);
    return f.get();
  }
  reply ask(command_envelope e) { return wait(send(std::move(e))); }

  std::pair<int, std::string> wait_for_death() {
    auto f = death.get_future();
    REQUIRE(f.wait_for(patience) == std::future_status::ready);
    return f.get();
  }
  void died(int code, std::string why) {
    if (!dead.exchange(true))
      death.set_value({code, std::move(why)});
  }
  std::vector<event_record> events() const { return log.read({})->events; }
  std::vector<std::string> types() const {
    std::vector<std::string> out;
    for (const auto& e : events())
      out.push_back(e.type);
    return out;
  }
  actor_engine& engine() { return *engine_; }
  /// What the operator was told so far.
  words told() {
    const std::lock_guard hold{told_mutex_};
    return told_;
  }

  manual_clocks clocks{nine};
  engine_clock clock;
  clear_sealer keys;
  fakes::held_log log;
  std::unique_ptr<store::log_writer> writer;
  uuid7_maker ids;
  std::atomic<actor_engine*> listening{nullptr};
  std::promise<std::pair<int, std::string>> death;
  std::atomic<bool> dead{false};

private:
  clock_readings readings(std::function<std::chrono::nanoseconds()> steady) {
    auto out = clocks.readings();
    if (steady)
      out.steady = std::move(steady);
    return out;
  }

  void note(std::string line) {
    const std::lock_guard hold{told_mutex_};
    told_.push_back(std::move(line));
  }

  std::mutex ids_mutex_;  ///< clients are made on several threads
  std::mutex told_mutex_;
  words told_;
  std::unique_ptr<actor_engine> engine_;
};

} // namespace careline::kernel::fakes
