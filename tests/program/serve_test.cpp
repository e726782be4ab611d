#include <arpa/inet.h>
#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.hpp>

#include "messages/uuid.hpp"
#include "tests/program/kept_snapshots.hpp"
#include "tests/program/real_engine.hpp"

// The real program over real sockets: what a gateway and an agent's desk see of `careline serve`.

using namespace careline;

namespace {

constexpr auto first_contact = R"({"contact":"C-1","channel":"phone","queue":"care"})";
constexpr auto of_c1 = R"({"contact":"C-1","agent":"A"})";

instant wall() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  return from_ms(t.tv_sec * 1000 + t.tv_nsec / 1'000'000);
}

bool accepts(real::desk& d, std::string_view type, std::string_view json) {
  const auto r = d.ask(type, json);
  UNSCOPED_INFO(type << ": " << (r.why ? r.why->type + " " + r.why->detail : "accepted"));
  return r.outcome == outcome_kind::accepted;
}

/// The first answer, be it `busy`: a desk would send again what is busy.
reply first_answer(const real::engine& e, std::string_view type, value data) {
  auto line = gateway::bus::bus_client::connect(e.address("commands"));
  REQUIRE(line);
  command_envelope c;
  c.type = type;
  c.source = "desk-1";
  c.data = std::move(data);
  (*line)->send(std::move(c));
  auto told = (*line)->receive(real::patience);
  REQUIRE(told);
  return std::move(*told);
}

void define_care(real::desk& d) {
  REQUIRE(accepts(d, "queue.define",
                  R"({"queue":"care","ring_s":600,"fallback":"external:branch-2"})"));
}

std::vector<std::string> waiting_in_care(real::desk& d) {
  const auto shown = d.ask("queue.show", R"({"queue":"care"})");
  std::vector<std::string> out;
  if (const auto* rows = shown.data.find("waiting"))
    for (const auto& row : *rows->as<value::list>())
      out.emplace_back(row.text_or("contact"));
  return out;
}

/// What a subscriber to everything is sent, byte for byte.
class eavesdropper {
public:
  explicit eavesdropper(const std::string& address) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvtimeo, 30'000);
    socket_.set(zmq::sockopt::subscribe, "");
    socket_.connect(address);
    until("log.head");  // from now on nothing is missed
  }
  /// All frames up to and with the next event of that type.
  std::string until(std::string_view topic) {
    std::string all;
    for (;;) {
      zmq::message_t name;
      zmq::message_t body;
      REQUIRE(socket_.recv(name));
      REQUIRE(socket_.recv(body));
      all += name.to_string() + body.to_string();
      if (name.to_string_view() == topic)
        return all;
    }
  }

private:
  zmq::context_t context_;
  zmq::socket_t socket_{context_, zmq::socket_type::sub};
};

/// What a page gets that asks for `path`: what came until `enough` said so, or the engine hung up.
std::string get(const std::string& url, const std::string& path,
                const std::function<bool(const std::string&)>& enough) {
  const auto host = url.substr(std::string{"http://"}.size());
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(host.substr(host.find(':') + 1))));
  inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  const int s = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  const auto ask = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  REQUIRE(send(s, ask.data(), ask.size(), 0) == static_cast<ssize_t>(ask.size()));
  std::string all;
  pollfd look{s, POLLIN, 0};
  while (!enough(all) && poll(&look, 1, 15'000) > 0) {
    std::array<char, 4096> some{};
    const auto n = read(s, some.data(), some.size());
    if (n <= 0)
      break;
    all.append(some.data(), static_cast<std::size_t>(n));
  }
  close(s);
  return all;
}
std::string get(const std::string& url, const std::string& path) {
  return get(url, path, [](const std::string&) { return false; });
}

/// Every file below a folder, one after the other.
std::string bytes_below(const std::string& folder) {
  std::string all;
  for (const auto& file : std::filesystem::recursive_directory_iterator{folder}) {
    if (!file.is_regular_file())
      continue;
    std::ifstream in{file.path(), std::ios::binary};
    all.append(std::istreambuf_iterator<char>{in}, {});
  }
  return all;
}

} // namespace

TEST_CASE("a contact comes in, is offered, accepted and finished over the bus", "[serve]") {
  const real::data_folder data;
  real::engine e{data.path};
  REQUIRE(e.ready.starts_with("ready commands=tcp://127.0.0.1:"));
  CHECK(e.ready.find(" events=tcp://127.0.0.1:") != std::string::npos);
  CHECK(e.ready.find(" http=http://127.0.0.1:") != std::string::npos);

  real::desk phone{e, "phone-1"};
  real::desk agents{e, "desk-1"};
  define_care(phone);
  REQUIRE(accepts(agents, "agent.sign_in", R"({"agent":"A"})"));
  const auto opened = phone.ask("contact.open", first_contact);
  REQUIRE(opened.outcome == outcome_kind::accepted);
  CHECK(opened.data.text_or("contact") == "C-1");
  CHECK(opened.at > 0);
  CHECK(accepts(agents, "offer.accept", of_c1));
  CHECK(accepts(agents, "contact.finish", of_c1));

  const auto shown = phone.ask("contact.show", R"({"contact":"C-1"})");
  REQUIRE(shown.data.find("timeline"));
  std::vector<std::string> types;
  for (const auto& item : *shown.data.find("timeline")->as<value::list>())
    types.emplace_back(item.text_or("type"));
  CHECK(types.front() == "contact.opened");
  CHECK(types.back() == "contact.finished");
  CHECK(std::count(types.begin(), types.end(), "offer.made") == 1);

  const auto why = phone.ask("why.contact", R"({"contact":"C-1"})");
  REQUIRE(why.data.find("decisions"));
  CHECK(why.data.find("decisions")->as<value::list>()->front().text_or("agent") == "A");

  const auto log = phone.ask("log.read", R"({"after":0})");
  const auto& events = *log.data.find("events")->as<value::list>();
  CHECK(events.front().text_or("type") == "log.created");
  const auto head = log.data.int_or("head", 0);
  CHECK(static_cast<std::size_t>(head) == events.size());
  CHECK(accepts(phone, "board.show", R"({"min_position":)" + std::to_string(head) + "}"));
  const auto behind = first_answer(e, "queue.list", value::map{{"min_position", 99'999}});
  REQUIRE(behind.why);
  CHECK(behind.why->type == "engine.behind");
  CHECK(e.end(SIGTERM) == 0);
}

TEST_CASE("after kill -9 places in the queue are kept and the same id gives the same reply",
          "[serve][R2.3.5]") {
  const real::data_folder data;
  const auto id = uuid7_maker{}.make(wall()).text();
  reply first;
  {
    real::engine e{data.path};
    real::desk phone{e, "phone-1"};
    define_care(phone);
    first = phone.ask("contact.open", first_contact, id);
    for (const auto* contact : {"C-2", "C-3"})
      REQUIRE(accepts(phone, "contact.open", R"({"channel":"phone","queue":"care","contact":")"
                                                 + std::string{contact} + "\"}"));
    e.end(SIGKILL);
  }
  real::engine e{data.path};
  real::desk phone{e, "phone-1"};
  CHECK(waiting_in_care(phone) == std::vector<std::string>{"C-1", "C-2", "C-3"});
  const auto again = phone.ask("contact.open", first_contact, id);
  CHECK(again.outcome == first.outcome);
  CHECK(again.at == first.at);
  CHECK(again.data == first.data);
  CHECK(phone.ask("contact.open", R"({"contact":"C-9","channel":"phone","queue":"care"})", id)
            .why->type == "command.id_reused");
  CHECK(e.end(SIGINT) == 0);
  CHECK(e.said().find("recovered: 3 contacts waiting") != std::string::npos);
}

TEST_CASE("an agent in talk is in talk after a restart, from snapshots too", "[serve]") {
  const real::data_folder data;
  const std::vector<std::string> often{"--snapshot-events", "3"};
  for (const auto& how : {std::vector<std::string>{}, often, often}) {
    real::engine e{data.path, how};
    real::desk d{e, "desk-1"};
    if (how.empty()) {
      define_care(d);
      REQUIRE(accepts(d, "agent.sign_in", R"({"agent":"A"})"));
      REQUIRE(accepts(d, "contact.open", first_contact));
      REQUIRE(accepts(d, "offer.accept", of_c1));
    } else {
      REQUIRE(accepts(d, "contact.hold", of_c1));
      REQUIRE(accepts(d, "contact.resume", of_c1));
      real::ask_until_snapshots(d, data.path);
    }
    e.end(how.empty() ? SIGKILL : SIGTERM);
  }
  real::engine e{data.path};
  real::desk d{e, "desk-1"};
  CHECK(accepts(d, "contact.finish", of_c1));
  CHECK_FALSE(std::filesystem::is_empty(data.path + "/snapshots"));
}

TEST_CASE("a second engine on the same data is refused with a sentence", "[serve]") {
  const real::data_folder data;
  real::engine first{data.path};
  real::engine second{data.path};
  CHECK(second.ready.empty());
  CHECK(second.end(0) == 1);
  CHECK(second.said().find(data.path) != std::string::npos);
  CHECK(first.end(SIGTERM) == 0);
}

TEST_CASE("a data folder keeps its speed", "[serve]") {
  const real::data_folder data;
  {
    real::engine e{data.path, {"--speed", "60"}};
    REQUIRE_FALSE(e.ready.empty());
    real::desk d{e, "desk-1"};
    CHECK(d.ask("engine.status", "{}").data.number_or("speed", 0) == 60);
    CHECK(e.end(SIGTERM) == 0);
  }
  real::engine e{data.path};
  CHECK(e.end(0) == 2);
  CHECK(e.said().find("speed 60") != std::string::npos);
}

TEST_CASE("a centre far from Shanghai is told its own wall clock by the engine itself", "[serve]") {
  const real::data_folder data;
  {
    real::engine e{data.path, {"--time-zone", "America/Lima"}};
    REQUIRE_FALSE(e.ready.empty());
    real::desk d{e, "desk-1"};
    CHECK(d.ask("engine.status", "{}").data.int_or("offset_minutes", 0) == -300);
    CHECK(d.ask("board.show", "{}").data.int_or("offset_minutes", 0) == -300);
    CHECK(e.end(SIGTERM) == 0);
  }
  // The log keeps it, whatever the configuration says later.
  real::engine e{data.path};
  real::desk d{e, "desk-1"};
  CHECK(d.ask("engine.status", "{}").data.int_or("offset_minutes", 0) == -300);
}

TEST_CASE("pages are not served in clear where others can reach them", "[serve]") {
  const real::data_folder data;
  real::engine e{data.path, {"--http", "0.0.0.0:0"}};
  CHECK(e.end(0) == 2);
  CHECK(e.said().find("under TLS only") != std::string::npos);
}

TEST_CASE("an engine is served on this machine's name", "[serve]") {
  const real::data_folder data;
  real::engine e{data.path, {"--commands", "tcp://localhost:0", "--events", "tcp://localhost:0",
                             "--http", "localhost:0"}};
  CHECK(e.ready.starts_with("ready commands=tcp://127.0.0.1:"));
  real::desk d{e, "desk-1"};
  CHECK(accepts(d, "engine.status", "{}"));
  CHECK(e.end(SIGTERM) == 0);
}

TEST_CASE("a full disk turns openings away, lets what is open end, and recovers", "[serve]") {
  const real::data_folder data;
  {
    real::engine e{data.path};
    real::desk d{e, "desk-1"};
    define_care(d);
    REQUIRE(accepts(d, "agent.sign_in", R"({"agent":"A"})"));
    REQUIRE(accepts(d, "contact.open", first_contact));
    REQUIRE(accepts(d, "offer.accept", of_c1));
    CHECK(e.end(SIGTERM) == 0);
  }
  constexpr auto another = R"({"contact":"C-2","channel":"phone","queue":"care"})";
  {
    real::engine e{data.path, {"--disk-mib", "256"}};  // no more than the reserve
    real::desk d{e, "desk-1"};
    const auto told = first_answer(
        e, "contact.open",
        value::map{{"contact", "C-2"}, {"channel", "phone"}, {"queue", "care"}});
    CHECK(told.outcome == outcome_kind::busy);
    REQUIRE(told.why);
    CHECK(told.why->type == "engine.disk_full");
    CHECK(told.fallback == "external:branch-2");
    CHECK(accepts(d, "contact.finish", of_c1));
    CHECK(accepts(d, "contact.open", R"({"contact":"S-1","channel":"phone","queue":"119"})"));
    CHECK(get(e.address("http"), "/readyz").find("HTTP/1.1 503") == 0);
    CHECK(e.end(SIGTERM) == 0);
  }
  real::engine e{data.path};
  real::desk d{e, "desk-1"};
  CHECK(accepts(d, "contact.open", another));
}

namespace {

/// Somebody is registered, looked up, verified by what they know and shown; somebody else is
/// forgotten. Returns the name that was shown.
std::string register_people(real::desk& desk) {
  for (const auto& [type, json] : {
           std::pair{"customer.register", R"({"party":"monkey","purpose":"real_name",
             "read_back":true,"contact":"C-1","fields":{"name":"Sun Wukong",
             "address":"Flower Fruit Hill 1","phone":"13512348765","customer_number":"K-445566",
             "document_kind":"resident_id","document_number":"11010519491231002X"}})"},
           std::pair{"customer.find", R"({"purpose":"dial","phone":"13512348765"})"},
           std::pair{"identity.verify", R"({"party":"monkey","contact":"C-1","level":1,
             "method":"knowledge","claims":{"phone":"13512348765","name":"Sun Wukong"}})"},
           std::pair{"customer.register", R"({"party":"pig","purpose":"consult",
             "fields":{"name":"Zhu Bajie"}})"},
           std::pair{"customer.show", R"({"party":"monkey"})"},
           std::pair{"customer.timeline", R"({"party":"monkey"})"},
           std::pair{"customer.erase", R"({"party":"pig","reason":"asked_for"})"}}) {
    INFO(type << " " << json);
    REQUIRE(accepts(desk, type, json));
  }
  const auto shown = desk.ask("customer.reveal",
                              R"({"party":"monkey","fields":["name"],"purpose":"dial"})");
  REQUIRE(shown.data.find("values"));
  return std::string{shown.data.find("values")->text_or("name")};
}

} // namespace

TEST_CASE("nothing personal leaves the engine or stays on its disk in clear",
          "[serve][R9.1.2b][R2.3.3]") {
  const real::data_folder data;
  std::string seen;
  {
    real::engine e{data.path, {"--snapshot-events", "2", "--log-level", "debug"}};
    real::desk phone{e, "phone-1"};
    define_care(phone);
    eavesdropper ear{e.address("events")};
    REQUIRE(accepts(phone, "contact.open",
                    R"({"contact":"C-1","channel":"chat","queue":"care","address":"13912345678",)"
                    R"("customer":{"id":"K-778899","name":"Zhao Tie"},"need":"broken modem"})"));
    REQUIRE(accepts(phone, "contact.say",
                    R"({"contact":"C-1","from":"customer","text":"my dog ate the cable"})"));
    REQUIRE(accepts(phone, "contact.answer",
                    R"({"contact":"C-1","form":"where","fields":{"street":"Long Lane 7"}})"));
    REQUIRE(accepts(phone, "contact.request_callback",
                    R"({"contact":"C-1","number":"13687654321"})"));
    seen = ear.until("contact.callback_requested");
    CHECK(phone.ask("contact.address", R"({"contact":"C-1","purpose":"dial"})")
              .data.text_or("address") == "13912345678");
    CHECK(register_people(phone) == "Sun Wukong");
    seen += ear.until("customer.erased");
    seen += get(e.address("http"), "/api/board");
    seen += get(e.address("http"), "/metrics");
    real::ask_until_snapshots(phone, data.path);
    CHECK(e.end(SIGTERM) == 0);
    seen += e.said();
  }
  seen += bytes_below(data.path);
  CHECK(seen.find("contact.answered_form") != std::string::npos);
  for (const auto* secret : {"13912345678", "13687654321", "K-778899", "Zhao Tie", "broken modem",
                             "my dog ate", "Long Lane", "Sun Wukong", "Flower Fruit",
                             "13512348765", "11010519491231002", "Zhu Bajie", "K-445566"}) {
    INFO(secret);
    CHECK(seen.find(secret) == std::string::npos);
  }
  // After a restart the engine itself still can open what it sealed.
  real::engine e{data.path};
  real::desk phone{e, "phone-1"};
  CHECK(phone.ask("contact.address", R"({"contact":"C-1","purpose":"dial"})")
            .data.text_or("address") == "13912345678");
}

TEST_CASE("a page of an idle engine is told that it lives", "[serve]") {
  const real::data_folder data;
  real::engine e{data.path};
  const auto stream = get(e.address("http"), "/api/events", [](const std::string& all) {
    const auto head = all.find("\r\n\r\n");
    std::size_t frames = 0;
    for (auto at = head; at != std::string::npos && frames < 4; ++frames)
      at = all.find("\n\n", at + 1);
    return frames >= 4;
  });
  CHECK(stream.find("text/event-stream") != std::string::npos);
  CHECK(std::count(stream.begin(), stream.end(), '\n') > 8);
  CHECK(e.end(SIGTERM) == 0);
}

TEST_CASE("a session on the bus is opened, resumed and told where the log stands", "[serve]") {
  const real::data_folder data;
  real::engine e{data.path};
  real::desk phone{e, "phone-1"};
  const auto hello = phone.ask("session.hello", R"({"name":"phone-1","instance":"one"})");
  CHECK(hello.data.text_or("session") == "phone-1");
  CHECK(*hello.data.find("resumed") == value{false});
  CHECK(static_cast<position>(hello.data.int_or("position", 0)) == hello.at);
  CHECK(accepts(phone, "session.beat", "{}"));
  const auto again = phone.ask("session.hello", R"({"name":"phone-1","instance":"two"})");
  CHECK(*again.data.find("resumed") == value{true});
  CHECK(accepts(phone, "session.close", "{}"));
  CHECK(phone.ask("session.beat", "{}").why->type == "session.unknown");
}

TEST_CASE("a gateway that falls silent loses its contacts after lease and grace", "[serve]") {
  const real::data_folder data;
  real::engine e{data.path, {"--grace-s", "0"}};
  real::desk phone{e, "phone-1"};
  real::desk other{e, "desk-1"};
  define_care(other);
  eavesdropper ear{e.address("events")};
  REQUIRE(accepts(phone, "session.hello", R"({"name":"phone-1","lease_s":1})"));
  REQUIRE(accepts(phone, "contact.open", first_contact));
  ear.until("session.lost");
  ear.until("contact.timed_out");
  CHECK(waiting_in_care(other).empty());
  CHECK(accepts(phone, "session.hello", R"({"name":"phone-1","lease_s":1})"));
}
