#include <catch2/catch.hpp>

#include "tools/careline/people.hpp"

// Simulated people alone: what they are told, and what they do next.

using namespace careline;
using program::people;

namespace {

const agent_id anna{"A"};
constexpr instant nine{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 9h};

routing::agent_state_changed changed(routing::agent_state state, std::string reason) {
  routing::agent_state_changed e;
  e.agent = anna;
  e.state = state;
  e.ready = state != routing::agent_state::not_ready;
  e.reason = std::move(reason);
  return e;
}

people with_anna(std::optional<span> back_after) {
  people folk;
  program::agent_manner how;
  how.back_after = back_after;
  folk.behave(anna, how);
  return folk;
}

} // namespace

TEST_CASE("an agent who was set aside for a missed offer does not stay away for the whole day") {
  for (const auto* reason : {"missed_offers", "session_lost"}) {
    auto folk = with_anna(20s);
    folk.saw(changed(routing::agent_state::not_ready, reason), nine);
    REQUIRE(folk.next() == nine + 20s);
    const auto does = folk.take();
    const auto* ready = std::get_if<routing::agent_set_state>(&does.what);
    REQUIRE(ready);
    CHECK(ready->agent == anna);
    CHECK(ready->state == routing::agent_state::ready);
    CHECK_FALSE(folk.next());
  }
}

TEST_CASE("who went away of their own will, or was back before, is left in peace") {
  auto folk = with_anna(20s);
  SECTION("away to lunch") { folk.saw(changed(routing::agent_state::not_ready, "lunch"), nine); }
  SECTION("set aside, then away to lunch") {
    folk.saw(changed(routing::agent_state::not_ready, "missed_offers"), nine);
    folk.saw(changed(routing::agent_state::not_ready, "lunch"), nine + 5s);
  }
  SECTION("set aside, then ready") {
    folk.saw(changed(routing::agent_state::not_ready, "missed_offers"), nine);
    folk.saw(changed(routing::agent_state::ready, {}), nine + 5s);
  }
  SECTION("stays away for good, as a scenario's people do") {
    folk = with_anna(std::nullopt);
    folk.saw(changed(routing::agent_state::not_ready, "missed_offers"), nine);
  }
  CHECK_FALSE(folk.next());
}
