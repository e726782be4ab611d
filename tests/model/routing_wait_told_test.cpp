#include <catch2/catch.hpp>

#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

std::string open_json(const std::string& id) {
  return R"({"contact":")" + id + R"(","channel":"phone","queue":"care"})";
}

void accept(centre& c, double at, const std::string& id) {
  c.say(at, "offer.accept", R"({"agent":"A","contact":")" + id + "\"}");
}

void finish(centre& c, double at, const std::string& id) {
  c.say(at, "contact.finish", R"({"agent":"A","contact":")" + id + "\"}");
}

/// One talk took 100 s; A is in the next one, and C3, C4, C5 were told 0, 100 and 200 s.
void three_wait(centre& c, const std::string& policy) {
  c.queue(R"({"queue":"care",)" + policy + "}");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(0, "contact.open", open_json("C1"));
  accept(c, 0, "C1");
  finish(c, 100, "C1");
  c.say(100, "contact.open", open_json("C2"));
  accept(c, 100, "C2");
  for (const auto* id : {"C3", "C4", "C5"})
    c.say(101, "contact.open", open_json(id));
  REQUIRE(c.last("contact.queued").int_or("wait_s", -1) == 200);
}

/// The talk was short: C3 is served, C4 is the next, and C5 would be told 55 s.
void one_is_served(centre& c) {
  finish(c, 110, "C2");
  accept(c, 110, "C3");
}

} // namespace

TEST_CASE("who waits is told again when the wait has moved, at the queue's own time", "[R2.1.6]") {
  centre c;
  three_wait(c, R"("tell_step_s":60)");
  one_is_served(c);
  c.news();
  c.wait_until(119.9);
  CHECK(c.news().empty());
  c.wait_until(120);
  CHECK(c.news() == lines{"contact.wait_told C4", "contact.wait_told C5"});
  const auto told = c.last("contact.wait_told");
  CHECK(told.text_or("queue") == "care");
  CHECK(told.int_or("queue_position", 0) == 2);
  CHECK(told.int_or("wait_s", -1) == 55);
  CHECK_FALSE(told.find("callback"));
  CHECK_FALSE(told.find("ticket"));
  c.wait_until(240);
  CHECK(c.news().empty());
}

TEST_CASE("a wait that moved by less is not told, but that one is the next is", "[R2.1.6]") {
  centre c;
  three_wait(c, R"("tell_step_s":1000)");
  one_is_served(c);
  c.news();
  c.wait_until(200);
  CHECK(c.news() == lines{"contact.wait_told C4"});
  CHECK(c.last("contact.wait_told").int_or("queue_position", 0) == 1);
}

TEST_CASE("a queue looks as often as it says") {
  centre c;
  three_wait(c, R"("tell_step_s":60,"tell_every_s":5)");
  one_is_served(c);
  c.wait_until(114.9);
  CHECK(c.count("contact.wait_told") == 0);
  c.wait_until(115);
  CHECK(c.count("contact.wait_told") == 2);
}

TEST_CASE("a queue that does not ask for it tells nobody again") {
  const auto* const policy = GENERATE(R"("tell_every_s":5)", R"("tell_step_s":0)");
  centre c;
  three_wait(c, policy);
  one_is_served(c);
  c.wait_until(600);
  CHECK(c.count("contact.wait_told") == 0);
}

TEST_CASE("who cannot be told anything is not: a callback, a question, who is served") {
  centre c;
  three_wait(c, R"("tell_step_s":60)");
  c.say(105, "contact.request_callback", R"({"contact":"C4","number":"138"})");
  one_is_served(c);
  c.news();
  c.wait_until(120);
  CHECK(c.news() == lines{"contact.wait_told C5"});
}

TEST_CASE("of a long line some are told in a step, and the others soon after") {
  centre c;
  c.queue(R"({"queue":"care","tell_step_s":5,"wait_estimate":"smoothed"})");
  for (int i = 100; i < 200; ++i)
    c.say(0, "contact.open", open_json("C" + std::to_string(i)));
  c.say(20, "agent.sign_in", R"({"agent":"A"})");
  accept(c, 20, "C100");
  c.wait_until(30);
  CHECK(c.count("contact.wait_told") == routing::told_in_step_max);
  c.wait_until(30.1);
  CHECK(c.count("contact.wait_told") == 99);
  CHECK(c.last("contact.wait_told").text_or("contact") == "C199");
  c.wait_until(90);
  CHECK(c.count("contact.wait_told") == 99);
}

TEST_CASE("a long wait says once that a callback may be had", "[R2.1.6]") {
  centre c;
  three_wait(c, R"("tell_step_s":60,"callback_above_s":150)");
  c.news();
  c.wait_until(120);
  CHECK(c.news() == lines{"contact.wait_told C5"});  // 200 s, as it was told before
  CHECK(*c.last("contact.wait_told").find("callback") == value{true});
  one_is_served(c);
  c.wait_until(150);
  CHECK(c.last("contact.wait_told").text_or("contact") == "C5");
  CHECK_FALSE(c.last("contact.wait_told").find("callback"));
}

TEST_CASE("the number on the ticket is told with the wait", "[R2.1.6]") {
  centre c;
  three_wait(c, R"("tell_step_s":60,"ticket":"A")");
  one_is_served(c);
  c.wait_until(120);
  CHECK(c.last("contact.wait_told").text_or("ticket") == "A005");
}

TEST_CASE("an engine that comes back tells at the same moment, and nothing twice") {
  const auto from = GENERATE(centre::back_from::snapshot, centre::back_from::log);
  centre c;
  three_wait(c, R"("tell_step_s":60)");
  one_is_served(c);
  c.news();
  SECTION("before it had told") {
    c.restart(from);
    c.wait_until(119.9);
    CHECK(c.news().empty());
    c.wait_until(120);
    CHECK(c.news() == lines{"contact.wait_told C4", "contact.wait_told C5"});
  }
  SECTION("after it had told") {
    c.wait_until(120);
    c.news();
    c.restart(from);
    c.wait_until(300);
    CHECK(c.news().empty());
  }
}
