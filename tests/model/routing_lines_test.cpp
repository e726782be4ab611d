#include <catch2/catch.hpp>

#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

std::string open_json(const std::string& id, const std::string& more = "") {
  return R"({"contact":")" + id + R"(","channel":"phone","queue":"care")" + more + "}";
}

std::string line_of(centre& c, double at, const char* queue = "care") {
  std::string out;
  const auto shown = c.ask(at, "queue.show", std::string{R"({"queue":")"} + queue + "\"}");
  for (const auto& one : *shown.find("waiting")->as<value::list>())
    out += std::string{one.text_or("contact")} + " ";
  return out;
}

/// One of the lists of queue.show, one contact a line: "C1 abandoned 7".
lines listed(centre& c, double at, const char* list, const char* how) {
  lines out;
  const auto shown = c.ask(at, "queue.show", R"({"queue":"care"})");
  for (const auto& one : *shown.find(list)->as<value::list>())
    out.push_back(std::string{one.text_or("contact")} + " " + std::string{one.text_or(how)} + " "
                  + std::to_string(one.int_or("wait_s", -1)));
  return out;
}

} // namespace

TEST_CASE("the more urgent stand before, then the older, then by id", "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open", open_json("C1"));
  c.say(2, "contact.open", open_json("C2", R"(,"urgency":5)"));
  c.say(3, "contact.open", open_json("C3", R"(,"age_s":60)"));
  c.say(3, "contact.open", open_json("C5"));
  c.say(3, "contact.open", open_json("C4"));
  CHECK(line_of(c, 4) == "C2 C3 C1 C4 C5 ");
  c.say(5, "contact.change", R"({"contact":"C5","age_s":100})");
  c.say(5, "contact.change", R"({"contact":"C4","urgency":9})");
  CHECK(line_of(c, 6) == "C4 C2 C5 C3 C1 ");
}

TEST_CASE("a place asked for is granted only behind more urgent ones", "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  for (const auto* id : {"C1", "C2", "C3"})
    c.say(1, "contact.open", open_json(id));
  c.say(1, "contact.open", open_json("U1", R"(,"urgency":1)"));
  const auto first = c.say(2, "contact.open", open_json("C4", R"(,"queue_position":1)"));
  CHECK(first.data.int_or("queue_position", 0) == 2);
  CHECK(line_of(c, 3) == "U1 C4 C1 C2 C3 ");
  c.say(4, "contact.open", open_json("C5", R"(,"queue_position":4)"));
  CHECK(line_of(c, 5) == "U1 C4 C1 C5 C2 C3 ");
  c.say(6, "contact.open", open_json("C6", R"(,"queue_position":4)"));
  CHECK(line_of(c, 7) == "U1 C4 C1 C6 C5 C2 C3 ");
  c.say(8, "contact.open", open_json("C7", R"(,"queue_position":99)"));
  CHECK(line_of(c, 9) == "U1 C4 C1 C6 C5 C2 C3 C7 ");
}

TEST_CASE("the head of a line never blocks those behind it", "[R1.2.2]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(0, "agent.sign_in", R"({"agent":"A","skills":{"zh":3}})");
  c.say(1, "contact.open", open_json("C1", R"(,"skills":["fr"])"));
  c.say(2, "contact.open", open_json("C2", R"(,"skills":["zh"])"));
  CHECK(c.last("offer.made").text_or("contact") == "C2");
}

TEST_CASE("a queue that is full refuses, and the facts are recorded", "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"care","length_max":1})");
  c.say(1, "contact.open", open_json("C1"));
  c.news();
  const auto r = c.say(2, "contact.open", open_json("C2"));
  CHECK(r.outcome == outcome_kind::accepted);
  CHECK(r.data.text_or("refused") == "queue_full");
  CHECK(c.news()
        == lines{"contact.opened C2", "contact.triaged C2", "contact.refused C2 queue_full"});
}

TEST_CASE("a queue at its limit sends contacts on where it says") {
  centre c;
  c.queue(R"({"queue":"care","refuse_length":1,"overflow_to":"more"})");
  c.queue(R"({"queue":"more"})");
  c.say(1, "contact.open", open_json("C1"));
  c.news();
  c.say(2, "contact.open", open_json("C2"));
  CHECK(c.news() == lines{"contact.opened C2", "contact.triaged C2",
                          "contact.diverted C2 queue_full more", "contact.queued C2"});
  CHECK(line_of(c, 3, "more") == "C2 ");
}

TEST_CASE("nobody joins where nobody is there, and who waits there leaves") {
  centre c;
  c.queue(
      R"({"queue":"care","join_when":["ready","busy","offered"],"leave_when":["ready","busy"]})");
  CHECK(c.say(1, "contact.open", open_json("C1")).data.text_or("refused") == "nobody_there");
  c.say(2, "agent.sign_in", R"({"agent":"A"})");
  c.say(3, "contact.open", open_json("C2"));
  c.say(3, "offer.accept", R"({"contact":"C2","agent":"A"})");
  c.say(4, "contact.open", open_json("C3"));
  c.news();
  c.say(5, "agent.set_state", R"({"agent":"A","state":"not_ready"})");
  CHECK(c.contact_news() == lines{"contact.timed_out C3 nobody_there"});
}

TEST_CASE("the announced wait follows the mean handle time and the agents there", "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(0, "contact.open", open_json("C1"));
  c.say(0, "offer.accept", R"({"contact":"C1","agent":"A"})");
  c.say(100, "contact.finish", R"({"contact":"C1","agent":"A"})");
  c.say(100, "contact.open", open_json("C2"));
  c.say(100, "offer.accept", R"({"contact":"C2","agent":"A"})");
  CHECK(c.say(101, "contact.open", open_json("C3")).data.int_or("wait_s", -1) == 0);
  CHECK(c.say(102, "contact.open", open_json("C4")).data.int_or("wait_s", -1) == 100);
  c.queue(R"({"queue":"care","refuse_wait_s":150})");
  c.say(103, "contact.open", open_json("C5"));
  CHECK(c.last("contact.refused").text_or("reason") == "wait_too_long");
}

TEST_CASE("a clock put forward by decades makes no wait that the log could not give back") {
  centre c;
  constexpr double decades = 56 * 365.25 * 86'400;
  SECTION("told by the waits before") {
    const auto kind = GENERATE(as<std::string>{}, "smoothed", "recent");
    c.queue(R"({"queue":"care","wait_estimate":")" + kind + R"("})");
    c.say(0, "contact.open", open_json("C1"));
    c.say(decades, "agent.sign_in", R"({"agent":"A"})");
    c.say(decades, "offer.accept", R"({"contact":"C1","agent":"A"})");
  }
  SECTION("told by the talks before") {
    c.queue(R"({"queue":"care"})");
    c.say(0, "agent.sign_in", R"({"agent":"A"})");
    c.say(0, "contact.open", open_json("C1"));
    c.say(0, "offer.accept", R"({"contact":"C1","agent":"A"})");
    c.say(decades, "contact.finish", R"({"contact":"C1","agent":"A"})");
    c.say(decades, "contact.open", open_json("C2"));
    c.say(decades, "offer.accept", R"({"contact":"C2","agent":"A"})");
    c.say(decades, "contact.open", open_json("C3"));
  }
  c.say(decades, "contact.open", open_json("C4"));
  const auto queued = read_event("contact.queued", c.last("contact.queued"));
  REQUIRE(queued);
  CHECK(std::get<routing::contact_queued>(*queued).wait_s == span_max);
}

TEST_CASE("the smoothed wait is kept in whole seconds, three parts old", "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"care","wait_estimate":"smoothed"})");
  c.say(0, "contact.open", open_json("C1"));
  c.say(10.9, "agent.sign_in", R"({"agent":"A"})");
  c.say(10.9, "offer.accept", R"({"contact":"C1","agent":"A"})");
  c.say(20, "contact.open", open_json("C2"));
  CHECK(c.last("contact.queued").int_or("wait_s", -1) == 10);
  c.say(22, "contact.finish", R"({"contact":"C1","agent":"A"})");
  c.say(23, "offer.accept", R"({"contact":"C2","agent":"A"})");
  c.say(24, "contact.open", open_json("C3"));
  CHECK(c.last("contact.queued").int_or("wait_s", -1) == (3 * 10 + 3) / 4);
}

TEST_CASE("weights count only where agents are fewer than those who wait") {
  centre c;
  c.queue(R"({"queue":"care","weight":1})");
  c.queue(R"({"queue":"gold","weight":5})");
  c.say(1, "contact.open", open_json("C1"));
  c.say(2, "contact.open", R"({"contact":"G1","channel":"phone","queue":"gold"})");
  c.say(3, "agent.sign_in", R"({"agent":"A"})");
  CHECK(c.last("offer.made").text_or("contact") == "G1");
}

TEST_CASE("an agent's own order of queues and delays are kept") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.queue(R"({"queue":"gold"})");
  c.say(1, "contact.open", open_json("C1"));
  c.say(2, "contact.open", R"({"contact":"G1","channel":"phone","queue":"gold"})");
  c.say(3, "agent.sign_in",
        R"({"agent":"A","queues":{"care":{"priority":2},"gold":{"priority":1}}})");
  CHECK(c.last("offer.made").text_or("contact") == "G1");
  c.news();
  c.say(4, "agent.sign_in", R"({"agent":"B","queues":{"care":{"delay_s":30}}})");
  c.wait_until(30.9);
  CHECK(c.count("offer.made") == 1); // A missed the first offer; for B the call is still too young
  c.wait_until(31);
  CHECK(c.last("offer.made").text_or("agent") == "B");
}

TEST_CASE("need leads to a queue by the table, and to the default when unsure",
          "[R2.1.2][R2.1.3][R2.1.4]") {
  centre c;
  c.queue(R"({"queue":"net"})");
  c.queue(R"({"queue":"help"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"chat","need":"我家宽带断了"})");
  CHECK(c.last("contact.triaged").text_or("queue") == "net");
  CHECK(c.last("contact.triaged").text_or("duty") == "fault");
  c.say(2, "contact.open", R"({"contact":"C2","channel":"chat","need":"Broadband, and my bill"})");
  CHECK(c.last("contact.triaged").text_or("method") == "default");
  CHECK(c.last("contact.queued").text_or("queue") == "help");
  c.say(3, "contact.open", R"({"contact":"C3","channel":"chat"})");
  CHECK(c.last("contact.queued").text_or("queue") == "help");
}

TEST_CASE("a contact in danger is sent outside at once, whatever the queue says", "[R9.3.3f]") {
  centre c;
  c.queue(R"({"queue":"care","length_max":1})");
  c.say(1, "contact.open", open_json("C1"));
  c.news();
  c.say(2, "contact.open", open_json("S1", R"(,"safety":true)"));
  CHECK(c.news() == lines{"contact.opened S1", "contact.diverted S1 safety external:emergency"});
  c.say(3, "contact.open", R"({"contact":"S2","channel":"phone","need":"119"})");
  CHECK(c.last("contact.diverted").text_or("to") == "external:emergency");
}

TEST_CASE("a contact opened twice is one, and another under its id is refused with its state") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open", open_json("C1"), "phone-1");
  c.news();
  const auto again = c.say(2, "contact.open", open_json("C1"), "phone-1");
  CHECK(again.outcome == outcome_kind::accepted);
  CHECK(again.data.int_or("queue_position", 0) == 1);
  CHECK(c.news().empty());
  const auto other = c.say(3, "contact.open", open_json("C1", R"(,"urgency":1)"), "phone-1");
  CHECK(other.why->type == "reception.contact_exists");
  CHECK(other.data.text_or("state") == "waiting");
  CHECK(c.say(4, "contact.open", open_json("C1"), "phone-2").why->type
        == "reception.contact_exists");
  CHECK(c.news().empty());
}

TEST_CASE("a queue that is not there takes nobody, and nothing of the contact stays") {
  centre c;
  CHECK(c.say(1, "contact.open", open_json("C1")).why->type == "routing.unknown_queue");
  c.queue(R"({"queue":"care"})");
  CHECK(c.say(2, "contact.open", open_json("C1", R"(,"urgency":2)")).outcome
        == outcome_kind::accepted);
}

TEST_CASE("a contact may move to another queue while it waits, and keeps its age") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.queue(R"({"queue":"gold","skills":["gold"]})");
  c.say(1, "contact.open", R"({"contact":"G1","channel":"phone","queue":"gold"})");
  c.say(0.5 + 1, "agent.sign_in", R"({"agent":"A"})");
  c.say(2, "contact.open", open_json("C1", R"(,"age_s":30)"));
  CHECK(c.last("offer.made").text_or("contact") == "C1");
  c.news();
  c.say(3, "contact.change", R"({"contact":"C1","queue":"gold"})");
  CHECK(c.news() == lines{"offer.rescinded C1 A changed", "agent.state_changed A ready",
                          "contact.changed C1", "contact.queued C1"});
  CHECK(line_of(c, 4, "gold") == "C1 G1 ");
  CHECK(c.say(5, "contact.change", R"({"contact":"C1","queue":"none"})").why->type
        == "routing.unknown_queue");
}

TEST_CASE("agents never asked and agents asked first are kept to") {
  centre c;
  c.queue(R"({"queue":"care"})");
  for (const auto* a : {"A", "B", "D"})
    c.say(0, "agent.sign_in", std::string{R"({"agent":")"} + a + "\"}");
  c.say(1, "contact.open", open_json("C1", R"(,"exclude":["A"])"));
  CHECK(c.last("offer.made").text_or("agent") == "B");
  c.say(2, "contact.open", open_json("C2", R"(,"prefer":["D"],"prefer_s":20)"));
  CHECK(c.last("offer.made").text_or("agent") == "D");
  c.say(3, "contact.open", open_json("C3", R"(,"prefer":["D"],"prefer_s":5)"));
  CHECK(c.count("offer.made") == 2);
  c.wait_until(8);
  CHECK(c.last("offer.made").text_or("contact") == "C3");
  CHECK(c.last("offer.made").text_or("agent") == "A");
}

TEST_CASE("the agents asked first are asked one after the other, and who is excluded is not") {
  centre c;
  c.queue(R"({"queue":"care"})");
  for (const auto* a : {"D", "E", "F"})
    c.say(0, "agent.sign_in", std::string{R"({"agent":")"} + a + "\"}");
  c.say(1, "contact.open",
        open_json("C1", R"(,"prefer":["D","E","F"],"prefer_s":60,"exclude":["F"])"));
  CHECK(c.last("offer.made").text_or("agent") == "D");
  c.say(2, "offer.decline", R"({"contact":"C1","agent":"D"})");
  CHECK(c.last("offer.made").text_or("agent") == "E");
  c.say(3, "agent.set_state", R"({"agent":"E","state":"not_ready"})");
  c.say(3, "offer.decline", R"({"contact":"C1","agent":"D"})");
  CHECK(c.last("offer.made").text_or("agent") == "D");
  c.say(4, "agent.set_state", R"({"agent":"D","state":"not_ready"})");
  CHECK(c.contact_news().back() == "offer.rescinded C1 D not_ready");
}

TEST_CASE("where so few agents are left that tiers do not count, who waits is served at once") {
  centre c;
  c.queue(R"({"queue":"care","tiers_ignored_up_to":1})");
  c.say(0, "agent.sign_in", R"({"agent":"A","queues":{"care":0},"ready":false})");
  c.say(0, "agent.sign_in", R"({"agent":"B","queues":{"care":1}})");
  c.say(1, "contact.open", open_json("C1", R"(,"tier_max":0)"));
  CHECK(c.count("offer.made") == 0);
  c.say(5, "agent.sign_out", R"({"agent":"A"})");
  CHECK(c.contact_news().back() == "offer.made C1 B");
}

TEST_CASE("weights count for an agent of two channels as for one of one") {
  centre c;
  c.queue(R"({"queue":"care","weight":1})");
  c.queue(R"({"queue":"gold","weight":5})");
  c.say(1, "contact.open", open_json("C1"));
  c.say(2, "contact.open", R"({"contact":"G1","channel":"chat","queue":"gold"})");
  c.say(3, "agent.sign_in", R"({"agent":"A","channels":{"phone":1,"chat":1}})");
  CHECK(c.last("offer.made").text_or("contact") == "G1");
}

TEST_CASE("weights do not count where there is an agent for each who waits") {
  centre c;
  c.queue(R"({"queue":"care","weight":1})");
  c.queue(R"({"queue":"gold","weight":5})");
  for (const auto* a : {"A", "B"})
    c.say(0, "agent.sign_in",
          std::string{R"({"agent":")"} + a
              + R"(","queues":{"care":{"delay_s":9},"gold":{"delay_s":9}}})");
  c.say(1, "contact.open", open_json("C1"));
  c.say(1, "contact.open", R"({"contact":"G1","channel":"phone","queue":"gold"})");
  c.news();
  c.wait_until(10);
  CHECK(c.contact_news() == lines{"offer.made C1 A", "offer.made G1 B"});
}

TEST_CASE("who waits for one agent may be sent to a queue after all") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.queue(R"({"queue":"other"})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(0, "agent.sign_in", R"({"agent":"D","ready":false})");
  c.say(0, "contact.open", open_json("C1"));
  c.say(1, "offer.accept", R"({"contact":"C1","agent":"A"})");
  c.say(5, "contact.transfer", R"({"contact":"C1","agent":"A","to_agent":"D"})");
  c.say(6, "agent.sign_out", R"({"agent":"D"})");
  c.news();
  c.say(10, "contact.change", R"({"contact":"C1","queue":"other"})");
  CHECK(c.contact_news() == lines{"contact.changed C1", "contact.queued C1", "offer.made C1 A"});
}

TEST_CASE("who prefers agents still does in another queue") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.queue(R"({"queue":"other"})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(1, "contact.open", open_json("C1", R"(,"prefer":["D"],"prefer_s":30)"));
  c.say(5, "contact.change", R"({"contact":"C1","queue":"other"})");
  CHECK(c.count("offer.made") == 0);
  c.wait_until(31);
  CHECK(c.count("offer.made") == 1);
}

TEST_CASE("the pause after a missed offer stays behind in the queue that set it") {
  centre c;
  c.queue(R"({"queue":"care","ring_s":5,"retry_s":100,"misses_max":9})");
  c.queue(R"({"queue":"other"})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(0, "contact.open", open_json("C1"));
  c.wait_until(5);
  c.news();
  c.say(6, "contact.change", R"({"contact":"C1","queue":"other"})");
  CHECK(c.contact_news() == lines{"contact.changed C1", "contact.queued C1", "offer.made C1 A"});
}

TEST_CASE("who waits leaves when the last agent there goes to other queues") {
  centre c;
  c.queue(R"({"queue":"care","leave_when":["ready","busy","offered"]})");
  c.queue(R"({"queue":"x"})");
  c.say(0, "agent.sign_in", R"({"agent":"A","queues":{"care":0,"x":0}})");
  c.say(1, "contact.open", open_json("C1", R"(,"skills":["fr"])"));
  c.news();
  c.say(5, "agent.change", R"({"agent":"A","queues":{"x":0}})");
  CHECK(c.contact_news() == lines{"contact.timed_out C1 nobody_there"});
}

TEST_CASE("what a newcomer is told is what the board shows", "[R2.1.6]") {
  centre c;
  c.queue(R"({"queue":"care","wrap_up":"manual"})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(0, "agent.sign_in", R"({"agent":"B"})");
  const auto shown = [&](double at) {
    const auto board = c.ask(at, "board.show", "{}");
    return board.find("queues")->find("care")->number_or("wait_estimate_s", -1);
  };
  int n = 0;
  const auto told = [&](double at) {
    const auto id = "N" + std::to_string(++n);
    const auto wait = c.say(at, "contact.open", open_json(id)).data.number_or("wait_s", -1);
    c.say(at, "contact.abandon", R"({"contact":")" + id + "\"}");
    return wait;
  };
  CHECK(shown(1) == 0);
  CHECK(told(1) == 0);
  c.say(2, "contact.open", open_json("C1"), "phone-1");
  c.say(2, "offer.accept", R"({"contact":"C1","agent":"A"})");
  c.say(62, "contact.finish", R"({"contact":"C1","agent":"A"})");
  c.say(92, "agent.finish_wrap_up", R"({"agent":"A"})"); // 60 s of talk, 30 s of wrap-up
  c.say(93, "agent.set_state", R"({"agent":"A","state":"not_ready"})");
  c.say(93, "agent.set_state", R"({"agent":"B","state":"not_ready"})");
  c.say(94, "contact.open", open_json("C2"), "phone-1");
  c.say(94, "contact.open", open_json("C3"), "phone-1");
  c.say(95, "contact.request_callback", R"({"contact":"C2","number":"138"})", "phone-1");
  CHECK(shown(96) == 90); // 90 s × 2 ahead / 2 agents
  CHECK(told(96) == 90);
}

TEST_CASE("a queue shows who of its contacts is in talk, with whom and since when") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.queue(R"({"queue":"tech"})");
  for (const auto* a : {"A", "B", "D"})
    c.say(0, "agent.sign_in", std::string{R"({"agent":")"} + a + "\"}");
  c.say(1, "contact.open", open_json("C1"));
  c.say(1, "contact.open", open_json("C2"));
  c.say(1, "contact.open", R"({"contact":"T1","channel":"phone","queue":"tech"})");
  CHECK(listed(c, 2, "in_progress", "agent").empty());  // offered is not yet in talk
  c.say(4, "offer.accept", R"({"contact":"C2","agent":"B"})");
  c.say(5, "offer.accept", R"({"contact":"C1","agent":"A"})");
  c.say(5, "offer.accept", R"({"contact":"T1","agent":"D"})");
  c.say(6, "contact.hold", R"({"contact":"C1","agent":"A"})");
  CHECK(listed(c, 7, "in_progress", "agent") == lines{"C2 B 3", "C1 A 4"});
  CHECK(listed(c, 7, "in_progress", "state") == lines{"C2 connected 3", "C1 held 4"});
  CHECK(listed(c, 7, "in_progress", "since")
        == lines{"C2 2026-03-02T01:00:04.000Z 3", "C1 2026-03-02T01:00:05.000Z 4"});
  c.say(8, "contact.finish", R"({"contact":"C2","agent":"B"})");
  CHECK(listed(c, 9, "in_progress", "agent") == lines{"C1 A 4"});
}

TEST_CASE("a queue shows whom it lost and whom it answered late, the last first") {
  centre c;
  c.queue(R"({"queue":"care","service_level_s":10,"wait_s_max":60,"length_max":3})");
  c.say(0, "contact.open", open_json("C1"));
  c.say(0, "contact.open", open_json("C2"));
  c.say(0, "contact.open", open_json("C3"));
  c.say(1, "contact.open", open_json("C4"));
  c.say(7, "contact.abandon", R"({"contact":"C1"})");
  CHECK(listed(c, 8, "recent", "ended_as")
        == lines{"C1 contact.abandoned 7", "C4 contact.refused 0"});
  c.say(11, "agent.sign_in", R"({"agent":"A"})");
  c.say(12, "offer.accept", R"({"contact":"C2","agent":"A"})");
  c.say(20, "contact.finish", R"({"contact":"C2","agent":"A"})");
  c.say(20, "offer.decline", R"({"contact":"C3","agent":"A"})");
  c.say(20, "agent.set_state", R"({"agent":"A","state":"not_ready"})");
  c.wait_until(60);
  c.say(70, "agent.set_state", R"({"agent":"A","state":"ready"})");
  c.say(100, "contact.open", open_json("C5"));
  c.say(101, "offer.accept", R"({"contact":"C5","agent":"A"})");
  c.say(102, "contact.finish", R"({"contact":"C5","agent":"A"})");
  CHECK(listed(c, 103, "recent", "ended_as")
        == lines{"C3 contact.timed_out 60", "C2 contact.finished 12", "C1 contact.abandoned 7",
                 "C4 contact.refused 0"});
}

TEST_CASE("of those that a queue lost only the last fifty are kept, and those for a day") {
  centre c;
  c.queue(R"({"queue":"care"})");
  for (int i = 100; i < 160; ++i) {
    c.say(2 * i, "contact.open", open_json("C" + std::to_string(i)));
    c.say(2 * i + 1, "contact.abandon", R"({"contact":"C)" + std::to_string(i) + "\"}");
  }
  const auto kept = listed(c, 400, "recent", "ended_as");
  CHECK(kept.size() == 50);
  CHECK(kept.front() == "C159 contact.abandoned 1");
  CHECK(kept.back() == "C110 contact.abandoned 1");
  c.say(86'400 + 400, "contact.open", open_json("C1"));
  c.say(86'400 + 401, "contact.abandon", R"({"contact":"C1"})");
  CHECK(listed(c, 86'400 + 402, "recent", "ended_as") == lines{"C1 contact.abandoned 1"});
}
