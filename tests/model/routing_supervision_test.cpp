#include <catch2/catch.hpp>

#include "messages/json.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

/// Two agents; C1 is offered to A.
void open_one(centre& c, const std::string& more = {}) {
  c.queue(R"({"queue":"care")" + more + "}");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(1, "agent.sign_in", R"({"agent":"B"})");
  c.say(2, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.news();
}

const std::string pull = R"({"contact":"C1","agent":"A","by":"S","reason":"wrong_desk"})";

/// What keeps each agent from a waiting contact: "A: skills".
std::vector<std::string> barred(centre& c, double at, const std::string& contact) {
  std::vector<std::string> out;
  const auto told = c.ask(at, "why.contact", R"({"contact":")" + contact + R"(","full":true})");
  const auto* now = told.find("now");
  REQUIRE(now);
  for (const auto& one : *now->find("agents")->as<value::list>())
    out.push_back(std::string{one.text_or("agent")} + ": " + std::string{one.text_or("filter")});
  return out;
}

} // namespace

TEST_CASE("an offer that a supervisor pulls back goes to somebody else, never to that one again") {
  centre c;
  open_one(c);
  CHECK(code_of(c.say(3, "offer.pull_back", pull)) == "accepted");
  CHECK(c.news() == lines{"offer.pulled_back C1 A wrong_desk", "offer.rescinded C1 A pulled_back",
                          "agent.state_changed A ready", "offer.made C1 B",
                          "agent.state_changed B offered"});
  c.say(4, "offer.decline", R"({"contact":"C1","agent":"B"})");
  CHECK(c.last("offer.made").text_or("agent") == "B");
  const auto on_record = c.last("offer.pulled_back");
  CHECK(on_record.text_or("by") == "S");
  CHECK(c.ask(5, "agent.show", R"({"agent":"A"})").int_or("misses", -1) == 0);
  CHECK(code_of(c.say(6, "offer.pull_back", pull)) == "routing.no_offer");
}

TEST_CASE("one transferred to an agent who is not to have it goes to the others") {
  centre c;
  open_one(c);
  c.say(3, "offer.accept", R"({"contact":"C1","agent":"A"})");
  c.say(4, "contact.transfer", R"({"contact":"C1","agent":"A","to_agent":"B"})");
  CHECK(c.last("offer.made").text_or("agent") == "B");
  c.say(5, "offer.pull_back", R"({"contact":"C1","agent":"B","by":"S","reason":"vip"})");
  CHECK(c.last("offer.made").text_or("agent") == "A");
}

TEST_CASE("a supervisor sets another person's state, and the log says who did and why") {
  centre c;
  open_one(c, R"(,"wrap_up":"manual")");
  const auto force = [&](double at, const std::string& state) {
    return code_of(c.say(at, "agent.force_state", R"({"agent":"A","state":")" + state
                                                       + R"(","by":"S","reason":"left_desk"})"));
  };
  SECTION("not ready: what it is offered goes on to others, and it is no miss") {
    CHECK(force(3, "not_ready") == "accepted");
    CHECK(c.news() == lines{"agent.state_forced A not_ready left_desk",
                            "offer.rescinded C1 A not_ready",
                            "agent.state_changed A not_ready left_desk", "offer.made C1 B",
                            "agent.state_changed B offered"});
    CHECK(c.last("agent.state_changed").text_or("agent") == "B");
    CHECK(c.ask(3, "agent.show", R"({"agent":"A"})").text_or("reason") == "left_desk");
    CHECK(force(4, "not_ready") == "accepted");
    CHECK(c.news().empty());
    CHECK(force(5, "ready") == "accepted");
    CHECK(c.news() == lines{"agent.state_forced A ready left_desk", "agent.state_changed A ready"});
  }
  SECTION("ready ends a wrap-up that was forgotten") {
    c.say(3, "offer.accept", R"({"contact":"C1","agent":"A"})");
    c.say(4, "contact.finish", R"({"contact":"C1","agent":"A"})");
    CHECK(c.last("agent.state_changed").text_or("state") == "wrap_up");
    CHECK(force(5, "ready") == "accepted");
    CHECK(c.last("agent.state_changed").text_or("state") == "ready");
  }
  SECTION("signed out, but not while it is on a contact") {
    c.say(3, "offer.accept", R"({"contact":"C1","agent":"A"})");
    CHECK(force(4, "signed_out") == "routing.agent_on_contact");
    c.say(5, "contact.finish", R"({"contact":"C1","agent":"A"})");
    c.news();
    CHECK(force(6, "signed_out") == "accepted");
    CHECK(c.news() == lines{"agent.state_forced A signed_out left_desk", "agent.signed_out A"});
    CHECK(force(7, "ready") == "routing.not_signed_in");
  }
  SECTION("no other state is a person's to set") {
    CHECK(force(3, "busy") == "command.field_invalid");
    CHECK(c.news().empty());
  }
}

TEST_CASE("a supervisor hears a talk, is heard, and leaves; the gateway is told each time") {
  centre c;
  open_one(c);
  const auto supervise = [&](double at, const std::string& mode, const std::string& by = "S") {
    return code_of(c.say(at, "contact.supervise", R"({"contact":"C1","by":")" + by
                                                        + R"(","mode":")" + mode
                                                        + R"(","reason":"coaching"})"));
  };
  CHECK(supervise(3, "monitor") == "routing.not_in_talk");
  c.say(4, "offer.accept", R"({"contact":"C1","agent":"A"})");
  c.news();
  CHECK(supervise(5, "monitor", "A") == "command.field_invalid");
  CHECK(supervise(5, "end") == "accepted");
  CHECK(c.news().empty());
  for (const auto* mode : {"monitor", "whisper", "barge"}) {
    CHECK(supervise(6, mode) == "accepted");
    CHECK(supervise(6, mode) == "accepted");
    CHECK(c.news() == lines{"contact.supervised C1 A coaching"});
    CHECK(c.last("contact.supervised").text_or("mode") == mode);
  }
  const auto there = c.ask(7, "contact.show", R"({"contact":"C1"})");
  CHECK(to_json(*there.find("supervisors")) == R"([{"by":"S","mode":"barge"}])");
  SECTION("until it leaves") {
    CHECK(supervise(8, "end") == "accepted");
    CHECK(c.last("contact.supervised").text_or("mode") == "end");
    CHECK(!c.ask(8, "contact.show", R"({"contact":"C1"})").find("supervisors"));
  }
  SECTION("until the agent's leg ends") {
    c.say(8, "contact.transfer", R"({"contact":"C1","agent":"A","to_agent":"B"})");
    c.say(9, "offer.accept", R"({"contact":"C1","agent":"B"})");
    CHECK(!c.ask(9, "contact.show", R"({"contact":"C1"})").find("supervisors"));
  }
  SECTION("after a restart too") {
    c.restart(centre::back_from::snapshot);
    CHECK(supervise(9, "barge") == "accepted");
    CHECK(c.count("contact.supervised") == 3);
  }
}

TEST_CASE("what keeps each agent from a contact that waits is told by one word") {
  centre c;
  c.queue(R"({"queue":"care","skills":["zh"],"members":true,"rest_s":{"reject":60}})");
  const auto sign_in = [&](const std::string& agent, const std::string& more) {
    c.say(0, "agent.sign_in", R"({"agent":")" + agent + "\"," + more + "}");
  };
  const std::string care = R"("queues":{"care":0},)";
  sign_in("away", care + R"("skills":{"zh":1},"ready":false)");
  sign_in("busy", care + R"("skills":{"zh":1})");
  sign_in("elsewhere", R"("skills":{"zh":1})");
  sign_in("late", R"("queues":{"care":{"tier":0,"delay_s":30}},"skills":{"zh":1})");
  sign_in("no_chats", care + R"("skills":{"zh":1},"channels":{"chat":1})");
  sign_in("no_zh", care + R"("skills":{"en":1})");
  sign_in("outer", R"("queues":{"care":5},"skills":{"zh":1})");
  sign_in("unwanted", care + R"("skills":{"zh":1})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care",)"
                           R"("exclude":["unwanted"],"tier_max":1})");
  c.say(1, "offer.accept", R"({"contact":"C1","agent":"busy"})");
  sign_in("resting", care + R"("skills":{"zh":1})");
  c.say(2, "contact.open", R"({"contact":"C2","channel":"phone","queue":"care",)"
                           R"("exclude":["unwanted"],"tier_max":1})");
  c.say(2, "offer.decline", R"({"contact":"C2","agent":"resting"})");
  CHECK(barred(c, 3, "C2")
        == lines{"no_chats: channel", "late: delay", "unwanted: excluded", "busy: no_room",
                 "away: not_ready", "elsewhere: queue", "resting: resting", "no_zh: skills",
                 "outer: tier"});
  const auto told = c.ask(3, "why.agent", R"({"agent":"no_zh"})");
  CHECK(told.text_or("state") == "ready");
  const auto& now = *told.find("now");
  CHECK(now.int_or("waiting", 0) == 1);
  CHECK(now.find("filters")->int_or("skills", 0) == 1);
  CHECK(to_json(*now.find("contacts"))
        == R"([{"contact":"C2","queue":"care","filter":"skills"}])");
  c.wait_until(33);
  CHECK(c.last("offer.made").text_or("agent") == "late");
}

TEST_CASE("who may have a contact that rings stands in the order of the queue's strategy") {
  centre c;
  c.queue(R"({"queue":"care","strategy":"fixed_order"})");
  for (const auto* agent : {"A", "B", "C"})
    c.say(0, "agent.sign_in", R"({"agent":")" + std::string{agent} + "\"}");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  CHECK(barred(c, 1, "C1") == lines{"B: ", "C: ", "A: no_room"});
  CHECK(!c.ask(1, "why.contact", R"({"contact":"C1"})").find("now"));
}

TEST_CASE("who moved a contact, passed it on, closed it or changed a limit is on record, and why") {
  centre c;
  c.queue(R"({"queue":"tech"})");
  open_one(c);
  c.say(3, "contact.change", R"({"contact":"C1","queue":"tech","by":"S","reason":"overload"})");
  CHECK(c.last("contact.changed").text_or("by") == "S");
  CHECK(c.last("contact.changed").text_or("reason") == "overload");
  const auto with = c.last("offer.made").text_or("agent");
  const auto of_mine = R"({"contact":"C1","agent":")" + std::string{with} + "\"";
  c.say(4, "offer.accept", of_mine + "}");
  c.say(5, "contact.transfer", of_mine + R"(,"to_queue":"care","by":"S","reason":"agent_asked"})");
  CHECK(c.last("contact.transferred").text_or("by") == "S");
  CHECK(c.last("contact.transferred").text_or("reason") == "agent_asked");
  const auto next = std::string{c.last("offer.made").text_or("agent")};
  c.say(6, "offer.accept", R"({"contact":"C1","agent":")" + next + "\"}");
  c.say(7, "contact.finish", R"({"contact":"C1","agent":")" + next
                                 + R"(","disposition":"forgotten","by":"S"})");
  CHECK(c.last("contact.finished").text_or("by") == "S");

  c.say(8, "queue.define", R"({"queue":"care","length_max":5,"by":"S","reason":"overload"})");
  CHECK(c.last("queue.defined").text_or("by") == "S");
  CHECK(c.last("queue.defined").text_or("reason") == "overload");
  // The same policy for another reason is nothing new.
  c.say(9, "queue.define", R"({"queue":"care","length_max":5,"by":"T","reason":"mistake"})");
  CHECK(c.last("queue.defined").text_or("by") == "S");
}
