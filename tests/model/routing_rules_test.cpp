#include <catch2/catch.hpp>

#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

std::string open_json(const std::string& id, const std::string& more = "") {
  return R"({"contact":")" + id + R"(","channel":"phone","queue":"care")" + more + "}";
}

} // namespace

TEST_CASE("a rule lets a skill go after a while of waiting") {
  centre c;
  c.queue(
      R"({"queue":"care","skills":["zh"],"rules":[{"after_s":30,"do":[{"drop_skills":["zh"]}]}]})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(0, "contact.open", open_json("C1"));
  c.news();
  c.wait_until(29.999);
  CHECK(c.news().empty());
  c.wait_until(30);
  CHECK(c.contact_news() == lines{"contact.rule_applied C1", "offer.made C1 A"});
}

TEST_CASE("a rule at zero seconds comes before the first decision") {
  centre c;
  c.queue(R"({"queue":"care","rules":[{"after_s":0,"do":[{"tier_max":0}]}]})");
  c.say(0, "agent.sign_in", R"({"agent":"A","queues":{"care":1}})");
  c.news();
  c.say(1, "contact.open", open_json("C1"));
  CHECK(c.contact_news() == lines{"contact.opened C1", "contact.triaged C1", "contact.queued C1",
                                  "contact.rule_applied C1"});
}

TEST_CASE(
    "a rule that repeats does so each time, one that is tested at its time only waits for none") {
  centre c;
  c.queue(R"({"queue":"care","rules":[
    {"every_s":10,"do":[{"urgency_add":1}]},
    {"after_s":15,"when":{"queue_length_min":2},"do":[{"announce":"long"}]}]})");
  c.say(0, "contact.open", open_json("C1"));
  c.wait_until(16);
  c.say(16, "contact.open", open_json("C2"));
  c.wait_until(35);
  CHECK(c.count("contact.rule_applied")
        == 3 + 1 + 1); // C1 at 10, 20, 30; C2 at 26; C2's 15 s at 31
  CHECK(c.ask(35, "contact.show", R"({"contact":"C1"})").int_or("urgency", 0) == 3);
}

TEST_CASE("a rule counts unanswered offers") {
  centre c;
  c.queue(R"({"queue":"care","ring_s":5,"misses_then":"ready",
    "rules":[{"after_misses":2,"do":[{"divert":"rescue"}]}]})");
  c.queue(R"({"queue":"rescue","members":true})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(0, "contact.open", open_json("C1"));
  c.news();
  c.wait_until(9.9);
  CHECK(c.count("contact.rule_applied") == 0);
  c.wait_until(10);
  CHECK(c.contact_news() == lines{"offer.expired C1 A", "offer.made C1 A", "offer.expired C1 A",
                                  "contact.rule_applied C1", "contact.diverted C1 rule rescue",
                                  "contact.queued C1"});
}

TEST_CASE("rules look at agents, hours and days") {
  centre c;
  c.queue(R"({"queue":"care","rules":[
    {"after_s":1,"when":{"ready_max":0,"hour":[9,10],"weekday":[1]},"do":[{"offer_callback":true}]},
    {"after_s":1,"when":{"hour":[22,6]},"do":[{"announce":"night"}]},
    {"after_s":1,"when":{"signed_in_max":0},"do":[{"announce":"alone"}]},
    {"after_s":1,"when":{"channel":["chat","kiosk"]},"do":[{"announce":"chat"}]}]})");
  c.say(0, "agent.sign_in", R"({"agent":"A","ready":false})");
  c.say(0, "contact.open", open_json("C1"));
  c.wait_until(2);
  CHECK(c.count("contact.rule_applied") == 1);
  CHECK(c.last("contact.rule_applied").int_or("rule", -1) == 0);
}

TEST_CASE("a rule may add a rule, and raise the lower tiers") {
  centre c;
  c.queue(R"({"queue":"care","rules":[
    {"after_s":5,"do":[{"add_rule":{"after_s":20,"do":[{"tier_max":2}]}}]}]})");
  c.say(0, "agent.sign_in", R"({"agent":"A","queues":{"care":2}})");
  c.say(0, "contact.open", open_json("C1", R"(,"tier_max":1)"));
  c.wait_until(19.9);
  CHECK(c.count("offer.made") == 0);
  c.wait_until(20);
  CHECK(c.count("offer.made") == 1);
}

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

TEST_CASE("a contact is remembered for a day after its end, and forgotten then") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(0, "contact.open", open_json("C1"));
  c.say(1, "contact.abandon", R"({"contact":"C1"})");
  CHECK(c.say(80'000, "contact.show", R"({"contact":"C1"})").outcome == outcome_kind::accepted);
  c.say(90'000, "contact.open", open_json("C2"));
  CHECK(c.say(90'001, "contact.show", R"({"contact":"C1"})").why->type
        == "routing.unknown_contact");
}
