#include <catch2/catch.hpp>

#include <climits>

#include "messages/codec.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

TEST_CASE("a call is opened, queued, offered, answered and finished", "[R1.1.2][R2.1.7]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.news();
  const auto opened =
      c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  CHECK(opened.outcome == outcome_kind::accepted);
  CHECK(opened.data.int_or("queue_position", 0) == 1);
  CHECK(c.news() == lines{"contact.opened C1", "contact.triaged C1", "contact.queued C1",
                          "offer.made C1 A", "agent.state_changed A offered"});
  c.say(2, "offer.accept", R"({"contact":"C1","agent":"A"})");
  CHECK(c.news()
        == lines{"offer.accepted C1 A", "contact.connected C1 A", "agent.state_changed A busy"});
  c.say(60, "contact.finish", R"({"contact":"C1","agent":"A","disposition":"solved"})");
  CHECK(c.news() == lines{"contact.finished C1 A", "agent.state_changed A ready"});
  CHECK(c.ask(61, "contact.show", R"({"contact":"C1"})").text_or("ended_as") == "contact.finished");
}

TEST_CASE("who waits longest is served first, and the agent idle longest serves", "[R2.1.7]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.say(2, "contact.open", R"({"contact":"C2","channel":"phone","queue":"care"})");
  c.news();
  c.say(3, "agent.sign_in", R"({"agent":"A"})");
  CHECK(c.contact_news() == lines{"offer.made C1 A"});
  c.say(4, "agent.sign_in", R"({"agent":"B"})");
  CHECK(c.contact_news() == lines{"offer.made C2 B"});
  c.say(5, "agent.sign_in", R"({"agent":"C"})");
  c.say(5, "agent.sign_in", R"({"agent":"D"})");
  c.news();
  c.say(6, "contact.open", R"({"contact":"C3","channel":"phone","queue":"care"})");
  CHECK(c.contact_news().back() == "offer.made C3 C");
}

TEST_CASE("an offer nobody answers expires, and after a miss the agent is not ready", "[R2.1.7]") {
  centre c;
  c.queue(R"({"queue":"care","ring_s":10})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(0, "agent.sign_in", R"({"agent":"B"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.news();
  c.wait_until(10.999);
  CHECK(c.news().empty());
  c.wait_until(11);
  CHECK(c.news() == lines{"offer.expired C1 A", "agent.state_changed A not_ready missed_offers",
                          "offer.made C1 B", "agent.state_changed B offered"});
  c.say(12, "offer.accept", R"({"contact":"C1","agent":"A"})");
  CHECK(c.news().empty());
  c.say(13, "agent.set_state", R"({"agent":"A","state":"ready"})");
  CHECK(c.news() == lines{"agent.state_changed A ready"});
}

TEST_CASE("an agent who declines rests and is asked last", "[R2.1.7]") {
  centre c;
  c.queue(R"({"queue":"care","rest_s":{"reject":30}})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.news();
  c.say(2, "offer.decline", R"({"contact":"C1","agent":"A"})");
  CHECK(c.news() == lines{"offer.declined C1 A reject", "agent.state_changed A ready"});
  c.wait_until(31.999);
  CHECK(c.news().empty());
  c.wait_until(32);
  CHECK(c.contact_news() == lines{"offer.made C1 A"});
  c.say(33, "agent.sign_in", R"({"agent":"B"})");
  c.say(34, "offer.decline", R"({"contact":"C1","agent":"A"})");
  CHECK(c.contact_news() == lines{"offer.declined C1 A reject", "offer.made C1 B"});
}

TEST_CASE("a short rest does not cut a longer one short") {
  // given two offers at once, of a queue with a long rest and of one with a short one
  centre c;
  c.queue(R"({"queue":"care","ring_s":5,"rest_s":{"reject":60}})");
  c.queue(R"({"queue":"help","ring_s":5,"misses_then":"ready",
    "rest_s":{"reject":5,"no_answer":10}})");
  c.say(0, "agent.sign_in", R"({"agent":"A","channels":{"chat":2}})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"chat","queue":"care"})");
  c.say(1, "contact.open", R"({"contact":"C2","channel":"chat","queue":"help"})");
  REQUIRE(c.count("offer.made") == 2);
  // when the agent lets both pass, that with the long rest first
  c.say(2, "offer.decline", R"({"contact":"C1","agent":"A"})");
  SECTION("the other is declined") {
    c.say(3, "offer.decline", R"({"contact":"C2","agent":"A"})");
  }
  SECTION("the other is not answered") {
    c.wait_until(6);
    CHECK(c.count("offer.expired") == 1);
  }
  // then nothing is offered before the long one is over
  c.wait_until(61.9);
  CHECK(c.count("offer.made") == 2);
  c.wait_until(62);
  CHECK(c.count("offer.made") == 4);
}

TEST_CASE("a contact pauses after an expiry for as long as its queue says") {
  centre c;
  c.queue(R"({"queue":"care","ring_s":5,"retry_s":7,"misses_then":"ready"})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(0, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.wait_until(5);
  CHECK(c.contact_news().back() == "offer.expired C1 A");
  c.wait_until(11.9);
  CHECK(c.contact_news().empty());
  c.wait_until(12);
  CHECK(c.contact_news() == lines{"offer.made C1 A"});
}

TEST_CASE("an open offer ends with exactly one rescission when the person leaves") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.news();
  c.say(3, "contact.abandon", R"({"contact":"C1"})");
  CHECK(c.news() == lines{"contact.abandoned C1", "offer.rescinded C1 A abandoned",
                          "agent.state_changed A ready"});
  CHECK(c.say(4, "contact.abandon", R"({"contact":"C1"})").outcome == outcome_kind::accepted);
  CHECK(c.news().empty());
  CHECK(c.say(5, "offer.accept", R"({"contact":"C1","agent":"A"})").why->type
        == "routing.contact_ended");
}

TEST_CASE("an agent who turns not ready gives the offer back, and another gets it", "[R2.1.7]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(1, "agent.sign_in", R"({"agent":"B"})");
  c.say(2, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.news();
  c.say(3, "agent.set_state", R"({"agent":"A","state":"not_ready","reason":"lunch"})");
  CHECK(c.news() == lines{"offer.rescinded C1 A not_ready", "agent.state_changed A not_ready lunch",
                          "offer.made C1 B", "agent.state_changed B offered"});
}

TEST_CASE("a wait limit cuts an open offer") {
  centre c;
  c.queue(R"({"queue":"care","wait_s_max":10,"ring_s":30})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(0, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.news();
  c.wait_until(10);
  CHECK(c.news() == lines{"contact.timed_out C1 wait_s_max", "offer.rescinded C1 A timed_out",
                          "agent.state_changed A ready"});
}

TEST_CASE("why an agent got a contact stands in the offer", "[R1.2.2]") {
  centre c;
  c.queue(R"({"queue":"care","skills":["zh"]})");
  c.say(0, "agent.sign_in", R"({"agent":"A","skills":{"en":5}})");
  c.say(0, "agent.sign_in", R"({"agent":"B","skills":{"zh":5}})");
  c.say(1, "agent.sign_in", R"({"agent":"D","skills":{"zh":5},"queues":{"care":1}})");
  c.say(2, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  const auto made = c.last("offer.made");
  CHECK(made.text_or("agent") == "B");
  const auto* record = made.find("decision");
  REQUIRE(record);
  CHECK(record->text_or("strategy") == "longest_idle");
  CHECK(record->text_or("tie_break") == "tier");
  CHECK(record->int_or("signed_in", 0) == 2);
  CHECK(record->find("best")->as<value::list>()->size() == 2);
}

TEST_CASE("round robin goes on behind the agent it offered last") {
  centre c;
  c.queue(R"({"queue":"care","strategy":"round_robin"})");
  for (const auto* a : {"A", "B", "C"})
    c.say(0, "agent.sign_in", std::string{R"({"agent":")"} + a + R"(","channels":{"chat":9}})");
  std::string got;
  for (int i = 0; i < 5; ++i) {
    const auto id = "\"C" + std::to_string(i) + "\"";
    c.say(1 + i, "contact.open", R"({"contact":)" + id + R"(,"channel":"chat","queue":"care"})");
    got += c.last("offer.made").text_or("agent");
  }
  CHECK(got == "ABCAB");
}

TEST_CASE("fewest finished evens the work out") {
  centre c;
  c.queue(R"({"queue":"care","strategy":"fewest_finished"})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(1, "agent.sign_in", R"({"agent":"B"})");
  const auto serve = [&](double at, const std::string& id) {
    c.say(at, "contact.open", R"({"contact":")" + id + R"(","channel":"phone","queue":"care"})");
    const std::string who{c.last("offer.made").text_or("agent")};
    const auto both = R"({"contact":")" + id + R"(","agent":")" + who + "\"}";
    c.say(at, "offer.accept", both);
    c.say(at + 1, "contact.finish", both);
    return who;
  };
  CHECK(serve(10, "C1") == "A");
  CHECK(serve(20, "C2") == "B");
  CHECK(serve(30, "C3") == "A");
}

TEST_CASE("a strategy that nobody knows is refused with those that are there") {
  centre c;
  const auto r = c.say(0, "queue.define", R"({"queue":"care","strategy":"ring_none"})");
  CHECK(r.outcome == outcome_kind::invalid);
  CHECK(r.why->field == "strategy");
  CHECK(r.why->detail.find("longest_idle") != std::string::npos);
}

TEST_CASE("why an agent got a contact can be read, whatever the agents are called") {
  const auto* const character = GENERATE("客", "é", "A", "🎧");
  const auto times = GENERATE(16, 17, 20, 31);
  centre c;
  c.queue(R"({"queue":"care","strategy":"fewest_finished"})");
  std::string name = "A";
  for (int i = 0; i < times; ++i)
    name += character;
  c.say(0, "agent.sign_in", R"({"agent":")" + name + "\"}");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  const auto read = unpack(pack(c.last("offer.made")));
  REQUIRE(read);
  const auto& best = read->find("decision")->find("best")->as<value::list>()->front();
  CHECK(name.starts_with(best.text_or("agent")));
  CHECK(best.text_or("agent").size() >= std::min<std::size_t>(name.size(), 31));
}

TEST_CASE("why an agent got a contact is told in 512 bytes, however much there is to tell") {
  std::vector<routing::agent> agents(8);
  std::vector<routing::candidate> ranked;
  for (auto& a : agents) {
    a.id = agent_id{std::string(128, 'a')};
    ranked.push_back({&a, INT_MIN, true, true, INT64_MIN});
  }
  const auto record = routing::decision_record(ranked, routing::strategy::fewest_finished,
                                               {INT_MAX, INT_MAX, INT_MAX});
  CHECK(record.find("best")->as<value::list>()->size() == 5);
  CHECK(pack(record).size() <= 512);
}

TEST_CASE("a break does not wipe out a missed offer, an answer does", "[R2.1.7]") {
  centre c;
  c.queue(R"({"queue":"care","ring_s":5,"misses_max":2,"retry_s":3})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(0, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.wait_until(6);
  c.say(6, "agent.set_state", R"({"agent":"A","state":"not_ready","reason":"tea"})");
  c.say(7, "agent.set_state", R"({"agent":"A","state":"ready"})");
  SECTION("two in a row, with a break between them") {
    c.wait_until(13);
    CHECK(c.last("agent.state_changed").text_or("reason") == "missed_offers");
    c.say(14, "agent.set_state", R"({"agent":"A","state":"not_ready","reason":"tea"})");
    c.say(15, "agent.set_state", R"({"agent":"A","state":"ready"})");
    CHECK(c.ask(15, "agent.show", R"({"agent":"A"})").int_or("misses", -1) == 0);
  }
  SECTION("one, an answer, and one") {
    c.say(9, "offer.decline", R"({"contact":"C1","agent":"A"})");
    c.wait_until(14);
    CHECK(c.last("agent.state_changed").text_or("state") == "ready");
  }
}

TEST_CASE("a list of agents comes in pages that fit into a reply") {
  centre c;
  std::string skills;
  for (int i = 0; i < 64; ++i)
    skills += (i ? "," : "") + ("\"" + std::string(120, 's') + std::to_string(i) + "\":5");
  for (int i = 0; i < 200; ++i)
    c.say(0, "agent.sign_in",
          R"({"agent":"A)" + std::to_string(1000 + i) + R"(","skills":{)" + skills + "}}");
  std::string after = "0"; // before all of them
  std::size_t all = 0;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page =
        c.ask(1, "agent.list", R"({"limit":100000,"after":")" + after + "\"}");
    CHECK(pack(page).size() < 1024 * 1024);
    const auto& agents = *page.find("agents")->as<value::list>();
    all += agents.size();
    if (!page.find("next"))
      break;
    after = page.text_or("next");
  }
  CHECK(all == 200);
}
