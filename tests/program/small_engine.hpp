#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/board/model.hpp"
#include "gateway/bus/bus_server.hpp"
#include "messages/codec.hpp"
#include "messages/json.hpp"

namespace careline::program_test {

/// An engine small enough to hold in a test: a log in memory and a board inside, on a real bus.
class small_engine final : public gateway::ingress {
public:
  static inline const instant nine = from_ms(1'772'413'200'000);

  small_engine() { open("tcp://127.0.0.1:0", "tcp://127.0.0.1:0"); }
  ~small_engine() override { die(); }

  /// As after kill -9: the sockets are gone, the log stays.
  void die() { bus_.reset(); }
  void live_again() { open(commands, events); }
  /// The same addresses with nothing in the log.
  void forget_everything() {
    const std::scoped_lock lock{mutex_};
    log_.clear();
    last_.clear();
    inside_ = board::board_model{};
  }

  void tell(double after_s, const event& e) {
    auto r = std::make_shared<event_record>();
    {
      const std::scoped_lock lock{mutex_};
      r->at = log_.size() + 1;
      r->type = type_of(e);
      r->previous = last_[r->type];
      last_[r->type] = r->at;
      r->time = nine + from_seconds(after_s);
      r->subject = subject_of(e);
      r->actor = "test";
      r->data = pack(data_of(e, true));
      log_.push_back(*r);
      inside_.evolve(e, r->time);
    }
    if (bus_)
      bus_->publish({r});
  }

  position head() const {
    const std::scoped_lock lock{mutex_};
    return log_.size();
  }
  std::string shown_inside(instant time) const {
    const std::scoped_lock lock{mutex_};
    query::board_show asked;
    asked.time = time;
    return to_json(*inside_.ask(asked, {}));
  }

  void submit(command_envelope command, std::string, gateway::respond answer) override {
    reply out;
    out.id = command.id;
    const std::scoped_lock lock{mutex_};
    if (command.type == query::log_read::type && pages_left-- <= 0)
      out = refuse(command.id, because("engine.busy"));
    else if (command.type == query::log_read::type)
      out.data = page_after(command.data);
    else if (command.type == query::engine_status::type)
      out.data = status();
    else
      out.data = value::map{{"asked", command.type}};
    answer(std::move(out));
  }

  std::string commands;
  std::string events;
  std::atomic<int> pages_left{1'000'000};  ///< of the log; after that it is busy

private:
  void open(std::string commands_at, std::string events_at) {
    gateway::bus::bus_options how;
    how.commands = std::move(commands_at);
    how.events = std::move(events_at);
    how.head = log_.size();
    how.last_of_types = {last_.begin(), last_.end()};
    auto opened = gateway::bus::bus_server::open(how, *this);
    if (!opened)
      throw std::runtime_error{opened.error()};
    bus_ = std::move(*opened);
    commands = bus_->commands_address();
    events = bus_->events_address();
  }
  value page_after(const value& asked) const {
    const auto after = static_cast<std::size_t>(asked.int_or("after", 0));
    const auto limit = static_cast<std::size_t>(asked.int_or("limit", 1000));
    value::list found;
    auto at = after;
    for (; at < log_.size() && found.size() < limit; ++at)
      found.push_back(*to_value(log_[at]));
    return value::map{{"events", std::move(found)},
                      {"next", static_cast<std::uint64_t>(at)},
                      {"head", static_cast<std::uint64_t>(log_.size())}};
  }
  value status() const {
    const auto time = log_.empty() ? nine : log_.back().time;
    return value::map{{"time", to_rfc3339(time)},
                      {"speed", 1.0},
                      {"head", static_cast<std::uint64_t>(log_.size())}};
  }

  mutable std::mutex mutex_;
  std::vector<event_record> log_;
  std::map<std::string, position> last_;
  board::board_model inside_;
  std::unique_ptr<gateway::bus::bus_server> bus_;
};

} // namespace careline::program_test
