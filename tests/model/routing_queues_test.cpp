#include <catch2/catch.hpp>

#include "messages/json.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

const std::string care = R"({"queue":"care"})";

void open(centre& c, double at, const std::string& id) {
  c.say(at, "contact.open", R"({"contact":")" + id + R"(","channel":"phone","queue":"care"})");
}

} // namespace

TEST_CASE("a queue is not taken away while somebody is in it, or at work after a contact of it") {
  centre c;
  c.queue(R"({"queue":"care","wrap_up":"manual"})");
  c.say(0, "agent.sign_in", R"({"agent":"A","ready":false})");
  open(c, 1, "C1");
  c.news();

  CHECK(code_of(c.say(2, "queue.remove", care)) == "routing.queue_in_use");  // waits
  c.say(3, "agent.set_state", R"({"agent":"A","state":"ready"})");
  CHECK(code_of(c.say(4, "queue.remove", care)) == "routing.queue_in_use");  // is offered
  c.say(5, "offer.accept", R"({"contact":"C1","agent":"A"})");
  CHECK(code_of(c.say(6, "queue.remove", care)) == "routing.queue_in_use");  // is in talk
  c.say(7, "contact.finish", R"({"contact":"C1","agent":"A"})");
  CHECK(code_of(c.say(8, "queue.remove", care)) == "routing.queue_in_use");  // is written up
  CHECK(c.count("queue.removed") == 0);
  c.say(9, "agent.finish_wrap_up", R"({"agent":"A"})");
  CHECK(c.say(10, "queue.remove", R"({"queue":"care","reason":"merged"})").outcome
        == outcome_kind::accepted);
  CHECK(c.last("queue.removed").text_or("reason") == "merged");
}

TEST_CASE("a queue that was taken away is not there, and may be made anew") {
  centre c;
  c.queue(R"({"queue":"care","strategy":"highest_level","leave_when":["ready"],
              "tiers_ignored_up_to":3,"fair_share":{"contacts":1,"per_s":600}})");
  c.queue(R"({"queue":"tech"})");
  c.say(0, "agent.sign_in", R"({"agent":"A","skills":{"s":3}})");
  open(c, 1, "C1");
  c.say(2, "offer.accept", R"({"contact":"C1","agent":"A"})");
  c.say(3, "contact.finish", R"({"contact":"C1","agent":"A"})");
  CHECK(code_of(c.say(4, "queue.remove", care)) == "accepted");

  CHECK(code_of(c.say(5, "queue.remove", care)) == "routing.unknown_queue");
  CHECK(code_of(c.say(6, "contact.open", R"({"contact":"C2","channel":"phone","queue":"care"})"))
        == "routing.unknown_queue");
  CHECK(c.ask(7, "queue.list", "{}").find("queues")->as<value::list>()->size() == 1);
  CHECK_FALSE(c.ask(7, "board.show", "{}").find("queues")->find("care"));
  // What has ended there is still known.
  CHECK(c.ask(8, "contact.show", R"({"contact":"C1"})").text_or("queue") == "care");

  c.queue(care);
  c.restart(centre::back_from::snapshot);
  open(c, 10, "C3");
  CHECK(c.count("offer.made") == 2);  // its share is that of the new queue: none
  CHECK(c.ask(11, "board.show", "{}").find("queues")->find("care")->int_or("waiting", 0) == 1);
}

TEST_CASE("who still leads people to a queue that was taken away is named, and keeps them") {
  centre c;
  c.queue(care);
  c.queue(R"({"queue":"tech","length_max":1,"overflow_to":"care"})");
  c.queue(R"({"queue":"vip","rules":[{"after_s":5,"do":[{"divert":"care"}]}]})");
  const auto told = c.say(1, "queue.remove", care);
  CHECK(to_json(*told.data.find("named_by")) == R"(["tech","vip"])");

  c.say(2, "contact.open", R"({"contact":"C1","channel":"phone","queue":"vip"})");
  c.say(2, "contact.open", R"({"contact":"C2","channel":"phone","queue":"tech"})");
  c.say(3, "contact.open", R"({"contact":"C3","channel":"phone","queue":"tech"})");
  c.wait_until(60);
  CHECK(c.last("contact.refused").text_or("contact") == "C3");
  CHECK(c.ask(61, "contact.show", R"({"contact":"C1"})").text_or("queue") == "vip");
  CHECK(c.ask(61, "contact.show", R"({"contact":"C2"})").text_or("queue") == "tech");
}

TEST_CASE("a queue made anew tells newcomers and the board the same wait", "[R2.1.6]") {
  const std::string kind = GENERATE("staffed", "smoothed", "recent");
  // given a queue in which somebody was served
  centre c;
  const auto define = R"({"queue":"care","wait_estimate":")" + kind + "\"}";
  c.queue(define);
  open(c, 1, "C1");
  c.say(5, "agent.sign_in", R"({"agent":"A"})");
  const auto serve = [&](double at, const std::string& id) {
    c.say(at, "offer.accept", R"({"contact":")" + id + R"(","agent":"A"})");
    c.say(at + 30, "contact.finish", R"({"contact":")" + id + R"(","agent":"A"})");
  };
  serve(6, "C1");
  // when it is taken away and made anew
  CHECK(code_of(c.say(40, "queue.remove", care)) == "accepted");
  c.say(41, "queue.define", define);
  const auto told = [&](double at) {
    return c.ask(at, "queue.show", care).number_or("wait_s", -1);
  };
  const auto shown = [&](double at) {
    return c.ask(at, "board.show", "{}").find("queues")->find("care")->number_or("wait_estimate_s",
                                                                                -1);
  };
  // then both know no more of it than was done since
  open(c, 42, "C2");
  CHECK(told(43) == -1);
  CHECK(shown(43) == -1);
  serve(50, "C2");
  open(c, 90, "C3");
  CHECK(told(91) > 0);
  CHECK(shown(91) == told(91));
}
