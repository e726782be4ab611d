#include <catch2/catch.hpp>

#include "messages/json.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

// Who gets into the records, and what stays out of them.

namespace {

constexpr auto zhang = R"({"party":"zhang","purpose":"business","read_back":true,"fields":{
  "name":"张三","phone":"138 1234 5678","document_kind":"resident_id",
  "document_number":"11010519491231002x"}})";

std::string registers(const std::string& fields, const std::string& purpose = "business",
                      const std::string& more = R"(,"read_back":true)") {
  return R"({"purpose":")" + purpose + R"(","fields":{)" + fields + "}" + more + "}";
}

constexpr auto li = R"("name":"李四","phone":"13912345678","document_kind":"resident_id",)"
                    R"("document_number":"110101199003070011")";

std::string field_of(const reply& r) {
  return r.why ? r.why->field : std::string{};
}

} // namespace

TEST_CASE("somebody is registered by the form of a purpose, and shown with masks", "[R2.2.1]") {
  centre c;
  const auto done = c.say(1, "customer.register", zhang, "desk-1");
  CHECK(code_of(done) == "accepted");
  CHECK(done.data.text_or("party") == "zhang");
  const auto e = c.last("customer.registered");
  CHECK(e.text_or("purpose") == "business");
  CHECK(e.text_or("client") == "desk-1");
  CHECK(e.int_or("step", 0) == 1);
  CHECK(to_json(*e.find("given")) == R"(["name","document_kind","document_number","phone"])");
  const auto shown = c.ask(2, "customer.show", R"({"party":"zhang"})");
  const auto* fields = shown.find("fields");
  REQUIRE(fields);
  CHECK(fields->text_or("name") == "张*");
  CHECK(fields->text_or("phone") == "138****5678");
  CHECK(fields->text_or("document_number") == "1****************X");
  CHECK(to_json(*shown.find("purposes")) == R"(["business"])");
}

TEST_CASE("a party without a name of its own gets one, and none twice", "[R2.2.1]") {
  centre c;
  CHECK(c.say(1, "customer.register", registers(li)).data.text_or("party") == "party-1");
  CHECK(c.say(2, "customer.register", registers(R"("name":"王五","phone":"13700000001")", "care"))
            .data.text_or("party")
        == "party-2");
}

TEST_CASE("the same registration asked again is one, another under its name is refused") {
  centre c;
  c.say(1, "customer.register", zhang);
  CHECK(code_of(c.say(2, "customer.register", zhang)) == "accepted");
  CHECK(c.count("customer.registered") == 1);
  CHECK(code_of(c.say(3, "customer.register",
                      R"({"party":"zhang","purpose":"consult","fields":{"name":"张三"}})"))
        == "registration.party_exists");
  CHECK(code_of(c.say(4, "customer.register",
                      R"({"party":"13812345678","purpose":"consult","fields":{"name":"张三"}})"))
        == "command.field_invalid");
}

TEST_CASE("a number of somebody or a contact is no name of a party, however it is written") {
  centre c;
  const auto named = [&](const std::string& name) {
    return code_of(c.say(1, "customer.register",
                         R"({"party":")" + name
                             + R"(","purpose":"consult","fields":{"name":"李四"}})"));
  };
  for (const auto* number :
       {"138-1234-5678", "+86 138 1234 5678", "(010) 1234 5678", "010-1234-5678-12",
        "400-810-1234", "１３８ １２３４ ５６７８", "110105 19491231 002X",
        "1101-0519-4912-3100-2x", "contact/C1"}) {
    INFO(number);
    CHECK(named(number) == "command.field_invalid");
  }
  for (const auto* name : {"party-1234567", "2026-01-001", "1000", "10-086", "110", "k-138-1234"}) {
    INFO(name);
    CHECK(named(name) == "accepted");
  }
}

TEST_CASE("what the purpose does not need is not taken, and that is on record", "[R2.3.2]") {
  centre c;
  const auto no = c.say(1, "customer.register",
                        registers(R"("name":"李四","birthday":"1990-03-07")", "consult"), "web-1");
  CHECK(code_of(no) == "registration.field_not_necessary");
  CHECK(field_of(no) == "fields.birthday");
  CHECK_FALSE(no.why->title.empty());
  CHECK(c.count("customer.registered") == 0);
  const auto e = c.last("customer.field_refused");
  CHECK(to_json(e) == R"({"form":"consult","field":"birthday","client":"web-1"})");
  // A word that is no field at all may be anything: it is not repeated.
  CHECK(field_of(c.say(2, "customer.register", registers(R"("13800138000":"1")", "consult")))
        == "fields");
  CHECK(c.last("customer.field_refused").text_or("field") == "other");
  CHECK(code_of(c.say(3, "customer.register", registers(R"("name":"李四")", "gossip")))
        == "registration.unknown_purpose");
  CHECK(code_of(c.say(4, "customer.register", registers(R"("name":"李四")", "callback")))
        == "registration.field_missing");
  CHECK(c.count("customer.field_refused") == 2);
}

TEST_CASE("a number that cannot be right is refused by its rule, and nothing is stored",
          "[R2.3.1]") {
  struct {
    const char* field;
    const char* typed;
    const char* code;
  } const said[] = {
      {"document_number", "110105194912310021", "registration.id_number_check_digit"},
      {"document_number", "11010519491331002X", "registration.id_number_date"},
      {"document_number", "110105209912310028", "registration.id_number_future"},
      {"document_number", "1101051949123100", "registration.id_number_length"},
      {"phone", "1381234567", "registration.phone_length"},
      {"phone", "110", "registration.phone_emergency"},
      {"name", "  ", "registration.text_form"},
      {"name", "张\u0007三", "registration.text_form"},
  };
  centre c;
  std::size_t refused = 0;
  for (const auto& one : said) {
    INFO(one.field << " " << one.typed);
    value fields = *from_json(std::string{"{"} + li + "}");
    fields.set(one.field, one.typed);
    value data{value::map{{"purpose", "business"}, {"fields", fields}, {"read_back", true}}};
    const auto got = c.say(1, "customer.register", to_json(data));
    CHECK(code_of(got) == one.code);
    CHECK(field_of(got) == std::string{"fields."} + one.field);
    CHECK(got.why->title != got.why->type);  // a sentence
    CHECK(c.last("customer.field_rejected").text_or("rule") == one.code);
    CHECK(c.count("customer.field_rejected") == ++refused);
  }
  CHECK(c.count("customer.registered") == 0);
}

TEST_CASE("a birthday is a day that was, month 13 and tomorrow are none", "[R2.3.1]") {
  centre c;
  const auto code = [&](const std::string& birthday) {
    return code_of(c.say(1, "customer.register",
                         registers(R"("name":"李四","phone":"13912345678","birthday":")" + birthday
                                       + "\"", "care")));
  };
  CHECK(code("1990-13-01") == "registration.birthday_no_day");
  CHECK(code("2026-02-30") == "registration.birthday_no_day");
  CHECK(code("1879-12-31") == "registration.birthday_no_day");
  CHECK(code("2026-03-03") == "registration.birthday_future");
  CHECK(code("1990/03/07") == "registration.birthday_form");
  CHECK(code("2026-03-02") == "accepted");  // today
}

TEST_CASE("numbers are taken however they are written, and are one number", "[R2.3.1]") {
  centre c;
  CHECK(code_of(c.say(1, "customer.register", zhang)) == "accepted");
  for (const auto* typed : {"+86 138-1234-5678", "０１３８", "86 13812345678", "１３８１２３４５６７８"}) {
    INFO(typed);
    value data{value::map{{"purpose", "dial"}, {"phone", typed}}};
    const auto got = c.say(2, "customer.find", to_json(data));
    if (std::string_view{typed} == "０１３８")
      CHECK(code_of(got) != "accepted");
    else
      CHECK(to_json(*got.data.find("parties")) == R"(["zhang"])");
  }
  // Fifteen digits are the old form of a number of somebody born in 19YY.
  const auto old = c.say(3, "customer.find", R"({"purpose":"verify","document_kind":"resident_id",
    "document_number":"110105491231002"})");
  CHECK(to_json(*old.data.find("parties")) == R"(["zhang"])");
  // An extension behind it, and the line is the same.
  c.say(4, "customer.register",
        registers(R"("name":"赵","phone":"010-12345678-12")", "callback"));
  CHECK(c.say(5, "customer.find", R"({"purpose":"dial","phone":"(010) 1234 5678"})")
            .data.int_or("found", 0)
        == 1);
}

TEST_CASE("a phone number was read back to the person, or entered twice and the same",
          "[R2.3.1]") {
  centre c;
  const std::string fields = R"("name":"李四","phone":"13912345678")";
  CHECK(code_of(c.say(1, "customer.register", registers(fields, "callback", "")))
        == "registration.not_read_back");
  CHECK(code_of(c.say(2, "customer.register",
                      registers(fields, "callback", R"(,"again":{"phone":"13912345679"})")))
        == "registration.entries_differ");
  CHECK(c.last("customer.field_rejected").text_or("rule") == "registration.entries_differ");
  CHECK(code_of(c.say(3, "customer.register",
                      registers(fields, "callback", R"(,"again":{"phone":"+86 13912345678"})")))
        == "accepted");
  CHECK(*c.last("customer.registered").find("read_back") == value{false});
  CHECK(code_of(c.say(4, "customer.register",
                      registers(R"("name":"孙","phone":"13700000002")", "callback")))
        == "accepted");
  CHECK(*c.last("customer.registered").find("read_back") == value{true});
}

TEST_CASE("one document is one person, one phone may be a family's", "[R2.2.1]") {
  centre c;
  c.say(1, "customer.register", zhang);
  const auto twice = c.say(2, "customer.register",
                           registers(R"("name":"张三丰","phone":"13700000003",)"
                                     R"("document_kind":"resident_id",)"
                                     R"("document_number":"11010519491231002X")"));
  CHECK(code_of(twice) == "registration.duplicate");
  CHECK(twice.why->detail == "zhang");
  CHECK(twice.data.text_or("party") == "zhang");
  CHECK(c.count("customer.registered") == 1);
  const auto wife = c.say(3, "customer.register",
                          registers(R"("name":"李四","phone":"13812345678")", "callback"));
  CHECK(code_of(wife) == "accepted");
  CHECK(to_json(*wife.data.find("same_phone")) == R"(["zhang"])");
  CHECK(c.say(4, "customer.find", R"({"purpose":"dial","phone":"13812345678"})")
            .data.int_or("found", 0)
        == 2);
  // Known to be a second record of the same person: said so, and merged later.
  CHECK(code_of(c.say(5, "customer.register",
                      registers(R"("name":"张三","phone":"13700000003",)"
                                R"("document_kind":"resident_id",)"
                                R"("document_number":"11010519491231002X")",
                                "business", R"(,"read_back":true,"beside":"zhang")")))
        == "accepted");
}

TEST_CASE("names in rare characters are kept whole", "[R2.2.1]") {
  centre c;
  const auto* rare = "𠮷野\u00b7阿卜杜热合曼";
  value data{value::map{
      {"party", "r"}, {"purpose", "consult"}, {"fields", value::map{{"name", rare}}}}};
  CHECK(code_of(c.say(1, "customer.register", to_json(data))) == "accepted");
  CHECK(c.say(2, "customer.reveal", R"({"party":"r","fields":["name"],"purpose":"dial"})")
            .data.find("values")
            ->text_or("name")
        == rare);
}

TEST_CASE("what does not look right and may be is told, and stored with it", "[R2.3.1]") {
  centre c;
  const auto done = c.say(1, "customer.register",
                          registers(R"("name":"李四","phone":"14212345678")", "callback"));
  CHECK(to_json(*done.data.find("warnings")) == R"(["segmentUnassigned"])");
  CHECK(to_json(*c.last("customer.registered").find("warnings")) == R"(["segmentUnassigned"])");
}

TEST_CASE("a correction needs a verified person, an addition does not", "[R2.2.2][R2.3.1]") {
  centre c;
  c.say(1, "customer.register", zhang);
  const auto amend = [&](double at, const std::string& fields, const std::string& more = "") {
    return c.say(at, "customer.amend",
                 R"({"party":"zhang","purpose":"business","read_back":true,"fields":{)" + fields
                     + "}" + more + "}");
  };
  CHECK(code_of(amend(2, R"("other_phone":"13700000004")")) == "accepted");
  CHECK(to_json(*c.last("customer.amended").find("changed")) == R"(["other_phone"])");
  CHECK(code_of(amend(3, R"("phone":"13700000005")", R"(,"contact":"C1")"))
        == "registration.not_verified");
  c.say(4, "identity.verify",
        R"({"party":"zhang","contact":"C1","level":2,"method":"sms_code"})");
  CHECK(code_of(amend(5, R"("phone":"13700000005")", R"(,"contact":"C1")")) == "accepted");
  CHECK(c.last("customer.amended").int_or("step", 0) == 4);
  // Found by the new number, and no longer by the old one; the same again is nothing new.
  CHECK(c.say(6, "customer.find", R"({"purpose":"dial","phone":"13812345678"})")
            .data.int_or("found", 9)
        == 0);
  CHECK(c.say(6, "customer.find", R"({"purpose":"dial","phone":"13700000005"})")
            .data.int_or("found", 0)
        == 1);
  amend(7, R"("phone":"13700000005")");
  CHECK(c.count("customer.amended") == 2);
}

TEST_CASE("records that share a document can be amended all the same, and no third joins them") {
  centre c;
  const auto registered = [&](double at, const std::string& party, const std::string& document,
                              const std::string& more) {
    return code_of(c.say(at, "customer.register",
                         R"({"party":")" + party + R"(","purpose":"business","read_back":true,
      "fields":{"name":"张三","phone":"13812345678","document_kind":"passport",
      "customer_number":"K-)" + document + R"(","document_number":")" + document + "\"}" + more
                             + "}"));
  };
  const auto amended = [&](double at, const std::string& party, const std::string& fields) {
    return code_of(c.say(at, "customer.amend",
                         R"({"party":")" + party + R"(","purpose":"business","read_back":true,
      "contact":"C1","fields":{)" + fields + "}}"));
  };
  REQUIRE(registered(1, "zhang", "E12345678", "") == "accepted");
  REQUIRE(registered(2, "again", "E12345678", R"(,"beside":"zhang")") == "accepted");
  REQUIRE(registered(3, "third", "E87654321", "") == "accepted");
  CHECK(amended(4, "zhang", R"("other_phone":"13700000004")") == "accepted");
  CHECK(amended(5, "again", R"("other_phone":"13700000005")") == "accepted");
  c.say(6, "identity.verify",
        R"({"party":"third","contact":"C1","level":2,"method":"sms_code"})");
  CHECK(amended(7, "third", R"("document_kind":"passport","document_number":"E12345678")")
        == "registration.duplicate");
  CHECK(amended(8, "third", R"("customer_number":"K-E12345678")") == "registration.duplicate");
}
