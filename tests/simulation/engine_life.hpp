#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/kernel/caf_engine.hpp"
#include "actors/kernel/log_recovery.hpp"
#include "store/simulated/simulated_disk.hpp"
#include "tests/simulation/setting.hpp"

namespace careline::simulation {

/// What every engine of a run has to do with, and what outlives it.
struct machine {
  setting& all;
  store::simulated_disk disk;
  kernel::manual_clocks clocks{nine};
  std::string snapshots;  ///< folder
};

/// What lives in an engine's memory, newborn: a capability joins the simulation, and every promise
/// that is made of all of them, by its line there.
kernel::engine_models newborn();

/// One process: the real writer, actors, intake and models over the simulated disk, opened as
/// `serve` opens them, and driven by hand. Destroying it is killing it: nothing more is written or
/// said.
class engine_life {
public:
  using tail = std::function<void(const std::vector<event_record>&)>;

  /// Nothing when it does not come up: the lock, or it dies in its first commit.
  static std::unique_ptr<engine_life> begin(machine& on, bool no_lock, tail durable);
  ~engine_life();
  engine_life(const engine_life&) = delete;
  engine_life& operator=(const engine_life&) = delete;

  kernel::actor_engine& engine() { return *engine_; }
  const kernel::actor_engine& engine() const { return *engine_; }
  store::log_writer& writer() { return *writer_; }
  kernel::engine_clock& clock() { return *clock_; }
  store::event_log& log() { return *log_; }
  position began_at() const noexcept { return began_at_; }
  /// Nobody is left in it to say anything.
  bool is_dead() const noexcept { return dead_; }
  const std::string& cause() const noexcept { return cause_; }
  void pass(span by) { engine_->go_on(by); }

  /// As they live; the engine owns them.
  const std::vector<kernel::capability*>& each() const noexcept { return each_; }
  const kernel::capability& named(std::string_view name) const;

private:
  engine_life(machine& on, tail durable) : on_(on), tail_(std::move(durable)) {}
  bool open(bool no_lock);
  bool begin_log();
  void recover();
  void start();
  void die(std::string why);

  machine& on_;
  tail tail_;
  kernel::log_birth birth_;
  position began_at_ = 0;
  position reacted_ = 0;
  bool dead_ = false;
  std::string cause_;
  clear_sealer keys_;
  std::unique_ptr<store::event_log> log_;
  std::unique_ptr<kernel::engine_clock> clock_;
  std::unique_ptr<store::log_writer> writer_;
  kernel::engine_models models_;
  std::vector<kernel::capability*> each_;
  std::unique_ptr<kernel::actor_engine> engine_;
};

} // namespace careline::simulation
