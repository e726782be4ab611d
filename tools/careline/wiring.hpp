#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "actors/board/frames.hpp"
#include "actors/kernel/caf_engine.hpp"
#include "actors/kernel/log_recovery.hpp"
#include "gateway/egress.hpp"
#include "gateway/http/http_server.hpp"
#include "gateway/ingress.hpp"
#include "store/event_log.hpp"

namespace careline::program {

// The joints between floors that do not know each other: sockets to actors, the log's tail to
// sockets, the board to pages.

/// The machine's own clocks.
kernel::clock_readings machine_clocks();

/// Hands what the gateways bring to the engine, once there is one; before and after it says busy,
/// but to a call for help, which is passed on at once and counted.
class engine_door final : public gateway::ingress {
public:
  /// `has_keys` false: nobody is known, and nobody may change who may do what.
  engine_door(kernel::outside_places places, bool has_keys)
      : places_(std::move(places)), has_keys_(has_keys) {}

  void submit(command_envelope command, std::string connection, gateway::respond answer) override;
  reply turn_away(const command_envelope& command, problem why) override;
  /// `to` null closes the door. The caller sees to it that nobody is in it when an engine ends.
  void lead_to(kernel::actor_engine* to) { to_ = to; }
  std::uint64_t safety_handed_over() const noexcept { return safety_handed_over_; }

private:
  const kernel::outside_places places_;
  const bool has_keys_;
  std::atomic<std::uint64_t> safety_handed_over_{0};
  std::atomic<kernel::actor_engine*> to_{nullptr};
};

/// The board as the pages see it: frames are made on the board's thread, whole ones are asked for
/// on the HTTP thread.
class board_pages {
public:
  /// The first frame, before anything runs.
  void begin(const board::board_model& board, instant now);
  /// One tick on the board's thread: what changed, to all pages.
  void show(const board::board_model& board, instant now);
  gateway::http::board_frame whole() const;
  /// Whom to show frames; null for nobody.
  void lead_to(gateway::http::http_server* to);

private:
  mutable std::mutex mutex_;
  board::frame_maker frames_;
  gateway::http::http_server* to_ = nullptr;
};

/// What a start looked like, for the person at the terminal:
/// "recovered: 12 contacts waiting, each at its place, 3 in progress, 40 agents, log at 1234".
std::string recovery_sentence(const board::board_model& board, instant now, position head);

} // namespace careline::program
