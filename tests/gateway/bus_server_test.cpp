#include <catch2/catch.hpp>

#include <fstream>
#include <set>

#include "gateway/bus/head_beat.hpp"
#include "gateway/bus/sockets.hpp"
#include "messages/uuid.hpp"
#include "tests/gateway/bus_fixture.hpp"

using namespace careline;
using namespace careline::gateway::bus;

namespace {

/// A client that sends exactly the frames it is told to.
struct raw_client {
  raw_client(const std::string& address, zmq::socket_type type, const std::string& name = {},
             int reads_ahead = 1000)
      : socket(context, type) {
    socket.set(zmq::sockopt::rcvhwm, reads_ahead);
    socket.set(zmq::sockopt::linger, 0);
    const std::chrono::milliseconds wait = patience;
    socket.set(zmq::sockopt::rcvtimeo, static_cast<int>(wait.count()));
    if (!name.empty())
      socket.set(zmq::sockopt::routing_id, name);
    socket.connect(address);
  }
  void send(const std::vector<std::string>& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i)
      socket.send(zmq::buffer(frames[i]),
                  i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
  }
  std::vector<std::string> receive() {
    std::vector<std::string> frames;
    zmq::message_t frame;
    do {
      if (!socket.recv(frame))
        return frames;
      frames.push_back(frame.to_string());
    } while (frame.more());
    return frames;
  }
  reply answer_to(const std::vector<std::string>& frames) {
    send(frames);
    const auto got = receive();
    REQUIRE_FALSE(got.empty());
    const auto body = unpack(got.back(), 1 << 22);
    REQUIRE(body);
    return *read_reply(*body);
  }

  zmq::context_t context;
  zmq::socket_t socket;
};

const std::string some_id = "0195a7c2-8f10-7000-8000-00000000002a";

std::string body_of(command_envelope c, const std::string& id = some_id) {
  c.id = id;
  return pack(to_value(c));
}

std::string code(const reply& r) {
  return r.why ? r.why->type : std::string{};
}

/// The hex dumps of docs/wire.md in order: command, reply, event, beat.
std::vector<std::string> examples_of_the_book() {
  std::ifstream book{CARELINE_SOURCE_DIR "/docs/wire.md"};
  std::vector<std::string> dumps;
  bool is_inside = false;
  for (std::string line; std::getline(book, line);) {
    const bool is_dump = line.size() > 2 && line[2] == ' '
                         && line.find_first_not_of("0123456789abcdef ") >= 49;
    if (is_dump && !is_inside)
      dumps.emplace_back();
    is_inside = is_dump;
    if (is_dump)
      for (const char digit : line.substr(0, 48))
        if (digit != ' ')
          dumps.back() += digit;
  }
  return dumps;
}

} // namespace

TEST_CASE("a client may ask one at a time, or with and without the empty frame", "[bus]") {
  bus_on_loopback bus;
  const auto body = body_of(note());
  GIVEN("a REQ socket") {
    raw_client client{bus.server->commands_address(), zmq::socket_type::req};
    CHECK(client.answer_to({body}).at == 1);
  }
  GIVEN("a DEALER that sends the empty frame") {
    raw_client client{bus.server->commands_address(), zmq::socket_type::dealer};
    client.send({"", body});
    const auto got = client.receive();
    THEN("the reply has it too") {
      REQUIRE(got.size() == 2);
      CHECK(got[0].empty());
      CHECK(read_reply(*unpack(got[1]))->id == some_id);
    }
  }
  GIVEN("a DEALER that sends the bare body") {
    raw_client client{bus.server->commands_address(), zmq::socket_type::dealer};
    client.send({body});
    THEN("the reply is bare") { CHECK(client.receive().size() == 1); }
  }
  GIVEN("frames that proxies have put before") {
    raw_client client{bus.server->commands_address(), zmq::socket_type::dealer};
    client.send({"hop-1", "hop-2", "", body});
    const auto got = client.receive();
    THEN("they come back in place") {
      REQUIRE(got.size() == 4);
      CHECK(got[0] == "hop-1");
      CHECK(got[1] == "hop-2");
      CHECK(got[2].empty());
    }
  }
}

TEST_CASE("a thousand commands in flight get one reply each, whoever is answered first", "[bus]") {
  bus_on_loopback bus;
  auto client = *bus_client::connect(bus.server->commands_address());
  std::set<std::string> open;
  for (int i = 0; i < 1000; ++i) {
    auto c = note();
    if (i % 2 == 0)
      c.type = "note.hold";
    open.insert(client->send(c));
  }
  REQUIRE(open.size() == 1000);
  for (int i = 0; i < 500; ++i) {
    const auto r = client->receive(patience);
    REQUIRE(r);
    CHECK(open.erase(r->id) == 1);
  }
  bus.engine.let_go();
  for (int i = 0; i < 500; ++i) {
    const auto r = client->receive(patience);
    REQUIRE(r);
    CHECK(open.erase(r->id) == 1);
  }
  CHECK(open.empty());
  CHECK(bus.server->figures().commands == 1000);
}

TEST_CASE("the bytes on the wire are those of the book", "[bus]") {
  const auto book = examples_of_the_book();
  REQUIRE(book.size() == 4);
  command_envelope c;
  c.id = some_id;
  c.type = "agent.sign_out";
  c.source = "desk-1";
  c.data.set("agent", "A");
  CHECK(to_hex(pack(to_value(c))) == book[0]);
  reply r;
  r.id = some_id;
  r.at = 300;
  CHECK(to_hex(pack(to_value(r))) == book[1]);
  event_record e;
  e.at = 300;
  e.previous = 12;
  e.time = from_ms(1'772'413'200'000);
  e.type = "agent.signed_out";
  e.subject = "agent/A";
  e.actor = "desk-1";
  e.causation = some_id;
  e.data = pack(c.data);
  CHECK(to_hex(to_bus_body(e)) == book[2]);
  CHECK(to_hex(to_bus_body(head_news{300, 298, {{"agent.signed_out", 300}}})) == book[3]);
}

TEST_CASE("what cannot be understood is answered with its reason, and counted", "[bus]") {
  bus_on_loopback bus;
  raw_client client{bus.server->commands_address(), zmq::socket_type::dealer};
  SECTION("bytes that are no MessagePack") {
    const auto r = client.answer_to({"", "\xC1\xFFjunk"});
    CHECK(r.outcome == outcome_kind::invalid);
    CHECK(code(r) == "command.malformed");
    CHECK(r.id.empty());
    CHECK(r.why->detail == "broken bytes at 0");
  }
  SECTION("nothing at all") { CHECK(code(client.answer_to({"", ""})) == "command.malformed"); }
  SECTION("one empty frame") { CHECK(code(client.answer_to({""})) == "command.malformed"); }
  SECTION("two bodies") { CHECK(code(client.answer_to({"", "a", "b"})) == "command.malformed"); }
  SECTION("more frames than any proxy puts before") {
    std::vector<std::string> frames(40, "hop");
    frames.emplace_back("");
    frames.push_back(body_of(note()));
    CHECK(code(client.answer_to(frames)) == "command.malformed");
  }
  SECTION("a text where a map belongs") {
    CHECK(code(client.answer_to({"", pack(value{"hello"})})) == "command.malformed");
  }
  SECTION("a key that stands twice: the reply still names the id") {
    auto v = value{value::map{{"id", some_id}, {"type", "a.b"}, {"type", "c.d"}}};
    const auto r = client.answer_to({"", pack(v)});
    CHECK(code(r) == "command.malformed");
    CHECK(r.id == some_id);
  }
  SECTION("bytes after the end") {
    const auto r = client.answer_to({"", body_of(note()) + "x"});
    CHECK(code(r) == "command.malformed");
    CHECK(r.id == some_id);
  }
  SECTION("a body cut short") {
    const auto whole = body_of(note());
    CHECK(client.answer_to({"", whole.substr(0, whole.size() - 3)}).id == some_id);
  }
  SECTION("a missing field") {
    const auto r = client.answer_to({"", pack(value{value::map{{"id", some_id}}})});
    CHECK(r.id == some_id);
    CHECK(code(r) == "command.field_missing");
    CHECK(r.why->field == "type");
  }
  SECTION("no id") {
    CHECK(code(client.answer_to({"", pack(value{value::map{{"type", "a.b"}}})}))
          == "command.field_missing");
  }
  CHECK(bus.server->figures().malformed == 1);
  CHECK(bus.engine.connections().empty());
  // And the next sound command is served.
  CHECK(client.answer_to({"", body_of(note())}).outcome == outcome_kind::accepted);
}

TEST_CASE("a body above 64 KiB is refused by name, a frame above 1 MiB drops its connection",
          "[bus]") {
  bus_on_loopback bus;
  raw_client client{bus.server->commands_address(), zmq::socket_type::dealer};
  auto large = note();
  large.data.set("text", std::string(70'000, 'x'));
  const auto r = client.answer_to({"", body_of(large)});
  CHECK(code(r) == "command.too_large");
  CHECK(r.id == some_id);
  CHECK(bus.server->figures().too_large == 1);
  WHEN("another client leaves by itself") {
    {
      raw_client other{bus.server->commands_address(), zmq::socket_type::req};
      other.answer_to({body_of(note())});
    }
    THEN("that is no drop") {
      client.answer_to({"", body_of(note())});
      CHECK(bus.server->figures().dropped_connections == 0);
    }
  }
  WHEN("a frame of 2 MiB comes") {
    client.send({"", std::string(std::size_t{2} << 20U, 'x')});
    THEN("it is counted, never handed in, and the client goes on after it") {
      CHECK(eventually([&] { return bus.server->figures().dropped_connections >= 1; }));
      CHECK(bus.engine.times_asked("note.make") == 0);
      raw_client next{bus.server->commands_address(), zmq::socket_type::req};
      CHECK(next.answer_to({body_of(note())}).outcome == outcome_kind::accepted);
    }
  }
}

TEST_CASE("any bytes get exactly one answer and never stop the bus", "[bus]") {
  bus_on_loopback bus;
  raw_client client{bus.server->commands_address(), zmq::socket_type::dealer};
  std::uint32_t seed = 20260302;
  const auto next = [&] { return seed = seed * 1664525U + 1013904223U; };
  const auto sound = body_of(note());
  const int count = 2'000;
  for (int i = 0; i < count; ++i) {
    auto bytes = sound;
    for (auto changes = next() % 8 + 1; changes > 0; --changes)
      bytes[next() % bytes.size()] = static_cast<char>(next() >> 24U);
    client.send({"", bytes.substr(0, next() % (bytes.size() + 1))});
  }
  for (int i = 0; i < count; ++i)
    REQUIRE(client.receive().size() == 2);
  CHECK(client.answer_to({"", sound}).id == some_id);
}

TEST_CASE("two connections of one client are told apart", "[bus]") {
  bus_on_loopback bus;
  raw_client one{bus.server->commands_address(), zmq::socket_type::req};
  raw_client two{bus.server->commands_address(), zmq::socket_type::req, "B"};
  one.answer_to({body_of(note())});
  two.answer_to({body_of(note())});
  one.answer_to({body_of(note())});
  const auto seen = bus.engine.connections();
  REQUIRE(seen.size() == 3);
  CHECK(seen[0] == seen[2]);
  CHECK(seen[1] == "42");
}

TEST_CASE("a reply to a connection that has gone is counted, and one after the end is harmless",
          "[bus]") {
  bus_on_loopback bus;
  raw_client client{bus.server->commands_address(), zmq::socket_type::dealer};
  auto held = note();
  held.type = "note.hold";
  client.send({"", body_of(held)});
  REQUIRE(eventually([&] { return bus.engine.times_asked("note.hold") == 1; }));
  SECTION("the bus is still there") {
    client.send({"", std::string(std::size_t{2} << 20U, 'x')});
    REQUIRE(eventually([&] { return bus.server->figures().dropped_connections == 1; }));
    // A question that went all the way round: by now the sockets know as well.
    raw_client other{bus.server->commands_address(), zmq::socket_type::req};
    other.answer_to({body_of(note())});
    bus.engine.let_go();
    CHECK(eventually([&] { return bus.server->figures().unroutable == 1; }));
  }
  SECTION("the bus has gone too") {
    bus.engine.tell(nullptr);
    bus.server.reset();
    bus.engine.let_go();
  }
}

TEST_CASE("a client that does not read its replies loses them, and costs no more than that",
          "[bus]") {
  bus_options narrow;
  narrow.replies_bytes_max = 1024 * 1024;
  bus_on_loopback bus{narrow};
  raw_client client{bus.server->commands_address(), zmq::socket_type::dealer, {}, 1};
  auto list = note();
  list.type = "note.list";
  list.data.set("rows", 6);
  list.data.set("row_bytes", 100'000);
  constexpr std::uint64_t asked = 100;
  for (std::uint64_t i = 0; i < asked; ++i)
    client.send({"", body_of(list)});
  const auto figures = [&] { return bus.server->figures(); };
  REQUIRE(eventually([&] { return figures().replies + figures().unread == asked; }));
  CHECK(figures().unread > asked / 2);
  // Counted before anybody else asks: a reply is counted after it has gone out.
  const auto sent = figures().replies;
  const auto others = bus_client::connect(bus.server->commands_address());
  CHECK((*others)->ask(note(), patience));
  // What was sent to it is there when it reads again, and then it is answered as before.
  for (std::uint64_t i = 0; i < sent; ++i)
    REQUIRE(client.receive().size() == 2);
  CHECK(client.answer_to({"", body_of(note())}).outcome == outcome_kind::accepted);
}

TEST_CASE("a client that reads each reply is answered for as long as it asks", "[bus]") {
  bus_options narrow;
  narrow.replies_bytes_max = 4 * 1024;
  bus_on_loopback bus{narrow};
  for (const bool with_delimiter : {true, false}) {
    raw_client client{bus.server->commands_address(), zmq::socket_type::dealer};
    const std::string body = body_of(note());
    for (int asked = 0; asked < 3'000; ++asked) {
      client.send(with_delimiter ? std::vector<std::string>{"", body}
                                 : std::vector<std::string>{body});
      REQUIRE(client.receive().size() == (with_delimiter ? 2U : 1U));
    }
  }
  CHECK(bus.server->figures().unread == 0);
}

TEST_CASE("a subscriber that reads nothing is disconnected; the others miss nothing", "[bus]") {
  bus_options narrow;
  narrow.events_bytes_max = 1024 * 1024;
  bus_on_loopback bus{narrow};
  zmq::context_t of_its_own;
  zmq::socket_t deaf{of_its_own, zmq::socket_type::sub};
  deaf.set(zmq::sockopt::linger, 0);
  deaf.set(zmq::sockopt::rcvhwm, 1);
  deaf.set(zmq::sockopt::rcvbuf, 4096);
  deaf.set(zmq::sockopt::reconnect_ivl, -1);
  deaf.set(zmq::sockopt::subscribe, "");
  deaf.connect(bus.server->events_address());
  raw_client heeds{bus.server->events_address(), zmq::socket_type::sub};
  heeds.socket.set(zmq::sockopt::subscribe, "");
  const auto figures = [&] { return bus.server->figures(); };
  REQUIRE(eventually([&] { return figures().event_connections == 2; }));
  heeds.receive();  // the head: from here on it is told everything

  // It is ended before so much was published that the rest of the system would feel it.
  const std::vector<std::string> some(1000, "contact.noted");
  constexpr int most = 200;
  int rounds = 0;
  for (; figures().slow_subscribers == 0 && rounds < most; ++rounds) {
    bus.engine.write(some);
    for (std::size_t got = 0; got < some.size();)
      got += heeds.receive().front() == "contact.noted" ? 1 : 0;
  }
  CHECK(rounds < most);
  CHECK(eventually([&] { return figures().event_connections == 1; }));
  CHECK(figures().slow_subscribers == 1);
  CHECK(figures().published_at == bus.engine.head());
}

TEST_CASE("a subscriber that is behind and takes all that goes out stays; one that takes half goes",
          "[bus]") {
  bus_options narrow;
  narrow.events_bytes_max = 16 * 1024 * 1024;
  bus_on_loopback bus{narrow};
  raw_client heeds{bus.server->events_address(), zmq::socket_type::sub};
  heeds.socket.set(zmq::sockopt::subscribe, "");
  zmq::context_t of_its_own;
  zmq::socket_t behind{of_its_own, zmq::socket_type::sub};
  behind.set(zmq::sockopt::linger, 0);
  behind.set(zmq::sockopt::rcvhwm, 1);
  behind.set(zmq::sockopt::rcvbuf, 4096);
  behind.set(zmq::sockopt::reconnect_ivl, -1);
  behind.set(zmq::sockopt::rcvtimeo, static_cast<int>(to_ms(instant{patience})));
  behind.set(zmq::sockopt::subscribe, "");
  behind.connect(bus.server->events_address());
  const auto figures = [&] { return bus.server->figures(); };
  REQUIRE(eventually([&] { return figures().event_connections == 2; }));
  heeds.receive();

  const std::string long_type(16'000, 'n');
  const std::vector<std::string> some(32, long_type); // a mebibyte, with the type in the body
  const auto take_one = [&] {
    zmq::message_t topic;
    zmq::message_t body;
    do {
      REQUIRE(behind.recv(topic));
      REQUIRE(behind.recv(body));
    } while (topic.size() != long_type.size());
  };
  const auto round = [&](std::size_t takes) {
    bus.engine.write(some);
    for (std::size_t got = 0; got < some.size();)
      got += heeds.receive().front() == long_type ? 1 : 0;
    for (std::size_t i = 0; i < takes && figures().slow_subscribers == 0; ++i)
      take_one();
  };
  // More than the system itself holds for it.
  for (int i = 0; i < 12; ++i)
    round(0);
  for (int i = 0; i < 24; ++i)
    round(some.size());
  CHECK(figures().slow_subscribers == 0);
  int rounds = 0;
  for (; figures().slow_subscribers == 0 && rounds < 24; ++rounds)
    round(some.size() / 2);
  CHECK(rounds < 24);
  CHECK(eventually([&] { return figures().event_connections == 1; }));
}

TEST_CASE("the name of this machine is an address", "[bus]") {
  bus_on_loopback other; // an engine for it
  bus_options by_name;
  by_name.commands = by_name.events = "tcp://localhost:0";
  const auto opened = bus_server::open(by_name, other.engine);
  REQUIRE(opened);
  CHECK_THAT((*opened)->commands_address(), Catch::StartsWith("tcp://127.0.0.1:"));
  const auto client = bus_client::connect((*opened)->commands_address());
  CHECK((*client)->ask(note(), patience));
}

TEST_CASE("an engine that stops says so and lets what is in flight finish", "[bus]") {
  bus_on_loopback bus;
  raw_client client{bus.server->commands_address(), zmq::socket_type::dealer};
  auto held = note();
  held.type = "note.hold";
  client.send({"", body_of(held)});
  REQUIRE(eventually([&] { return bus.engine.times_asked("note.hold") == 1; }));
  bus.server->stop_taking();
  const auto r = client.answer_to({"", body_of(note(), "0195a7c2-8f10-7000-8000-00000000002b")});
  CHECK(r.outcome == outcome_kind::busy);
  CHECK(code(r) == "engine.stopping");
  CHECK(r.retry_ms);
  bus.engine.let_go();
  bus.server->close();
  const auto last = client.receive();
  REQUIRE(last.size() == 2);
  CHECK(read_reply(*unpack(last[1]))->id == some_id);
}

TEST_CASE("an engine that stops lets a call for help be put through", "[bus][R9.3.3f]") {
  bus_on_loopback bus;
  raw_client client{bus.server->commands_address(), zmq::socket_type::dealer};
  bus.server->stop_taking();
  auto help = note();
  help.type = "note.help";
  const auto r = client.answer_to({"", body_of(help)});
  CHECK(r.outcome == outcome_kind::accepted);
  CHECK_FALSE(r.retry_ms);
  CHECK(bus.engine.times_asked("note.help") == 0);
}

TEST_CASE("an address that is taken is named in the answer", "[bus]") {
  bus_on_loopback bus;
  bus_options second;
  second.commands = bus.server->commands_address();
  const auto opened = bus_server::open(second, bus.engine);
  REQUIRE_FALSE(opened);
  CHECK_THAT(opened.error(), Catch::Contains(second.commands));
}
