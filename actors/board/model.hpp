#pragma once

#include "actors/board/state.hpp"
#include "actors/kernel/capability.hpp"

namespace careline::board {

/// The live board: a fold of every event into contract §4's figures, per queue, per channel, for
/// the centre; for the day since local midnight, by interval, by minute, and since the log began.
/// It owns no command and decides nothing. Time is what the events say and the `now` handed in.
///
/// One event costs O(log n) in the contacts that wait, whatever the number of queues and agents.
/// The same events give the same answers to the byte, in one process or another, live, replayed or
/// loaded from a snapshot.
class board_model final : public kernel::capability {
public:
  std::string_view name() const noexcept override { return "board"; }

  answer<kernel::decision> decide(const command& c, const kernel::turn_context& in) const override;
  answer<kernel::decision> take_over(const command& c, const kernel::decision& from,
                                     const kernel::turn_context& in) const override;
  /// Requires: every event of the log, in order, from the first or from what was loaded.
  void evolve(const event& e, instant at) override;

  std::optional<instant> wakes_at() const override { return std::nullopt; }
  std::vector<event> due(const kernel::turn_context&) override { return {}; }
  std::vector<event> settle(const kernel::turn_context&) override { return {}; }
  std::vector<event> react(const event&, const kernel::turn_context&) const override { return {}; }

  /// Answers board.show (see show.hpp) at the query's `time`, or at `in.now`; a time before the
  /// last event counts as that event's. An unknown `queue`: `routing.unknown_queue`.
  answer<value> ask(const command& query, const kernel::turn_context& in) const override;

  value save() const override { return board::save(state_); }
  bool load(const value& from) override;
  value part(std::string_view subject) const override { return board::part(state_, subject); }

  const board::state& state() const noexcept { return state_; }
  /// The log position it stands at: the number of events taken in.
  position at() const noexcept { return state_.events; }
  /// Says that the log is at `at`: for events that a follower could not read.
  void stand_at(position at) noexcept { state_.events = at; }

private:
  board::state state_;
};

} // namespace careline::board
