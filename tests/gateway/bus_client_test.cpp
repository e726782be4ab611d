#include <catch2/catch.hpp>

#include "tests/gateway/bus_fixture.hpp"

using namespace careline;
using namespace careline::gateway::bus;

namespace {

/// The engine has been there, and is away when the client connects.
std::unique_ptr<bus_client> client_of_one_gone(bus_on_loopback& bus) {
  const auto address = bus.server->commands_address();
  bus.engine.tell(nullptr);
  bus.server.reset();
  return *bus_client::connect(address);
}

} // namespace

TEST_CASE("a client goes on by itself when the engine starts again at the same place", "[bus]") {
  bus_on_loopback bus;
  auto client = *bus_client::connect(bus.server->commands_address());
  auto first = client->ask(note(), patience);
  REQUIRE(first);
  CHECK(first->at == 1);
  bus.restart();
  const auto second = client->ask(note(), patience, 50ms);
  REQUIRE(second);
  CHECK(second->at == 2);
}

TEST_CASE("asking waits out busy, sends the same id again, and keeps others' replies", "[bus]") {
  bus_on_loopback bus;
  auto client = *bus_client::connect(bus.server->commands_address());
  const auto other = client->send(note());
  auto busy = note();
  busy.type = "note.busy_once";
  const auto r = client->ask(busy, patience);
  REQUIRE(r);
  CHECK(r->outcome == outcome_kind::accepted);
  CHECK(bus.engine.times_asked("note.busy_once") == 2);
  const auto kept = client->receive(patience);
  REQUIRE(kept);
  CHECK(kept->id == other);
  CHECK_FALSE(client->receive(0ms));
}

TEST_CASE("no reply is unknown: the same id is sent again and has the effect of once", "[bus]") {
  bus_on_loopback bus;
  auto client = *bus_client::connect(bus.server->commands_address());
  auto held = note();
  held.type = "note.hold";
  const auto r = client->ask(held, 50ms, 10ms);
  CHECK_FALSE(r);
  REQUIRE(eventually([&] { return bus.engine.times_asked("note.hold") >= 2; }));
  bus.engine.let_go();
  const auto next = client->ask(note(), patience);
  REQUIRE(next);
  CHECK(next->at == 1);
  CHECK_FALSE(client->receive(0ms));
}

TEST_CASE("a command that a dying engine took along has its effect once after the restart",
          "[bus]") {
  bus_on_loopback bus;
  auto client = *bus_client::connect(bus.server->commands_address());
  auto command = note();
  command.type = "note.hold";
  command.id = client->send(command);
  REQUIRE(eventually([&] {
    CHECK_FALSE(client->receive(0ms)); // it goes out once there is a connection
    return bus.engine.times_asked("note.hold") == 1;
  }));
  bus.restart();
  bus.engine.let_go(); // to a bus that is no more
  command.type = "note.make";
  const auto first = client->ask(command, patience, 50ms);
  const auto second = client->ask(command, patience, 50ms);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->at == 1);
  CHECK(second->at == 1);
  CHECK(bus.engine.head() == 1);
}

TEST_CASE("asking where nobody listens ends at its time, and finds the engine once it is there",
          "[bus]") {
  bus_on_loopback bus;
  auto client = client_of_one_gone(bus);
  CHECK_FALSE(client->ask(note(), 30ms, 10ms));
  bus.restart();
  const auto r = client->ask(note("contact.opened"), patience, 50ms);
  REQUIRE(r);
  CHECK(r->outcome == outcome_kind::accepted);
  CHECK(bus.engine.last_of_types().back().first == "contact.opened");
}

TEST_CASE("what was given up while the engine was away does not reach it when it is back",
          "[bus]") {
  bus_on_loopback bus;
  auto client = client_of_one_gone(bus);
  for (int i = 0; i < 5; ++i)
    CHECK_FALSE(client->ask(note(), 30ms, 10ms));
  CHECK_FALSE(client->is_away());
  const auto waits = client->send(note("contact.waits"));
  CHECK(client->is_away());
  bus.restart();
  const auto r = client->receive(patience);
  REQUIRE(r);
  CHECK(r->id == waits);
  CHECK_FALSE(client->is_away());
  REQUIRE(client->ask(note(), patience));
  CHECK(bus.engine.times_asked("note.make") == 2);
}

TEST_CASE("a list of more rows than a command may have is read", "[bus]") {
  bus_on_loopback bus;
  auto client = *bus_client::connect(bus.server->commands_address());
  auto list = note();
  list.type = "note.list";
  list.data.set("rows", 10'000);
  const auto r = client->ask(list, patience);
  REQUIRE(r);
  REQUIRE(r->data.find("rows"));
  CHECK(r->data.find("rows")->as<value::list>()->size() == 10'000);
}

TEST_CASE("an address that ZeroMQ cannot read is refused with a sentence", "[bus]") {
  const auto client = bus_client::connect("nowhere");
  REQUIRE_FALSE(client);
  CHECK_THAT(client.error(), Catch::Contains("nowhere"));
}
