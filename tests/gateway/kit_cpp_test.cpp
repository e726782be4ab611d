#include <careline_gateway/client.hpp>

#include <catch2/catch.hpp>
#include <csignal>
#include <thread>

#include "tests/program/real_engine.hpp"

// The C++ kit against the real program, over real sockets.

namespace kit = careline_gateway;
using namespace std::chrono_literals;
using careline::real::patience;

namespace {

/// An engine that may be killed and started again at its addresses.
struct centre {
  careline::real::data_folder folder;
  std::unique_ptr<careline::real::engine> engine =
      std::make_unique<careline::real::engine>(folder.path);
  const kit::options at{.commands = engine->address("commands"),
                        .events = engine->address("events"),
                        .lease = 3s,
                        .patience = patience};

  void kill() { engine->end(SIGKILL); }
  void start_again() {
    engine = std::make_unique<careline::real::engine>(
        folder.path, std::vector<std::string>{"--commands", at.commands, "--events", at.events});
    REQUIRE(engine->address("commands") == at.commands);
  }
};

/// What was said, of what `read` gave.
std::vector<std::string> texts_of(const kit::value& read) {
  std::vector<std::string> out;
  REQUIRE(read.find("lines"));
  for (const auto& line : *read.find("lines")->as<kit::value::list>())
    out.push_back(line.text("text"));
  return out;
}

kit::event next(kit::follower& of, const std::string& type) {
  for (;;) {
    auto e = of.next(patience);
    REQUIRE(e);
    if (e->type == type)
      return *e;
  }
}

} // namespace

TEST_CASE("a contact goes from opening to finish by the kit's words", "[bus]") {
  centre c;
  kit::desk desk{"desk-1", c.at};
  desk.send("queue.define", {{"queue", "care"}});
  desk.sign_in("A", {{"channels", kit::value::map{{"phone", 1}}},
                     {"skills", kit::value::map{{"zh", 5}}}});
  auto offers = desk.follow({"offer."});
  kit::gateway gateway{"phone-1", c.at};
  CHECK(gateway.session().text("session") == "phone-1");
  auto calls = gateway.follow({"contact."});
  const auto opened = gateway.open(
      "phone", {{"queue", "care"}, {"address", "1001"}, {"urgency", 2}, {"language", {}}});
  const auto contact = opened.data.text("contact");
  CHECK(opened.data.whole("queue_position") == 1);

  const auto first = calls.next(patience);
  REQUIRE(first);
  CHECK(first->type == "contact.opened");
  CHECK(first->cause == opened.id);
  CHECK(first->about == contact);
  CHECK(first->subject == "contact/" + contact);
  CHECK(first->data.whole("urgency") == 2);
  CHECK_FALSE(first->data.find("language"));
  REQUIRE(first->data.find("address"));
  CHECK(first->data.find("address")->as<kit::bytes>());
  CHECK(gateway.address(contact, "dial") == "1001");

  const auto offer = next(offers, "offer.made");
  CHECK(offer.contact() == contact);
  desk.accept(contact, offer.data.text("agent"));
  CHECK(next(calls, "contact.connected").data.text("agent") == "A");
  gateway.say(contact, "hello", 1);
  gateway.say(contact, "hello", 1);
  desk.hold(contact, "A");
  desk.resume(contact, "A");
  desk.finish(contact, "A", "solved");
  CHECK(next(calls, "contact.finished").data.text("disposition") == "solved");
  const auto shown = gateway.show(contact);
  REQUIRE(shown.find("timeline"));
  std::size_t said = 0;
  for (const auto& one : *shown.find("timeline")->as<kit::value::list>())
    said += one.text("type") == "contact.said" ? 1 : 0;
  CHECK(said == 1);
}

TEST_CASE("what was said is read by the two who talk, and by nobody else", "[bus]") {
  centre c;
  kit::desk desk{"desk-1", c.at};
  desk.send("queue.define", {{"queue", "care"}});
  desk.sign_in("A", {{"channels", kit::value::map{{"chat", 1}}}});
  auto offers = desk.follow({"offer."});
  kit::gateway gateway{"chat-1", c.at};
  const auto contact = gateway.open("chat", {{"queue", "care"}}).data.text("contact");
  next(offers, "offer.made");
  desk.accept(contact, "A");
  gateway.say(contact, "The line is dead.", 1);
  desk.say(contact, "Since when?", 1);
  const auto read = gateway.read(contact);
  CHECK(texts_of(read) == std::vector<std::string>{"The line is dead.", "Since when?"});
  CHECK(read.find("lines")->as<kit::value::list>()->at(1).text("from") == "agent");
  CHECK(texts_of(desk.read(contact, "A", 0, 1)) == std::vector<std::string>{"The line is dead."});
  gateway.say(contact, "Since Monday.", 2);
  CHECK(texts_of(desk.read(contact, "A", read.whole("next")))
        == std::vector<std::string>{"Since Monday."});
  kit::gateway other{"chat-2", c.at};
  CHECK_THROWS_WITH(other.read(contact), Catch::StartsWith("security.not_allowed"));
}

TEST_CASE("a counter calls who has a ticket, calls again, and nobody comes", "[bus]") {
  centre c;
  kit::desk desk{"desk-1", c.at};
  desk.send("queue.define", {{"queue", "bills"}, {"ticket", "A"}, {"wrap_up", "manual"}});
  desk.sign_in("W1", {{"channels", kit::value::map{{"kiosk", 1}}}, {"ready", false}});
  CHECK_FALSE(desk.call_next("W1", "3"));
  kit::gateway kiosk{"kiosk-1", c.at};
  auto calls = kiosk.follow({"ticket."});
  kiosk.open("kiosk", {{"queue", "bills"}, {"contact", "K-1"}});
  const auto called = desk.call_next("W1", "3", "bills");
  REQUIRE(called);
  CHECK(called->text("contact") == "K-1");
  CHECK(called->text("ticket") == "A001");
  desk.recall("W1");
  const auto hall = kiosk.hall({{"prefix", "A"}});
  REQUIRE(hall.find("serving"));
  CHECK(hall.find("serving")->as<kit::value::list>()->at(0).text("counter") == "3");
  desk.miss("W1", "K-1");
  CHECK(next(calls, "ticket.called").data.whole("again") == 0);
  CHECK(next(calls, "ticket.called").data.whole("again") == 1);
  CHECK(next(calls, "ticket.missed").data.text("ticket") == "A001");
  CHECK_THROWS_WITH(desk.recall("W1"), Catch::StartsWith("routing.no_ticket"));
}

TEST_CASE("the same id asked twice is done once, also where both are on their way", "[bus]") {
  centre c;
  kit::gateway gateway{"phone-1", c.at};
  gateway.send("queue.define", {{"queue", "care"}});
  auto calls = gateway.follow({"contact.opened"});
  const kit::asked same{.id = kit::new_id()};
  const kit::value::map call{{"contact", "C-1"}, {"channel", "phone"}, {"queue", "care"}};
  auto one = gateway.start("contact.open", call, same);
  auto two = gateway.start("contact.open", call, same);
  const auto once = one.get();
  CHECK(once.accepted());
  CHECK(once == two.get());
  CHECK(once == gateway.ask("contact.open", call, same));
  gateway.open("phone", {{"contact", "C-2"}, {"queue", "care"}});
  CHECK(next(calls, "contact.opened").contact() == "C-1");
  CHECK(next(calls, "contact.opened").contact() == "C-2");
}

TEST_CASE("the kit lives through the sudden death of its engine and misses no event", "[bus]") {
  centre c;
  kit::gateway gateway{"phone-1", c.at};
  gateway.send("queue.define", {{"queue", "care"}});
  auto calls = gateway.follow({}, {.after = 0});
  for (int n = 0; n < 3; ++n) {
    const auto id = "C-" + std::to_string(n);
    c.kill();
    // Sent while nobody is there: done once somebody is, and once.
    auto opening = gateway.start("contact.open", {{"contact", id},
                                                  {"channel", "phone"},
                                                  {"queue", "care"}});
    c.start_again();
    const auto opened = opening.get();
    REQUIRE(opened.accepted());
    CHECK(opened.data.whole("queue_position") == n + 1);
  }
  const auto last = gateway.open("phone", {{"contact", "C-end"}, {"queue", "care"}});
  std::vector<std::string> told;
  std::uint64_t at = 0;
  while (at < last.position) {
    const auto e = calls.next(patience);
    REQUIRE(e);
    CHECK(e->position == at + 1);
    at = e->position;
    if (e->type == "contact.opened")
      told.push_back(e->contact());
  }
  CHECK(told == std::vector<std::string>{"C-0", "C-1", "C-2", "C-end"});
  const auto from = calls.at();
  CHECK(from <= at);
  auto again = gateway.follow({"contact."}, {.after = from});
  gateway.abandon("C-end");
  CHECK(next(again, "contact.abandoned").contact() == "C-end");
}

TEST_CASE("a session that the engine knows no more is begun again by the kit itself", "[bus]") {
  centre c;
  auto short_lease = c.at;
  short_lease.lease = 600ms;
  kit::client watch{"watch", c.at};
  auto sessions = watch.follow({"session."}, {.after = 0});
  kit::gateway gateway{"phone-1", short_lease};
  const auto next_of_ours = [&](const std::string& type) {
    while (next(sessions, type).data.text("session") != "phone-1") {
    }
  };
  next_of_ours("session.opened");
  // Somebody else closes the session; its own client, not knowing, goes on.
  watch.send("session.close", {{"name", "phone-1"}});
  next_of_ours("session.closed");
  next_of_ours("session.opened");
  CHECK(gateway.ask("session.beat").accepted());
}

TEST_CASE("more than the engine takes at once is asked again until it is done", "[bus]") {
  centre c;
  kit::gateway gateway{"phone-1", c.at};
  gateway.send("queue.define", {{"queue", "care"}});
  std::vector<std::future<kit::reply>> open;
  for (int n = 0; n < 400; ++n)
    open.push_back(gateway.start("contact.open", {{"channel", "phone"}, {"queue", "care"}}));
  for (auto& one : open)
    CHECK(one.get().accepted());
  CHECK(gateway.send("queue.show", {{"queue", "care"}, {"limit", 1}}).data.whole("length") == 400);
}

TEST_CASE("no is told with its reason: refused, busy, invalid, too large, away, closed", "[bus]") {
  centre c;
  kit::gateway gateway{"phone-1", c.at};
  try {
    gateway.abandon("nobody");
    FAIL("it was accepted");
  } catch (const kit::not_accepted& no) {
    CHECK(no.reply.outcome == kit::outcome_kind::refused);
    CHECK(no.reply.problem.type == "routing.unknown_contact");
    CHECK(std::string{no.what()}.find("There is no contact of this id.") != std::string::npos);
  }
  const auto busy = gateway.ask("queue.list", {{"min_position", 1'000'000}}, {.patience = 2'500ms});
  CHECK(busy.outcome == kit::outcome_kind::busy);
  CHECK(busy.problem.type == "engine.behind");
  CHECK(gateway.ask("contact.opne").outcome == kit::outcome_kind::invalid);
  CHECK(gateway.ask("contact.open", {}, {.id = "mine"}).problem.type == "command.field_missing");
  CHECK_THROWS_AS(gateway.ask("contact.open", {{"address", std::string(70'000, '1')}}),
                  kit::too_large);
  auto calls = gateway.follow();
  CHECK_FALSE(calls.next(0ms));
  c.kill();
  std::string unknown;
  try {
    gateway.ask("queue.define", {{"queue", "care"}}, {.patience = 50ms});
    FAIL("it was answered");
  } catch (const kit::no_reply& none) {
    unknown = none.id;
  }
  c.start_again();
  CHECK(gateway.ask("queue.define", {{"queue", "care"}}, {.id = unknown}).accepted());
  std::thread waits{[&] {
    while (calls.wait()) {
    }
  }};
  gateway.close();
  waits.join();
  CHECK_THROWS_AS(calls.next(0ms), kit::closed);
  CHECK_THROWS_AS(gateway.ask("queue.list"), kit::closed);
  CHECK_THROWS_AS((kit::gateway{"phone-1", {.commands = "nowhere"}}), std::runtime_error);
}

TEST_CASE("what was given up while the engine was away does not reach it later", "[bus]") {
  centre c;
  kit::gateway gateway{"phone-1", c.at};
  gateway.send("queue.define", {{"queue", "care"}});
  c.kill();
  for (int n = 0; n < 3; ++n)
    CHECK_THROWS_AS(gateway.ask("contact.open", {{"channel", "phone"}, {"queue", "care"}},
                                {.patience = 50ms}),
                    kit::no_reply);
  c.start_again();
  CHECK(gateway.open("phone", {{"queue", "care"}}).data.whole("queue_position") == 1);
}

TEST_CASE("a gateway is told that another process goes on under its name", "[bus]") {
  centre c;
  kit::gateway first{"phone-1", c.at};
  auto told = first.follow({"session.replaced"});
  kit::gateway second{"phone-1", c.at};
  CHECK(second.session().is_true("resumed"));
  const auto replaced = next(told, "session.replaced");
  CHECK(first.is_replaced(replaced));
  CHECK_FALSE(second.is_replaced(replaced));
  first.close(false);
  CHECK(second.ask("session.beat").accepted());
}
