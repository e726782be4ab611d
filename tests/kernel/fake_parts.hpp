#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/kernel/capability.hpp"
#include "messages/uuid.hpp"
#include "store/event_log.hpp"

namespace careline::kernel::fakes {

/// What every fake does alike: refuses what it does not know.
class capability_base : public capability {
public:
  answer<decision> decide(const command&, const turn_context&) const override {
    return no(because("command.type_unknown"));
  }
  answer<decision> take_over(const command&, const decision&, const turn_context&) const override {
    return no(because("command.type_unknown"));
  }
  std::optional<instant> wakes_at() const override { return std::nullopt; }
  std::vector<event> due(const turn_context&) override { return {}; }
  std::vector<event> settle(const turn_context&) override { return {}; }
  std::vector<event> react(const event&, const turn_context&) const override { return {}; }
  answer<value> ask(const command&, const turn_context&) const override {
    return no(because("command.type_unknown"));
  }
  value save() const override { return value{value::map{}}; }
  bool load(const value&) override { return false; }
};

/// One contact more than can be read again.
careline::routing::agent_state_changed crowded(const agent_id& agent);

/// Opens a contact and hands it to routing; rates contacts that it knows. The contact "ghost"
/// cannot be opened.
class reception final : public capability_base {
public:
  std::string_view name() const noexcept override { return "reception"; }
  answer<decision> decide(const command& c, const turn_context& in) const override;
  void evolve(const event& e, instant) override;

  std::set<std::string> known;
};

/// Queues contacts; the queue "nowhere" is unknown to it. A contact of queue "brief" times out
/// after 5 s. Signs agents in; a lost session turns its agents not ready. The agent "boom" makes it
/// throw, for the agent "slow" it takes its time, and the agent "crowd" has more contacts than an
/// event may name.
class routing final : public capability_base {
public:
  std::string_view name() const noexcept override { return "routing"; }
  answer<decision> decide(const command& c, const turn_context& in) const override;
  answer<decision> take_over(const command& c, const decision& from,
                             const turn_context& in) const override;
  void evolve(const event& e, instant at) override;
  std::optional<instant> wakes_at() const override;
  std::vector<event> due(const turn_context& in) override;
  std::vector<event> react(const event& e, const turn_context& in) const override;
  answer<value> ask(const command& query, const turn_context& in) const override;

  std::vector<std::string> waiting;
  std::map<std::string, instant> leaves;
  std::vector<std::string> seen;          ///< the types it evolved, in order
  std::function<void()> take_your_time;
};

/// Counts events.
class board final : public capability_base {
public:
  std::string_view name() const noexcept override { return "board"; }
  void evolve(const event&, instant) override { ++events; }
  answer<value> ask(const command&, const turn_context&) const override;

  std::int64_t events = 0;
};

/// A log whose appends a test can hold back, or let fail.
class held_log final : public store::event_log {
public:
  explicit held_log(std::unique_ptr<store::event_log> of) : of_(std::move(of)) {}

  void hold();
  void release();
  void fail_next();
  void lose_memory() { lost_ = true; }
  std::vector<std::vector<store::batch>> appended() const;

  void append(std::vector<store::batch> group, position expected_head, std::uint64_t epoch,
              append_done done) override;
  position head() const override { return of_->head(); }
  store::chain_hash head_hash() const override { return of_->head_hash(); }
  std::uint64_t epoch() const override { return of_->epoch(); }
  result<store::chain_hash, store::log_error> hash_at(position at) const override {
    return of_->hash_at(at);
  }
  result<store::page, store::log_error> read(const store::read_options& what) const override {
    return of_->read(what);
  }
  result<std::vector<event_record>, store::log_error>
  read_stream(std::string_view subject) const override {
    return of_->read_stream(subject);
  }
  result<std::optional<store::remembered>, store::log_error>
  find_command(const store::command_key& key) const override {
    if (lost_)
      return no(store::log_error{store::log_fault::damaged, "the memory is gone", 0});
    return of_->find_command(key);
  }
  result<std::optional<position>, store::log_error>
  find_checkpoint(std::string_view listener) const override {
    return of_->find_checkpoint(listener);
  }
  std::vector<std::pair<std::string, position>> last_of_types() const override {
    return of_->last_of_types();
  }
  std::int64_t room_bytes() const override { return of_->room_bytes(); }
  std::int64_t reserve_bytes() const override { return of_->reserve_bytes(); }

private:
  std::unique_ptr<store::event_log> of_;
  mutable std::mutex mutex_;
  std::condition_variable go_;
  bool held_ = false;
  bool failing_ = false;
  std::atomic<bool> lost_{false};
  std::vector<std::vector<store::batch>> appended_;
};

} // namespace careline::kernel::fakes
