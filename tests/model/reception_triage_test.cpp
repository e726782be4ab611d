#include <catch2/catch.hpp>

#include "messages/json.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

const std::string table = R"({"rows":[
  {"need":"宽带","queue":"net","duty":"fault","business":"broadband","complexity":2},
  {"need":"broadband","queue":"net","duty":"fault","business":"broadband","complexity":2},
  {"need":"没信号","queue":"net","duty":"fault","business":"mobile","complexity":1,"urgency":5},
  {"need":"2","queue":"care","duty":"consult","business":"bill"},
  {"need":"kiosk:sim","queue":"care","duty":"business","business":"sim","complexity":1}]})";

/// A centre with the three queues that needs lead to.
struct story : centre {
  story() {
    for (const auto* name : {"net", "care", "help"})
      queue(R"({"queue":")" + std::string{name} + "\"}");
  }
  /// Opens a contact; what became of its need.
  value comes(double at, const std::string& id, const std::string& need,
              const std::string& more = {}) {
    say(at, "contact.open",
        R"({"contact":")" + id + R"(","channel":"phone","need":")" + need + "\"" + more + "}");
    return last("contact.triaged");
  }
  void leaves(double at, const std::string& id) {
    say(at, "contact.abandon", R"({"contact":")" + id + "\"}");
  }
  value counts(double at) { return *ask(at, "triage.show", "{}").find("counts"); }
};

} // namespace

TEST_CASE("what a person says, presses or chooses is sorted by the table that was defined last",
          "[R2.1.3][R1.1.1]") {
  story c;
  CHECK(c.comes(1, "C0", "2").text_or("method") == "default");  // not in the configuration's
  CHECK(c.say(2, "triage.define", table).data.int_or("version", 0) == 1);
  auto said = c.comes(3, "C1", "我家宽带断了");
  CHECK(said.text_or("queue") == "net");
  CHECK(said.text_or("duty") == "fault");
  CHECK(said.text_or("business") == "broadband");
  CHECK(said.int_or("complexity", 0) == 2);
  CHECK(said.int_or("table_version", 0) == 1);
  CHECK(said.number_or("confidence", 0) == 0.8);
  said = c.comes(4, "C2", "2");
  CHECK(said.text_or("queue") == "care");
  CHECK(said.number_or("confidence", 0) == 1);
  CHECK_FALSE(said.find("complexity"));
  CHECK(c.comes(5, "C3", "KIOSK:SIM").text_or("duty") == "business");
  said = c.comes(6, "C4", "宽带, 还是没信号");  // both lead to one queue; the longer word decides
  CHECK(said.text_or("business") == "mobile");
  CHECK(c.comes(7, "C5", "我的鹦鹉病了").text_or("queue") == "help");
}

TEST_CASE("a table is replaced as a whole, its versions count up, and the same again is nothing",
          "[R2.1.3]") {
  story c;
  CHECK(c.ask(0, "triage.show", "{}").text_or("from") == "configuration");
  CHECK(c.ask(0, "triage.show", "{}").find("rows")->as<value::list>()->size() == 3);
  c.say(1, "triage.define", table);
  CHECK(c.say(2, "triage.define", table).data.int_or("version", 0) == 1);
  CHECK(c.count("triage.defined") == 1);
  CHECK(c.say(3, "triage.define", R"({"rows":[{"need":"x","queue":"care","duty":"support"}]})")
            .data.int_or("version", 0)
        == 2);
  CHECK(c.comes(4, "C1", "宽带").text_or("method") == "default");
  CHECK(c.comes(5, "C2", "x").int_or("table_version", 0) == 2);
  const auto shown = c.ask(6, "triage.show", "{}");
  CHECK(shown.text_or("from") == "defined");
  CHECK(shown.int_or("version", 0) == 2);
}

TEST_CASE("a need that cannot wait goes before others, unless the opener has said how urgent",
          "[R2.1.3]") {
  story c;
  c.say(1, "triage.define", table);
  c.comes(2, "C1", "宽带");
  CHECK(c.comes(3, "C2", "没信号").int_or("urgency", 0) == 5);
  CHECK(c.last("contact.queued").int_or("queue_position", 0) == 1);
  CHECK_FALSE(c.comes(4, "C3", "没信号", R"(,"urgency":1)").find("urgency"));
  CHECK(c.last("contact.queued").int_or("queue_position", 0) == 2);
  CHECK(c.last("contact.opened").int_or("urgency", 0) == 1);
  // The same opening is known again, whatever was made of it.
  const auto again =
      c.say(5, "contact.open", R"({"contact":"C2","channel":"phone","need":"没信号"})");
  CHECK(code_of(again) == "accepted");
  CHECK(again.data.text_or("state") == "waiting");
}

TEST_CASE("who serves a contact says what it is about, and what it was taken for stays on record",
          "[R2.1.3]") {
  story c;
  c.say(1, "triage.define", table);
  c.comes(2, "C1", "宽带");
  c.say(3, "contact.classify",
        R"({"contact":"C1","by":"A","duty":"complaint","complexity":3})");
  const auto said = c.last("contact.classified");
  CHECK(said.text_or("duty") == "complaint");
  CHECK(said.text_or("business") == "broadband");  // nobody said anything else
  CHECK(said.int_or("complexity", 0) == 3);
  CHECK(to_json(*said.find("was"))
        == R"({"duty":"fault","business":"broadband","complexity":2})");
  CHECK(said.text_or("by") == "A");
  c.say(4, "contact.classify", R"({"contact":"C1","by":"A","duty":"complaint"})");
  CHECK(c.count("contact.classified") == 1);
  // One that the gateway led to a queue has a class from now on.
  c.say(5, "contact.open", R"({"contact":"G","channel":"phone","queue":"care"})");
  c.say(6, "contact.classify", R"({"contact":"G","by":"A","duty":"support"})");
  CHECK(to_json(*c.last("contact.classified").find("was")) == "{}");
}

TEST_CASE("the table is as accurate as those it sorted ended without a correction", "[R2.1.3]") {
  story c;
  c.say(1, "triage.define", table);
  for (const auto* id : {"C1", "C2", "C3", "C4"})
    c.comes(2, id, "宽带");
  c.comes(2, "C5", "鹦鹉");
  CHECK(to_json(c.counts(3)) == R"({"triaged":4,"by_default":1,"corrected":0,"ended":0})");
  c.say(4, "contact.classify", R"({"contact":"C1","by":"A","duty":"consult"})");
  c.say(4, "contact.classify", R"({"contact":"C5","by":"A","duty":"consult"})");
  c.leaves(5, "C1");
  c.leaves(5, "C2");
  c.leaves(5, "C3");
  CHECK(c.counts(6).number_or("accuracy", 0) == Approx(2.0 / 3));
  // In wrap-up, when the contact has ended.
  c.say(7, "contact.classify", R"({"contact":"C2","by":"A","duty":"support"})");
  CHECK(c.counts(8).number_or("accuracy", 0) == Approx(1.0 / 3));
  CHECK(c.counts(8).int_or("corrected", 0) == 2);
  // What was a slip of the hand is no correction.
  c.say(9, "contact.classify", R"({"contact":"C1","by":"A","duty":"fault"})");
  c.say(9, "contact.classify", R"({"contact":"C2","by":"A","duty":"fault"})");
  CHECK(c.counts(10).number_or("accuracy", 0) == 1);
  // A new table is judged by what it does itself.
  c.say(11, "triage.define", R"({"rows":[]})");
  c.leaves(12, "C4");
  CHECK(to_json(c.counts(13)) == R"({"triaged":0,"by_default":0,"corrected":0,"ended":0})");
}

TEST_CASE("a table that leads nowhere is refused, with the place of the mistake") {
  story c;
  const auto refused = [&](const std::string& row) {
    const auto got = c.say(1, "triage.define", R"({"rows":[)" + row + "]}");
    return code_of(got) + (got.why ? " " + got.why->field : "");
  };
  CHECK(refused(R"({"need":"a","queue":"none","duty":"fault"})")
        == "routing.unknown_queue rows[0].queue");
  CHECK(refused(R"({"need":"a","area":"hall","duty":"fault"})")
        == "reception.unknown_area rows[0].area");
  CHECK(refused(R"({"need":"a","duty":"fault"})") == "command.field_invalid rows[0].queue");
  CHECK(refused(R"({"need":"a","queue":"net","area":"hall","duty":"fault"})")
        == "command.field_invalid rows[0].queue");
  CHECK(refused(R"({"need":"","queue":"net","duty":"fault"})")
        == "command.field_invalid rows[0].need");
  CHECK(refused(R"({"need":"a","queue":"net","duty":"fault","complexity":4})")
        == "command.field_invalid rows[0].complexity");
  CHECK(refused(R"({"need":"a","queue":"net","duty":"fault","urgency":2000000})")
        == "command.field_invalid rows[0].urgency");
  CHECK(refused(R"({"need":"a","queue":"net","duty":"repair"})")
        == "command.field_invalid rows[0].duty");
  const auto wrong =
      c.say(2, "triage.define", R"({"rows":[{"need":"a","queue":"net","duty":"repair"}]})");
  REQUIRE(wrong.why);
  CHECK(wrong.why->detail == "one of consult, business, fault, complaint, support");
  CHECK(c.count("triage.defined") == 0);
  CHECK(code_of(c.say(3, "contact.classify", R"({"contact":"C9","by":"A","duty":"fault"})"))
        == "reception.unknown_contact");
  c.comes(4, "C1", "x");
  CHECK(code_of(c.say(5, "contact.classify", R"({"contact":"C1","by":"A","duty":"repair"})"))
        == "command.field_invalid");
  CHECK(code_of(c.say(5, "contact.classify",
                      R"({"contact":"C1","by":"A","duty":"fault","complexity":0})"))
        == "command.field_invalid");
}

TEST_CASE("a queue that was removed after the table was defined leads to the default",
          "[R2.1.4]") {
  story c;
  c.say(1, "triage.define", table);
  CHECK(code_of(c.say(2, "queue.remove", R"({"queue":"net"})")) == "accepted");
  CHECK(c.comes(3, "C1", "宽带").text_or("queue") == "help");
  CHECK(c.last("contact.queued").text_or("contact") == "C1");
}
