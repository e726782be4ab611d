#include <catch2/catch.hpp>

#include "messages/json.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

constexpr auto bills = R"({"queue":"bills","ticket":"A"})";

std::string open_json(const std::string& id, const std::string& more = "") {
  return R"({"contact":")" + id + R"(","channel":"counter","queue":"bills")" + more + "}";
}

/// An agent who takes nobody until it calls.
void at_counter(centre& c, double at, const std::string& id, const std::string& more = "") {
  c.say(at, "agent.sign_in",
        R"({"agent":")" + id + R"(","channels":{"counter":1},"ready":false)" + more + "}");
}

reply call(centre& c, double at, const std::string& agent, const std::string& counter,
           const std::string& more = "") {
  return c.say(at, "agent.call_next",
               R"({"agent":")" + agent + R"(","counter":")" + counter + "\"" + more + "}");
}

/// A list of hall.show, "A001 3" a line.
lines hall(centre& c, double at, const char* list, const char* asked = "{}") {
  lines out;
  const auto shown = c.ask(at, "hall.show", asked);
  for (const auto& one : *shown.find(list)->as<value::list>())
    out.push_back(std::string{one.text_or("ticket")} + " " + std::string{one.text_or("counter")});
  return out;
}

std::string area(centre& c, double at, const char* asked = "{}") {
  return to_json(*c.ask(at, "hall.show", asked).find("areas"));
}

} // namespace

TEST_CASE("the next ticket is called to a counter, as an offer that is answered at once",
          "[R1.1.2][R2.1.6]") {
  centre c;
  c.queue(bills);
  at_counter(c, 0, "A");
  c.say(1, "contact.open", open_json("C1"), "kiosk-1");
  c.say(2, "contact.open", open_json("C2"), "kiosk-1");
  c.news();
  const auto told = call(c, 3, "A", "3");
  CHECK(told.data.text_or("contact") == "C1");
  CHECK(told.data.text_or("ticket") == "A001");
  CHECK(c.news() == lines{"agent.state_changed A ready", "offer.made C1 A",
                          "agent.state_changed A offered", "offer.accepted C1 A",
                          "contact.connected C1 A", "agent.state_changed A busy",
                          "ticket.called C1 A"});
  const auto called = c.last("ticket.called");
  CHECK(called.text_or("ticket") == "A001");
  CHECK(called.text_or("counter") == "3");
  CHECK(called.int_or("again", -1) == 0);
}

TEST_CASE("nobody has more than one person at the counter") {
  centre c;
  c.queue(bills);
  at_counter(c, 0, "A");
  c.say(1, "contact.open", open_json("C1"));
  c.say(2, "contact.open", open_json("C2"));
  call(c, 3, "A", "3");
  c.news();
  const auto told = call(c, 4, "A", "3");
  CHECK(code_of(told) == "routing.agent_on_contact");
  CHECK(told.why->detail == "C1");
  CHECK(c.news().empty());
}

TEST_CASE("where nobody waits with a ticket, nothing changes") {
  centre c;
  c.queue(bills);
  c.queue(R"({"queue":"care"})");
  at_counter(c, 0, "A");
  c.say(1, "contact.open", R"({"contact":"P1","channel":"counter","queue":"care"})");
  c.news();
  const auto told = call(c, 2, "A", "3");
  CHECK(told.outcome == outcome_kind::accepted);
  CHECK(told.data.int_or("waiting", -1) == 0);
  CHECK(c.news().empty());
}

TEST_CASE("an agent calls whom routing would give it, and from one queue if it says so") {
  centre c;
  c.queue(bills);
  c.queue(R"({"queue":"faults","ticket":"F","skills":["tech"]})");
  at_counter(c, 0, "A");
  at_counter(c, 0, "T", R"(,"skills":{"tech":5})");
  c.say(1, "contact.open", R"({"contact":"F1","channel":"counter","queue":"faults"})");
  c.say(2, "contact.open", open_json("C1"));
  c.say(3, "contact.open", open_json("C2", R"(,"urgency":5)"));
  c.say(3, "contact.open", R"({"contact":"P1","channel":"phone","queue":"bills","urgency":9})");
  CHECK(call(c, 4, "A", "1").data.text_or("contact") == "C2");  // the more urgent, of its channel
  c.say(5, "contact.finish", R"({"contact":"C2","agent":"A"})");
  c.say(5, "agent.set_state", R"({"agent":"A","state":"not_ready"})");
  CHECK(call(c, 6, "A", "1", R"(,"queue":"faults")").data.int_or("waiting", -1) == 0);
  CHECK(call(c, 7, "T", "2", R"(,"queue":"bills")").data.text_or("contact") == "C1");
  CHECK(code_of(call(c, 8, "A", "1", R"(,"queue":"none")")) == "routing.unknown_queue");
  CHECK(code_of(call(c, 8, "Z", "1")) == "routing.unknown_agent");
}

TEST_CASE("calling ends what is left to do after the last one") {
  centre c;
  c.queue(R"({"queue":"bills","ticket":"A","wrap_up":"manual"})");
  at_counter(c, 0, "A");
  c.say(1, "contact.open", open_json("C1"));
  c.say(2, "contact.open", open_json("C2"));
  call(c, 3, "A", "3");
  c.say(9, "contact.finish", R"({"contact":"C1","agent":"A"})");
  c.news();
  CHECK(call(c, 12, "A", "3").data.text_or("ticket") == "A002");
  CHECK(c.news().front() == "agent.state_changed A ready");
}

TEST_CASE("an agent to whom a ticket is offered already takes that one by calling") {
  centre c;
  c.queue(bills);
  c.say(0, "agent.sign_in", R"({"agent":"A","channels":{"counter":1}})");
  c.say(1, "contact.open", open_json("C1"));
  c.news();
  CHECK(call(c, 2, "A", "3").data.text_or("ticket") == "A001");
  CHECK(c.news() == lines{"offer.accepted C1 A", "contact.connected C1 A",
                          "agent.state_changed A busy", "ticket.called C1 A"});
}

TEST_CASE("who is to be called back by telephone is not called to a counter") {
  centre c;
  c.queue(bills);
  at_counter(c, 0, "A");
  c.say(1, "contact.open", open_json("C1"));
  c.say(2, "contact.request_callback", R"({"contact":"C1","number":"138"})");
  CHECK(call(c, 3, "A", "3").data.int_or("waiting", -1) == 0);
}

TEST_CASE("a ticket is called again, and how often is said") {
  centre c;
  c.queue(bills);
  at_counter(c, 0, "A");
  CHECK(code_of(c.say(1, "ticket.recall", R"({"agent":"A"})")) == "routing.no_ticket");
  c.say(1, "contact.open", open_json("C1"));
  call(c, 2, "A", "3");
  c.say(10, "ticket.recall", R"({"agent":"A"})");
  CHECK(c.last("ticket.called").int_or("again", -1) == 1);
  CHECK(c.say(20, "ticket.recall", R"({"agent":"A"})").data.text_or("ticket") == "A001");
  CHECK(c.last("ticket.called").int_or("again", -1) == 2);
  CHECK(c.last("ticket.called").text_or("counter") == "3");
}

TEST_CASE("nobody came: the first miss ends it, and it is no talk of anybody's") {
  centre c;
  c.queue(bills);
  at_counter(c, 0, "A");
  c.say(1, "contact.open", open_json("C1"));
  call(c, 2, "A", "3");
  c.news();
  const auto told = c.say(30, "ticket.miss", R"({"agent":"A"})");
  CHECK(told.data.text_or("state") == "ended");
  CHECK(c.news() == lines{"ticket.missed C1 A", "agent.state_changed A ready",
                          "contact.timed_out C1 no_show"});
  const auto board = c.ask(31, "board.show", "{}");
  const auto* queue = board.find("queues")->find("bills");
  CHECK(queue->int_or("timed_out", 0) == 1);
  CHECK(queue->int_or("waiting", -1) == 0);
  CHECK(queue->int_or("in_progress", -1) == 0);
  CHECK(code_of(c.say(32, "ticket.miss", R"({"agent":"A"})")) == "routing.no_ticket");
  CHECK(code_of(c.say(32, "ticket.miss", R"({"agent":"A","contact":"C9"})"))
        == "routing.unknown_contact");
}

TEST_CASE("a queue that calls more than once puts who did not come behind some others") {
  centre c;
  c.queue(R"({"queue":"bills","ticket":"A","ticket_misses":2,"miss_back":2})");
  at_counter(c, 0, "A");
  for (const auto* id : {"C1", "C2", "C3", "C4"})
    c.say(1, "contact.open", open_json(id));
  call(c, 2, "A", "3");
  const auto told = c.say(30, "ticket.miss", R"({"agent":"A"})");
  CHECK(told.data.int_or("queue_position", 0) == 3);
  CHECK(c.last("ticket.missed").int_or("misses", 0) == 1);
  // The agent is ready and gets the next by itself; the one who was missed comes third.
  CHECK(c.last("offer.made").text_or("contact") == "C2");
  std::string order;
  const auto shown = c.ask(31, "queue.show", R"({"queue":"bills"})");
  for (const auto& one : *shown.find("waiting")->as<value::list>())
    order += std::string{one.text_or("ticket")} + " ";
  CHECK(order == "A002 A003 A001 A004 ");
  for (int i = 0; i < 2; ++i) {
    call(c, 32 + 10 * i, "A", "3");
    c.say(33 + 10 * i, "contact.finish",
          R"({"agent":"A","contact":")" + std::string{i == 0 ? "C2" : "C3"} + "\"}");
  }
  CHECK(call(c, 50, "A", "3").data.text_or("ticket") == "A001");
  CHECK(c.last("ticket.called").int_or("again", -1) == 0);
  c.say(80, "ticket.miss", R"({"agent":"A","contact":"C1"})");
  CHECK(c.last("ticket.missed").int_or("misses", 0) == 2);
  CHECK(c.last("contact.timed_out").text_or("reason") == "no_show");
}

TEST_CASE("in a short line who did not come goes to its end") {
  centre c;
  c.queue(R"({"queue":"bills","ticket":"A","ticket_misses":3})");
  at_counter(c, 0, "A");
  c.say(1, "contact.open", open_json("C1"));
  c.say(2, "contact.open", open_json("C2"));
  call(c, 3, "A", "3");
  CHECK(c.say(9, "ticket.miss", R"({"agent":"A"})").data.int_or("queue_position", 0) == 2);
}

TEST_CASE("a hall shows who is served where, who was called, and how many wait", "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"bills","ticket":"A","site":"north"})");
  c.queue(R"({"queue":"faults","ticket":"F","site":"south"})");
  at_counter(c, 0, "A", R"(,"queues":{"bills":0})");
  at_counter(c, 0, "B", R"(,"queues":{"faults":0})");
  for (const auto* id : {"C1", "C2", "C3"})
    c.say(1, "contact.open", open_json(id));
  c.say(1, "contact.open", R"({"contact":"F1","channel":"counter","queue":"faults"})");
  call(c, 2, "A", "3");
  call(c, 3, "B", "7");
  CHECK(hall(c, 4, "serving") == lines{"A001 3", "F001 7"});
  CHECK(hall(c, 4, "called") == lines{"F001 7", "A001 3"});
  CHECK(hall(c, 4, "serving", R"({"prefix":"F"})") == lines{"F001 7"});
  CHECK(hall(c, 4, "called", R"({"site":"north"})") == lines{"A001 3"});
  CHECK(area(c, 4, R"({"prefix":"A"})") == R"([{"prefix":"A","waiting":2}])");
  c.say(9, "ticket.miss", R"({"agent":"B"})");
  CHECK(hall(c, 10, "missed") == lines{"F001 7"});
  CHECK(hall(c, 10, "serving") == lines{"A001 3"});
  CHECK(area(c, 10, R"({"site":"south"})") == R"([{"prefix":"F","waiting":0,"wait_s":0}])");
  CHECK(hall(c, 10, "called", R"({"prefix":"none"})").empty());
  // Tomorrow's hall begins empty.
  CHECK(hall(c, 86'400, "called").empty());
}

TEST_CASE("a hall shows the last twenty, each once", "[R2.1.6]") {
  centre c;
  c.queue(bills);
  at_counter(c, 0, "A");
  for (int i = 1; i <= 25; ++i) {
    c.say(10 * i, "contact.open", open_json("C" + std::to_string(i)));
    call(c, 10 * i + 1, "A", "3");
    c.say(10 * i + 2, "ticket.recall", R"({"agent":"A"})");
    c.say(10 * i + 3, "contact.finish",
          R"({"agent":"A","contact":"C)" + std::to_string(i) + "\"}");
  }
  const auto called = hall(c, 300, "called");
  CHECK(called.size() == 20);
  CHECK(called.front() == "A025 3");
  CHECK(called.back() == "A006 3");
}

TEST_CASE("a counter that hands a person on calls that person no more") {
  centre c;
  c.queue(bills);
  c.queue(R"({"queue":"care","members":true})");
  at_counter(c, 0, "A");
  c.say(1, "contact.open", open_json("C1"));
  call(c, 2, "A", "3");
  c.say(5, "contact.transfer", R"({"contact":"C1","agent":"A","to_queue":"care"})");
  CHECK(hall(c, 6, "serving").empty());
  CHECK(code_of(c.say(6, "ticket.recall", R"({"agent":"A"})")) == "routing.no_ticket");
}

TEST_CASE("an engine that comes back knows who is at which counter") {
  const auto from = GENERATE(centre::back_from::snapshot, centre::back_from::log);
  centre c;
  c.queue(bills);
  at_counter(c, 0, "A");
  c.say(1, "contact.open", open_json("C1"));
  call(c, 2, "A", "3");
  c.restart(from);
  CHECK(hall(c, 3, "serving") == lines{"A001 3"});
  CHECK(hall(c, 3, "called") == lines{"A001 3"});
  c.say(4, "ticket.recall", R"({"agent":"A"})");
  CHECK(c.last("ticket.called").int_or("again", -1) == 1);
}
