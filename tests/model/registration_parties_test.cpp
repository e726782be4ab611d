#include <catch2/catch.hpp>

#include "messages/json.hpp"
#include "actors/registration/tables/forms.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

// Who is who, what is seen of them, and how they are forgotten.

namespace {

std::string person(const std::string& party, const std::string& phone, const std::string& id = "",
                   const std::string& more = "") {
  const auto document = id.empty() ? ""
                                   : R"(,"document_kind":"resident_id","document_number":")" + id
                                         + "\"";
  return R"({"party":")" + party + R"(","purpose":")" + (id.empty() ? "callback" : "business")
         + R"(","read_back":true,"fields":{"name":"张三","phone":")" + phone + "\"" + document + "}"
         + more + "}";
}

constexpr auto number = "11010519491231002X";

/// Who said a customer number.
std::string numbered(const std::string& party, const std::string& customer,
                     const std::string& more = "") {
  return R"({"party":")" + party + R"(","purpose":"fault","read_back":true,"fields":{
    "phone":"13812345678","customer_number":")" + customer + "\"}" + more + "}";
}

/// The keys that go with the party's own.
std::string others_of(const value& erased) {
  const auto* others = erased.find("others");
  return others ? to_json(*others) : "[]";
}

std::string erase(centre& c, double at, const std::string& party) {
  c.say(at, "customer.erase", R"({"party":")" + party + R"(","reason":"asked_for"})");
  return others_of(c.last("customer.erased"));
}

std::string parties_of(centre& c, double at, const std::string& phone) {
  return to_json(*c.say(at, "customer.find", R"({"purpose":"dial","phone":")" + phone + "\"}")
                      .data.find("parties"));
}

} // namespace

TEST_CASE("one person on two channels is one party", "[R1.1.2]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open", R"({"contact":"P1","channel":"phone","queue":"care"})");
  c.say(2, "contact.open", R"({"contact":"W1","channel":"chat","queue":"care"})");
  c.say(3, "customer.register", person("zhang", "13812345678", "", R"(,"contact":"P1")"));
  c.say(4, "customer.link", R"({"party":"zhang","contact":"W1"})");
  CHECK(c.count("customer.linked") == 2);
  CHECK(c.ask(5, "customer.show", R"({"party":"zhang"})").int_or("contacts", 0) == 2);
  // Linked once is linked; and a contact is nobody else's, until that is taken back.
  c.say(6, "customer.link", R"({"party":"zhang","contact":"W1"})");
  CHECK(c.count("customer.linked") == 2);
  c.say(7, "customer.register", person("li", "13900000001"));
  CHECK(code_of(c.say(8, "customer.link", R"({"party":"li","contact":"W1"})"))
        == "registration.linked_elsewhere");
  c.say(9, "customer.unlink", R"({"party":"zhang","contact":"W1"})");
  CHECK(code_of(c.say(10, "customer.link", R"({"party":"li","contact":"W1"})")) == "accepted");
}

TEST_CASE("two records of one person become one, and can be taken apart again", "[R2.2.1]") {
  centre c;
  c.say(1, "customer.register", person("a", "13812345678", number));
  c.say(2, "customer.register", person("b", "13900000001"));
  CHECK(code_of(c.say(3, "customer.merge", R"({"party":"b","into":"b","reason":"same"})"))
        == "command.field_invalid");
  CHECK(code_of(c.say(3, "customer.merge", R"({"party":"b","into":"a","reason":"same"})"))
        == "accepted");
  // Found by either number, under one name; said to the other name it is told where to.
  CHECK(parties_of(c, 4, "13900000001") == R"(["a"])");
  const auto moved = c.say(5, "customer.link", R"({"party":"b","contact":"C1"})");
  CHECK(code_of(moved) == "registration.merged");
  CHECK(moved.why->detail == "a");
  CHECK(c.ask(6, "customer.show", R"({"party":"b"})").text_or("party") == "a");
  CHECK(code_of(c.say(7, "customer.merge", R"({"party":"b","into":"a","reason":"same"})"))
        == "accepted");
  CHECK(c.count("customer.merged") == 1);
  CHECK(code_of(c.say(8, "customer.split", R"({"party":"b","reason":"mistake"})")) == "accepted");
  CHECK(parties_of(c, 9, "13900000001") == R"(["b"])");
  CHECK(code_of(c.say(10, "customer.split", R"({"party":"b","reason":"mistake"})"))
        == "registration.not_merged");
  CHECK(c.last("customer.split_off").int_or("step", 0) == 3);
}

TEST_CASE("a value is shown in clear for a purpose only, and that is on record", "[R2.2.5]") {
  centre c;
  c.say(1, "customer.register", person("zhang", "13812345678", number));
  const auto told = c.say(2, "customer.reveal", R"({"party":"zhang","fields":["phone","name"],
    "purpose":"dial","contact":"C1"})", "agent-7");
  CHECK(to_json(*told.data.find("values")) == R"({"phone":"+8613812345678","name":"张三"})");
  const auto e = c.last("customer.revealed");
  CHECK(e.text_or("client") == "agent-7");
  CHECK(e.text_or("purpose") == "dial");
  CHECK(to_json(*e.find("shown")) == R"(["phone","name"])");
  CHECK(to_json(e).find("138") == std::string::npos);
  // Dialling needs no document; and nothing is shown without saying what for.
  CHECK(code_of(c.say(3, "customer.reveal",
                      R"({"party":"zhang","fields":["document_number"],"purpose":"dial"})"))
        == "registration.field_not_necessary");
  CHECK(c.last("customer.field_refused").text_or("form") == "dial");
  CHECK(code_of(c.say(4, "customer.reveal", R"({"party":"zhang","fields":["name"]})"))
        == "command.field_missing");
  CHECK(code_of(c.say(5, "customer.reveal",
                      R"({"party":"zhang","fields":["name"],"purpose":"curiosity"})"))
        == "registration.unknown_purpose");
  // All of it only to who asked for it by right.
  CHECK(code_of(c.say(6, "customer.reveal",
                      R"({"party":"zhang","fields":["document_number"],"purpose":"copy"})"))
        == "registration.unknown_right");
  CHECK(c.count("customer.revealed") == 1);
}

TEST_CASE("a client sees so much in clear in a minute and no more, and that is on record",
          "[R2.2.5]") {
  centre c;
  c.say(0, "customer.register", person("zhang", "13812345678"));
  const auto look = [&](double at, const std::string& who) {
    return code_of(c.say(at, "customer.reveal",
                         R"({"party":"zhang","fields":["name"],"purpose":"dial"})", who));
  };
  for (std::size_t i = 0; i < registration::reveals_max; ++i)
    REQUIRE(look(1, "agent-7") == "accepted");
  CHECK(look(2, "agent-7") == "registration.too_many_reveals");
  CHECK(look(3, "agent-7") == "registration.too_many_reveals");
  CHECK(c.count("customer.reveal_limited") == 1);  // said once
  CHECK(look(4, "agent-8") == "accepted");
  CHECK(look(60.999, "agent-7") == "registration.too_many_reveals");
  CHECK(look(61, "agent-7") == "accepted");
}

TEST_CASE("a third party is told nothing that the person has not agreed to", "[R2.2.5]") {
  centre c;
  c.say(1, "customer.register", person("zhang", "13812345678"));
  const auto* ask = R"({"party":"zhang","fields":["phone"],"purpose":"dial",
    "third_party":"courier"})";
  const auto denied = c.say(2, "customer.reveal", ask);
  CHECK(code_of(denied) == "registration.disclosure_denied");
  CHECK_FALSE(denied.data.find("values"));
  CHECK(c.last("customer.disclosure_denied").text_or("third_party") == "courier");
  c.say(3, "consent.give", R"({"party":"zhang","purpose":"disclose:courier","channel":"phone",
    "proof":"recording-9"})");
  CHECK(code_of(c.say(4, "customer.reveal", ask)) == "accepted");
  c.say(5, "consent.withdraw", R"({"party":"zhang","purpose":"disclose:courier"})");
  CHECK(code_of(c.say(6, "customer.reveal", ask)) == "registration.disclosure_denied");
}

TEST_CASE("whoever looks for a person leaves a trace", "[R2.2.5]") {
  centre c;
  c.say(1, "customer.register", person("zhang", "13812345678", number));
  c.say(2, "customer.find", R"({"purpose":"verify","document_kind":"resident_id",
    "document_number":"11010519491231002X","contact":"C1"})", "agent-7");
  const auto e = c.last("customer.looked_up");
  CHECK(to_json(e) == R"({"form":"verify","field":"document_number","found":1,"about":"C1",)"
                      R"("client":"agent-7"})");
  CHECK(code_of(c.say(3, "customer.find", R"({"purpose":"dial"})")) == "command.field_invalid");
  CHECK(code_of(c.say(4, "customer.find",
                      R"({"purpose":"dial","phone":"110","customer_number":"1"})"))
        == "command.field_invalid");
  CHECK(c.say(5, "customer.find", R"({"purpose":"dial","customer_number":"K-1"})")
            .data.int_or("found", 9)
        == 0);
}

TEST_CASE("a person who is erased is gone under every name, and stays gone", "[R2.3.3]") {
  centre c;
  c.say(1, "customer.register", person("a", "13812345678", number));
  c.say(2, "customer.register", person("b", "13900000001"));
  c.say(3, "customer.merge", R"({"party":"b","into":"a","reason":"same"})");
  const auto done = c.say(4, "customer.erase", R"({"party":"a","reason":"retention_over"})");
  CHECK(*done.data.find("erased") == value{true});
  CHECK(done.data.text_or("copies_until") == "unknown");
  CHECK(c.count("customer.erased") == 2);
  for (const auto* name : {"a", "b"}) {
    const auto shown = c.ask(5, "customer.show", std::string{R"({"party":")"} + name + "\"}");
    CHECK(shown.find("erased"));
    CHECK_FALSE(shown.find("fields"));
    CHECK(code_of(c.say(6, "customer.reveal", std::string{R"({"party":")"} + name
                        + R"(","fields":["name"],"purpose":"dial"})"))
          == "person.erased");
  }
  CHECK(parties_of(c, 7, "13812345678") == "[]");
  // Asked again it is done already; the number may be registered anew, under another name.
  CHECK(code_of(c.say(8, "customer.erase", R"({"party":"a","reason":"retention_over"})"))
        == "accepted");
  CHECK(c.count("customer.erased") == 2);
  CHECK(code_of(c.say(9, "customer.register", person("a", "13812345678", number)))
        == "person.erased");
  CHECK(code_of(c.say(10, "customer.register", person("c", "13812345678", number)))
        == "accepted");
}

TEST_CASE("a customer number is nobody else's name, and a name nobody else's number") {
  centre c;
  c.say(1, "customer.register", numbered("zhang", "K-1"));
  const auto by_number = c.say(2, "customer.register", numbered("x", "zhang"));
  CHECK(code_of(by_number) == "registration.duplicate");
  CHECK(by_number.data.text_or("party") == "zhang");
  CHECK(by_number.why->field == "fields.customer_number");
  const auto by_name = c.say(3, "customer.register", person("K-1", "13900000001"));
  CHECK(code_of(by_name) == "registration.duplicate");
  CHECK(by_name.data.text_or("party") == "zhang");
  CHECK(by_name.why->field == "party");
  CHECK(c.count("customer.registered") == 1);
  // An amendment brings no such number either; one's own name is one's own.
  c.say(4, "customer.register", person("li", "13812345678"));
  CHECK(code_of(c.say(5, "customer.amend", numbered("li", "zhang"))) == "registration.duplicate");
  CHECK(code_of(c.say(6, "customer.register", numbered("wang", "wang"))) == "accepted");
  // Nor is a name of somebody who has two.
  c.say(7, "customer.merge", R"({"party":"li","into":"zhang","reason":"same"})");
  CHECK(c.say(8, "customer.register", numbered("x", "li")).data.text_or("party") == "zhang");
  // A name that the centre makes is nobody's number.
  c.say(9, "customer.register", numbered("zhao", "party-5"));
  CHECK(c.say(10, "customer.register",
              R"({"purpose":"consult","fields":{"name":"孙七"}})").data.text_or("party")
        == "party-6");
}

TEST_CASE("an erasure leaves what another person is still known by") {
  centre c;
  c.say(1, "customer.register", numbered("zhang", "K-1"));
  c.say(2, "customer.register", numbered("again", "K-1", R"(,"beside":"zhang")"));
  c.say(3, "customer.register", numbered("third", "zhang", R"(,"beside":"zhang")"));
  CHECK(erase(c, 4, "third") == "[]");
  CHECK(erase(c, 5, "zhang") == "[]");
  CHECK(c.last("customer.erased").text_or("person") == "P-zhang");
  CHECK(erase(c, 6, "again") == R"(["P-K-1"])");
  // Two names of one person go together, and so does what both were known by.
  c.say(7, "customer.register", numbered("a", "K-2"));
  c.say(8, "customer.register", numbered("b", "K-2", R"(,"beside":"a")"));
  c.say(9, "customer.merge", R"({"party":"b","into":"a","reason":"same"})");
  CHECK(erase(c, 10, "a") == R"(["P-K-2"])");
}

TEST_CASE("in a log from before, a number that is another's name is not destroyed either") {
  registration::registration_model model;
  const auto known = [&](const char* name, const char* customer, int step) {
    registration::customer_amended e;
    e.party = party_id{name};
    e.person = person_id{std::string{"P-"} + name};
    e.customer_key = customer;
    e.step = step;
    return e;
  };
  model.evolve(known("x", "P-zhang", 1), nine);
  model.evolve(known("x", "P-K-9", 2), nine);
  model.evolve(known("y", "P-zhang", 1), nine);
  model.evolve(known("zhang", "P-K-1", 1), nine);
  registration::registration_model loaded;
  REQUIRE(loaded.load(model.save()));
  clear_sealer keys;
  kernel::turn_context in;
  in.keys = &keys;
  const auto others = [&](const registration::registration_model& of, const char* party) {
    registration::customer_erase erase;
    erase.party = party_id{party};
    const auto done = of.decide(command{erase}, in);
    REQUIRE(done);
    return others_of(data_of(done->events.front(), true));
  };
  for (const auto* one : {&model, &loaded}) {
    CHECK(others(*one, "x") == R"(["P-K-9"])");
    CHECK(others(*one, "y") == "[]");
  }
}

TEST_CASE("what was brought under a number that a person had before is erased too") {
  centre c;
  c.say(1, "customer.register", numbered("zhang", "K-1"));
  const auto renumber = [&](double at, const std::string& party, const std::string& customer) {
    c.say(at, "identity.verify", R"({"party":")" + party + R"(","contact":"C-)" + party
                                     + R"(","level":2,"method":"sms_code"})");
    return code_of(c.say(at, "customer.amend",
                         numbered(party, customer, R"(,"contact":"C-)" + party + "\"")));
  };
  REQUIRE(renumber(2, "zhang", "K-2") == "accepted");
  REQUIRE(renumber(3, "zhang", "K-3") == "accepted");
  REQUIRE(renumber(4, "zhang", "K-2") == "accepted");
  // The first was a slip, and is somebody else's now.
  REQUIRE(code_of(c.say(5, "customer.register", numbered("li", "K-1"))) == "accepted");
  CHECK(erase(c, 6, "zhang") == R"(["P-K-2","P-K-3"])");
  CHECK(erase(c, 7, "li") == R"(["P-K-1"])");
}

TEST_CASE("whose a contact is can be asked by the contact alone") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open", R"({"contact":"P1","channel":"phone","queue":"care"})");
  c.say(2, "customer.register", person("zhang", "13812345678"));
  const auto asked = [&](const std::string& json) {
    return c.say(3, "customer.show", json);
  };
  CHECK(code_of(asked(R"({"contact":"P1"})")) == "registration.unknown_party");
  CHECK(code_of(asked("{}")) == "command.field_missing");
  c.say(4, "customer.link", R"({"party":"zhang","contact":"P1"})");
  const auto shown = c.ask(5, "customer.show", R"({"contact":"P1"})");
  CHECK(shown.text_or("party") == "zhang");
  CHECK(shown.find("verified_level"));
}

TEST_CASE("who is passed on says nothing twice: whose the contact is and what was said go along",
          "[R1.2.3]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.queue(R"({"queue":"tech","skills":["net"]})");
  c.say(0, "agent.sign_in", R"({"agent":"A","channels":{"chat":2}})");
  c.say(0, "agent.sign_in", R"({"agent":"B","channels":{"chat":2},"skills":{"net":5},
                                "queues":{"tech":0}})");
  c.say(1, "contact.open", R"({"contact":"W1","channel":"chat","queue":"care"})", "chat-1");
  c.say(2, "offer.accept", R"({"contact":"W1","agent":"A"})");
  c.say(3, "contact.say", R"({"contact":"W1","from":"customer","text":"no line since nine"})",
        "chat-1");
  c.say(4, "customer.register", person("zhang", "13812345678", "", R"(,"contact":"W1")"));
  c.say(5, "contact.transfer", R"({"contact":"W1","agent":"A","to_queue":"tech"})");
  c.say(6, "offer.accept", R"({"contact":"W1","agent":"B"})");
  const auto told = c.ask(7, "contact.read", R"({"contact":"W1","agent":"B"})");
  CHECK(told.find("lines")->as<value::list>()->front().text_or("text") == "no line since nine");
  CHECK(c.ask(7, "customer.show", R"({"contact":"W1"})").text_or("party") == "zhang");
}
