#include <catch2/catch.hpp>

#include "messages/json.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

constexpr double day = 86'400;

struct story : centre {
  story() {
    queue(R"({"queue":"care"})");
    say(0, "materials.define",
        R"({"business":"sim","documents":[{"document":"id_card","note":"original"},
            {"document":"old_card","required":false}]})");
    say(0, "materials.define",
        R"({"business":"family","documents":[{"document":"id_card"},{"document":"户口本"}]})");
    say(0, "wording.define", R"({"wording":"password","language":"zh","text":"请保管好密码"})");
    say(0, "wording.define", R"({"wording":"bill_day","language":"zh","text":"每月一日出账"})");
    say(1, "contact.open", R"({"contact":"C","channel":"kiosk","queue":"care"})");
    news();
  }
  reply issue(double at, const std::string& business, const std::string& contact = "C") {
    return say(at, "contact.issue_materials",
               R"({"contact":")" + contact + R"(","business":")" + business + "\"}");
  }
  reply present(double at, const std::string& documents) {
    return say(at, "contact.present_materials",
               R"({"contact":"C","documents":[)" + documents + "]}");
  }
  reply remind(double at, const std::string& wordings) {
    return say(at, "contact.remind", R"({"contact":"C","wordings":[)" + wordings + "]}");
  }
  reply begins(double at, const std::string& id, const std::string& more = {}) {
    return say(at, "self_service.open",
               R"({"episode":")" + id + R"(","channel":"kiosk","business":"sim")" + more + "}");
  }
  reply ends(double at, const std::string& id, const std::string& outcome,
             const std::string& more = {}) {
    return say(at, "self_service.end",
               R"({"episode":")" + id + R"(","outcome":")" + outcome + "\"" + more + "}");
  }
};

std::string missing_in(const reply& r) {
  const auto* missing = r.data.find("missing");
  return missing ? to_json(*missing) : std::string{};
}

} // namespace

TEST_CASE("a person is told what to bring, and what was shown and what is missing is on record",
          "[R2.1.5]") {
  story c;
  const auto told = c.issue(2, "sim");
  CHECK(to_json(*told.data.find("documents"))
        == R"([{"document":"id_card","required":true,"note":"original"},)"
           R"({"document":"old_card","required":false}])");
  CHECK(missing_in(told) == R"(["id_card"])");
  CHECK(c.last("contact.materials_issued").text_or("business") == "sim");
  CHECK(missing_in(c.issue(3, "family")) == R"(["id_card","户口本"])");
  CHECK(missing_in(c.present(4, R"("id_card","old_card")")) == R"(["户口本"])");
  CHECK(to_json(*c.last("contact.materials_presented").find("presented"))
        == R"(["id_card","old_card"])");
  CHECK(to_json(*c.last("contact.materials_presented").find("missing")) == R"(["户口本"])");
  CHECK(missing_in(c.present(5, R"("户口本","id_card")")) == "[]");
  CHECK(to_json(*c.last("contact.materials_presented").find("presented")) == R"(["户口本"])");
  CHECK_FALSE(c.last("contact.materials_presented").find("missing"));
}

TEST_CASE("what was issued or shown already is answered and not written again", "[R2.1.5]") {
  story c;
  c.issue(2, "sim");
  CHECK(missing_in(c.issue(3, "sim")) == R"(["id_card"])");
  CHECK(c.count("contact.materials_issued") == 1);
  c.present(4, R"("id_card")");
  CHECK(missing_in(c.present(5, R"("id_card")")) == "[]");
  CHECK(c.count("contact.materials_presented") == 1);
  // Another list for the business is another thing to be told.
  c.say(6, "materials.define",
        R"({"business":"sim","documents":[{"document":"id_card"},{"document":"photo"}]})");
  CHECK(missing_in(c.issue(7, "sim")) == R"(["photo"])");
  CHECK(c.count("contact.materials_issued") == 2);
}

TEST_CASE("lists of materials are defined for each business, and shown", "[R2.1.5]") {
  story c;
  const std::string sim =
      R"({"business":"sim","documents":[{"document":"id_card","note":"original"},
          {"document":"old_card","required":false}]})";
  CHECK(code_of(c.say(2, "materials.define", sim)) == "accepted");
  CHECK(c.count("materials.defined") == 2);
  const auto shown = c.ask(3, "materials.show", R"({"business":"sim"})");
  CHECK(shown.find("materials")->as<value::list>()->size() == 1);
  CHECK(to_json(c.ask(3, "materials.show", "{}"))
        == R"({"materials":[{"business":"family"},{"business":"sim"}]})");
  CHECK(code_of(c.say(4, "materials.show", R"({"business":"roaming"})"))
        == "reception.unknown_business");
  CHECK(code_of(c.say(4, "materials.define",
                      R"({"business":"x","documents":[{"document":"a"},{"document":"a"}]})"))
        == "command.field_invalid");
}

TEST_CASE("what cannot be issued or shown is refused") {
  story c;
  CHECK(code_of(c.issue(2, "sim", "C9")) == "reception.unknown_contact");
  CHECK(code_of(c.issue(2, "roaming")) == "reception.unknown_business");
  CHECK(code_of(c.present(2, R"("id_card")")) == "reception.not_issued");
  c.issue(3, "sim");
  CHECK(code_of(c.present(4, R"("id_card","photo")")) == "reception.not_issued");
  CHECK(code_of(c.present(4, "")) == "command.field_invalid");
  CHECK(c.count("contact.materials_presented") == 0);
}

TEST_CASE("what a person was told to mind at the end is on record, once", "[R2.1.8]") {
  story c;
  c.say(2, "contact.abandon", R"({"contact":"C"})");
  c.remind(3, R"("password")");
  CHECK(to_json(*c.last("contact.reminded").find("wordings")) == R"(["password"])");
  c.remind(4, R"("password","bill_day")");
  CHECK(to_json(*c.last("contact.reminded").find("wordings")) == R"(["bill_day"])");
  c.remind(5, R"("password")");
  CHECK(c.count("contact.reminded") == 2);
  CHECK(code_of(c.remind(6, R"("roaming")")) == "reception.unknown_wording");
  CHECK(code_of(c.remind(6, "")) == "command.field_invalid");
  // A day after its end nobody knows of it any more.
  c.say(3 * day, "contact.open", R"({"channel":"phone","queue":"care"})");
  CHECK(code_of(c.remind(3 * day, R"("password")")) == "reception.unknown_contact");
}

TEST_CASE("self-service contains as much as was solved of what ended") {
  story c;
  const auto shown = [&](double at) { return to_json(c.ask(at, "self_service.show", "{}")); };
  CHECK(shown(1) == R"({"opened":0,"ended":0,"solved":0,"handed_over":0,"left":0})");
  for (const auto* id : {"E1", "E2", "E3", "E4", "E5"})
    c.begins(2, id);
  c.ends(3, "E1", "solved");
  c.ends(3, "E2", "solved");
  c.ends(3, "E3", "left");
  c.ends(3, "E4", "handed_over", R"(,"contact":"C")");
  CHECK(c.last("self_service.ended").text_or("contact") == "C");
  CHECK(shown(4)
        == R"({"opened":5,"ended":4,"solved":2,"handed_over":1,"left":1,"containment":0.5})");
}

TEST_CASE("an episode begins once and ends once, and is known for a day") {
  story c;
  const auto made = c.say(2, "self_service.open", R"({"channel":"kiosk","need":"bill"})");
  CHECK(made.data.text_or("episode") == "E-1");
  CHECK(code_of(c.begins(2, "E")) == "accepted");
  CHECK(code_of(c.begins(3, "E")) == "accepted");
  CHECK(c.count("self_service.opened") == 2);
  CHECK(code_of(c.begins(3, "E", R"(,"need":"lost")")) == "reception.episode_exists");
  CHECK(code_of(c.begins(3, "E9", R"(,"need":"I lost my card")")) == "command.field_invalid");
  CHECK(code_of(c.ends(4, "E", "solved", R"(,"contact":"C")")) == "command.field_invalid");
  CHECK(code_of(c.ends(4, "E", "handed_over", R"(,"contact":"C9")"))
        == "reception.unknown_contact");
  CHECK(code_of(c.ends(4, "E9", "solved")) == "reception.unknown_episode");
  CHECK(code_of(c.ends(5, "E", "left")) == "accepted");
  CHECK(code_of(c.ends(6, "E", "left")) == "accepted");
  CHECK(code_of(c.ends(6, "E", "solved")) == "reception.episode_ended");
  CHECK(c.count("self_service.ended") == 1);
  c.begins(2 * day, "E10");
  CHECK(code_of(c.ends(2 * day, "E", "left")) == "reception.unknown_episode");
}
