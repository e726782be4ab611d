#include <catch2/catch.hpp>

#include "messages/json.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

constexpr auto both = R"({"contact":"C1","agent":"A"})";

void connect(centre& c) {
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.say(2, "offer.accept", both);
  c.news();
}

} // namespace

TEST_CASE("a contact is put on hold and taken up again by its own agent only", "[R2.1.7]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  connect(c);
  CHECK(c.say(3, "contact.hold", R"({"contact":"C1","agent":"B"})").why->type
        == "routing.unknown_agent");
  c.say(3, "contact.hold", both);
  CHECK(c.say(4, "contact.hold", both).outcome == outcome_kind::accepted);
  c.say(5, "contact.resume", both);
  CHECK(c.news() == lines{"contact.held C1 A", "contact.resumed C1 A"});
}

TEST_CASE("a transfer ends the leg, and the contact waits in the new queue with its age",
          "[R2.1.7]") {
  centre c;
  c.queue(R"({"queue":"care","wrap_up_s":10})");
  c.queue(R"({"queue":"tech","skills":["tech"]})");
  connect(c);
  c.say(2, "agent.sign_in", R"({"agent":"T","skills":{"tech":9},"queues":{"tech":0}})");
  c.news();
  const auto r = c.say(60, "contact.transfer", R"({"contact":"C1","agent":"A","to_queue":"tech"})");
  CHECK(r.data.int_or("queue_position", 0) == 1);
  CHECK(c.news() == lines{"contact.transferred C1 A", "agent.state_changed A wrap_up",
                          "contact.queued C1", "offer.made C1 T", "agent.state_changed T offered"});
  CHECK(c.ask(61, "contact.show", R"({"contact":"C1"})").int_or("age_s", 0) == 60);
  c.wait_until(70);
  CHECK(c.news() == lines{"agent.state_changed A ready"});
}

TEST_CASE("a transfer to one agent waits for that agent alone", "[R2.1.7]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  connect(c);
  c.say(2, "agent.sign_in", R"({"agent":"B"})");
  c.say(2, "agent.sign_in", R"({"agent":"D","ready":false})");
  c.news();
  c.say(3, "contact.transfer", R"({"contact":"C1","agent":"A","to_agent":"D"})");
  CHECK(c.count("offer.made") == 1);
  c.say(4, "agent.set_state", R"({"agent":"D","state":"ready"})");
  CHECK(c.last("offer.made").text_or("agent") == "D");
}

TEST_CASE("wrap-up is none, timed or ended by the agent", "[R2.1.7]") {
  centre c;
  SECTION("timed: ten seconds that start at a hundred end at a hundred and ten") {
    c.queue(R"({"queue":"care","wrap_up_s":10})");
    connect(c);
    c.say(50, "contact.open", R"({"contact":"C2","channel":"phone","queue":"care"})");
    c.say(100, "contact.finish", both);
    c.wait_until(109.999);
    CHECK(c.count("offer.made") == 1);
    c.wait_until(110);
    CHECK(c.count("offer.made") == 2);
  }
  SECTION("manual: until the agent says so") {
    c.queue(R"({"queue":"care","wrap_up":"manual"})");
    connect(c);
    c.say(100, "contact.finish", both);
    c.wait_until(5000);
    c.news();
    c.say(5000, "agent.finish_wrap_up", R"({"agent":"A"})");
    CHECK(c.news() == lines{"agent.state_changed A ready"});
  }
  SECTION("none, though a time is given") {
    c.queue(R"({"queue":"care","wrap_up":"none","wrap_up_s":10})");
    connect(c);
    c.say(100, "contact.finish", both);
    CHECK(c.news() == lines{"contact.finished C1 A", "agent.state_changed A ready"});
  }
}

TEST_CASE("three chats run side by side, and phone waits for them", "[R2.1.7]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(0, "agent.sign_in", R"({"agent":"A","channels":{"phone":1,"chat":3}})");
  for (const auto* id : {"C1", "C2", "C3", "C4"}) {
    c.say(1, "contact.open",
          std::string{R"({"contact":")"} + id + R"(","channel":"chat","queue":"care"})");
    c.say(1, "offer.accept", std::string{R"({"contact":")"} + id + R"(","agent":"A"})");
  }
  CHECK(c.count("contact.connected") == 3);
  c.say(2, "contact.open", R"({"contact":"P1","channel":"phone","queue":"care"})");
  CHECK(c.count("offer.made") == 3);
  c.say(3, "contact.abandon", R"({"contact":"C4"})");
  c.say(3, "contact.finish", both);
  c.say(3, "contact.finish", R"({"contact":"C2","agent":"A"})");
  CHECK(c.count("offer.made") == 3);
  const auto shown = c.ask(3, "agent.show", R"({"agent":"A"})");
  CHECK(shown.find("free")->int_or("chat", -1) == 2);
  CHECK(shown.find("free")->int_or("phone", -1) == 0);
  c.say(4, "contact.finish", R"({"contact":"C3","agent":"A"})");
  CHECK(c.last("offer.made").text_or("contact") == "P1");
}

TEST_CASE("lines of a chat are counted, and a line said twice is one", "[R8.1.1c]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"chat","queue":"care"})");
  c.news();
  CHECK(c.say(2, "contact.say", R"({"contact":"C1","from":"customer","text":"你好"})")
            .data.int_or("line", 0)
        == 1);
  c.say(3, "contact.say", R"({"contact":"C1","from":"system","text":"hello","line":2})");
  c.say(4, "contact.say", R"({"contact":"C1","from":"system","text":"hello","line":2})");
  c.say(5, "contact.deliver", R"({"contact":"C1","line":2})");
  CHECK(c.say(6, "contact.deliver", R"({"contact":"C1","line":9})").outcome
        == outcome_kind::invalid);
  c.say(7, "contact.answer", R"({"contact":"C1","form":"callback","fields":{"when":"evening"}})");
  CHECK(c.news() == lines{"contact.said C1", "contact.said C1", "contact.delivered C1",
                          "contact.answered_form C1"});
}

TEST_CASE("a chat without end leaves a state that can be read again") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"chat","queue":"care"})");
  const auto line = R"({"contact":"C1","from":"customer","text":"?"})";
  for (std::size_t i = 0; i < routing::lines_max; ++i)
    REQUIRE(c.say(2, "contact.say", line).outcome == outcome_kind::accepted);
  const auto one_more = c.say(3, "contact.say", line);
  CHECK(one_more.outcome == outcome_kind::refused);
  CHECK(one_more.why->type == "routing.lines_full");
  c.restart(centre::back_from::snapshot);
  CHECK(c.say(4, "contact.say", line).why->type == "routing.lines_full");
}

TEST_CASE("a callback keeps its place, is dialled, and is given up after the last attempt",
          "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"care","callback_attempts":2,"callback_spacing_s":60,"wait_s_max":100})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})", "phone-1");
  c.say(2, "contact.open", R"({"contact":"C2","channel":"phone","queue":"care"})", "phone-1");
  c.say(3, "contact.request_callback", R"({"contact":"C1","number":"13800000000"})", "phone-1");
  c.news();
  c.say(4, "agent.sign_in", R"({"agent":"A"})");
  CHECK(c.last("offer.made").text_or("contact") == "C1");
  c.say(5, "offer.accept", both);
  CHECK(c.contact_news() == lines{"offer.made C1 A", "offer.accepted C1 A", "dial.requested C1 A"});
  c.say(9, "dial.report", R"({"contact":"C1","result":"no_answer"})", "phone-1");
  CHECK(c.contact_news() == lines{"dial.reported C1 A", "offer.made C2 A"});
  c.say(10, "offer.accept", R"({"contact":"C2","agent":"A"})");
  c.say(20, "contact.finish", R"({"contact":"C2","agent":"A"})");
  c.wait_until(68.9);
  CHECK(c.count("offer.made") == 2);
  c.wait_until(69);
  c.say(70, "offer.accept", both);
  c.news();
  c.say(75, "dial.report", R"({"contact":"C1","result":"busy"})", "phone-1");
  CHECK(c.contact_news() == lines{"dial.reported C1 A", "contact.timed_out C1 callback_failed"});
}

TEST_CASE("a callback that its gateway forgets to report on does not keep its agent for ever",
          "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"care","callback_attempts":1})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})", "phone-1");
  c.say(2, "contact.request_callback", R"({"contact":"C1","number":"13800000000"})", "phone-1");
  c.say(4, "agent.sign_in", R"({"agent":"A"})");
  c.say(5, "offer.accept", both);
  c.news();
  c.wait_until(94.9);
  CHECK(c.news().empty());
  c.wait_until(95);
  CHECK(c.news() == lines{"dial.reported C1 A", "agent.state_changed A ready",
                          "contact.timed_out C1 callback_failed"});
  CHECK(c.say(96, "dial.report", R"({"contact":"C1","result":"answered"})", "phone-1").why);
}

TEST_CASE("a callback that is answered is a talk like any other") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})", "phone-1");
  c.say(3, "contact.request_callback", R"({"contact":"C1","number":"13800000000"})", "phone-1");
  c.say(4, "agent.sign_in", R"({"agent":"A"})");
  c.say(5, "offer.accept", both);
  c.news();
  CHECK(c.say(6, "dial.report", R"({"contact":"C1","result":"answered"})", "kiosk-9").why->type
        == "security.not_allowed");
  c.say(6, "dial.report", R"({"contact":"C1","result":"answered"})", "phone-1");
  CHECK(c.news() == lines{"dial.reported C1 A", "contact.connected C1 A"});
  c.say(7, "contact.finish", both);
  CHECK(c.contact_news() == lines{"contact.finished C1 A"});
}

TEST_CASE("the customer's verdict is taken once", "[R2.1.8]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  connect(c);
  c.say(3, "contact.finish", both);
  c.news();
  CHECK(c.say(4, "contact.rate", R"({"contact":"C1","score":11})").outcome
        == outcome_kind::invalid);
  c.say(5, "contact.rate", R"({"contact":"C1","score":9})");
  CHECK(c.say(6, "contact.rate", R"({"contact":"C1","score":9})").outcome
        == outcome_kind::accepted);
  CHECK(c.say(7, "contact.rate", R"({"contact":"C1","score":1})").why->type
        == "reception.already_rated");
  CHECK(c.say(8, "contact.rate", R"({"contact":"C9","score":1})").why->type
        == "reception.unknown_contact");
  CHECK(c.news() == lines{"contact.rated C1"});
  CHECK(c.last("contact.rated").int_or("score", 0) == 9);
}

TEST_CASE("a person who hangs up in talk ends it for the agent too") {
  centre c;
  c.queue(R"({"queue":"care","wrap_up_s":5})");
  connect(c);
  c.say(9, "contact.abandon", R"({"contact":"C1"})");
  CHECK(c.news() == lines{"contact.finished C1 A", "agent.state_changed A wrap_up"});
  CHECK(c.last("contact.finished").text_or("disposition") == "customer_left");
  CHECK(c.say(10, "contact.finish", both).outcome == outcome_kind::accepted);
  CHECK(c.news().empty());
}

TEST_CASE("the address is told only to the one who brought the contact, and leaves a trace",
          "[R2.2.5]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open",
        R"({"contact":"C1","channel":"phone","queue":"care","address":"+8613800000000"})",
        "phone-1");
  c.news();
  const auto* asked = R"({"contact":"C1","purpose":"dial"})";
  CHECK(c.say(2, "contact.address", asked, "other").why->type == "security.not_allowed");
  CHECK(c.say(3, "contact.address", asked, "phone-1").data.text_or("address")
        == "+8613800000000");
  CHECK(c.last("contact.address_read").text_or("purpose") == "dial");
  CHECK(c.last("contact.address_read").text_or("client") == "phone-1");
}

TEST_CASE("an address is told to nobody who does not say what for", "[R2.2.5]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care","address":"1001"})",
        "phone-1");
  const auto told = c.say(2, "contact.address", R"({"contact":"C1"})", "phone-1");
  CHECK(told.why->type == "command.field_missing");
  CHECK(told.why->field == "purpose");
  CHECK(c.count("contact.address_read") == 0);
}

TEST_CASE("what an agent does wrong is answered with a reason and changes nothing") {
  centre c;
  c.queue(R"({"queue":"care"})");
  connect(c);
  CHECK(c.say(3, "agent.sign_out", R"({"agent":"A"})").why->type == "routing.agent_on_contact");
  CHECK(c.say(3, "agent.sign_in", R"({"agent":"A","skills":{"x":1}})").why->type
        == "routing.already_signed_in");
  CHECK(c.say(3, "agent.sign_in", R"({"agent":"A"})").outcome == outcome_kind::accepted);
  CHECK(c.say(3, "agent.set_state", R"({"agent":"Z","state":"ready"})").why->type
        == "routing.unknown_agent");
  CHECK(c.say(3, "agent.set_state", R"({"agent":"A","state":"busy"})").outcome
        == outcome_kind::invalid);
  CHECK(c.say(3, "contact.finish", R"({"contact":"C9","agent":"A"})").why->type
        == "routing.unknown_contact");
  CHECK(c.say(3, "dial.report", R"({"contact":"C1","result":"busy"})").why->type
        == "routing.no_dial");
  CHECK(c.say(3, "contact.change", R"({"contact":"C1","queue":"x"})").why->type
        == "routing.not_waiting");
  CHECK(c.news().empty());
  c.say(4, "contact.finish", both);
  c.say(5, "agent.sign_out", R"({"agent":"A"})");
  CHECK(c.say(6, "agent.set_state", R"({"agent":"A","state":"ready"})").why->type
        == "routing.not_signed_in");
  CHECK(c.say(6, "agent.sign_out", R"({"agent":"A"})").outcome == outcome_kind::accepted);
}

TEST_CASE("work that only the agent ends is not cut short by another contact's", "[R2.1.7]") {
  centre c;
  c.queue(R"({"queue":"m","wrap_up":"manual"})");
  c.queue(R"({"queue":"t","wrap_up_s":5})");
  c.say(0, "agent.sign_in", R"({"agent":"A","channels":{"chat":2}})");
  const auto serve = [&](const std::string& id, const std::string& queue) {
    c.say(1, "contact.open",
          R"({"contact":")" + id + R"(","channel":"chat","queue":")" + queue + "\"}");
    c.say(1, "offer.accept", R"({"contact":")" + id + R"(","agent":"A"})");
  };
  serve("M1", "m");
  serve("T1", "t");
  const auto first = GENERATE("M1", "T1");
  const std::string second = first == std::string_view{"M1"} ? "T1" : "M1";
  c.say(10, "contact.finish", std::string{R"({"agent":"A","contact":")"} + first + "\"}");
  c.say(12, "contact.finish", R"({"agent":"A","contact":")" + second + "\"}");
  c.news();
  c.wait_until(600);
  CHECK(c.news().empty());
  c.say(600, "agent.finish_wrap_up", R"({"agent":"A"})");
  CHECK(c.news() == lines{"agent.state_changed A ready"});
}

TEST_CASE("a callback asked for after a transfer has all its attempts") {
  centre c;
  c.queue(R"({"queue":"care","callback_attempts":2,"callback_spacing_s":10})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})", "phone-1");
  const auto dial = [&](double at, const std::string& result) {
    c.say(at, "offer.accept", both);
    c.say(at + 1, "dial.report", R"({"contact":"C1","result":")" + result + "\"}", "phone-1");
  };
  c.say(2, "contact.request_callback", R"({"contact":"C1","number":"138"})", "phone-1");
  dial(3, "busy");
  c.wait_until(14);
  dial(15, "answered");
  c.say(20, "contact.transfer", R"({"contact":"C1","agent":"A","to_queue":"care"})");
  c.say(21, "contact.request_callback", R"({"contact":"C1","number":"138"})", "phone-1");
  c.news();
  dial(22, "no_answer");
  CHECK(c.last("dial.requested").int_or("attempt", 0) == 1);
  CHECK(c.count("contact.timed_out") == 0);
}

TEST_CASE("a contact ends with a disposition of its queue's list, where that has one", "[R2.1.8]") {
  centre c;
  c.queue(R"({"queue":"care","dispositions":["solved","passed_on"]})");
  c.queue(R"({"queue":"tech"})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  const auto in_talk = [&](double at, const std::string& id, const std::string& queue) {
    c.say(at, "contact.open",
          R"({"contact":")" + id + R"(","channel":"phone","queue":")" + queue + "\"}");
    c.say(at, "offer.accept", R"({"contact":")" + id + R"(","agent":"A"})");
  };
  const auto ended = [&](double at, const std::string& id, const std::string& more) {
    return c.say(at, "contact.finish", R"({"contact":")" + id + R"(","agent":"A")" + more + "}");
  };
  in_talk(1, "C1", "care");
  const auto none = ended(2, "C1", "");
  CHECK(code_of(none) == "command.field_missing");
  CHECK(none.why->field == "disposition");
  CHECK(code_of(ended(3, "C1", R"(,"disposition":"whatever")")) == "routing.unknown_disposition");
  CHECK(code_of(ended(4, "C1", R"(,"disposition":"solved")")) == "accepted");
  // Said again it is the same; a person who hangs up needs no code; another queue has no list.
  CHECK(code_of(ended(5, "C1", R"(,"disposition":"solved")")) == "accepted");
  in_talk(6, "C2", "care");
  CHECK(code_of(c.say(7, "contact.abandon", R"({"contact":"C2"})")) == "accepted");
  in_talk(8, "C3", "tech");
  CHECK(code_of(ended(9, "C3", R"(,"disposition":"whatever")")) == "accepted");
  CHECK(to_json(*c.ask(10, "queue.show", R"({"queue":"care"})").find("dispositions"))
        == R"(["solved","passed_on"])");
}
