#include <catch2/catch.hpp>
#include <csignal>
#include <ctime>
#include <future>

#include "actors/kernel/shell_batch.hpp"
#include "messages/json.hpp"
#include "messages/uuid.hpp"
#include "store/lmdb/lmdb_env.hpp"
#include "tests/program/real_engine.hpp"
#include "tools/careline/key_eraser.hpp"

using namespace careline;

// Registered people over the real bus, and what is left of one who is forgotten.

namespace {

constexpr auto zhang = R"({"party":"zhang","purpose":"callback","read_back":true,"contact":"C1",
  "fields":{"name":"张三","phone":"13812345678"}})";
constexpr auto li = R"({"party":"li","purpose":"callback","read_back":true,
  "fields":{"name":"李四","phone":"13900000001"}})";

std::string new_id() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  return uuid7_maker{}.make(from_ms(t.tv_sec * 1000 + t.tv_nsec / 1'000'000)).text();
}

std::string code_of(const reply& r) {
  return r.why ? r.why->type : std::string{word_of(r.outcome)};
}

/// The name as it is shown in clear, or why not.
std::string name_of_party(real::desk& by, const std::string& party) {
  const auto r = by.ask("customer.reveal", R"({"party":")" + party
                                               + R"(","fields":["name"],"purpose":"dial"})");
  const auto* values = r.data.find("values");
  return values ? std::string{values->text_or("name")} : code_of(r);
}

/// Asks until the address can no longer be opened: the keys go a moment after the reply.
bool address_is_gone(real::desk& by) {
  for (int tries = 0; tries < 10'000; ++tries)
    if (code_of(by.ask("contact.address", R"({"contact":"C1","purpose":"dial"})"))
        == "person.erased")
      return true;
  return false;
}

/// A log with somebody in it who was erased, and keys that nobody has destroyed yet.
struct interrupted {
  real::data_folder folder;
  std::unique_ptr<store::event_log> log = in_memory();
  std::unique_ptr<store::key_store> keys = store::open_key_store(folder.path + "/keys").value();

  static std::unique_ptr<store::event_log> in_memory() {
    store::open_options options;
    options.place = "memory:";
    return std::move(*store::open_event_log(options));
  }
  person_id person(std::string_view party) const { return keys->person_of(party); }
  void tell(const event& e) {
    store::batch one;
    one.events = *kernel::records_of({{e, instant{}}}, {"test", {}, {}, {}, false}, *keys);
    log->append({std::move(one)}, log->head(), log->epoch(),
                [](const auto& done) { REQUIRE(done); });
  }
  std::vector<std::shared_ptr<const event_record>> tail() const {
    std::vector<std::shared_ptr<const event_record>> all;
    auto page = log->read({});
    REQUIRE(page);
    for (auto& r : page->events)
      all.push_back(std::make_shared<const event_record>(std::move(r)));
    return all;
  }
  std::string opens(const person_id& who, const std::string& sealed) const {
    const auto clear = keys->open(who, sealed);
    return clear ? *clear : clear.error().type;
  }
};

registration::customer_linked link(int step) {
  registration::customer_linked e;
  e.party = party_id{"zhang"};
  e.contact = contact_id{"C1"};
  e.step = step;
  return e;
}

registration::customer_erased erasure(const interrupted& of) {
  registration::customer_erased e;
  e.party = party_id{"zhang"};
  e.step = 2;
  e.person = of.person("zhang");
  e.others = {of.person("K-7788")};
  e.reason = code_word{"asked_for"};
  return e;
}

} // namespace

TEST_CASE("a person is registered, found, shown and forgotten, whatever kill -9 comes in between",
          "[R2.2.1][R2.2.2][R2.2.5][R2.3.3]") {
  const real::data_folder folder;
  {
    real::engine engine{folder.path, {"--key-copies-days", "30"}};
    real::desk by{engine, "desk-1"};
    REQUIRE(code_of(by.ask("queue.define", R"({"queue":"care"})")) == "accepted");
    REQUIRE(code_of(by.ask("contact.open", R"({"contact":"C1","channel":"phone","queue":"care",
      "address":"13812345678"})"))
            == "accepted");
    REQUIRE(code_of(by.ask("customer.register", zhang)) == "accepted");
    REQUIRE(code_of(by.ask("customer.register", li)) == "accepted");
    CHECK(to_json(*by.ask("customer.find", R"({"purpose":"dial","phone":"138 1234 5678"})")
                       .data.find("parties"))
          == R"(["zhang"])");
    CHECK(name_of_party(by, "zhang") == "张三");
    CHECK(code_of(by.ask("identity.verify",
                         R"({"party":"zhang","contact":"C1","level":2,"method":"sms_code"})"))
          == "accepted");
    const auto timeline = by.ask("customer.timeline", R"({"party":"zhang"})").data;
    CHECK(timeline.find("timeline")->as<value::list>()->size() == 7);
    CHECK(to_json(*timeline.find("gaps")) == "[]");
    engine.end(SIGKILL);
  }
  {
    real::engine engine{folder.path, {"--key-copies-days", "30"}};
    real::desk by{engine, "desk-1"};
    CHECK(name_of_party(by, "zhang") == "张三");
    CHECK(*by.ask("identity.check", R"({"party":"zhang","contact":"C1","level":2})")
               .data.find("verified")
          == value{true});
    const auto told = by.ask("customer.erase", R"({"party":"zhang","reason":"asked_for"})");
    CHECK(code_of(told) == "accepted");
    CHECK(told.data.text_or("copies_until").starts_with("20"));
    engine.end(SIGKILL);  // before the keys are gone, or after
  }
  real::engine engine{folder.path};
  real::desk by{engine, "desk-1"};
  CHECK(address_is_gone(by));
  CHECK(name_of_party(by, "zhang") == "person.erased");
  CHECK(name_of_party(by, "li") == "李四");
  const auto shown = by.ask("customer.show", R"({"party":"zhang"})").data;
  CHECK(shown.find("erased"));
  CHECK_FALSE(shown.find("fields"));
  CHECK(engine.end(SIGTERM) == 0);
  CHECK(real::run({"log", "verify", "--data", folder.path}).code == 0);
}

TEST_CASE("a reveal whose answer was lost is not told again, and happened once", "[R2.2.5]") {
  const real::data_folder folder;
  real::engine engine{folder.path};
  real::desk by{engine, "desk-1"};
  REQUIRE(code_of(by.ask("customer.register", li)) == "accepted");
  const auto id = new_id();
  const auto* ask = R"({"party":"li","fields":["phone"],"purpose":"dial"})";
  const auto first = by.ask("customer.reveal", ask, id);
  CHECK(first.data.find("values"));
  const auto again = by.ask("customer.reveal", ask, id);
  CHECK(again.outcome == outcome_kind::accepted);
  CHECK(again.at == first.at);
  CHECK(again.data.is_nil());
  const auto refused = by.ask("customer.reveal",
                              R"({"party":"li","fields":["birthday"],"purpose":"dial"})");
  CHECK(code_of(refused) == "registration.field_not_necessary");
  const auto log = by.ask("log.read", R"({"after":0,"types":["customer."]})").data;
  CHECK(log.find("events")->as<value::list>()->size() == 3);
}

TEST_CASE("keys that an engine left behind are destroyed at the next start", "[R2.3.3]") {
  interrupted was;
  const auto own = was.person("zhang");
  const auto contacts = was.person("contact/C1");
  const auto by_number = was.person("K-7788");
  const auto other = was.person("li");
  const auto name = *was.keys->seal(own, "张三");
  const auto address = *was.keys->seal(contacts, "13812345678");
  const auto need = *was.keys->seal(by_number, "bill");
  const auto others = *was.keys->seal(other, "李四");
  was.tell(link(1));
  was.tell(erasure(was));
  std::string said;
  program::key_eraser eraser{*was.log, *was.keys,
                             [&](kernel::journal_level, const std::string& line) { said = line; }};
  eraser.erase({party_id{"zhang"}, party_id{"li"}});  // the second was never erased
  eraser.wait();
  CHECK(was.opens(own, name) == "person.erased");
  CHECK(was.opens(contacts, address) == "person.erased");
  CHECK(was.opens(by_number, need) == "person.erased");
  CHECK(was.opens(other, others) == "李四");
  CHECK(said.find("3 keys") != std::string::npos);
}

TEST_CASE("whoever came by the number of somebody erased can be read after a restart",
          "[R2.3.3]") {
  interrupted was;
  const auto by_number = was.person("K-7788");
  const auto before = *was.keys->seal(by_number, "of zhang");
  was.tell(link(1));
  was.tell(erasure(was));
  const auto start = [&] {
    program::key_eraser eraser{*was.log, *was.keys, [](auto, const auto&) {}};
    eraser.erase({party_id{"zhang"}});
    eraser.wait();
  };
  start();
  // The line was given to somebody else.
  const auto since = *was.keys->seal(by_number, "of whoever has it now");
  start();
  CHECK(was.opens(by_number, since) == "of whoever has it now");
  CHECK(was.opens(by_number, before) == "person.erased");
}

TEST_CASE("a person's keys go as soon as the log's tail says so", "[R2.3.3]") {
  interrupted was;
  const auto own = was.person("zhang");
  const auto name = *was.keys->seal(own, "张三");
  was.tell(link(1));
  was.tell(erasure(was));
  program::key_eraser eraser{*was.log, *was.keys, [](auto, const auto&) {}};
  eraser.reached(was.tail());
  eraser.wait();
  CHECK(was.opens(own, name) == "person.erased");
}

TEST_CASE("a master key that was changed is on record as changed when its file cannot be rewritten",
          "[R2.3.3]") {
  interrupted was;
  const auto own = was.person("zhang");
  const auto name = *was.keys->seal(own, "张三");
  const auto rewrite = was.folder.path + "/keys/rewrite";
  std::filesystem::create_directory(rewrite);
  std::promise<security::key_master_rotated> told;
  std::string errors;
  {
    // The copy of the file is made, and then cannot be looked at.
    const store::lmdb::env in_the_way{{rewrite, 1 << 20}};
    program::key_eraser eraser{
        *was.log, *was.keys,
        [&](kernel::journal_level level, const std::string& line) {
          errors += level == kernel::journal_level::error ? line + "\n" : "";
        },
        [&](event e) { told.set_value(std::get<security::key_master_rotated>(std::move(e))); }};
    security::key_rotation_asked asked;
    asked.client = client_id{"officer"};
    was.tell(asked);
    eraser.reached(was.tail());
    const auto what = told.get_future().get();
    CHECK(what.why.empty());
    CHECK(what.keys > 0);
    CHECK(what.client == client_id{"test"});
  }
  CHECK(errors.find("it is tried again") != std::string::npos);
  CHECK(was.keys->is_rewrite_due());
  std::string said;
  program::key_eraser next{*was.log, *was.keys,
                           [&](kernel::journal_level, const std::string& line) { said = line; }};
  next.wait();
  CHECK(said.find("is rewritten") != std::string::npos);
  CHECK_FALSE(was.keys->is_rewrite_due());
  CHECK(was.opens(own, name) == "张三");
}
