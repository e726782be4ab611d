#include <catch2/catch.hpp>

#include "gateway/bus/bus_relay.hpp"
#include "gateway/bus/sockets.hpp"
#include "tests/gateway/keyed_bus.hpp"

// A relay between a gateway that has a key and a bus that asks for one.

using namespace careline;
using namespace careline::gateway::bus;

namespace {

/// Lets all pass, and counts it.
struct passer final : go_between {
  relayed on_command(const std::string&, value&, std::vector<value>&) override {
    ++commands;
    return relayed::as_it_came;
  }
  relayed on_reply(const std::string&, value&) override { return relayed::as_it_came; }
  relayed on_event(value&, std::vector<value>&) override {
    ++events;
    return relayed::as_it_came;
  }
  void on_subscription(const std::string&, bool) override {}

  std::atomic<int> commands{0};
  std::atomic<int> events{0};
};

/// A keyed bus, and a relay before it by the key of phone-1.
struct keyed_relay {
  keyed_bus on;
  const client_key behind = on.keeper.let_in("phone-1", {"note.", "log.read"}, {"contact."});
  const key_pair front = make_key_pair();
  passer by;
  std::unique_ptr<bus_relay> relay = std::move(*bus_relay::open(
      {"tcp://127.0.0.1:0", "tcp://127.0.0.1:0", on.bus.server->commands_address(),
       on.bus.server->events_address(), behind, front.secret_key},
      by));

  /// As the gateway has it: to it the relay is the engine.
  client_key of_gateway() const {
    return {behind.client, behind.public_key, behind.secret_key, front.public_key};
  }
  std::unique_ptr<bus_client> client(const client_key& key) const {
    return std::move(*bus_client::connect(relay->commands_address(), nullptr, key));
  }
  static command_envelope note() {
    command_envelope c;
    c.type = "note.make";
    return c;
  }
};

} // namespace

TEST_CASE("through a relay a gateway commands and hears by its key", "[keys]") {
  keyed_relay r;
  const auto gateway = r.client(r.of_gateway());
  raw_subscriber follows{r.relay->events_address(), r.of_gateway(), {""}};
  // A beat is told to who has subscribed: then what it subscribed to is there.
  REQUIRE(follows.next().first == log_head_topic);
  const auto told = gateway->ask(r.note(), patience);
  REQUIRE(told);
  CHECK(told->outcome == outcome_kind::accepted);
  CHECK(follows.next_event().first == "contact.noted");
  CHECK(r.by.commands == 1);
  CHECK(r.by.events == 1);
  for (const auto& use : r.on.keeper.uses())
    CHECK(use.client == client_id{"phone-1"});
  auto refused = r.note();
  refused.type = "queue.define";
  const auto no = gateway->ask(std::move(refused), patience);
  REQUIRE(no);
  REQUIRE(no->why);
  CHECK(no->why->type == "security.not_allowed");
}

TEST_CASE("before a relay with a key nobody else gets in", "[keys]") {
  keyed_relay r;
  client_key used;
  SECTION("without a key") {}
  SECTION("with another key, though the bus behind accepts it") {
    used = r.on.keeper.another_key("phone-1");
    used.server_key = r.front.public_key;
  }
  SECTION("with the right one for another engine") { used = r.behind; }
  const auto stranger = r.client(used);
  stranger->send(r.note());
  // Long after it could have been in, the gateway's own commands go through.
  const auto gateway = r.client(r.of_gateway());
  for (int i = 0; i < 20; ++i)
    REQUIRE(gateway->ask(r.note(), patience));
  CHECK_FALSE(stranger->receive(std::chrono::milliseconds{0}));
  CHECK(stranger->is_away());
  CHECK(r.by.commands == 20);
}
