#include <catch2/catch.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <netinet/in.h>
#include <numeric>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/bus/head_beat.hpp"
#include "tests/gateway/bus_fixture.hpp"

using namespace careline;
using namespace careline::gateway::bus;

namespace {

subscriber_options follow_all(const bus_on_loopback& bus) {
  subscriber_options o;
  o.events_address = bus.server->events_address();
  o.commands_address = bus.server->commands_address();
  return o;
}

subscriber_options follow_only(const bus_on_loopback& bus, std::vector<std::string> types) {
  auto o = follow_all(bus);
  o.types = std::move(types);
  return o;
}

std::vector<position> from_to(position first, position last) {
  std::vector<position> all(last - first + 1);
  std::iota(all.begin(), all.end(), first);
  return all;
}

std::vector<position> sorted(std::vector<position> at) {
  std::sort(at.begin(), at.end());
  return at;
}

std::vector<std::string> times(std::size_t n, const std::string& type) {
  return std::vector<std::string>(n, type);
}

/// A SUB socket without any of our help.
struct raw_subscriber {
  raw_subscriber(const std::string& address, const std::string& prefix)
      : socket(context, zmq::socket_type::sub) {
    const std::chrono::milliseconds wait = patience;
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::rcvtimeo, static_cast<int>(wait.count()));
    socket.set(zmq::sockopt::subscribe, prefix);
    socket.connect(address);
  }
  std::pair<std::string, value> next() {
    zmq::message_t topic;
    zmq::message_t body;
    REQUIRE(socket.recv(topic));
    REQUIRE(topic.more());
    REQUIRE(socket.recv(body));
    REQUIRE_FALSE(body.more());
    const auto read = unpack(body.to_string_view());
    REQUIRE(read);
    return {topic.to_string(), *read};
  }
  std::pair<std::string, value> next_but(std::string_view topic) {
    auto got = next();
    while (got.first == topic)
      got = next();
    return got;
  }
  zmq::context_t context;
  zmq::socket_t socket;
};

/// Speaks ZeroMQ's protocol by hand: subscribes to `topic`, and takes back what it never asked for.
struct rude_subscriber {
  rude_subscriber(int port, const std::string& topic) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    std::string greeting{"\xFF\0\0\0\0\0\0\0\0\x7F\x03\0NULL", 16};
    greeting.resize(64, '\0');
    const std::string ready{"\x04\x19\x05READY\x0BSocket-Type\0\0\0\x03SUB", 27};
    say(greeting + ready);
    hear("XPUB"); // what comes before its own greeting is out is an error to it
    for (int i = 0; i < 20; ++i)
      say({"\0\x04\0abc", 6}); // unsubscribes from "abc"
    say(std::string{"\0", 1} + static_cast<char>(topic.size() + 1) + '\x01' + topic);
  }
  ~rude_subscriber() { close(fd); }
  void say(const std::string& bytes) {
    REQUIRE(::send(fd, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  }
  /// Waits until `text` has come.
  void hear(const std::string& text) {
    std::string all;
    while (all.find(text) == std::string::npos) {
      char some[1024];
      const auto n = recv(fd, some, sizeof some, 0);
      REQUIRE(n > 0);
      all.append(some, static_cast<std::size_t>(n));
    }
  }
  int fd = socket(AF_INET, SOCK_STREAM, 0);
};

int port_of(const std::string& address) {
  return std::stoi(address.substr(address.rfind(':') + 1));
}

} // namespace

TEST_CASE("a follower gets what was and what comes, each once and in order", "[bus]") {
  bus_on_loopback bus;
  bus.engine.write_silently(times(2'500, "contact.opened"));
  collected got;
  bus_subscriber follower{follow_all(bus), got.sink()};
  for (int i = 0; i < 50; ++i)
    bus.engine.write(times(10, "contact.queued"));
  REQUIRE(got.wait_for(3'000));
  CHECK(got.positions() == from_to(1, 3'000));
  const auto events = got.events();
  CHECK(events == bus.engine.log());
}

TEST_CASE("a follower begins where it is told", "[bus]") {
  bus_on_loopback bus;
  bus.engine.write(times(20, "contact.opened"));
  auto options = follow_all(bus);
  SECTION("behind the position that it had") {
    options.after = 15;
    collected got;
    bus_subscriber follower{options, got.sink()};
    REQUIRE(got.wait_for(5));
    CHECK(got.positions() == from_to(16, 20));
    CHECK(eventually([&] { return follower.at() == 20; }));
  }
  SECTION("at the head") {
    options.from_head = true;
    collected got;
    bus_subscriber follower{options, got.sink()};
    REQUIRE(eventually([&] { return follower.at() == 20; }));
    bus.engine.write({"contact.queued"});
    REQUIRE(got.wait_for(1));
    CHECK(got.positions() == from_to(21, 21));
  }
  SECTION("inside the process, without a network") {
    options.events_address = bus.options.inproc_events;
    options.context = bus.server->context();
    collected got;
    bus_subscriber follower{options, got.sink()};
    REQUIRE(got.wait_for(20));
    bus.engine.write({"contact.queued"});
    REQUIRE(got.wait_for(21));
    CHECK(got.positions() == from_to(1, 21));
  }
}

TEST_CASE("what the bus lost is read from the log before anything younger is handed on", "[bus]") {
  bus_on_loopback bus;
  collected got;
  bus_subscriber follower{follow_all(bus), got.sink()};
  bus.engine.write({"contact.opened"});
  REQUIRE(got.wait_for(1));
  bus.engine.write_silently(times(1'700, "contact.queued"));
  bus.engine.write({"contact.finished"});
  REQUIRE(got.wait_for(1'702));
  CHECK(got.positions() == from_to(1, 1'702));
  CHECK(eventually([&] { return follower.gaps() == 1; }));
}

TEST_CASE("a gap is counted before what filled it is handed on", "[bus]") {
  bus_on_loopback bus;
  collected got;
  std::atomic<bus_subscriber*> asked = nullptr;
  std::atomic<std::uint64_t> counted = 0;
  const auto to = got.sink();
  bus_subscriber follower{follow_all(bus), [&](const auto& run, position head) {
                            if (asked.load() && run.back().at == 3)
                              counted = asked.load()->gaps();
                            to(run, head);
                          }};
  asked = &follower;
  bus.engine.write({"contact.opened"});
  REQUIRE(got.wait_for(1));
  const auto before = follower.gaps();
  bus.engine.write_silently({"contact.queued"});
  bus.engine.write({"contact.finished"});
  REQUIRE(got.wait_for(3));
  CHECK(counted == before + 1);
}

TEST_CASE("the beat tells of events that were lost with none after them", "[bus]") {
  bus_options narrow;
  narrow.events_waiting_max = 4;
  bus_on_loopback bus{narrow};
  collected got;
  SECTION("to one that follows all") {
    bus_subscriber follower{follow_all(bus), got.sink()};
    bus.engine.write({"contact.opened"});
    REQUIRE(got.wait_for(1));
    bus.engine.write(times(30, "contact.queued"));
    REQUIRE(got.wait_for(31));
    CHECK(got.positions() == from_to(1, 31));
  }
  SECTION("to one that follows some") {
    bus_subscriber follower{follow_only(bus, {"offer.made"}), got.sink()};
    bus.engine.write({"offer.made"});
    REQUIRE(got.wait_for(1));
    auto many = times(10, "contact.queued");
    many.emplace_back("offer.made");
    bus.engine.write(many);
    REQUIRE(got.wait_for(2));
    CHECK(got.positions() == std::vector<position>{1, 12});
  }
  CHECK(bus.server->figures().events_skipped > 0);
}

TEST_CASE("one that follows some types misses none of them, and is not moved by others", "[bus]") {
  bus_on_loopback bus;
  collected got;
  bus_subscriber follower{follow_only(bus, {"contact.", "offer.made"}), got.sink()};
  bus.engine.write({"contact.opened", "agent.state_changed", "offer.made", "offer.expired"});
  REQUIRE(got.wait_for(2));
  CHECK(got.positions() == std::vector<position>{1, 3});
  const auto before = follower.gaps();  // the first may have come before it had subscribed
  WHEN("only others' events are lost") {
    bus.engine.write_silently(times(5, "agent.state_changed"));
    bus.engine.write({"contact.opened"});
    REQUIRE(got.wait_for(3));
    THEN("nothing had to be filled") {
      CHECK(got.positions() == std::vector<position>{1, 3, 10});
      CHECK(follower.gaps() == before);
    }
  }
  WHEN("one of them is lost and another of its type follows") {
    bus.engine.write_silently({"offer.made", "agent.state_changed"});
    bus.engine.write({"contact.queued", "offer.made"});
    REQUIRE(got.wait_for(5));
    THEN("it is there once, and in order inside its type") {
      const auto at = got.positions();
      CHECK(sorted(at) == std::vector<position>{1, 3, 5, 7, 8});
      CHECK(std::find(at.begin(), at.end(), 5) < std::find(at.begin(), at.end(), 8));
      CHECK(eventually([&] { return follower.gaps() == before + 1; }));
    }
  }
}

TEST_CASE("an engine that dies and comes back is followed on without loss or repetition", "[bus]") {
  bus_on_loopback bus;
  collected got;
  const bool some = GENERATE(false, true);
  auto options = some ? follow_only(bus, {"contact."}) : follow_all(bus);
  bus_subscriber follower{options, got.sink()};
  bus.engine.write(times(10, "contact.opened"));
  REQUIRE(got.wait_for(10));
  for (position round = 1; round <= 3; ++round) {
    bus.engine.tell(nullptr);
    bus.server.reset();
    bus.engine.write_silently(times(20, "contact.queued"));
    bus.restart();
    bus.engine.write({"contact.finished"});
    REQUIRE(got.wait_for(10 + 21 * round));
  }
  const auto at = got.positions();
  CHECK((some ? sorted(at) : at) == from_to(1, 73));
}

TEST_CASE("an event that nobody can read is told once and stops no follower", "[bus]") {
  bus_on_loopback bus;
  collected got;
  const bool some = GENERATE(false, true);
  auto options = some ? follow_only(bus, {"contact."}) : follow_all(bus);
  std::vector<std::string> told;
  options.on_unreadable = [&](const std::string& sentence) { told.push_back(sentence); };
  bus.engine.write({"contact.opened"});
  bus.engine.write_unreadable("contact.queued");
  bus.engine.write({"contact.queued"});
  {
    bus_subscriber follower{options, got.sink()};
    REQUIRE(got.wait_for(2));
    bus.engine.write_unreadable("contact.queued");
    bus.engine.write({"contact.queued", "contact.finished"});
    REQUIRE(got.wait_for(4));
    bus.engine.write_unreadable("contact.queued");
    CHECK(eventually([&] { return follower.at() == 7; }));
    CHECK(follower.unreadable() == 3);
  }
  CHECK(got.positions() == std::vector<position>{1, 3, 5, 6});
  REQUIRE(told.size() == 3);
  CHECK(told[2] == "the event 0-7 cannot be read and is left aside, because of its dataversion");
}

TEST_CASE("one that hears no beat reads the log, and says that it is deaf", "[bus]") {
  bus_on_loopback bus;
  auto options = follow_all(bus);
  options.events_address = "tcp://127.0.0.1:9"; // nobody is there
  options.silence_max = 20ms;
  collected got;
  bus_subscriber follower{options, got.sink()};
  for (std::size_t i = 1; i <= 3; ++i) {
    bus.engine.write({"contact.opened"});
    REQUIRE(got.wait_for(i));
  }
  CHECK(got.positions() == from_to(1, 3));
  CHECK_FALSE(follower.hears());
  bus_subscriber other{follow_all(bus), got.sink()};
  CHECK(eventually([&] { return other.hears(); }));
}

TEST_CASE("a log that cannot be read for now is not taken for another log", "[bus]") {
  bus_on_loopback bus;
  collected got;
  bool was_reset = false;
  auto options = follow_all(bus);
  options.on_reset = [&](position) { was_reset = true; };
  {
    bus_subscriber follower{options, got.sink()};
    bus.engine.write(times(10, "contact.opened"));
    REQUIRE(got.wait_for(10));
    bus.engine.fail_to_read(3);
    bus.engine.write_silently({"contact.queued"});
    bus.engine.write({"contact.finished"});
    REQUIRE(got.wait_for(12));
  }
  CHECK(got.positions() == from_to(1, 12));
  CHECK_FALSE(was_reset);
}

TEST_CASE("another log at the same place is noticed and followed from its first event", "[bus]") {
  bus_on_loopback bus;
  collected got;
  std::atomic<position> was{0};
  auto options = follow_all(bus);
  options.on_reset = [&](position p) { was = p; };
  bus_subscriber follower{options, got.sink()};
  bus.engine.write(times(10, "contact.opened"));
  REQUIRE(got.wait_for(10));
  bus.engine.forget_everything();
  bus.engine.write_silently(times(3, "queue.defined"));
  bus.restart();
  REQUIRE(got.wait_for(13));
  CHECK(was == 10);
  auto both = from_to(1, 10);
  both.insert(both.end(), {1, 2, 3});
  CHECK(got.positions() == both);
  CHECK(got.events().back().type == "queue.defined");
}

TEST_CASE("a subscriber that reads nothing slows neither the engine nor its neighbour", "[bus]") {
  bus_options narrow;
  narrow.events_waiting_max = 500;
  bus_on_loopback bus{narrow};
  raw_subscriber idle{bus.server->events_address(), ""};
  REQUIRE(idle.next().first == "log.head");
  collected got;
  bus_subscriber follower{follow_all(bus), got.sink()};
  auto client = *bus_client::connect(bus.server->commands_address());
  for (std::size_t i = 0; i < 200; ++i)
    bus.engine.write(times(100, "contact.opened"));
  REQUIRE(client->ask(note(), patience));
  REQUIRE(got.wait_for(20'001));
  CHECK(got.positions() == from_to(1, 20'001));
}

TEST_CASE("one that takes back what it never subscribed silences nobody else", "[bus]") {
  bus_on_loopback bus;
  raw_subscriber all{bus.server->events_address(), ""};
  REQUIRE(all.next().first == "log.head");
  rude_subscriber rude{port_of(bus.server->events_address()), "log.head"};
  rude.hear("log.head");
  bus.engine.write({"contact.opened"});
  CHECK(all.next_but("log.head").first == "contact.opened");
}

TEST_CASE("a plain SUB socket hears the beat at once, and then its prefix only", "[bus]") {
  bus_on_loopback bus;
  bus.engine.write({"agent.signed_in", "contact.opened", "contact.opened"});
  REQUIRE(eventually([&] { return bus.server->figures().events == 3; }));
  // The beat for a new subscriber is whole, and tells that the subscription has arrived.
  raw_subscriber beats{bus.server->events_address(), "log.head"};
  const auto [topic, body] = beats.next();
  CHECK(topic == "log.head");
  const auto news = read_head_news(body);
  REQUIRE(news);
  CHECK(body.text_or("partition") == "0");
  CHECK(news->head == 3);
  CHECK(news->since == 0);
  const decltype(news->types) all{{"agent.signed_in", 1}, {"contact.opened", 3}};
  CHECK(news->types == all);
  raw_subscriber contacts{bus.server->events_address(), "contact."};
  contacts.socket.set(zmq::sockopt::subscribe, "log.head");
  REQUIRE(contacts.next().first == "log.head"); // so the one before it has arrived too
  contacts.socket.set(zmq::sockopt::unsubscribe, "log.head");
  CHECK(bus.server->figures().event_connections == 2);
  bus.engine.write({"agent.signed_out", "contact.opened"});
  const auto [type, event] = contacts.next_but("log.head");
  CHECK(type == "contact.opened");
  CHECK(event.text_or("id") == "0-5");
  CHECK(event.int_or("position", 0) == 5);
  CHECK(event.int_or("previous", 0) == 3);
  CHECK(event.text_or("specversion") == "1.0");
}
