#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "messages/codec.hpp"
#include "messages/json.hpp"
#include "messages/owners.hpp"
#include "tests/messages/examples.hpp"

namespace careline {

namespace {

constexpr std::string_view marker = "clear:";

/// A sealer whose sealed values do not hold what was sealed.
class blind_sealer final : public sealer {
public:
  person_id person_of(std::string_view) const override { return person_id{"P-1"}; }
  answer<std::string> seal(const person_id&, std::string_view clear) override {
    kept_.emplace_back(clear);
    return "sealed-" + std::to_string(kept_.size() - 1);
  }
  answer<std::string> open(const person_id&, std::string_view sealed) const override {
    return kept_.at(std::stoul(std::string{sealed.substr(7)}));
  }

private:
  std::vector<std::string> kept_;
};

/// A sealer that cannot make a key: the disk is full.
class keyless_sealer final : public sealer {
public:
  person_id person_of(std::string_view) const override { return person_id{"P-1"}; }
  answer<std::string> seal(const person_id&, std::string_view) override {
    return no(because("engine.no_key"));
  }
  answer<std::string> open(const person_id&, std::string_view) const override {
    return no(because("person.erased"));
  }
};

} // namespace

TEST_CASE("what is said in an event comes back out of its bytes") {
  clear_sealer with;
  for (auto e : test::example_events()) {
    INFO(type_of(e));
    REQUIRE(seal(e, with));
    const auto said = data_of(e, false);
    const auto read = unpack(pack(said));
    REQUIRE(read);
    CHECK(*read == said);
    const auto again = read_event(type_of(e), *read);
    REQUIRE(again);
    CHECK(data_of(*again, false) == said);
    CHECK(subject_of(*again) == subject_of(e));
    CHECK(person_in(*again) == person_in(e));
  }
}

TEST_CASE("an event has the same bytes by way of a value and without") {
  clear_sealer with;
  for (auto e : test::example_events()) {
    INFO(type_of(e));
    CHECK(pack_data(e, true) == pack(data_of(e, true)));
    CHECK(pack_data(e) == pack(data_of(e, false)));
    REQUIRE(seal(e, with));
    const auto bytes = pack_data(e);
    CHECK(bytes == pack(data_of(e, false)));
    const auto again = unpack_event(type_of(e), bytes);
    REQUIRE(again);
    CHECK(pack_data(*again) == bytes);
  }
}

TEST_CASE("what is wrong in an event's bytes is said as if they had been read slowly") {
  routing::offer_accepted e;
  e.contact = contact_id{"C1"};
  e.agent = agent_id{"A"};
  const auto bytes = pack_data(e);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    CHECK(unpack_event("offer.accepted", bytes.substr(0, cut)).error().type
          == "command.malformed");
  CHECK(unpack_event("offer.accepted", bytes + "x").error().type == "command.malformed");
  CHECK(unpack_event("offer.made", bytes).error().type == "command.field_missing");
  CHECK(unpack_event("offer.unheard_of", bytes).error().type == "command.type_unknown");
  auto data = data_of(event{e}, true);
  data.set("contact", "");
  CHECK(unpack_event("offer.accepted", pack(data)).error().field == "contact");
}

TEST_CASE("an event that would not be read slowly is not read quickly either") {
  value said{value::map{{"contact", "C1"}, {"agent", "A"}}};
  const auto refused = [&](std::string bytes) {
    return unpack_event("offer.accepted", bytes).error().type == "command.malformed";
  };
  said.add("agent", "B");  // twice
  CHECK(refused(pack(said)));
  const value other{value::map{{"contact", "C1"}, {"agent", "A"}, {"more", "\xC3("}}};
  CHECK(refused(pack(other)));
  value deep{1};
  for (std::size_t level = 1; level <= said_depth_max; ++level)
    deep = value{value::list{std::move(deep)}};
  value with_more{value::map{{"contact", "C1"}, {"agent", "A"}}};
  with_more.add("more", deep.as<value::list>()->front());
  CHECK(unpack_event("offer.accepted", pack(with_more)));
  with_more.set("more", deep);
  CHECK(refused(pack(with_more)));
}

TEST_CASE("a number, a time and a long text have the forms that MessagePack names") {
  engine::log_created e;
  for (const std::uint64_t n : {0ULL, 127ULL, 128ULL, 255ULL, 256ULL, 65'535ULL, 65'536ULL,
                                4'294'967'295ULL, 4'294'967'296ULL, ~0ULL}) {
    e.seed = n;
    e.time_zone = std::string(n % 70'000, 'z');
    const auto bytes = pack_data(e);
    CHECK(bytes == pack(data_of(event{e}, false)));
    const auto again = unpack_event("log.created", bytes);
    REQUIRE(again);
    CHECK(std::get<engine::log_created>(*again).seed == n);
    CHECK(std::get<engine::log_created>(*again).time_zone == e.time_zone);
  }
  engine::speed_set speed;
  for (const double n : {0.0, -0.0, 1.0, 60.0, 0.5, -3.0, 1e18, 1e300, 0.1}) {
    speed.speed = n;
    const auto bytes = pack_data(speed);
    CHECK(bytes == pack(data_of(event{speed}, false)));
    CHECK(std::get<engine::speed_set>(*unpack_event("engine.speed_set", bytes)).speed == n);
  }
  for (const int offset : {-1, -32, -33, -128, -129, -32'768, -32'769, -1'000'000'000}) {
    e.offset_minutes = offset;
    const auto bytes = pack_data(e);
    CHECK(bytes == pack(data_of(event{e}, false)));
    CHECK(std::get<engine::log_created>(*unpack_event("log.created", bytes)).offset_minutes
          == offset);
  }
}

TEST_CASE("what a client says in a command comes back out of its bytes and its JSON") {
  for (const auto& c : test::example_commands()) {
    INFO(type_of(c));
    const auto said = data_of(c, true);
    const auto from_bytes = unpack(pack(said));
    REQUIRE(from_bytes);
    CHECK(*from_bytes == said);
    const auto from_text = from_json(to_json(said));
    REQUIRE(from_text);
    CHECK(to_json(*from_text) == to_json(said));
  }
}

TEST_CASE("a personal value that nobody sealed stays out of what is written", "[R2.3.3]") {
  for (const auto& e : test::example_events()) {
    INFO(type_of(e));
    const auto clear = to_json(data_of(e, true));
    const auto written = to_json(data_of(e, false));
    const bool has_personal = clear != written;
    if (!has_personal)
      continue;
    CHECK(may_name_person(e));
    for (const auto* word : {"need-", "address-", "number-", "text-", "customer-", "\"fields\""})
      CHECK(written.find(std::string{"\":\""} + word) == std::string::npos);
  }
}

TEST_CASE("sealed, an event shows nothing of the person; opened again, it says all", "[R2.3.3]") {
  for (auto e : test::example_events()) {
    INFO(type_of(e));
    const auto clear = data_of(e, true);
    blind_sealer with;
    REQUIRE(seal(e, with));
    const auto sealed = pack(data_of(e, true));
    // What the operator says of needs and in wordings is nobody's.
    const bool is_operators = type_of(e) == "triage.defined" || type_of(e) == "wording.defined"
                              || type_of(e) == "self_service.opened";
    for (const auto* word : {"need-", "address-", "number-", "text-", "customer-", "fields-"})
      CHECK((is_operators || sealed.find(word) == std::string::npos));
    REQUIRE(open(e, with));
    CHECK(data_of(e, true) == clear);
  }
}

TEST_CASE("without a key nothing is written rather than something in clear", "[R2.3.3]") {
  keyless_sealer with;
  event e = test::example_of<reception::contact_opened>();
  const auto done = seal(e, with);
  REQUIRE_FALSE(done);
  CHECK(done.error().type == "engine.no_key");
  CHECK(to_json(data_of(e, false)).find("address") == std::string::npos);
}

TEST_CASE("the clear sealer marks what it did not seal") {
  clear_sealer with;
  const auto sealed = with.seal(person_id{"P-1"}, "bill");
  REQUIRE(sealed);
  CHECK(sealed->starts_with(marker));
  CHECK(*with.open(person_id{"P-1"}, *sealed) == "bill");
  CHECK(with.open(person_id{"P-1"}, "bill").error().type == "person.damaged");
}

TEST_CASE("each command and query has the owner that the design gives it") {
  const auto owned_by = [](std::string_view type) {
    for (const auto* word : {"contact.open", "contact.rate", "contact.say", "contact.classify",
                             "contact.issue_materials", "contact.present_materials",
                             "contact.remind"})
      if (type == word)
        return owner::reception;
    for (const auto& [start, who] :
         {std::pair{"session.", owner::session}, std::pair{"board.", owner::board},
          std::pair{"log.", owner::log}, std::pair{"engine.", owner::engine},
          std::pair{"customer.", owner::registration}, std::pair{"identity.", owner::registration},
          std::pair{"consent.", owner::registration}, std::pair{"right.", owner::registration},
          std::pair{"promise.", owner::promise}, std::pair{"key.", owner::security},
          std::pair{"access.", owner::security}, std::pair{"user.", owner::security},
          std::pair{"api_key.", owner::security}, std::pair{"triage.", owner::reception},
          std::pair{"area.", owner::reception}, std::pair{"wording.", owner::reception},
          std::pair{"materials.", owner::reception}, std::pair{"self_service.", owner::reception}})
      if (type.starts_with(start))
        return who;
    return owner::routing;
  };
  for (const auto type : command_types()) {
    INFO(type);
    CHECK(owner_of(type) == owned_by(type));
  }
}

TEST_CASE("no two messages have the same word") {
  const auto unique = [](std::vector<std::string_view> types) {
    return std::set<std::string_view>{types.begin(), types.end()}.size() == types.size();
  };
  CHECK(unique(event_types()));
  CHECK(unique(command_types()));
}

TEST_CASE("every contact event says which contact, and belongs to it") {
  for (const auto& e : test::example_events()) {
    const auto type = type_of(e);
    if (!type.starts_with("contact.") && !type.starts_with("offer.") && !type.starts_with("dial."))
      continue;
    INFO(type);
    CHECK_FALSE(contact_of(e).empty());
    CHECK(subject_of(e) == "contact/" + contact_of(e).text());
    CHECK(correlation_of(e) == contact_of(e).text());
  }
}

TEST_CASE("a missing field, a wrong one and an unknown word are told apart by code and place") {
  value data{value::map{}};
  CHECK(read_command("contact.open", data).error().type == "command.field_missing");
  CHECK(read_command("contact.open", data).error().field == "channel");
  data.set("channel", 7);
  CHECK(read_command("contact.open", data).error().type == "command.field_invalid");
  data.set("channel", "phone");
  data.set("skills", value::list{value{"zh"}, value{1}});
  CHECK(read_command("contact.open", data).error().field == "skills[1]");
  CHECK(read_command("contact.opne", data).error().type == "command.type_unknown");
  CHECK(read_command("contact.open", value{"no map"}).error().type == "command.field_invalid");
}

TEST_CASE("a key that the engine does not know is ignored") {
  value data{value::map{}};
  data.set("contact", "C1");
  data.set("colour", "blue");
  CHECK(read_command("contact.abandon", data));
}

TEST_CASE("a name of 128 bytes is taken, one of 129 and one with a line break are not") {
  value data{value::map{}};
  data.set("contact", std::string(id_bytes_max, 'c'));
  CHECK(read_command("contact.abandon", data));
  data.set("contact", std::string(id_bytes_max + 1, 'c'));
  CHECK(read_command("contact.abandon", data).error().field == "contact");
  data.set("contact", "C\n1");
  CHECK(read_command("contact.abandon", data).error().field == "contact");
  data.set("contact", "");
  CHECK(read_command("contact.abandon", data).error().type == "command.field_invalid");
}

TEST_CASE("personal values that a client sends as bytes do not pass for sealed ones",
          "[R9.1.2b][R2.3.3]") {
  struct {
    const char* type;
    const char* field;
    std::vector<value::entry> rest;
  } const said[] = {
      {"contact.open", "need", {{"channel", "phone"}}},
      {"contact.open", "customer", {{"channel", "phone"}}},
      {"contact.open", "address", {{"channel", "phone"}}},
      {"contact.request_callback", "number", {{"contact", "C1"}}},
      {"contact.say", "text", {{"contact", "C1"}, {"from", "customer"}}},
      {"contact.answer", "fields", {{"contact", "C1"}, {"form", "F1"}}},
      {"customer.register", "fields", {{"purpose", "consult"}}},
      {"customer.register", "again", {{"purpose", "consult"}, {"fields", value::map{}}}},
      {"customer.amend", "fields", {{"party", "P"}, {"purpose", "consult"}}},
      {"customer.find", "phone", {{"purpose", "consult"}}},
      {"wording.check", "text", {}},
      {"identity.verify", "claims",
       {{"party", "P"}, {"contact", "C1"}, {"level", 1}, {"method", "knowledge"}}},
  };
  for (const auto& one : said) {
    INFO(one.type << " " << one.field);
    value data{value::map(one.rest)};
    data.set(one.field, binary{"13800138000"});
    const auto read = read_command(one.type, data);
    REQUIRE_FALSE(read);
    CHECK(read.error().type == "command.field_invalid");
    CHECK(read.error().field == one.field);
  }
}

TEST_CASE("reasons and the names of forms are codes: what is said of a person stays out",
          "[R9.1.2b]") {
  struct {
    const char* type;
    const char* field;
    std::vector<value::entry> rest;
  } const said[] = {
      {"agent.set_state", "reason", {{"agent", "A"}, {"state", "not_ready"}}},
      {"contact.finish", "disposition", {{"contact", "C1"}, {"agent", "A"}}},
      {"contact.address", "purpose", {{"contact", "C1"}}},
      {"contact.answer", "form", {{"contact", "C1"}, {"fields", value::map{{"a", "b"}}}}},
  };
  for (const auto& one : said) {
    INFO(one.type << " " << one.field);
    value data{value::map(one.rest)};
    for (const auto* code : {"lunch", "call_back", "fault:line-3.2", "回访", "午休_1"}) {
      data.set(one.field, code);
      CHECK(read_command(one.type, data));
    }
    for (const auto& text :
         {std::string{"Mrs Li is ill"}, std::string{"a\tb"}, std::string{}, std::string(65, 'x'),
          std::string{"回访。"}, std::string{"李　女士"}, std::string{"a\xC2\xA0" "b"},
          std::string{"13800138000,home"}}) {
      data.set(one.field, text);
      const auto read = read_command(one.type, data);
      REQUIRE_FALSE(read);
      CHECK(read.error().type == "command.field_invalid");
      CHECK(read.error().field == one.field);
      CHECK(read.error().detail.find("not free text") != std::string::npos);
    }
  }
}

TEST_CASE("a language is a code, and may be left out", "[R9.1.2b]") {
  value data{value::map{{"channel", "phone"}, {"queue", "care"}}};
  CHECK(read_command("contact.open", data));
  for (const auto* code : {"zh", "en", "zh-Hans-CN", ""}) {
    data.set("language", code);
    CHECK(read_command("contact.open", data));
  }
  for (const auto* text : {"speaks with Mrs Li", "13800138000,home"}) {
    data.set("language", text);
    const auto read = read_command("contact.open", data);
    REQUIRE_FALSE(read);
    CHECK(read.error().field == "language");
    CHECK(read.error().detail.find("not free text") != std::string::npos);
  }
}

TEST_CASE("seconds below zero, without end or beyond ten years are no duration") {
  value data{value::map{}};
  data.set("queue", "care");
  for (const double bad : {-1.0, 1e12, std::nan(""), HUGE_VAL}) {
    data.set("ring_s", bad);
    CHECK(read_command("queue.define", data).error().field == "ring_s");
  }
  data.set("ring_s", 1.5);
  CHECK(read_command("queue.define", data));
}

TEST_CASE("a clock that was wrong by decades is written so that the log can be read again") {
  engine::clock_jumped jumped;
  for (const auto apart : {span{std::chrono::years{56}}, span{-1}, span::max(), span::min()}) {
    jumped.difference_s = apart;
    const auto read = read_event("engine.clock_jumped", data_of(event{jumped}, false));
    REQUIRE(read);
    CHECK(std::get<engine::clock_jumped>(*read).difference_s
          == std::clamp(apart, span{0}, span_max));
  }
}

namespace {

/// An event that has gained a field since it was born.
struct grown {
  static constexpr std::string_view type = "test.grown";
  static constexpr std::uint16_t version = 3;
};

} // namespace

TEST_CASE("an event that has changed says in which version it is written") {
  CHECK(version_of<engine::speed_set>() == 1);
  CHECK(version_of<grown>() == 3);
  for (const auto& e : test::example_events())
    CHECK(version_of(e) >= 1);
}

TEST_CASE("nothing is called by a name that stops readers in JavaScript, wherever it is a key") {
  for (const auto& [type, json] : std::vector<std::pair<std::string, std::string>>{
           {"queue.define", R"({"queue":"__proto__"})"},
           {"agent.sign_in", R"({"agent":"A","channels":{"__proto__":1}})"},
           {"agent.sign_in", R"({"agent":"A","skills":{"__proto__":1}})"},
           {"agent.change", R"({"agent":"A","queues":{"care":0,"__proto__":1}})"},
           {"contact.open", R"({"channel":"__proto__","queue":"care"})"},
           {"contact.open", R"({"channel":"web","skills":["zh","__proto__"]})"},
           {"contact.open", R"({"channel":"web","customer":{"a":[{"__proto__":1}]}})"}}) {
    INFO(json);
    const auto read = read_command(type, *from_json(json));
    REQUIRE_FALSE(read);
    CHECK(read.error().type == "command.field_invalid");
  }
  // It may be said, and what a log has of it stays readable.
  CHECK(read_command("contact.say",
                     *from_json(R"({"contact":"C","from":"customer","text":"__proto__"})")));
  CHECK(read_event("agent.signed_in",
                   *from_json(R"({"agent":"A","channels":{"__proto__":1}})")));
}

TEST_CASE("the codes are sorted, said once, and each says what kind of no it is") {
  const auto rows = problem_rows();
  const std::set<std::string_view> outcomes{"refused", "busy", "invalid"};
  std::set<std::string_view> seen;
  for (const auto& row : rows) {
    INFO(row.type);
    CHECK(seen.insert(row.type).second);
    CHECK(outcomes.contains(row.outcome));
    CHECK(row.title.ends_with("."));
    CHECK(row.type.find('.') != std::string_view::npos);
    CHECK(because(row.type).title == row.title);
    CHECK(outcome_of(row.type) == row.outcome);
  }
  CHECK(std::is_sorted(rows.begin(), rows.end(),
                       [](const auto& a, const auto& b) { return a.type < b.type; }));
}

} // namespace careline
