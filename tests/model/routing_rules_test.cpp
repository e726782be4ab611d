#include <catch2/catch.hpp>

#include "actors/kernel/turn.hpp"
#include "messages/json.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

std::string open_json(const std::string& id, const std::string& more = "") {
  return R"({"contact":")" + id + R"(","channel":"phone","queue":"care")" + more + "}";
}

} // namespace

TEST_CASE("a rule lets a skill go after a while of waiting", "[R2.1.7]") {
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

TEST_CASE("rules look at agents, hours and days", "[R2.1.6]") {
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

TEST_CASE("a rule that raises the lower tiers takes nobody away from whom it shall serve") {
  centre c;
  c.queue(R"({"queue":"care","rules":[{"after_s":10,"do":[{"tier_raise":2}]}]})");
  c.say(0, "contact.open", open_json("C1", R"(,"tier_max":1)"));
  c.wait_until(11);
  c.say(11, "agent.sign_in", R"({"agent":"B","queues":{"care":2}})");
  CHECK(c.count("offer.made") == 0);
  c.news();
  c.say(12, "agent.sign_in", R"({"agent":"A","queues":{"care":0}})");
  CHECK(c.contact_news() == lines{"offer.made C1 A"});
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

TEST_CASE("rules that lead in a circle move a contact once, and it waits there", "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"care","rules":[{"after_s":0,"do":[{"divert":"q2"}]}]})");
  c.queue(R"({"queue":"q2","rules":[{"after_s":0,"do":[{"divert":"care"},{"announce":"wait"}]}]})");
  c.news();
  c.say(1, "contact.open", open_json("C1"));
  CHECK(c.news() == lines{"contact.opened C1", "contact.triaged C1", "contact.queued C1",
                          "contact.rule_applied C1", "contact.diverted C1 rule q2",
                          "contact.queued C1", "contact.rule_applied C1"});
  const auto applied = c.last("contact.rule_applied");
  const auto* did = applied.find("do");
  REQUIRE(did);
  CHECK(did->as<value::list>()->size() == 1); // the announcement alone
  c.wait_until(3600);
  CHECK(c.news().empty());
}

TEST_CASE("queues that pass a contact back and forth in no time write no events without end") {
  centre c;
  c.queue(R"({"queue":"care","rules":[{"after_s":0.01,"do":[{"divert":"q2"}]}]})");
  c.queue(R"({"queue":"q2","rules":[{"after_s":0.01,"do":[{"divert":"care"}]}]})");
  c.say(1, "contact.open", open_json("C1"));
  c.wait_until(10);
  CHECK(c.count("contact.diverted") == 8);
  // It waits where it came to rest, and whoever is there serves it.
  c.say(20, "agent.sign_in", R"({"agent":"A"})");
  CHECK(c.last("offer.made").text_or("queue") == "care");
}

TEST_CASE("a rule that adds a rule each time stops at sixty-four") {
  centre c;
  c.queue(R"({"queue":"care","rules":[
    {"every_s":10,"do":[{"add_rule":{"after_s":5000,"do":[{"announce":"long"}]}}]}]})");
  c.say(0, "contact.open", open_json("C1"));
  c.wait_until(25);
  CHECK(c.count("contact.rule_applied") == 2);
  c.wait_until(4000);
  CHECK(c.count("contact.rule_applied") == 64);
  c.wait_until(5000);
  CHECK(c.count("contact.rule_applied") == 64 + 64);
}

TEST_CASE("a rule fires once at its time, though another adds a rule in that moment") {
  centre c;
  c.queue(R"({"queue":"care","rules":[
    {"every_s":10,"do":[{"urgency_add":1}]},
    {"after_s":10,"do":[{"add_rule":{"after_s":50,"do":[{"announce":"long"}]}}]}]})");
  c.say(0, "contact.open", open_json("C1"));
  c.wait_until(25);
  CHECK(c.ask(25, "contact.show", R"({"contact":"C1"})").int_or("urgency", 0) == 2);
  c.wait_until(55);
  CHECK(c.count("contact.rule_applied") == 5 + 1 + 1);
}

TEST_CASE("a rule that is to fire once does, though it could each ten seconds") {
  centre c;
  c.queue(R"({"queue":"care","rules":[{"every_s":10,"once":true,
    "when":{"queue_length_min":2},"do":[{"announce":"long"}]}]})");
  c.say(0, "contact.open", open_json("C1"));
  c.say(15, "contact.open", open_json("C2"));
  c.news();
  c.wait_until(20);
  CHECK(c.news() == lines{"contact.rule_applied C1"});
  c.restart(GENERATE(centre::back_from::snapshot, centre::back_from::log));
  c.wait_until(100);
  CHECK(c.news() == lines{"contact.rule_applied C2"});
}

TEST_CASE("urgency ends at a million, however often a rule adds to it") {
  centre c;
  c.queue(R"({"queue":"care","rules":[{"every_s":1,"do":[{"urgency_add":900000}]}]})");
  c.say(0, "contact.open", open_json("C1"));
  c.wait_until(10);
  CHECK(c.ask(10, "contact.show", R"({"contact":"C1"})").int_or("urgency", 0) == 1'000'000);
  CHECK(c.say(11, "contact.change", R"({"contact":"C1","urgency":1000001})").why->field
        == "urgency");
  CHECK(c.say(11, "contact.open", open_json("C2", R"(,"urgency":-1000001)")).why->field
        == "urgency");
}

TEST_CASE("who is being called back stays where the agent has it, whatever the rules say",
          "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"care","rules":[{"after_s":20,"do":[{"divert":"other"}]}]})");
  c.queue(R"({"queue":"other","members":true})");
  c.say(0, "contact.open", open_json("C1"), "phone-1");
  c.say(1, "contact.request_callback", R"({"contact":"C1","number":"138"})", "phone-1");
  c.say(2, "agent.sign_in", R"({"agent":"A"})");
  c.say(3, "offer.accept", R"({"contact":"C1","agent":"A"})");
  c.news();
  c.wait_until(30);
  CHECK(c.news().empty());
  c.say(31, "dial.report", R"({"contact":"C1","result":"answered"})", "phone-1");
  c.say(40, "contact.finish", R"({"contact":"C1","agent":"A"})");
  CHECK(c.ask(41, "agent.show", R"({"agent":"A"})").text_or("state") == "ready");
}

TEST_CASE("who waits while the rules are replaced meets the new ones, and none of the old twice",
          "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"care","rules":[
    {"every_s":5,"once":true,"do":[{"announce":"same"}]},
    {"after_s":5,"do":[{"add_rule":{"every_s":15,"once":true,"do":[{"announce":"added"}]}}]}]})");
  c.say(0, "contact.open", open_json("C1"));
  c.wait_until(16);
  CHECK(c.count("contact.rule_applied") == 3);
  c.say(20, "queue.define", R"({"queue":"care","rules":[
    {"after_s":30,"do":[{"announce":"first"}]},
    {"after_s":40,"do":[{"announce":"second"}]},
    {"every_s":5,"once":true,"do":[{"announce":"same"}]}]})");
  c.news();
  c.wait_until(60);
  CHECK(c.news() == lines{"contact.rule_applied C1", "contact.rule_applied C1"});
  CHECK(c.last("contact.rule_applied").int_or("rule", -1) == 1);
}

TEST_CASE("a rule counts the agents who can take the contact, not what they show", "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"care","wrap_up":"manual"})");
  c.queue(R"({"queue":"other","rules":[
    {"after_s":1,"when":{"ready_max":0},"do":[{"announce":"none free"}]},
    {"after_s":1,"when":{"eligible_max":0},"do":[{"announce":"none here"}]}]})");
  const auto waits = [&](double at, const std::string& id) {
    c.say(at, "contact.open",
          R"({"contact":")" + id + R"(","channel":"chat","queue":"other","exclude":["A"]})");
    c.say(at + 2, "contact.abandon", R"({"contact":")" + id + "\"}");
    return c.count("contact.rule_applied");
  };
  c.say(0, "agent.sign_in", R"({"agent":"A","channels":{"chat":2}})");
  CHECK(waits(1, "X1") == 2); // only A is there, and it may not have it
  c.say(10, "agent.sign_in", R"({"agent":"B","channels":{"chat":2},"queues":{"care":0,"other":
    {"delay_s":60}}})");
  CHECK(waits(11, "X2") == 2);
  c.say(20, "contact.open",
        R"({"contact":"K1","channel":"chat","queue":"care","exclude":["A"]})");
  c.say(20, "offer.accept", R"({"contact":"K1","agent":"B"})");
  CHECK(waits(21, "X3") == 2); // B shows busy, and has room for one more
  c.say(30, "agent.set_state", R"({"agent":"B","state":"not_ready"})");
  c.say(30, "contact.finish", R"({"contact":"K1","agent":"B"})");
  CHECK(c.ask(31, "agent.show", R"({"agent":"B"})").text_or("state") == "wrap_up");
  CHECK(waits(31, "X4") == 4); // B shows wrap-up, and is not ready behind it
  c.say(40, "agent.set_state", R"({"agent":"B","state":"ready"})");
  CHECK(waits(41, "X5") == 5); // there, but not ready
}

TEST_CASE("the tiers that a rule opened are the contact's own again in the next queue") {
  centre c;
  c.queue(R"({"queue":"care","rules":[{"after_s":5,"do":[{"tier_max":2}]}]})");
  c.queue(R"({"queue":"other"})");
  c.say(0, "agent.sign_in", R"({"agent":"A","queues":{"care":2,"other":2}})");
  c.say(0, "contact.open", open_json("C1", R"(,"tier_max":1)"));
  c.wait_until(5);
  CHECK(c.count("offer.made") == 1);
  c.say(6, "offer.accept", R"({"contact":"C1","agent":"A"})");
  c.say(7, "contact.transfer", R"({"contact":"C1","agent":"A","to_queue":"other"})");
  CHECK(c.count("offer.made") == 1);
}

TEST_CASE("a rule that leads to a queue that is not there is told of, and moves nobody") {
  centre c;
  const auto said = c.say(0, "queue.define", R"({"queue":"care","overflow_to":"more",
    "rules":[{"after_s":5,"do":[{"divert":"nowhere"}]},{"after_s":5,"do":[{"urgency":1}]}]})");
  const auto unknown = [](const value& from) {
    std::string out;
    if (const auto* list = from.find("unknown_queues"))
      for (const auto& q : *list->as<value::list>())
        out += *q.as<std::string>() + " ";
    return out;
  };
  CHECK(unknown(said.data) == "more nowhere ");
  c.say(1, "contact.open", open_json("C1"));
  c.wait_until(10);
  CHECK(c.count("contact.rule_applied") == 1);
  CHECK(c.last("contact.rule_applied").int_or("rule", -1) == 1);
  c.queue(R"({"queue":"nowhere"})");
  CHECK(unknown(c.ask(11, "queue.show", R"({"queue":"care"})")) == "more ");
  c.say(12, "contact.open", open_json("C2"));
  c.wait_until(20);
  CHECK(c.last("contact.diverted").text_or("to") == "nowhere");
}

TEST_CASE("who was to be moved while the other site was closed is moved when it opens") {
  const auto from = GENERATE(centre::back_from::snapshot, centre::back_from::log);
  centre c;
  c.queue(R"({"queue":"tech","site":"north"})");
  c.queue(R"({"queue":"care","rules":[{"after_s":10,"do":[{"divert":"tech"}]}]})");
  const auto site = [&](double at, const std::string& state) {
    c.say(at, "site.set_state",
          R"({"site":"north","by":"S","reason":"storm","state":")" + state + "\"}");
  };
  site(0, "closed");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.say(2, "contact.request_callback", R"({"contact":"C1","number":"13800138000"})");
  c.wait_until(20);
  c.say(21, "contact.open", R"({"contact":"C2","channel":"phone","queue":"care"})");
  c.restart(from);
  c.news();
  site(25, "open");
  c.wait_until(26);
  CHECK(c.news() == lines{"site.state_changed open storm", "contact.rule_applied C1",
                          "contact.diverted C1 rule tech", "contact.queued C1"});
  // Whose time has not come is moved then; nobody is moved twice.
  c.wait_until(40);
  CHECK(c.news() == lines{"contact.rule_applied C2", "contact.diverted C2 rule tech",
                          "contact.queued C2"});
  site(41, "closed");
  site(42, "open");
  CHECK(c.count("contact.diverted") == 2);
}

TEST_CASE("who was to be moved to a queue that was not there is moved once it is made") {
  centre c;
  c.queue(R"({"queue":"care","rules":[{"after_s":10,"do":[{"divert":"tech"}]}]})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.wait_until(20);
  CHECK(c.count("contact.diverted") == 0);
  c.say(21, "queue.define", R"({"queue":"tech"})");
  c.wait_until(22);
  CHECK(c.last("contact.queued").text_or("queue") == "tech");
}

TEST_CASE("a rule may send a contact to a place outside", "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"care","ring_s":60,"rules":[
    {"after_s":20,"do":[{"divert":"external:partner"}]}]})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(0, "contact.open", open_json("C1"));
  c.news();
  c.wait_until(20);
  CHECK(c.news() == lines{"contact.rule_applied C1", "offer.rescinded C1 A diverted",
                          "agent.state_changed A ready",
                          "contact.diverted C1 rule external:partner"});
  CHECK(c.ask(21, "contact.show", R"({"contact":"C1"})").text_or("ended_as")
        == "contact.diverted");
}

TEST_CASE("what a rule may ask for has limits, and the field is named") {
  centre c;
  const auto field = [&](const std::string& rule) {
    const auto r = c.say(0, "queue.define", R"({"queue":"care","rules":[)" + rule + "]}");
    return r.why ? r.why->field : std::string{};
  };
  CHECK(field(R"({"every_s":0.5,"do":[{"urgency_add":1}]})") == "rules[0].every_s");
  CHECK(field(R"({"after_s":1,"when":{"hour":[9,25]},"do":[{"urgency_add":1}]})")
        == "rules[0].when.hour");
  CHECK(field(R"({"after_s":1,"when":{"hour":[-1,8]},"do":[{"urgency_add":1}]})")
        == "rules[0].when.hour");
  CHECK(field(R"({"after_s":1,"when":{"weekday":[0]},"do":[{"urgency_add":1}]})")
        == "rules[0].when.weekday");
  CHECK(field(R"({"after_s":1,"do":[{"urgency":2000000}]})") == "rules[0].do[0].urgency");
  CHECK(field(R"({"after_s":1,"when":{"hour":[18,24],"weekday":[7]},"do":[{"urgency":1}]})")
        .empty());
}

TEST_CASE("a rule that fires in the instant in which a delay is over keeps nobody waiting") {
  centre c;
  c.queue(R"({"queue":"care","rules":[{"after_s":6,"do":[{"announce":"soon"}]}]})");
  c.say(0, "agent.sign_in", R"({"agent":"A","queues":{"care":{"delay_s":6}}})");
  c.say(0, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.news();
  c.wait_until(6);
  CHECK(c.contact_news() == lines{"contact.rule_applied C1", "offer.made C1 A"});
}

TEST_CASE("a queue that rings all counts each unanswered offer, though they end in one moment") {
  centre c;
  c.queue(R"({"queue":"care","strategy":"ring_all","ring_s":5,"misses_then":"ready",
    "rules":[{"after_misses":2,"do":[{"announce":"busy"}]},
             {"after_misses":5,"do":[{"divert":"rescue"}]}]})");
  c.queue(R"({"queue":"rescue","members":true})");
  for (const auto* a : {"A", "B", "D"})
    c.say(0, "agent.sign_in", R"({"agent":")" + std::string{a} + "\"}");
  c.say(0, "contact.open", open_json("C1"));
  // when three offers expire at once, then once more
  c.wait_until(5);
  CHECK(c.count("offer.expired") == 3);
  CHECK(c.count("contact.rule_applied") == 1);
  c.wait_until(9.9);
  CHECK(c.count("contact.rule_applied") == 1);
  c.wait_until(10);
  // then each rule has fired, once
  CHECK(c.count("contact.rule_applied") == 2);
  CHECK(c.last("contact.diverted").text_or("to") == "rescue");
  c.wait_until(100);
  CHECK(c.count("contact.rule_applied") == 2);
}

TEST_CASE("who was promised a call is not sent outside by a rule, and is called", "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"care","rules":[
    {"after_s":20,"do":[{"divert":"external:partner"},{"urgency":5}]}]})");
  c.say(0, "contact.open", open_json("C1"), "phone-1");
  c.say(1, "contact.request_callback", R"({"contact":"C1","number":"138"})", "phone-1");
  c.news();
  c.wait_until(20);
  CHECK(c.news() == lines{"contact.rule_applied C1"});
  CHECK(c.ask(21, "contact.show", R"({"contact":"C1"})").int_or("urgency", 0) == 5);
  c.say(22, "agent.sign_in", R"({"agent":"A"})");
  c.say(23, "offer.accept", R"({"contact":"C1","agent":"A"})");
  CHECK(c.count("dial.requested") == 1);
}

TEST_CASE("an engine that was away asks who waits once, not for each time that it missed") {
  // given a rule for each ten seconds, and an engine that comes back after an hour
  centre c;
  c.queue(R"({"queue":"care","rules":[{"every_s":10,"do":[{"announce":"sorry"}]}]})");
  c.say(0, "contact.open", open_json("C1"));
  c.say(21, "contact.open", open_json("C2"));
  const auto fold = [](routing::routing_model& into, const auto& log) {
    for (const auto& [at, e] : log)
      into.evolve(e, at);
  };
  routing::routing_model routing;
  fold(routing, c.log());
  kernel::turn turn{routing};
  auto log = c.log();
  const auto looks = [&](double at) {
    kernel::turn_context in;
    in.now = nine + from_seconds(at);
    const auto did = turn.wake(in);
    for (const auto& one : did)
      log.emplace_back(one.at, one.what);
    return did.size();
  };
  // when it looks, then each who waits is told once, and at the usual times from then on
  CHECK(looks(29.9) == 0);
  CHECK(looks(3605) == 2);
  CHECK(looks(3605) == 0);
  CHECK(looks(3609.9) == 0);
  CHECK(looks(3610) == 1);
  CHECK(looks(3611) == 1);
  // and an engine that reads all that goes on as it does
  routing::routing_model again;
  fold(again, log);
  CHECK(to_json(again.save()) == to_json(routing.save()));
  kernel::turn_context in;
  in.now = nine + from_seconds(3619);
  CHECK(kernel::turn{again}.wake(in).empty());
  in.now = nine + from_seconds(3621);
  CHECK(kernel::turn{again}.wake(in).size() == looks(3621));
}
