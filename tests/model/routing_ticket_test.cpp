#include <catch2/catch.hpp>

#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

constexpr double day = 86'400;

/// Opens a contact at a kiosk; the ticket that it is told.
std::string ticket_of(centre& c, double at, const std::string& id,
                      const std::string& queue = "bills") {
  const auto told = c.say(at, "contact.open",
                          R"({"contact":")" + id + R"(","channel":"kiosk","queue":")" + queue
                              + "\"}",
                          "kiosk-1");
  return std::string{told.data.text_or("ticket")};
}

std::string shown_ticket(centre& c, double at, const std::string& id) {
  return std::string{
      c.ask(at, "contact.show", R"({"contact":")" + id + "\"}").text_or("ticket")};
}

} // namespace

TEST_CASE("who comes to a queue with tickets is given the next number", "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"bills","ticket":"A"})");
  CHECK(ticket_of(c, 1, "C1") == "A001");
  CHECK(ticket_of(c, 2, "C2") == "A002");
  CHECK(c.last("contact.queued").text_or("ticket") == "A002");
  CHECK(shown_ticket(c, 3, "C1") == "A001");
  const auto shown = c.ask(3, "queue.show", R"({"queue":"bills"})");
  CHECK(shown.find("waiting")->as<value::list>()->back().text_or("ticket") == "A002");
  c.say(4, "agent.sign_in", R"({"agent":"A","channels":{"kiosk":1}})");
  const auto agent = c.ask(4, "agent.show", R"({"agent":"A"})");
  CHECK(agent.find("contacts")->as<value::list>()->front().text_or("ticket") == "A001");
}

TEST_CASE("the same kiosk asking again for the same contact prints the same ticket") {
  centre c;
  c.queue(R"({"queue":"bills","ticket":"A"})");
  CHECK(ticket_of(c, 1, "C1") == "A001");
  CHECK(ticket_of(c, 2, "C1") == "A001");
  CHECK(ticket_of(c, 3, "C2") == "A002");
}

TEST_CASE("an area is a prefix: its queues count together, each other area for itself",
          "[R2.1.4]") {
  centre c;
  c.queue(R"({"queue":"bills","ticket":"A"})");
  c.queue(R"({"queue":"contracts","ticket":"A"})");
  c.queue(R"({"queue":"faults","ticket":"2F"})");
  CHECK(ticket_of(c, 1, "C1", "bills") == "A001");
  CHECK(ticket_of(c, 2, "C2", "contracts") == "A002");
  CHECK(ticket_of(c, 3, "C3", "faults") == "2F001");
  CHECK(ticket_of(c, 4, "C4", "bills") == "A003");
}

TEST_CASE("a new local day begins with the first number") {
  centre c;
  c.queue(R"({"queue":"bills","ticket":"A"})");
  CHECK(ticket_of(c, 1, "C1") == "A001");
  CHECK(ticket_of(c, 15 * 3600 - 1, "C2") == "A002");  // a second before midnight
  for (const auto* left : {"C1", "C2"})
    c.say(15 * 3600 - 1, "contact.abandon", R"({"contact":")" + std::string{left} + "\"}");
  CHECK(ticket_of(c, 15 * 3600, "C3") == "A001");
  CHECK(ticket_of(c, 15 * 3600 + 1, "C4") == "A002");
}

TEST_CASE("while somebody of the day before waits, no number is given twice") {
  centre c;
  c.queue(R"({"queue":"bills","ticket":"A"})");
  CHECK(ticket_of(c, 15 * 3600 - 2, "C1") == "A001");
  CHECK(ticket_of(c, 15 * 3600 - 1, "C2") == "A002");
  CHECK(ticket_of(c, 15 * 3600, "C3") == "A003");
  CHECK(shown_ticket(c, 15 * 3600 + 1, "C2") == "A002");
  CHECK(ticket_of(c, 15 * 3600 + 2, "C4") == "A004");
}

TEST_CASE("a number that somebody has at a counter, or took along elsewhere, is not given again") {
  centre c;
  c.queue(R"({"queue":"bills","ticket":"A"})");
  c.queue(R"({"queue":"upstairs"})");
  ticket_of(c, 1, "C1");
  SECTION("at a counter over midnight") {
    c.say(2, "agent.sign_in", R"({"agent":"W","channels":{"kiosk":1}})");
    c.say(3, "offer.accept", R"({"contact":"C1","agent":"W"})");
  }
  SECTION("moved to a queue without tickets") {
    c.say(2, "contact.change", R"({"contact":"C1","queue":"upstairs"})");
  }
  CHECK(ticket_of(c, day, "C2") == "A002");
}

TEST_CASE("more than a thousand in a day go on counting") {
  centre c;
  c.queue(R"({"queue":"bills","ticket":"A"})");
  std::string last;
  for (int i = 1; i <= 1000; ++i)
    last = ticket_of(c, i, "C" + std::to_string(i));
  CHECK(last == "A1000");
  CHECK(ticket_of(c, 1001, "C1001") == "A1001");
}

TEST_CASE("a ticket is kept over moves and transfers", "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"bills","ticket":"A"})");
  c.queue(R"({"queue":"faults","ticket":"F"})");
  c.queue(R"({"queue":"care"})");
  ticket_of(c, 1, "C1");
  c.say(2, "contact.change", R"({"contact":"C1","queue":"faults"})");
  CHECK(c.last("contact.queued").text_or("ticket") == "A001");
  CHECK(ticket_of(c, 3, "C2", "faults") == "F001");
  c.say(4, "agent.sign_in", R"({"agent":"A","channels":{"kiosk":1}})");
  c.say(4, "offer.accept", R"({"contact":"C1","agent":"A"})");
  c.say(5, "contact.transfer", R"({"contact":"C1","agent":"A","to_queue":"care"})");
  CHECK(c.last("contact.queued").text_or("contact") == "C1");
  CHECK(c.last("contact.queued").text_or("ticket") == "A001");
}

TEST_CASE("who is moved to an area after all is given a number there") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.queue(R"({"queue":"bills","ticket":"A"})");
  CHECK(ticket_of(c, 1, "C1", "care").empty());
  CHECK_FALSE(c.last("contact.queued").find("ticket"));
  c.say(2, "contact.change", R"({"contact":"C1","queue":"bills"})");
  CHECK(c.last("contact.queued").text_or("ticket") == "A001");
}

TEST_CASE("a queue that overflows gives no number away") {
  centre c;
  c.queue(R"({"queue":"bills","ticket":"A","refuse_length":1,"overflow_to":"faults"})");
  c.queue(R"({"queue":"faults","ticket":"F"})");
  CHECK(ticket_of(c, 1, "C1") == "A001");
  CHECK(ticket_of(c, 2, "C2") == "F001");
  c.queue(R"({"queue":"bills","ticket":"A"})");
  CHECK(ticket_of(c, 3, "C3") == "A002");
}

TEST_CASE("an agent's question to a colleague takes no number") {
  centre c;
  c.queue(R"({"queue":"bills","ticket":"A"})");
  c.say(0, "agent.sign_in", R"({"agent":"A","channels":{"kiosk":1}})");
  ticket_of(c, 1, "C1");
  c.say(2, "offer.accept", R"({"contact":"C1","agent":"A"})");
  c.say(3, "contact.open",
        R"({"contact":"K1","channel":"phone","consults":"C1","agent":"A","queue":"bills"})");
  CHECK_FALSE(c.last("contact.queued").find("ticket"));
  CHECK(ticket_of(c, 4, "C2") == "A002");
}

TEST_CASE("an engine that comes back counts on") {
  const auto from = GENERATE(centre::back_from::snapshot, centre::back_from::log);
  centre c;
  c.queue(R"({"queue":"bills","ticket":"A"})");
  ticket_of(c, 1, "C1");
  ticket_of(c, 2, "C2");
  c.restart(from);
  CHECK(ticket_of(c, 3, "C3") == "A003");
  for (const auto* left : {"C1", "C2", "C3"})
    c.say(4, "contact.abandon", R"({"contact":")" + std::string{left} + "\"}");
  CHECK(ticket_of(c, day, "C4") == "A001");
}

TEST_CASE("a prefix is short and can be printed") {
  centre c;
  const auto defined = [&](const std::string& more) {
    const auto r = c.say(0, "queue.define", R"({"queue":"bills",)" + more + "}");
    return r.why ? r.why->field : code_of(r);
  };
  CHECK(defined(R"("ticket":"Z9xy")") == "accepted");
  CHECK(defined(R"("ticket":"ABCDE")") == "ticket");
  CHECK(defined(R"("ticket":"A-")") == "ticket");
  CHECK(defined(R"("ticket":"号")") == "ticket");
  CHECK(defined(R"("ticket_misses":0)") == "ticket_misses");
  CHECK(defined(R"("miss_back":-1)") == "miss_back");
  CHECK(defined(R"("tell_every_s":4)") == "tell_every_s");
}

TEST_CASE("without a prefix nothing is said of tickets") {
  centre c;
  c.queue(R"({"queue":"care"})");
  const auto defined = c.last("queue.defined");
  for (const auto* key : {"ticket", "ticket_misses", "miss_back", "tell_step_s", "tell_every_s",
                          "callback_above_s"})
    CHECK_FALSE(defined.find(key));
}
