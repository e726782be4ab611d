#include <catch2/catch.hpp>

#include "actors/registration/tables/forms.hpp"
#include "actors/registration/tables/identity.hpp"
#include "actors/registration/tables/rights.hpp"
#include "messages/json.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

// Who somebody is for this contact, what they agree to, and what they may ask for.

namespace {

constexpr auto zhang = R"({"party":"zhang","purpose":"business","read_back":true,"fields":{
  "name":"张三","phone":"13812345678","document_kind":"resident_id",
  "document_number":"11010519491231002X"}})";
constexpr double day = 86'400;

std::string check(centre& c, double at, const std::string& contact, int level) {
  const auto got = c.ask(at, "identity.check", R"({"party":"zhang","contact":")" + contact
                                                   + R"(","level":)" + std::to_string(level)
                                                   + "}");
  return *got.find("verified") == value{true} ? "yes" : std::string{got.text_or("why")};
}

std::string verify(const std::string& contact, int level, const std::string& method,
                   const std::string& more = "") {
  return R"({"party":"zhang","contact":")" + contact + R"(","level":)" + std::to_string(level)
         + R"(,"method":")" + method + "\"" + more + "}";
}

} // namespace

TEST_CASE("somebody is verified for one contact, at a level, for a while", "[R2.2.2]") {
  centre c;
  c.say(1, "customer.register", zhang);
  CHECK(check(c, 2, "C1", 1) == "not_verified");
  const auto done = c.say(3, "identity.verify", verify("C1", 2, "sms_code", R"(,"valid_s":600)"));
  CHECK(*done.data.find("verified") == value{true});
  CHECK(check(c, 4, "C1", 2) == "yes");
  CHECK(check(c, 4, "C1", 3) == "level_too_low");
  CHECK(check(c, 4, "C2", 1) == "not_verified");
  CHECK(check(c, 602.999, "C1", 2) == "yes");
  CHECK(check(c, 603, "C1", 2) == "expired");
}

TEST_CASE("a method proves so much and no more", "[R2.2.2]") {
  centre c;
  c.say(1, "customer.register", zhang);
  CHECK(code_of(c.say(2, "identity.verify", verify("C1", 3, "sms_code")))
        == "registration.method_too_weak");
  CHECK(code_of(c.say(2, "identity.verify", verify("C1", 1, "voice_sounds_right")))
        == "registration.unknown_method");
  CHECK(code_of(c.say(2, "identity.verify", verify("C1", 4, "face"))) == "command.field_invalid");
  CHECK(code_of(c.say(3, "identity.verify", verify("C1", 3, "document_seen"))) == "accepted");
  // Who proved more has proved less too.
  c.say(4, "identity.verify", verify("C1", 2, "sms_code"));
  CHECK(c.count("identity.verified") == 1);
  CHECK(check(c, 5, "C1", 3) == "yes");
}

TEST_CASE("what a person claims is compared with the record", "[R2.2.2]") {
  centre c;
  c.say(1, "customer.register", zhang);
  CHECK(code_of(c.say(2, "identity.verify", verify("C1", 1, "knowledge")))
        == "command.field_invalid");
  CHECK(*c.say(3, "identity.verify",
               verify("C1", 1, "knowledge",
                      R"(,"claims":{"phone":"+86 138 1234 5678","name":"张三"})"))
             .data.find("verified")
        == value{true});
  const auto wrong = c.say(4, "identity.verify",
                           verify("C2", 1, "knowledge",
                                  R"(,"claims":{"phone":"13812345678","name":"张五"})"));
  CHECK(*wrong.data.find("verified") == value{false});
  CHECK(to_json(*c.last("identity.verification_failed").find("wrong")) == R"(["name"])");
  CHECK(check(c, 5, "C2", 1) == "not_verified");
}

TEST_CASE("after three failures nobody is verified as that person for half an hour",
          "[R2.2.2]") {
  centre c;
  c.say(0, "customer.register", zhang);
  const auto fail = [&](double at, const std::string& contact) {
    return code_of(c.say(at, "identity.verify",
                         verify(contact, 2, "sms_code", R"(,"passed":false)")));
  };
  CHECK(fail(1, "C1") == "accepted");
  CHECK(fail(2, "C2") == "accepted");
  CHECK(fail(3, "C3") == "accepted");
  CHECK(c.last("identity.verification_failed").int_or("failures", 0) == 3);
  CHECK(code_of(c.say(4, "identity.verify", verify("C4", 3, "face")))
        == "registration.verification_locked");
  CHECK(code_of(c.say(1802.999, "identity.verify", verify("C4", 3, "face")))
        == "registration.verification_locked");
  CHECK(fail(1803, "C4") == "accepted");
  CHECK(c.last("identity.verification_failed").int_or("failures", 0) == 1);
  CHECK(code_of(c.say(1804, "identity.verify", verify("C4", 3, "face"))) == "accepted");
}

TEST_CASE("a verification ends with its contact", "[R2.2.2]") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.say(2, "customer.register", zhang);
  c.say(3, "identity.verify", verify("C1", 2, "sms_code"));
  CHECK(check(c, 4, "C1", 2) == "yes");
  c.say(5, "contact.abandon", R"({"contact":"C1"})");
  CHECK(check(c, 6, "C1", 2) == "contact_ended");
  CHECK(code_of(c.say(7, "identity.verify", verify("C1", 2, "sms_code")))
        == "registration.contact_ended");
}

TEST_CASE("whether the contact or the verification is heard of first makes no difference") {
  routing::contact_abandoned ended;
  ended.contact = contact_id{"C1"};
  registration::customer_registered known;
  known.party = party_id{"zhang"};
  known.step = 1;
  registration::identity_verified verified;
  verified.party = known.party;
  verified.contact = ended.contact;
  verified.step = 2;
  verified.until = nine + 30min;
  const auto folded = [&](const std::vector<event>& all) {
    registration::registration_model model;
    auto at = nine;
    for (const auto& e : all)
      model.evolve(e, type_of(e) == "contact.abandoned" ? nine + 1s : at += 2s);
    return to_json(model.save());
  };
  CHECK(folded({known, ended, verified}) == folded({known, verified, ended}));
}

TEST_CASE("a consent is given with its proof and withdrawn at once") {
  centre c;
  c.say(1, "customer.register", zhang);
  const auto* give = R"({"party":"zhang","purpose":"care","channel":"phone","proof":"rec-1"})";
  c.say(2, "consent.give", give);
  c.say(3, "consent.give", give);
  CHECK(c.count("consent.given") == 1);
  CHECK(c.last("consent.given").text_or("proof") == "rec-1");
  CHECK(to_json(*c.ask(4, "customer.show", R"({"party":"zhang"})").find("consents"))
            .find("care")
        != std::string::npos);
  CHECK(code_of(c.say(5, "consent.give", R"({"party":"zhang","purpose":"care",
    "channel":"phone"})"))
        == "command.field_missing");
  c.say(6, "consent.withdraw", R"({"party":"zhang","purpose":"care"})");
  CHECK(to_json(*c.ask(6, "customer.show", R"({"party":"zhang"})").find("consents")) == "[]");
  c.say(7, "consent.withdraw", R"({"party":"zhang","purpose":"care"})");
  CHECK(c.count("consent.withdrawn") == 1);
}

TEST_CASE("what a person asks for by right has its day, and who forgets it is warned",
          "[R2.3.4]") {
  centre c;
  c.say(1, "customer.register", zhang);
  CHECK(code_of(c.say(2, "right.request", R"({"party":"zhang","kind":"access"})"))
        == "registration.not_verified");
  c.say(2, "identity.verify", verify("C1", 2, "sms_code"));
  const auto asked = c.say(3, "right.request",
                           R"({"party":"zhang","kind":"access","contact":"C1"})");
  CHECK(asked.data.text_or("right") == "right-1");
  CHECK(asked.data.text_or("due") == to_rfc3339(nine + 3s + 15 * 24h));
  // Asked for again it is the same one.
  CHECK(c.say(4, "right.request", R"({"party":"zhang","kind":"access"})").data.text_or("right")
        == "right-1");
  c.wait_until(3 + 7.5 * day - 0.001);
  CHECK(c.count("right.warned") == 0);
  c.wait_until(3 + 7.5 * day);
  CHECK(c.last("right.warned").int_or("percent", 0) == 50);
  c.wait_until(3 + 12 * day);
  CHECK(c.last("right.warned").int_or("percent", 0) == 80);
  c.wait_until(3 + 15 * day - 0.001);
  CHECK(c.count("right.lapsed") == 0);
  c.wait_until(3 + 15 * day);
  CHECK(c.count("right.lapsed") == 1);
  CHECK(code_of(c.say(3 + 15 * day + 1, "right.fulfil",
                      R"({"right":"right-1","proof":"letter-5"})"))
        == "accepted");
  CHECK(code_of(c.say(3 + 15 * day + 2, "right.fulfil",
                      R"({"right":"right-1","proof":"letter-5"})"))
        == "registration.unknown_right");
}

TEST_CASE("a copy is shown while it is asked for, a correction is done by amending",
          "[R2.2.5][R2.3.1]") {
  centre c;
  c.say(1, "customer.register", zhang);
  c.say(2, "identity.verify", verify("C1", 2, "sms_code"));
  c.say(3, "right.request", R"({"party":"zhang","kind":"copy","contact":"C1"})");
  CHECK(c.say(4, "customer.reveal",
              R"({"party":"zhang","fields":["document_number"],"purpose":"copy"})")
            .data.find("values")
            ->text_or("document_number")
        == "11010519491231002X");
  c.say(5, "right.fulfil", R"({"right":"right-1","proof":"mail-1"})");
  const auto asked = c.say(6, "right.request",
                           R"({"party":"zhang","kind":"correction","contact":"C1"})");
  const auto done = R"({"right":")" + std::string{asked.data.text_or("right")}
                    + R"(","proof":"amended"})";
  CHECK(code_of(c.say(7, "right.fulfil", done)) == "registration.not_amended");
  c.say(8, "customer.amend", R"({"party":"zhang","purpose":"consult","fields":{"name":"张山"},
    "contact":"C1"})");
  CHECK(code_of(c.say(9, "right.fulfil", done)) == "accepted");
}

TEST_CASE("withdrawing ends all that was agreed to, without any proof of who it is",
          "[R2.3.2]") {
  centre c;
  c.say(1, "customer.register", zhang);
  c.say(2, "consent.give",
        R"({"party":"zhang","purpose":"care","channel":"phone","proof":"rec-1"})");
  c.say(2, "consent.give",
        R"({"party":"zhang","purpose":"campaign","channel":"web","proof":"form-1"})");
  c.say(3, "right.request", R"({"party":"zhang","kind":"withdrawal"})");
  CHECK(c.count("consent.withdrawn") == 2);
  CHECK(to_json(*c.ask(3, "customer.show", R"({"party":"zhang"})").find("consents")) == "[]");
}

TEST_CASE("who withdraws a second time withdraws what was agreed to in between") {
  centre c;
  c.say(1, "customer.register", zhang);
  const auto* give = R"({"party":"zhang","purpose":"care","channel":"phone","proof":"rec-1"})";
  const auto* withdraw = R"({"party":"zhang","kind":"withdrawal","contact":"C1"})";
  c.say(2, "consent.give", give);
  c.say(3, "right.request", withdraw);
  c.say(4, "consent.give", give);
  CHECK(c.say(5, "right.request", withdraw).data.text_or("right") == "right-1");
  CHECK(c.count("right.requested") == 1);
  CHECK(c.count("consent.withdrawn") == 2);
  CHECK(c.last("consent.withdrawn").text_or("contact") == "C1");
  CHECK(to_json(*c.ask(6, "customer.show", R"({"party":"zhang"})").find("consents")) == "[]");
}

TEST_CASE("a correction that was asked for is done by amending what the party was merged into") {
  centre c;
  const auto amend = [&](double at, const std::string& phone) {
    return code_of(c.say(at, "customer.amend", R"({"party":"li","purpose":"business",
      "read_back":true,"contact":"C2","fields":{"other_phone":")" + phone + "\"}}"));
  };
  c.say(1, "customer.register", zhang);
  c.say(2, "customer.register", R"({"party":"li","purpose":"business","read_back":true,"fields":{
    "name":"张三","phone":"13900000001","document_kind":"passport","document_number":"E12345678"}})");
  REQUIRE(amend(3, "13700000001") == "accepted");
  c.say(4, "identity.verify", verify("C1", 1, "sms_code"));
  c.say(5, "right.request", R"({"party":"zhang","kind":"correction","contact":"C1"})");
  c.say(6, "customer.merge", R"({"party":"zhang","into":"li","reason":"same"})");
  const auto fulfil = [&](double at) {
    return code_of(c.say(at, "right.fulfil", R"({"right":"right-1","proof":"amended"})"));
  };
  CHECK(fulfil(7) == "registration.not_amended");
  c.say(8, "identity.verify",
        R"({"party":"li","contact":"C2","level":2,"method":"sms_code"})");
  REQUIRE(amend(9, "13700000002") == "accepted");
  CHECK(fulfil(10) == "accepted");
}

TEST_CASE("an erasure is fulfilled by erasing, and closes what else was asked for",
          "[R2.2.5]") {
  centre c;
  c.say(1, "customer.register", zhang);
  c.say(2, "identity.verify", verify("C1", 2, "sms_code"));
  c.say(3, "right.request", R"({"party":"zhang","kind":"access","contact":"C1"})");
  c.say(4, "right.request", R"({"party":"zhang","kind":"erasure","contact":"C1"})");
  CHECK(code_of(c.say(5, "right.fulfil", R"({"right":"right-2","proof":"done"})"))
        == "registration.not_erased");
  c.say(6, "customer.erase", R"({"party":"zhang","reason":"asked_for"})");
  CHECK(c.last("right.fulfilled").text_or("right") == "right-2");
  CHECK(c.last("right.refused").text_or("reason") == "erased");
  c.wait_until(20 * day);
  CHECK(c.count("right.warned") == 0);
  CHECK(check(c, 20 * day, "C1", 1) == "erased");
}

TEST_CASE("a record that lacks a step says so", "[R2.3.5]") {
  registration::registration_model model;
  registration::customer_registered known;
  known.party = party_id{"zhang"};
  known.step = 1;
  model.evolve(known, nine);
  registration::consent_given third;
  third.party = known.party;
  third.step = 3;
  third.purpose = code_word{"care"};
  model.evolve(third, nine);
  clear_sealer keys;
  kernel::turn_context in;
  in.keys = &keys;
  query::customer_show asked;
  asked.party = known.party;
  const auto shown = model.ask(asked, in);
  REQUIRE(shown);
  CHECK(shown->int_or("missing", 0) == 1);
}

TEST_CASE("every row of the tables can be used, and a bit is one row's") {
  using namespace registration;
  field_set fields = 0;
  for (const auto& row : field_rows()) {
    INFO(row.name);
    CHECK((fields & row.bit) == 0);
    fields |= row.bit;
    CHECK(find_field(row.name) == &row);
    CHECK((row.kind.empty() || find_field(row.kind)));
  }
  std::uint32_t forms = 0;
  for (const auto& row : form_rows()) {
    INFO(row.purpose);
    CHECK((forms & row.bit) == 0);
    forms |= row.bit;
    CHECK((row.required & ~row.allowed) == 0);
    CHECK((row.allowed & ~fields) == 0);
  }
  for (const auto& [kind, word] : names(right_kind{})) {
    CHECK(row_of_right(kind).days > 0);
    CHECK_FALSE(row_of_right(kind).source.empty());
    CHECK(level_for("right." + std::string{word}) <= level_max);
  }
  for (const auto& row : method_rows())
    CHECK((row.level_max >= 1 && row.level_max <= level_max));
}

TEST_CASE("every rule by which a value is refused has its sentence in the list of codes") {
  for (const auto* code : {"registration.text_form", "registration.birthday_form",
                           "registration.division_form", "registration.phone_emergency",
                           "registration.document_kind_unknown"})
    CHECK(because(code).title != code);
}
