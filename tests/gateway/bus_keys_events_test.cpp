#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <map>

#include "gateway/bus/event_gate.hpp"
#include "gateway/bus/sockets.hpp"
#include "tests/gateway/keyed_bus.hpp"

using namespace careline;
using namespace careline::gateway::bus;

namespace {

/// A role of few words, as a hall's display has.
const std::vector<std::string> few{"queue.", "contact.queued"};

std::vector<std::string> types_of(const collected& seen) {
  std::vector<std::string> out;
  for (const auto& e : seen.events())
    out.push_back(e.type);
  return out;
}

/// A beat is told to who has subscribed: then what it subscribed to is there.
void wait_until_there(raw_subscriber& client) {
  REQUIRE(client.next().first == log_head_topic);
}

} // namespace

TEST_CASE("a client hears what it may see and no more, however widely it subscribes",
          "[keys][R2.3.3]") {
  keyed_bus on;
  const auto display = on.keeper.let_in("hall-1", {"log.read"}, few);
  const auto board = on.keeper.let_in("board-1", {"log.read"}, {"*"});
  raw_subscriber narrow{on.bus.server->events_address(), display, {""}};
  raw_subscriber part{on.bus.server->events_address(), display, {"contact.", "log.head"}};
  raw_subscriber wide{on.bus.server->events_address(), board, {""}};
  for (auto* one : {&narrow, &part, &wide})
    wait_until_there(*one);
  on.bus.engine.write({"agent.signed_in", "contact.opened", "contact.queued", "queue.defined",
                       "contact.queued"});
  for (const auto* type : {"contact.queued", "queue.defined", "contact.queued"})
    CHECK(narrow.next_event().first == type);
  for (const auto* type : {"contact.queued", "contact.queued"})
    CHECK(part.next_event().first == type);
  for (const auto* type : {"agent.signed_in", "contact.opened", "contact.queued"})
    CHECK(wide.next_event().first == type);
}

TEST_CASE("a topic that a client may not see is answered, written down and brings nothing",
          "[keys][R2.3.3]") {
  keyed_bus on;
  const auto display = on.keeper.let_in("hall-1", {"log.read"}, few);
  const auto own = refusal_topic(client_id{"hall-1"});
  raw_subscriber client{on.bus.server->events_address(), display, {"agent.", "queue.", own}};
  const auto [topic, body] = client.next_event();
  CHECK(topic == own);
  const auto said = unpack(body);
  REQUIRE(said);
  CHECK(said->text_or("topic") == "agent.");
  CHECK(said->find("problem")->text_or("type") == "security.not_visible");
  CHECK(on.bus.server->figures().refused_topics == 1);
  const auto noted = on.keeper.refusals();
  REQUIRE(noted.size() == 1);
  CHECK(noted[0].what == security::refusal::topic);
  CHECK(noted[0].word == "agent.");
  CHECK(noted[0].client == client_id{"hall-1"});
  on.bus.engine.write({"agent.signed_in", "queue.defined"});
  CHECK(client.next_event().first == "queue.defined");
}

TEST_CASE("one client is not told what another was refused", "[keys][R2.3.3]") {
  keyed_bus on;
  const auto first = on.keeper.let_in("hall-1", {"log.read"}, few);
  const auto second = on.keeper.let_in("hall-2", {"log.read"}, few);
  const auto own = refusal_topic(client_id{"hall-1"});
  const auto others = refusal_topic(client_id{"hall-2"});
  raw_subscriber curious{on.bus.server->events_address(), first, {others, "queue.", own}};
  CHECK(curious.next_event().first == own);
  raw_subscriber refused{on.bus.server->events_address(), second, {"agent.", others}};
  CHECK(refused.next_event().first == others);
  on.bus.engine.write({"queue.defined"});
  CHECK(curious.next_event().first == "queue.defined");
}

TEST_CASE("a client is not told what another was refused whose name begins with its own",
          "[keys][R2.3.3]") {
  const auto own = refusal_topic(client_id{"hall-1"});
  const auto others = refusal_topic(client_id{"hall-10"});
  // And as clients asked for it before the topic had an end.
  for (const auto& form : {own, std::string{"access.refused/hall-1"}}) {
    keyed_bus on;
    const auto first = on.keeper.let_in("hall-1", {"log.read"}, few);
    const auto longer = on.keeper.let_in("hall-10", {"log.read"}, few);
    raw_subscriber client{on.bus.server->events_address(), first, {"queue.", form, "agent."}};
    CHECK(client.next_event().first == own);
    raw_subscriber refused{on.bus.server->events_address(), longer, {"agent.", others}};
    CHECK(refused.next_event().first == others);
    on.bus.engine.write({"queue.defined"});
    CHECK(client.next_event().first == "queue.defined");
    CHECK(on.keeper.refusals().size() == 2);
  }
}

TEST_CASE("a subscriber that asks without end keeps nobody else waiting for longer than a turn",
          "[keys]") {
  keyed_bus on;
  const auto board = on.keeper.let_in("board-1", {"log.read"}, {"*"});
  constexpr int topics = 900;
  constexpr int asks = 2;  // of each topic: whether it may be seen, and what it comes to
  std::map<std::uint64_t, int> asked_in_turn;
  int asked = 0;
  std::promise<void> all_taken;
  on.keeper.when_asked([&](std::string_view prefix) {
    if (!prefix.starts_with("queue."))
      return;
    static_cast<void>(make_key_pair());  // slower than they come, so that they pile up
    ++asked_in_turn[on.bus.server->figures().turns];
    if (++asked == asks * topics)
      all_taken.set_value();
  });
  std::vector<std::string> wanted;
  for (int i = 0; i < topics; ++i)
    wanted.push_back("queue." + std::to_string(i));
  raw_subscriber eager{on.bus.server->events_address(), board, wanted};
  REQUIRE(all_taken.get_future().wait_for(patience) == std::future_status::ready);
  for (const auto& [turn, count] : asked_in_turn)
    CHECK(count <= asks * 256);
}

TEST_CASE("what a client takes back costs no more for all else that it asked for", "[keys]") {
  keyed_bus on;
  const auto display = on.keeper.let_in("hall-1", {"log.read"}, few);
  const auto own = refusal_topic(client_id{"hall-1"});
  std::atomic<int> asked{0};
  on.keeper.when_asked([&](std::string_view) { ++asked; });
  constexpr int topics = 300;
  raw_subscriber client{on.bus.server->events_address(), display, {own}};
  const auto each = [&](auto&& what) {
    for (int i = 0; i < topics; ++i)
      what("queue." + std::to_string(i));
  };
  each([&](const std::string& topic) { client.subscribe(topic); });
  each([&](const std::string& topic) { client.unsubscribe(topic); });
  client.subscribe("agent.");  // once this one is answered, all before it was taken
  while (client.next_event().first != own) {
  }
  on.keeper.when_asked({});
  CHECK(asked <= 4 * topics);
}

TEST_CASE("what is unsubscribed ends, and what another topic still asks for goes on",
          "[keys][R2.3.3]") {
  keyed_bus on;
  const auto display = on.keeper.let_in("hall-1", {"log.read"}, few);
  const auto own = refusal_topic(client_id{"hall-1"});
  raw_subscriber client{on.bus.server->events_address(), display, {"", "contact.", own}};
  wait_until_there(client);
  client.unsubscribe("");
  // Behind it, on the same connection: once this one is answered, the other was taken back.
  client.subscribe("agent.");
  while (client.next_event().first != own) {
  }
  on.bus.engine.write({"queue.defined", "contact.queued"});
  CHECK(client.next_event().first == "contact.queued");
}

TEST_CASE("the log tells a client no more than the event socket does", "[keys][R2.3.3]") {
  keyed_bus on;
  on.bus.engine.write({"agent.signed_in", "contact.queued", "contact.opened", "queue.defined"});
  auto client = on.client(on.keeper.let_in("hall-1", {"log.read"}, few));
  const auto read = [&](value types) {
    command_envelope c;
    c.type = "log.read";
    c.data.set("after", std::uint64_t{0});
    if (!types.is_nil())
      c.data.set("types", std::move(types));
    const auto got = client->ask(std::move(c), patience);
    REQUIRE(got);
    CHECK(got->data.int_or("next", 0) == 4);
    std::vector<std::string> out;
    for (const auto& e : *got->data.find("events")->as<value::list>())
      out.emplace_back(e.text_or("type"));
    return out;
  };
  using words = std::vector<std::string>;
  CHECK(read({}) == words{"contact.queued", "queue.defined"});
  CHECK(read(value::list{value{"contact."}}) == words{"contact.queued"});
  CHECK(read(value::list{value{"agent."}}).empty());
  CHECK(read(value::list{value{"agent.signed_in"}, value{"queue.defined"}})
        == words{"queue.defined"});
}

TEST_CASE("a client that is revoked hears nothing from then on; the others miss nothing",
          "[keys][R9.1.2b]") {
  keyed_bus on;
  const auto leaving = on.keeper.let_in("desk-1", {"log.read"}, {"*"});
  const auto staying = on.keeper.let_in("desk-2", {"log.read"}, {"*"});
  collected one, other;
  const bus_subscriber gone{on.follow(leaving, {}), one.sink()};
  const bus_subscriber stays{on.follow(staying, {}), other.sink()};
  on.bus.engine.write({"contact.opened"});
  REQUIRE(one.wait_for(1));
  REQUIRE(other.wait_for(1));
  CHECK(eventually([&] { return gone.hears() && stays.hears(); }));
  on.keeper.revoke(leaving);
  on.bus.engine.write({"contact.opened", "contact.queued"});
  CHECK(other.wait_for(3));
  CHECK(eventually([&] { return on.bus.server->figures().event_connections == 1; }));
  on.bus.engine.write({"agent.signed_in"});
  CHECK(other.wait_for(4));
  CHECK(eventually([&] { return !gone.hears(); }));
  CHECK(one.events().size() == 1);
  CHECK(other.positions() == std::vector<position>{1, 2, 3, 4});
}

TEST_CASE("a client whose roles change hears by the new ones, and misses nothing of what it may",
          "[keys][R2.3.3]") {
  keyed_bus on;
  const auto key = on.keeper.let_in("desk-1", {"log.read"}, {"*"});
  collected seen;
  auto options = on.follow(key, {"contact.", "agent.", "queue."});
  std::atomic<int> refused{0};
  options.on_refused = [&](const std::string& topic) { refused += topic == "agent." ? 1 : 0; };
  const bus_subscriber client{options, seen.sink()};
  on.bus.engine.write({"agent.signed_in"});
  REQUIRE(seen.wait_for(1));
  on.keeper.change("desk-1", {"log.read"}, few);
  on.bus.engine.write({"agent.signed_out", "contact.queued"});
  REQUIRE(seen.wait_for(2));
  CHECK(eventually([&] { return refused > 0; }));
  on.keeper.change("desk-1", {"log.read"}, {"*"});
  on.bus.engine.write({"agent.signed_in", "queue.defined"});
  // What it was not told while it might not see it, it is not told later.
  REQUIRE(seen.wait_for(4));
  const auto all = types_of(seen);
  CHECK(std::ranges::count(all, "contact.queued") == 1);
  CHECK(std::ranges::count(all, "queue.defined") == 1);
  CHECK(std::ranges::count(all, "agent.signed_in") == 2);
}

TEST_CASE("who takes part in this process needs no key", "[keys]") {
  keyed_bus on;
  subscriber_options o;
  o.events_address = on.bus.options.inproc_events;
  o.commands_address = on.bus.options.inproc_commands;
  o.context = on.bus.server->context();
  collected seen;
  {
    const bus_subscriber inside{o, seen.sink()};
    on.bus.engine.write({"agent.signed_in"});
    CHECK(seen.wait_for(1));
    on.bus.engine.write_silently({"contact.opened"});
    on.bus.engine.write({"contact.queued"});
    CHECK(seen.wait_for(3));
  }
  CHECK(seen.positions() == std::vector<position>{1, 2, 3});
  CHECK(on.keeper.refusals().empty());
}
