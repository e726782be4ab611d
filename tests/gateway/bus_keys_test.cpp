#include <catch2/catch.hpp>

#include <algorithm>

#include "gateway/bus/event_gate.hpp"
#include "gateway/bus/sockets.hpp"
#include "messages/uuid.hpp"
#include "messages/z85.hpp"
#include "tests/gateway/keyed_bus.hpp"

using namespace careline;
using namespace careline::gateway::bus;

namespace {

command_envelope said(const std::string& type, value data = value{value::map{}},
                      std::string source = {}) {
  command_envelope c;
  c.type = type;
  c.data = std::move(data);
  c.source = std::move(source);
  return c;
}

/// Code of the answer; "" when it was accepted, "no answer" when there was none.
std::string code_of(const std::optional<reply>& r) {
  if (!r)
    return "no answer";
  return r->why ? r->why->type : std::string{};
}

/// What the small engine says to words that are the vocabulary's and not its own: the bus has let
/// them pass.
constexpr auto passed = "command.type_unknown";

bool was_noted(const keyed_bus& on, security::refusal what, const std::string& client,
               const std::string& reason) {
  const auto all = on.keeper.refusals();
  return std::ranges::any_of(all, [&](const auto& one) {
    return one.what == what && one.client.text() == client && one.reason == reason;
  });
}

} // namespace

TEST_CASE("who has a key is let in, is named by it, and may send what the book says", "[keys]"
          "") {
  keyed_bus on;
  const auto key = on.keeper.let_in("phone-1", {"note.", "contact.open", "session."}, {"*"});
  auto client = on.client(key);
  CHECK(code_of(client->ask(said("note.make"), patience)).empty());
  CHECK(code_of(client->ask(said("contact.open"), patience)) == passed);
  CHECK(code_of(client->ask(said("queue.define"), patience)) == "security.not_allowed");
  CHECK(on.bus.engine.times_asked("queue.define") == 0);
  CHECK(on.bus.server->figures().refused_commands == 1);
  CHECK(was_noted(on, security::refusal::command, "phone-1", "security.not_allowed"));
  const auto used = on.keeper.uses();
  REQUIRE(used.size() == 1);
  CHECK(used[0].client == client_id{"phone-1"});
  CHECK(used[0].fingerprint == fingerprint_of(key.public_key));
  CHECK(used[0].host == "127.0.0.1");
}

TEST_CASE("without a key, or with one that nobody has, there is no connection", "[keys]") {
  keyed_bus on;
  const auto known = on.keeper.let_in("phone-1", {"note."}, {"*"});
  client_key used;
  std::string reason;
  SECTION("no key") { reason = "security.no_key"; }
  SECTION("a key that nobody has") {
    const auto pair = make_key_pair();
    used = {"phone-1", pair.public_key, pair.secret_key, on.keeper.server().public_key};
    reason = "security.unknown_key";
  }
  SECTION("a revoked key") {
    used = known;
    on.keeper.revoke(known);
    reason = "security.unknown_key";
  }
  const auto stranger = on.client(used);
  stranger->send(said("note.make"));
  CHECK(eventually([&] { return on.bus.server->figures().refused_connections > 0; }));
  CHECK(eventually([&] {
    return was_noted(on, security::refusal::connection,
                     reason == "security.unknown_key" && used.public_key == known.public_key
                         ? "phone-1"
                         : "",
                     reason);
  }));
  CHECK(stranger->is_away());
  CHECK(on.bus.engine.times_asked("note.make") == 0);
  CHECK(on.bus.server->figures().commands == 0);
}

TEST_CASE("who takes another for the engine sends nothing", "[keys]") {
  keyed_bus on;
  auto key = on.keeper.let_in("phone-1", {"note."}, {"*"});
  key.server_key = make_key_pair().public_key;
  const auto client = on.client(key);
  client->send(said("note.make"));
  CHECK(eventually([&] { return on.bus.server->figures().refused_connections > 0; }));
  CHECK(client->is_away());
  CHECK(on.bus.engine.times_asked("note.make") == 0);
}

TEST_CASE("nobody speaks under another's name, as a source or as a session", "[keys]") {
  keyed_bus on;
  auto client = on.client(on.keeper.let_in("phone-1", {"note.", "session."}, {"*"}));
  CHECK(code_of(client->ask(said("note.make", value{value::map{}}, "phone-2"), patience))
        == "security.source_claimed");
  for (const auto* type : {"session.hello", "session.beat", "session.close"})
    CHECK(code_of(client->ask(said(type, value{value::map{{"name", "phone-2"}}}), patience))
          == "security.source_claimed");
  CHECK(code_of(client->ask(said("session.hello", value{value::map{{"name", "phone-1"}}}),
                            patience))
        == passed);
  CHECK(on.bus.engine.times_asked("note.make") == 0);
  CHECK(was_noted(on, security::refusal::source, "phone-1", "security.source_claimed"));
}

TEST_CASE("a key that is revoked while its connection is open is worth nothing from then on",
          "[keys][R9.1.2b]") {
  keyed_bus on;
  const auto old_key = on.keeper.let_in("phone-1", {"note."}, {"*"});
  auto client = on.client(old_key);
  CHECK(code_of(client->ask(said("note.make"), patience)).empty());
  SECTION("the client's other key goes on") {
    auto other = on.client(on.keeper.another_key("phone-1"));
    CHECK(code_of(other->ask(said("note.make"), patience)).empty());
    on.keeper.revoke(old_key);
    CHECK(code_of(client->ask(said("contact.open"), patience)) == "security.unknown_key");
    CHECK(code_of(other->ask(said("note.make"), patience)).empty());
  }
  SECTION("a right that is taken away") {
    on.keeper.change("phone-1", {}, {});
    CHECK(code_of(client->ask(said("contact.open"), patience)) == "security.not_allowed");
    on.keeper.change("phone-1", {"contact."}, {});
    CHECK(code_of(client->ask(said("contact.open"), patience)) == passed);
  }
}

TEST_CASE("a call for help is let through whatever its client may do", "[keys][R9.3.3f]") {
  keyed_bus on;
  const auto key = on.keeper.let_in("hall-1", {}, {});
  auto client = on.client(key);
  const value help{value::map{{"channel", "kiosk"}, {"safety", true}}};
  CHECK(code_of(client->ask(said("contact.open", value{value::map{{"channel", "kiosk"}}}),
                            patience))
        == "security.not_allowed");
  CHECK(code_of(client->ask(said("contact.open", help), patience)) == passed);
  CHECK(code_of(client->ask(said("contact.open", help, "another"), patience)) == passed);
  on.keeper.revoke(key);
  CHECK(code_of(client->ask(said("contact.open", help), patience)) == passed);
  CHECK(on.bus.engine.times_asked("contact.open") == 3);
}

TEST_CASE("with the handler of keys gone nobody is let in, and the bus says so", "[keys]") {
  test_keeper keeper;
  const auto key = keeper.let_in("phone-1", {"note."}, {"*"});
  std::atomic<int> alarms{0};
  bus_options o;
  o.keeper = &keeper;
  o.secret_key = keeper.server().secret_key;
  o.alarm = [&](const std::string&) { ++alarms; };
  bus_on_loopback bus{o};
  CHECK(eventually([&] { return bus.server->figures().key_turns > 0; }));
  keeper.fail();
  const auto client =
      std::move(*bus_client::connect(bus.server->commands_address(), nullptr, key));
  client->send(said("note.make"));
  CHECK(eventually([&] { return !bus.server->figures().lets_in; }));
  CHECK(eventually([&] { return alarms == 1; }));
  const auto later =
      std::move(*bus_client::connect(bus.server->commands_address(), nullptr, key));
  later->send(said("note.make"));
  CHECK(eventually([&] { return bus.server->figures().refused_connections > 1; }));
  CHECK(bus.engine.times_asked("note.make") == 0);
}
