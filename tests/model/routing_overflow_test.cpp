#include <catch2/catch.hpp>

#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

std::string open_json(const std::string& id) {
  return R"({"contact":")" + id + R"(","channel":"phone","queue":"care"})";
}

} // namespace

TEST_CASE("a queue at its limit may send contacts to a place outside, and says where to") {
  centre c;
  const auto said = c.say(0, "queue.define",
                          R"({"queue":"care","length_max":1,"overflow_to":"external:branch-2"})");
  CHECK_FALSE(said.data.find("unknown_queues"));
  c.say(1, "contact.open", open_json("C1"));
  c.news();
  const auto r = c.say(2, "contact.open", open_json("C2"));
  CHECK(r.outcome == outcome_kind::accepted);
  CHECK(r.data.text_or("to") == "external:branch-2");
  CHECK_FALSE(r.data.find("refused"));
  CHECK(c.news() == lines{"contact.opened C2", "contact.triaged C2",
                          "contact.diverted C2 queue_full external:branch-2"});
  const auto shown = c.ask(3, "contact.show", R"({"contact":"C2"})");
  CHECK(shown.text_or("ended_as") == "contact.diverted");
  CHECK(shown.text_or("to") == "external:branch-2");
  const auto queue = c.ask(3, "queue.show", R"({"queue":"care"})");
  const auto& recent = *queue.find("recent")->as<value::list>();
  REQUIRE(recent.size() == 1);
  CHECK(recent.front().text_or("contact") == "C2");
  // Whoever lost the answer asks again, and the person is put through to the same place.
  const auto again = c.say(4, "contact.open", open_json("C2"));
  CHECK(again.outcome == outcome_kind::accepted);
  CHECK(again.data.text_or("to") == "external:branch-2");
  CHECK(c.news().empty());
  const auto late = c.say(5, "contact.abandon", R"({"contact":"C2"})");
  CHECK(late.why->type == "routing.contact_ended");
}

TEST_CASE("a place outside needs a name, and no queue may be called like one") {
  centre c;
  const auto field = [&](const std::string& policy) {
    const auto r = c.say(0, "queue.define", policy);
    return r.outcome == outcome_kind::invalid && r.why ? r.why->field : std::string{};
  };
  CHECK(field(R"({"queue":"care","overflow_to":"external:"})") == "overflow_to");
  CHECK(field(R"({"queue":"external:care"})") == "queue");
  CHECK(field(R"({"queue":"care","rules":[{"after_s":1,"do":[{"divert":"external:"}]}]})")
        == "rules[0].do[0].divert");
  CHECK(c.news().empty());
}
