#pragma once

#include "actors/kernel/caf_intake.hpp"

namespace careline::kernel {

struct shell_setup {
  shell::role as;
  capability* of = nullptr;       ///< outlives the actor
  session_model* leases = nullptr;  ///< the same capability, where it is the sessions
  span restart_grace{};
  shell_parts parts;
  std::shared_ptr<directory> peers;
  std::shared_ptr<engine_gauges> gauges;
};

/// A shell as an actor: its mailbox is the order of its turns. Bounded by the commands in flight
/// and by the deliveries that the engine allows.
class shell_actor : public engine_actor {
public:
  shell_actor(caf::actor_config& config, shell_setup setup);

  caf::behavior make_behavior() override;

private:
  shell_ports ports();
  void wake_in(std::chrono::nanoseconds in);
  void wake(std::chrono::nanoseconds sent_for);
  std::chrono::nanoseconds steady() const;

  shell_setup setup_;
  shell shell_;
  std::optional<std::chrono::nanoseconds> armed_;  ///< when the earliest wake_up under way comes
};

struct follower_setup {
  capability* of = nullptr;  ///< outlives the actor
  position at = 0;
  span patience{};
  span each{};
  std::function<void(capability&, position, instant)> tick;
  std::function<void()> taken;  ///< one delivery less is waiting
  shell_parts parts;
  std::shared_ptr<directory> peers;
  std::shared_ptr<engine_gauges> gauges;
};

/// A capability that only follows the log: it decides nothing, and all it shows is durable.
class follower_actor : public engine_actor {
public:
  follower_actor(caf::actor_config& config, follower_setup setup);

  caf::behavior make_behavior() override;

private:
  struct parked {
    job what;
    std::chrono::nanoseconds until;
  };

  void take(const delivery& events);
  void ask(const job& j);
  void wake_soon();
  void show(const job& j);
  void try_parked();
  void say(const job& j, reply with);
  std::chrono::nanoseconds steady() const;

  follower_setup setup_;
  position at_;
  std::vector<parked> parked_;
  bool is_waking_ = false;  ///< a wake_up is under way: one looks after all that are parked
};

} // namespace careline::kernel
