#include <catch2/catch.hpp>

#include "messages/safety.hpp"
#include "tests/model/centre.hpp"

// A person in danger waits for nothing and is refused nothing (contract §2 "Safety").

using namespace careline;
using namespace careline::centre_story;

namespace {

constexpr auto open_c1 = R"({"contact":"C1","channel":"phone","queue":"care"})";
constexpr auto help_c1 = R"({"contact":"C1","channel":"phone","queue":"care","safety":true})";

bool is_put_through(const reply& r) {
  const auto* diverted = r.data.find("diverted");
  return r.outcome == outcome_kind::accepted && diverted && *diverted == value{true}
         && r.data.text_or("to") == "external:emergency" && r.data.text_or("contact") == "C1";
}

void sign_in(centre& c) {
  c.queue(R"({"queue":"care","wrap_up_s":5})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})", "desk-1");
}

} // namespace

TEST_CASE("the gateway of a person in danger is told where to put him through", "[R9.3.3f]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  CHECK(is_put_through(c.say(1, "contact.open", help_c1, "phone-1")));
  CHECK(c.news().size() == 3);
  CHECK(is_put_through(c.say(2, "contact.open", help_c1, "phone-1")));
  CHECK(c.news().empty());
}

TEST_CASE("a person in danger who waits already is put through under the same id", "[R9.3.3f]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open", open_c1, "phone-1");
  c.news();
  CHECK(is_put_through(c.say(2, "contact.open", help_c1, "phone-1")));
  CHECK(c.news() == lines{"contact.diverted C1 safety external:emergency"});
  CHECK(is_put_through(c.say(3, "contact.open", help_c1, "phone-1")));
  CHECK(c.news().empty());
  CHECK(c.ask(4, "contact.show", R"({"contact":"C1"})").text_or("state") == "ended");
}

TEST_CASE("a person in danger is put through though offered, dialled, in talk or gone",
          "[R9.3.3f]") {
  centre c;
  sign_in(c);
  c.say(1, "contact.open", open_c1, "phone-1");
  SECTION("offered: the offer is taken back") {
    c.news();
    CHECK(is_put_through(c.say(2, "contact.open", help_c1, "phone-1")));
    CHECK(c.news() == lines{"contact.diverted C1 safety external:emergency",
                            "offer.rescinded C1 A diverted", "agent.state_changed A ready"});
  }
  SECTION("dialled: the agent is free again") {
    c.say(2, "contact.request_callback", R"({"contact":"C1","number":"1"})", "phone-1");
    c.say(2, "offer.accept", R"({"contact":"C1","agent":"A"})", "desk-1");
    c.news();
    CHECK(is_put_through(c.say(3, "contact.open", help_c1, "phone-1")));
    CHECK(c.news() == lines{"contact.diverted C1 safety external:emergency",
                            "agent.state_changed A ready"});
  }
  SECTION("in talk: the leg ends like any other") {
    c.say(2, "offer.accept", R"({"contact":"C1","agent":"A"})", "desk-1");
    c.news();
    CHECK(is_put_through(c.say(3, "contact.open", help_c1, "phone-1")));
    CHECK(c.news() == lines{"contact.diverted C1 safety external:emergency",
                            "agent.state_changed A wrap_up"});
  }
  SECTION("gone: there is no second end, and he is put through all the same") {
    c.say(2, "contact.abandon", R"({"contact":"C1"})", "phone-1");
    c.news();
    const auto told = c.say(3, "contact.open", help_c1, "phone-1");
    CHECK(is_put_through(told));
    CHECK(told.data.find("unlogged"));
    CHECK(c.news().empty());
  }
}

TEST_CASE("a call for help is put through, whatever else is wrong with it", "[R9.3.3f]") {
  centre c;
  CHECK(is_put_through(c.say(
      1, "contact.open",
      R"({"contact":"C1","channel":"phone","queue":"119","tier_min":3,"tier_max":1})")));
  CHECK(c.count("contact.diverted") == 1);
  CHECK(is_put_through(c.say(2, "contact.open", R"({"contact":"C1","safety":true})")));
  CHECK(is_put_through(
      c.say(3, "contact.open", R"({"contact":"C1","channel":"phone","need":110})")));
  CHECK(c.say(4, "contact.open", R"({"contact":"C2","queue":"care"})").outcome
        == outcome_kind::invalid);
}

TEST_CASE("the emergency numbers are these, as text or as numbers", "[R9.3.3f]") {
  for (const auto* number : {"110", "119", "120", "122"}) {
    CHECK(is_emergency(number));
    value data{value::map{}};
    data.set("queue", number);
    CHECK(is_safety("contact.open", data));
    data.set("queue", std::stoi(number));
    CHECK(is_safety("contact.open", data));
    CHECK_FALSE(is_safety("contact.change", data));
  }
  for (const auto* number : {"", "11", "1100", "114", "10086", "care"})
    CHECK_FALSE(is_emergency(number));
}
