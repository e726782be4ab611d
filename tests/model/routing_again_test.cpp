#include <catch2/catch.hpp>

#include "tests/model/centre.hpp"

// What is asked a second time: the same is one, another is told no, and nothing is lost silently.

using namespace careline;
using namespace careline::centre_story;

namespace {

constexpr auto both = R"({"contact":"C1","agent":"A"})";

std::string code(const reply& r) {
  return r.why ? r.why->type : std::string{};
}

void open_chat(centre& c) {
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"chat","queue":"care"})", "chat-1");
  c.news();
}

reply line(centre& c, const char* from, int number, const char* text) {
  return c.say(2, "contact.say",
               std::string{R"({"contact":"C1","from":")"} + from + R"(","text":")" + text
                   + R"(","line":)" + std::to_string(number) + "}");
}

} // namespace

TEST_CASE("what the agent writes is not lost because the customer's line has the same number",
          "[R8.1.1c]") {
  centre c;
  open_chat(c);
  CHECK(code(line(c, "customer", 1, "hello")).empty());
  CHECK(code(line(c, "agent", 1, "good morning")).empty());
  CHECK(code(line(c, "system", 1, "you are next")).empty());
  CHECK(c.count("contact.said") == 3);
  CHECK(c.say(3, "contact.say", R"({"contact":"C1","from":"agent","text":"well?"})")
            .data.int_or("line", 0)
        == 2);
}

TEST_CASE("lines that come out of order are all said", "[R8.1.1c]") {
  centre c;
  open_chat(c);
  for (const int number : {1, 3, 2})
    CHECK(line(c, "customer", number, "text").outcome == outcome_kind::accepted);
  CHECK(c.count("contact.said") == 3);
  CHECK(c.last("contact.said").int_or("line", 0) == 2);
  for (const int number : {1, 2, 3})
    CHECK(line(c, "customer", number, "text").outcome == outcome_kind::accepted);
  CHECK(c.count("contact.said") == 3);
}

TEST_CASE("another text under the number of a line is refused and told the last one",
          "[R8.1.1c]") {
  centre c;
  open_chat(c);
  line(c, "customer", 1, "hello");
  line(c, "customer", 2, "are you there?");
  const auto told = line(c, "customer", 1, "something else");
  CHECK(code(told) == "routing.line_taken");
  CHECK(told.outcome == outcome_kind::refused);
  CHECK(told.data.int_or("line", 0) == 2);
  CHECK(c.count("contact.said") == 2);
}

TEST_CASE("each line that reached the person is reported, in whatever order", "[R8.1.1c]") {
  centre c;
  open_chat(c);
  line(c, "agent", 1, "one");
  line(c, "agent", 2, "two");
  line(c, "system", 1, "you are next");
  c.news();
  const auto deliver = [&](const char* json) { return c.say(3, "contact.deliver", json); };
  CHECK(deliver(R"({"contact":"C1","line":2})").outcome == outcome_kind::accepted);
  CHECK(deliver(R"({"contact":"C1","line":1,"from":"agent"})").outcome == outcome_kind::accepted);
  CHECK(c.last("contact.delivered").text_or("from") == "agent");
  CHECK(deliver(R"({"contact":"C1","line":1})").outcome == outcome_kind::accepted);
  CHECK(c.count("contact.delivered") == 3);
  CHECK(deliver(R"({"contact":"C1","line":1})").outcome == outcome_kind::accepted);
  CHECK(c.count("contact.delivered") == 3);
  CHECK(deliver(R"({"contact":"C1","line":2,"from":"system"})").outcome == outcome_kind::invalid);
}

TEST_CASE("who asks to be called back at another number is not left with the old one",
          "[R2.1.6]") {
  centre c;
  open_chat(c);
  const auto ask = [&](const char* number) {
    return c.say(2, "contact.request_callback",
                 std::string{R"({"contact":"C1","number":")"} + number + "\"}", "chat-1");
  };
  CHECK(code(ask("13800000000")).empty());
  CHECK(code(ask("13800000000")).empty());
  CHECK(code(ask("13911111111")) == "routing.callback_requested");
  CHECK(c.count("contact.callback_requested") == 1);
}

TEST_CASE("the gateway that is to dial a callback can ask for its number back", "[R2.2.5]") {
  centre c;
  open_chat(c);
  c.say(2, "contact.request_callback", R"({"contact":"C1","number":"13800000000"})", "chat-1");
  const auto told = c.say(3, "contact.address", R"({"contact":"C1","purpose":"dial"})", "chat-1");
  CHECK(told.data.text_or("number") == "13800000000");
  CHECK_FALSE(told.data.find("address"));
  CHECK(c.count("contact.address_read") == 1);
}

TEST_CASE("a contact finished twice keeps its disposition, and another one is refused",
          "[R2.1.7]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.say(2, "offer.accept", both);
  const auto finish = [&](const char* as) {
    return c.say(3, "contact.finish",
                 std::string{R"({"contact":"C1","agent":"A","disposition":")"} + as + "\"}");
  };
  SECTION("by the agent") {
    CHECK(code(finish("fault")).empty());
    CHECK(code(finish("fault")).empty());
    const auto other = finish("complaint");
    CHECK(code(other) == "routing.contact_ended");
    CHECK(other.why->field == "disposition");
  }
  SECTION("by the customer who hung up: the agent who says so too is not refused") {
    c.say(3, "contact.abandon", R"({"contact":"C1"})");
    CHECK(code(c.say(3, "contact.finish", both)).empty());
    CHECK(code(finish("fault")) == "routing.contact_ended");
  }
  CHECK(c.count("contact.finished") == 1);
}

TEST_CASE("an agent who is not ready and signs in as ready is not told that all is well",
          "[R2.1.7]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  const auto sign_in = [&](const char* more) {
    return c.say(1, "agent.sign_in", std::string{R"({"agent":"A")"} + more + "}");
  };
  CHECK(code(sign_in("")).empty());
  CHECK(code(sign_in("")).empty());
  CHECK(code(sign_in(R"(,"ready":false)")) == "routing.already_signed_in");
  c.say(2, "agent.set_state", R"({"agent":"A","state":"not_ready"})");
  CHECK(code(sign_in("")) == "routing.already_signed_in");
  CHECK(code(sign_in(R"(,"ready":false)")).empty());
}

TEST_CASE("a rule with a condition that nobody knows is refused, not fired each time") {
  centre c;
  const auto define = [&](const char* rules) {
    const auto told =
        c.say(1, "queue.define", std::string{R"({"queue":"care","rules":)"} + rules + "}");
    return told.why ? told.why->field : std::string{};
  };
  CHECK(define(R"([{"after_s":1,"when":{"moon":"full"},"do":[{"urgency":5}]}])")
        == "rules[0].when");
  CHECK(define(R"([{"after_s":1,"do":[{"urgency":5,"sing":true}]}])") == "rules[0].do[0]");
  CHECK(define(R"([{"after_s":1,"do":[{"add_rule":)"
               R"({"after_s":2,"when":{"moon":1},"do":[{"urgency":5}]}}]}])")
        == "rules[0].do[0].add_rule.when");
  CHECK(define(R"([{"after_s":1,"when":{"ready_max":0},"do":[{"urgency":5}]}])").empty());
}

TEST_CASE("while the engine was away nobody could come back: the grace begins anew") {
  routing::routing_model m{10s};
  routing::queue_defined care;
  care.queue = queue_id{"care"};
  m.evolve(care, nine);
  reception::contact_opened opened;
  opened.contact = contact_id{"C1"};
  opened.channel = channel_id{"phone"};
  opened.gateway = "phone-1";
  m.evolve(opened, nine);
  m.evolve(routing::contact_queued{opened.contact, care.queue, 1, {}}, nine);
  session::session_lost lost;
  lost.session = session_name{"phone-1"};
  m.evolve(lost, nine + 1s);
  REQUIRE(m.wakes_at() == nine + 11s);
  m.restart(nine + 1h);
  CHECK(m.wakes_at() == nine + 1h + 10s);
  session::session_resumed back;
  back.session = lost.session;
  m.evolve(back, nine + 1h + 9s);
  CHECK_FALSE(m.wakes_at());
}

TEST_CASE("a number that nobody can call is refused, and the person keeps waiting on the line") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  for (const auto* none : {R"("")", R"("none")", R"("+")"}) {
    const auto got = c.say(2, "contact.request_callback",
                           R"({"contact":"C1","number":)" + std::string{none} + "}");
    REQUIRE(got.why);
    CHECK(got.why->type == "command.field_invalid");
  }
  CHECK(c.count("contact.callback_requested") == 0);
}
