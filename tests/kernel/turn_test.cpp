#include <catch2/catch.hpp>

#include <deque>

#include "actors/kernel/turn.hpp"
#include "fake_parts.hpp"

using namespace careline;
using namespace careline::kernel;

namespace {

const auto nine = parse_rfc3339("2026-03-02T09:00:00+08:00")->at;

/// Has deadlines, and notes how many of them were over whenever it was asked to decide.
class waiting_room final : public fakes::capability_base {
public:
  std::string_view name() const noexcept override { return "room"; }
  void evolve(const event&, instant) override {}
  std::optional<instant> wakes_at() const override {
    return deadlines.empty() ? std::nullopt : std::optional{deadlines.front()};
  }
  std::vector<event> due(const turn_context&) override {
    deadlines.pop_front();
    ++over;
    return {};
  }
  std::vector<event> settle(const turn_context&) override {
    decided_with.push_back(over);
    return {};
  }

  std::deque<instant> deadlines;
  int over = 0;
  std::vector<int> decided_with;
};

} // namespace

TEST_CASE("an engine that was away decides on what fell due meanwhile together: nobody goes to the "
          "second best although the best is free again") {
  waiting_room room;
  turn of{room};
  room.deadlines = {nine + std::chrono::seconds{1}, nine + std::chrono::seconds{2}};
  clear_sealer keys;
  turn_context in;
  in.keys = &keys;
  in.now = nine + std::chrono::seconds{3};
  of.wake(in);
  REQUIRE_FALSE(room.decided_with.empty());
  CHECK(room.decided_with.front() == 2);
}
