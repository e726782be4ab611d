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

TEST_CASE("who says yes to a callback asks for it once, and no longer hangs up", "[R2.1.6]") {
  const contact_id caller{"C"};
  const auto waiting = [&](bool takes_callback) {
    people folk;
    reception::contact_open open;
    open.contact = caller;
    program::contact_manner how;
    how.patience = 60s;
    how.takes_callback = takes_callback;
    folk.arriving(open, how);
    reception::contact_opened came;
    came.contact = caller;
    folk.saw(came, nine);
    return folk;
  };
  routing::contact_rule_applied announces;
  announces.contact = caller;
  announces.actions.emplace_back().announce = "soon";
  auto offers = announces;
  offers.actions.emplace_back().offer_callback = true;

  auto stays = waiting(false);
  stays.saw(offers, nine + 20s);
  CHECK(stays.next() == nine + 60s);

  auto folk = waiting(true);
  folk.saw(announces, nine + 10s);
  CHECK(folk.next() == nine + 60s);
  folk.saw(offers, nine + 20s);
  REQUIRE(folk.next() == nine + 20s);
  const auto does = folk.take();
  const auto* asks = std::get_if<routing::contact_request_callback>(&does.what);
  REQUIRE(asks);
  CHECK(asks->contact == caller);
  CHECK_FALSE(asks->number.empty());
  routing::contact_callback_requested asked;
  asked.contact = caller;
  folk.saw(asked, nine + 20s);
  folk.saw(offers, nine + 40s);  // the rule fires again
  CHECK_FALSE(folk.next());
}
