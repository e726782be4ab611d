#include <catch2/catch.hpp>

#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

std::string open_json(const std::string& id) {
  return R"({"contact":")" + id + R"(","channel":"phone","queue":"care"})";
}

session::session_lost lost(const char* client) {
  session::session_lost x;
  x.session = session_name{client};
  return x;
}

session::session_resumed back(const char* client) {
  session::session_resumed x;
  x.session = session_name{client};
  return x;
}

/// A talk between a customer whom phone-1 brought and agent A, whom desk-1 signed in.
void talk(centre& c) {
  c.queue(R"({"queue":"care","talk_s_max":600})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})", "desk-1");
  c.say(1, "contact.open", open_json("C1"), "phone-1");
  c.say(2, "offer.accept", R"({"contact":"C1","agent":"A"})", "desk-1");
  c.news();
}

} // namespace

TEST_CASE("a client that is lost keeps its contacts for the grace, and loses them then") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(0, "contact.open", open_json("C1"), "phone-1");
  c.say(0, "contact.open", open_json("K1"), "kiosk-1");
  session::session_lost lost;
  lost.session = session_name{"phone-1"};
  session::session_resumed back;
  SECTION("it comes back in time") {
    c.happened(10, lost);
    back.session = lost.session;
    c.happened(19, back);
    c.news();
    c.wait_until(100);
    CHECK(c.news().empty());
  }
  SECTION("it does not") {
    c.happened(10, lost);
    c.news();
    c.wait_until(19.9);
    CHECK(c.news().empty());
    c.wait_until(20);
    CHECK(c.news() == lines{"contact.timed_out C1 gateway_lost"});
  }
}

TEST_CASE("agents of a lost client turn not ready, and who talks goes on until the limit") {
  centre c;
  c.queue(R"({"queue":"care","talk_s_max":600})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})", "desks");
  c.say(0, "agent.sign_in", R"({"agent":"B"})", "desks");
  c.say(1, "contact.open", open_json("C1"), "phone-1");
  c.say(2, "offer.accept", R"({"contact":"C1","agent":"A"})", "desks");
  session::session_lost lost;
  lost.session = session_name{"desks"};
  c.happened(10, lost);
  c.news();
  c.wait_until(20);
  CHECK(c.news() == lines{"agent.state_changed A not_ready session_lost",
                          "agent.state_changed B not_ready session_lost"});
  c.wait_until(601.9);
  CHECK(c.news().empty());
  c.wait_until(602);
  CHECK(c.contact_news() == lines{"contact.timed_out C1 talk_s_max"});
}

TEST_CASE("a person whose gateway went in talk is not handed on for ever") {
  centre c;
  talk(c);
  c.happened(10, lost("phone-1"));
  SECTION("transferred within the grace, the contact has the rest of it") {
    c.say(15, "contact.transfer", R"({"contact":"C1","agent":"A","to_queue":"care"})");
    c.news();
    c.wait_until(20);
    CHECK(c.contact_news() == lines{"contact.timed_out C1 gateway_lost",
                                    "offer.rescinded C1 A timed_out"});
  }
  SECTION("transferred later, it is offered to nobody") {
    c.wait_until(30);
    c.say(30, "contact.transfer", R"({"contact":"C1","agent":"A","to_queue":"care"})");
    c.wait_until(30);
    CHECK(c.contact_news() == lines{"contact.transferred C1 A", "contact.queued C1",
                                    "contact.timed_out C1 gateway_lost"});
  }
  SECTION("unless the gateway is back") {
    c.happened(12, back("phone-1"));
    c.say(15, "contact.transfer", R"({"contact":"C1","agent":"A","to_queue":"care"})");
    c.news();
    c.wait_until(29);
    CHECK(c.news().empty());
  }
}

TEST_CASE("one side that comes back does not bring the other") {
  centre c;
  talk(c);
  c.happened(10, lost("phone-1"));
  c.happened(11, lost("desk-1"));
  const auto* who = GENERATE("phone-1", "desk-1");
  c.happened(15, back(who));
  c.wait_until(601.9);
  CHECK(c.count("contact.timed_out") == 0);
  c.wait_until(602);
  CHECK(c.last("contact.timed_out").text_or("reason") == "talk_s_max");
}

TEST_CASE("the client of the agent who had it before says nothing about a contact handed on") {
  centre c;
  talk(c);
  c.happened(10, lost("desk-1"));
  c.say(12, "agent.sign_in", R"({"agent":"B"})", "desk-2");
  c.say(15, "contact.transfer", R"({"contact":"C1","agent":"A","to_agent":"B"})");
  c.say(16, "offer.accept", R"({"contact":"C1","agent":"B"})", "desk-2");
  c.wait_until(5000);
  CHECK(c.count("contact.timed_out") == 0);
}

TEST_CASE("an agent signed in by another client is no longer the first one's") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})", "desk-1");
  c.say(1, "agent.sign_out", R"({"agent":"A"})", "desk-1");
  c.say(2, "agent.sign_in", R"({"agent":"A"})", "desk-2");
  c.news();
  c.happened(5, lost("desk-1"));
  c.wait_until(100);
  CHECK(c.news().empty());
  c.restart(GENERATE(centre::back_from::snapshot, centre::back_from::log));
  c.happened(100, lost("desk-2"));
  c.wait_until(110);
  CHECK(c.news() == lines{"agent.state_changed A not_ready session_lost"});
}

TEST_CASE("a callback answered after its agent's client was lost does not go on for ever",
          "[R2.1.6]") {
  // given an agent for whom a person is called back, and whose desk is lost meanwhile
  centre c;
  c.queue(R"({"queue":"care","talk_s_max":600})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})", "desk-1");
  c.say(1, "contact.open", open_json("C1"), "phone-1");
  c.say(2, "contact.request_callback", R"({"contact":"C1","number":"138"})", "phone-1");
  c.say(3, "offer.accept", R"({"contact":"C1","agent":"A"})", "desk-1");
  c.happened(5, lost("desk-1"));
  // when the person answers
  c.say(8, "dial.report", R"({"contact":"C1","result":"answered"})", "phone-1");
  SECTION("then the talk has the limit that any talk without a desk has") {
    c.restart(GENERATE(centre::back_from::snapshot, centre::back_from::log));
    c.wait_until(607.9);
    CHECK(c.count("contact.timed_out") == 0);
    c.wait_until(608);
    CHECK(c.last("contact.timed_out").text_or("reason") == "talk_s_max");
  }
  SECTION("but not once the desk is back") {
    c.happened(12, back("desk-1"));
    c.wait_until(5000);
    CHECK(c.count("contact.timed_out") == 0);
  }
}
