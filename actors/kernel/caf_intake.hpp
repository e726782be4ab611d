#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "actors/kernel/caf_engine.hpp"
#include "actors/kernel/caf_messages.hpp"

namespace careline::kernel {

/// The pulses of one actor, how many and when the last one was; steady times.
struct actor_pulse {
  std::atomic<std::uint64_t> asked{0};
  std::atomic<std::uint64_t> answered{0};
  std::atomic<std::int64_t> asked_ns{0};
  std::atomic<std::int64_t> answered_ns{0};
  std::atomic<std::uint64_t> waiting{0};  ///< messages fetched from its mailbox, when it answered
};

/// What the engine's front and its actors share: counters that any thread may read.
struct engine_gauges {
  explicit engine_gauges(std::size_t actors) : pulses(actors) {}

  std::vector<actor_pulse> pulses;
  std::atomic<std::size_t> submissions{0};
  std::atomic<bool> stopping{false};
  std::atomic<bool> ended{false};       ///< no actor is there any more
  std::atomic<std::uint64_t> slow_handlers{0};
  std::atomic<position> board_at{0};
  std::atomic<std::size_t> sessions_open{0};
  std::atomic<std::int64_t> room_bytes{0};
  std::atomic<std::size_t> in_flight{0};
  std::atomic<std::uint64_t> safety_handed_over{0};  ///< by the intake
  std::atomic<std::uint64_t> safety_at_the_door{0};  ///< handed over before any actor saw it

  mutable std::mutex mutex;  ///< guards the rest; held for a copy only
  outcome_counts commands;     ///< a second old at most
  std::optional<clock_jump> jumped;
  std::vector<std::pair<std::string, std::string>> fallbacks;  ///< told, not yet taken
};

/// An actor's answer: it got round to it, and so many messages wait behind.
inline void answer_pulse(const pulse& p, engine_gauges& in, std::size_t waiting,
                         const shell_parts& of) {
  auto& mine = in.pulses.at(p.of);
  mine.waiting = waiting;
  mine.answered_ns = std::chrono::nanoseconds{of.clock.lease_now().time_since_epoch()}.count();
  ++mine.answered;
}

struct intake_setup {
  engine_options options;
  shell_parts parts;
  std::shared_ptr<directory> peers;
  std::shared_ptr<engine_gauges> gauges;
  digest_function digest;
};

/// Admits commands and gives them to their owners (design §5.5).
class intake_actor : public engine_actor {
public:
  intake_actor(caf::actor_config& config, intake_setup setup);

  caf::behavior make_behavior() override;

private:
  /// The log's memory of answers, as the intake asks for it.
  class log_memory final : public command_memory {
  public:
    explicit log_memory(const shell_parts& parts) : parts_(parts) {}
    std::optional<known_reply> find(const std::string& client,
                                    const std::string& id) const override;

  private:
    const shell_parts& parts_;
  };

  struct parked {
    job what;
    std::chrono::nanoseconds until;
  };

  void take(submission& s);
  void note_heard(const std::string& client);
  void give(admitted a);
  void tell_at_position(const job& j);
  void try_parked();
  void read_log(const job& j);
  void tell_status(const job& j);
  void finish(std::uint64_t ticket, reply with);
  void keep_house();
  void watch_clock();
  void note(const event& what);
  void write_gauges();
  intake_moment moment();

  intake_setup setup_;
  log_memory memory_;
  intake intake_;
  std::unordered_map<std::string, std::chrono::nanoseconds> heard_;
  std::int64_t room_bytes_ = 0;
  std::int64_t reserve_bytes_ = 0;
  std::chrono::nanoseconds room_seen_{};
  std::vector<parked> parked_;  ///< queries that wait for their position
  std::vector<std::shared_ptr<std::promise<void>>> draining_;
};

} // namespace careline::kernel
