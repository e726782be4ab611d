#include <catch2/catch.hpp>

#include "messages/json.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

const std::string call_back =
    R"({"promise":"P","contact":"C1","kind":"callback","in_s":1000,"owner":"A","lead":"L"})";

std::string state_of(centre& c, double at) {
  return std::string{c.ask(at, "promise.show", R"({"promise":"P"})").text_or("state")};
}

/// The moments of the alarms so far, in seconds after nine, with whom they tell.
lines alarms(const centre& c) {
  lines out;
  for (const auto& [at, e] : c.log())
    if (const auto data = data_of(e, true); data.find("tell"))
      out.push_back(std::string{type_of(e)} + " "
                    + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(at - nine)
                                         .count())
                    + " " + std::string{data.text_or("tell")});
  return out;
}

} // namespace

TEST_CASE("a promise is shown until it is kept, and kept in time it alarms nobody", "[R1.2.1]") {
  centre c;
  const auto told = c.say(0, "promise.make", call_back);
  CHECK(told.data.text_or("due") == "2026-03-02T01:16:40.000Z");
  CHECK(state_of(c, 1) == "open");
  CHECK(c.ask(1, "promise.list", "{}").find("promises")->as<value::list>()->size() == 1);
  CHECK(code_of(c.say(700, "promise.keep", R"({"promise":"P","by":"B"})")) == "accepted");
  CHECK_FALSE(*c.last("promise.kept").find("late")->as<bool>());
  CHECK(c.last("promise.kept").text_or("contact") == "C1");
  CHECK(state_of(c, 701) == "kept");
  CHECK(c.ask(701, "promise.list", "{}").find("promises")->as<value::list>()->empty());
  c.wait_until(10'000);
  CHECK(alarms(c).empty());
}

TEST_CASE("who let a promise pass is warned, then told, and then the lead is", "[R2.3.4]") {
  centre c;
  c.say(0, "promise.make", call_back);
  c.wait_until(20'000);
  CHECK(alarms(c) == lines{"promise.due_soon 800 A", "promise.broken 1000 A",
                           "promise.escalated 4600 L"});
  const auto shown = c.ask(20'000, "promise.show", R"({"promise":"P"})");
  CHECK(shown.text_or("state") == "broken");
  CHECK(shown.number_or("late_s", 0) == 19'000);
  CHECK(c.ask(20'000, "promise.list", "{}").int_or("broken", 0) == 1);
  // Kept late is better than never, and is on record as late.
  c.say(20'001, "promise.keep", R"({"promise":"P","by":"A"})");
  CHECK(*c.last("promise.kept").find("late")->as<bool>());
  CHECK(c.ask(20'002, "promise.list", "{}").int_or("broken", -1) == 0);
}

TEST_CASE("a promise without a lead is broken once, and nobody else is told", "[R2.3.4]") {
  centre c;
  c.say(0, "promise.make", R"({"promise":"P","kind":"refund","in_s":10,"owner":"A"})");
  c.wait_until(20'000);
  CHECK(alarms(c) == lines{"promise.due_soon 8 A", "promise.broken 10 A"});
}

TEST_CASE("a promise that is moved to another moment begins anew, with another owner goes on",
          "[R1.2.1]") {
  centre c;
  c.say(0, "promise.make", call_back);
  c.say(900, "promise.move", R"({"promise":"P","owner":"B","by":"A","reason":"shift"})");
  c.wait_until(1100);
  CHECK(alarms(c) == lines{"promise.due_soon 800 A", "promise.broken 1000 B"});
  const auto told = c.say(1100, "promise.move",
                          R"({"promise":"P","in_s":100,"by":"B","reason":"agreed_anew"})");
  CHECK(told.data.text_or("due") == "2026-03-02T01:20:00.000Z");
  CHECK(state_of(c, 1101) == "open");
  c.wait_until(1300);
  CHECK(alarms(c).back() == "promise.broken 1200 B");
  CHECK(c.count("promise.due_soon") == 2);
}

TEST_CASE("promises are listed as they fall due, by owner or lead, in pages") {
  centre c;
  for (int n = 5; n > 0; --n)
    c.say(0, "promise.make",
          R"({"promise":"P)" + std::to_string(n) + R"(","kind":"update","in_s":)"
              + std::to_string(100 * n) + R"(,"owner":")" + (n % 2 ? "A" : "B")
              + R"(","lead":"L"})");
  const auto ids = [&](const std::string& asked) {
    lines out;
    const auto told = c.ask(50, "promise.list", asked);
    for (const auto& p : *told.find("promises")->as<value::list>())
      out.emplace_back(p.text_or("promise"));
    return out;
  };
  CHECK(ids("{}") == lines{"P1", "P2", "P3", "P4", "P5"});
  CHECK(ids(R"({"owner":"B"})") == lines{"P2", "P4"});
  CHECK(ids(R"({"owner":"L"})").size() == 5);
  CHECK(ids(R"({"limit":2})") == lines{"P1", "P2"});
  CHECK(ids(R"({"limit":2,"after":"P2"})") == lines{"P3", "P4"});
  c.wait_until(150);
  CHECK(ids(R"({"state":"broken"})") == lines{"P1"});
}

TEST_CASE("what cannot be promised is refused, and what is promised already is told again") {
  centre c;
  c.say(0, "promise.make", call_back);
  CHECK(code_of(c.say(1, "promise.make", call_back)) == "accepted");
  CHECK(c.count("promise.made") == 1);
  const auto refused = [&](const char* type, const char* data) {
    return code_of(c.say(2, type, data));
  };
  CHECK(refused("promise.make", R"({"promise":"P","kind":"refund","in_s":9,"owner":"A"})")
        == "promise.exists");
  CHECK(refused("promise.make", R"({"kind":"refund","owner":"A"})") == "command.field_missing");
  CHECK(refused("promise.make", R"({"kind":"refund","in_s":9})") == "command.field_missing");
  CHECK(refused("promise.make",
                R"({"kind":"refund","owner":"A","due":"2026-03-02T00:59:59Z"})")
        == "command.field_invalid");
  CHECK(refused("promise.make",
                R"({"kind":"refund","owner":"A","in_s":9,"due":"2027-03-02T00:59:59Z"})")
        == "command.field_invalid");
  CHECK(refused("promise.make", R"({"kind":"the man at no. 7","in_s":9,"owner":"A"})")
        == "command.field_invalid");
  CHECK(refused("promise.keep", R"({"promise":"Q","by":"A"})") == "promise.unknown");
  CHECK(refused("promise.move", R"({"promise":"Q","in_s":5,"by":"A","reason":"x"})")
        == "promise.unknown");
  CHECK(refused("promise.move", R"({"promise":"P","by":"A","reason":"x"})")
        == "command.field_missing");
  c.say(3, "promise.keep", R"({"promise":"P","by":"A"})");
  CHECK(code_of(c.say(4, "promise.keep", R"({"promise":"P","by":"B"})")) == "accepted");
  CHECK(c.count("promise.kept") == 1);
  CHECK(refused("promise.move", R"({"promise":"P","in_s":5,"by":"A","reason":"x"})")
        == "promise.was_kept");
  CHECK(c.ask(5, "promise.list", "{}").int_or("open", -1) == 0);
}

TEST_CASE("a kept promise is known for a day") {
  centre c;
  c.say(0, "promise.make", call_back);
  c.say(1, "promise.keep", R"({"promise":"P","by":"A"})");
  c.say(86'400, "promise.make", R"({"kind":"date","in_s":9,"owner":"A"})");
  CHECK(state_of(c, 86'400) == "kept");
  c.say(86'402, "promise.make", R"({"kind":"date","in_s":9,"owner":"A"})");
  CHECK(state_of(c, 86'402).empty());
}

TEST_CASE("the board shows how many promises are open, broken, and when the next is due",
          "[R1.2.1]") {
  centre c;
  CHECK_FALSE(c.ask(0, "board.show", "{}").find("promises"));
  c.say(0, "promise.make", call_back);
  c.say(0, "promise.make", R"({"promise":"Q","kind":"refund","in_s":60,"owner":"A"})");
  const auto shown = [&](double at) {
    return to_json(*c.ask(at, "board.show", "{}").find("promises"));
  };
  CHECK(shown(1) == R"({"open":2,"broken":0,"next_due":"2026-03-02T01:01:00.000Z"})");
  c.wait_until(60);
  CHECK(shown(61) == R"({"open":1,"broken":1,"next_due":"2026-03-02T01:16:40.000Z"})");
  c.say(62, "promise.move", R"({"promise":"Q","owner":"B","by":"A","reason":"x"})");
  CHECK(shown(63) == R"({"open":1,"broken":1,"next_due":"2026-03-02T01:16:40.000Z"})");
  c.say(64, "promise.keep", R"({"promise":"Q","by":"B"})");
  c.say(65, "promise.keep", R"({"promise":"P","by":"A"})");
  CHECK(shown(66) == R"({"open":0,"broken":0})");
}
