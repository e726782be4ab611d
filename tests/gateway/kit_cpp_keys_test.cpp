#include <careline_gateway/client.hpp>

#include <catch2/catch.hpp>
#include <filesystem>

#include "gateway/bus/client_key.hpp"
#include "tests/gateway/bus_fixture.hpp"
#include "tests/gateway/http_client.hpp"
#include "tests/program/real_engine.hpp"

// The C++ kit with the real program that asks for keys: who has one that is accepted gets in, and
// who has not is told so in words, in time.

namespace kit = careline_gateway;
using namespace std::chrono_literals;
using careline::real::patience;

namespace {

/// For what never comes.
constexpr kit::milliseconds shortly = 300ms;

/// An engine that asks for keys, and the words by which its clients get theirs.
struct keyed_centre {
  careline::real::data_folder folder;
  const std::string data = folder.path + "/data";
  careline::real::engine engine{data, {"--secure"}};

  kit::options with(std::string key_file, kit::milliseconds for_so_long = patience) const {
    return {.commands = engine.address("commands"),
            .events = engine.address("events"),
            .patience = for_so_long,
            .key_file = std::move(key_file)};
  }
  std::string admin_key() const { return data + "/admin.key"; }
  /// A key file that nobody has accepted.
  std::string make_key(const std::string& name) const {
    auto file = folder.path + "/" + name + ".key";
    word({"key", "make", name, "--out", file, "--data", data});
    return file;
  }
  std::string accepted_key(const std::string& name, const std::string& role) const {
    auto file = make_key(name);
    word({"key", "accept", name, file, "--role", role, "--data", data, "--commands",
          engine.address("commands")});
    return file;
  }
  void define_queue() const {
    kit::client admin{"admin", with(admin_key())};
    admin.send("queue.define", {{"queue", "care"}});
  }
  /// Until so many connections to its event socket are open.
  void wait_until_heard_by(int count) const {
    const auto pages = engine.address("http").substr(std::string{"http://"}.size());
    const auto row = "careline_bus_connections{socket=\"events\"} " + std::to_string(count) + "\n";
    REQUIRE(careline::gateway::bus::eventually([&] {
      return careline::test::http_client{pages}.get("/metrics").body.find(row) != std::string::npos;
    }));
  }

  static void word(std::vector<std::string> words) {
    const auto done = careline::real::run(std::move(words));
    INFO(done.out << done.err);
    REQUIRE(done.code == 0);
  }
};

} // namespace

TEST_CASE("with a right key the kit commands, and hears what its role sees", "[bus]") {
  keyed_centre c;
  c.define_queue();
  const auto key = c.accepted_key("phone-1", "gateway");
  kit::gateway gateway{"phone-1", c.with(key)};
  auto calls = gateway.follow({"contact."});
  c.wait_until_heard_by(1);  // not only read from the log
  const auto opened = gateway.open("phone", {{"queue", "care"}, {"address", "1001"}});
  const auto first = calls.next(patience);
  REQUIRE(first);
  CHECK(first->type == "contact.opened");
  REQUIRE(first->data.find("address"));
  CHECK(first->data.find("address")->as<kit::bytes>());
  CHECK(gateway.address(opened.data.text("contact"), "dial") == "1001");
  CHECK_THROWS_WITH(gateway.send("queue.define", {{"queue", "mine"}}),
                    Catch::StartsWith("security.not_allowed"));
  CHECK_THROWS_WITH((kit::gateway{"phone-2", c.with(key)}),
                    Catch::StartsWith("security.source_claimed"));
}

TEST_CASE("a desk and its gateway, each with its key, hold a talk", "[bus]") {
  keyed_centre c;
  c.define_queue();
  kit::desk desk{"desk-1", c.with(c.accepted_key("desk-1", "agents"))};
  desk.sign_in("A", {{"channels", kit::value::map{{"chat", 1}}}});
  auto offers = desk.follow({"offer.made"});
  kit::gateway gateway{"chat-1", c.with(c.accepted_key("chat-1", "gateway"))};
  const auto contact = gateway.open("chat", {{"queue", "care"}}).data.text("contact");
  REQUIRE(offers.next(patience));
  desk.accept(contact, "A");
  gateway.say(contact, "The line is dead.");
  const auto read = desk.read(contact, "A");
  REQUIRE(read.find("lines"));
  CHECK(read.find("lines")->as<kit::value::list>()->at(0).text("text") == "The line is dead.");
}

TEST_CASE("without a key, or with one that is not accepted, words say so in time", "[bus]") {
  keyed_centre c;
  const auto begin = [&](const std::string& key) {
    kit::gateway gateway{"phone-1", c.with(key, shortly)};
  };
  const auto away = Catch::Contains("no connection to " + c.engine.address("commands"));
  CHECK_THROWS_AS(begin(""), kit::no_reply);
  CHECK_THROWS_WITH(begin(""), away && Catch::Contains("does it ask for a key?"));
  const auto key = c.make_key("phone-1");
  CHECK_THROWS_AS(begin(key), kit::no_reply);
  CHECK_THROWS_WITH(begin(key), away && Catch::Contains("does it accept this client's key?"));
}

TEST_CASE("a key for another engine does not talk to this one", "[bus]") {
  keyed_centre c;
  const auto file = c.accepted_key("phone-1", "gateway");
  auto key = *careline::gateway::bus::read_client_key(file);
  key.server_key = careline::gateway::bus::make_key_pair().public_key;
  REQUIRE(careline::gateway::bus::write_client_key(c.folder.path + "/elsewhere.key", key));
  CHECK_THROWS_WITH((kit::gateway{"phone-1", c.with(c.folder.path + "/elsewhere.key", shortly)}),
                    Catch::Contains("does it accept this client's key?"));
}

TEST_CASE("a key file that others may read is used by nobody", "[bus]") {
  keyed_centre c;
  const auto file = c.accepted_key("phone-1", "gateway");
  using std::filesystem::perms;
  std::filesystem::permissions(file, perms::owner_read | perms::owner_write | perms::others_read);
  CHECK_THROWS_WITH((kit::gateway{"phone-1", c.with(file)}), Catch::Contains("chmod 600"));
}
