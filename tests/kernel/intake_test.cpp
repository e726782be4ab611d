#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <map>

#include "actors/kernel/intake.hpp"
#include "messages/json.hpp"
#include "messages/uuid.hpp"

using namespace careline;
using namespace careline::kernel;

namespace {

const auto nine = parse_rfc3339("2026-03-02T09:00:00+08:00")->at;

class fake_memory final : public command_memory {
public:
  std::optional<known_reply> find(const std::string& client, const std::string& id) const override {
    const auto found = rows.find({client, id});
    return found == rows.end() ? std::nullopt : std::optional{found->second};
  }
  std::map<std::pair<std::string, std::string>, known_reply> rows;
};

command_digest digest(std::string_view type, const value& data) {
  const auto text = std::string{type} + to_json(data);
  command_digest out{};
  for (std::size_t i = 0; i < text.size(); ++i)
    out[i % out.size()] = static_cast<unsigned char>(out[i % out.size()] * 31 + text[i]);
  return out;
}

/// As the intake reads it: in one form, whatever form it came in.
command_digest digest_of(const command_envelope& e) {
  return digest(e.type, in_key_order(data_of(*read_command(e.type, e.data), true)));
}

/// The engine's door with a porter that writes down every reply.
struct door {
  explicit door(intake_options options = {}) : in(options, memory, &digest) {
    at.now = nine;
    at.steady = 1s;
  }

  std::string fresh_id(instant when = nine) { return ids.make(when).text(); }

  command_envelope open(const std::string& contact, const std::string& queue = "care") {
    command_envelope e;
    e.id = fresh_id();
    e.type = "contact.open";
    e.source = "phone-1";
    e.data.set("contact", contact);
    e.data.set("channel", "phone");
    e.data.set("queue", queue);
    return e;
  }
  std::optional<admitted> send(command_envelope e) {
    return in.admit(std::move(e), "conn-1", at,
                    [this](reply r) { replies.push_back(std::move(r)); });
  }
  /// The owner is done with it.
  void accept(const admitted& a, position where = 7) {
    reply r;
    r.at = where;
    in.finish(a.ticket, r, at.steady);
  }
  const reply& last() const { return replies.back(); }
  std::string code() const { return last().why ? last().why->type : ""; }

  fake_memory memory;
  uuid7_maker ids;
  intake_moment at;
  intake in;
  std::vector<reply> replies;
};

} // namespace

TEST_CASE("a command goes to its owner and its reply comes back under its id") {
  door d;
  auto e = d.open("C-1");
  const auto a = d.send(e);
  REQUIRE(a);
  CHECK(a->to == owner::reception);
  CHECK(a->contact == "C-1");
  CHECK(d.replies.empty());
  d.accept(*a);
  CHECK(d.last().id == e.id);
  CHECK(d.last().at == 7);
  CHECK(d.in.in_flight() == 0);
}

TEST_CASE("what cannot be understood is invalid and leaves no trace") {
  door d;
  auto e = d.open("C-1");
  e.type = "contact.opne";
  CHECK_FALSE(d.send(e));
  CHECK(d.code() == "command.type_unknown");
  e = d.open("C-1");
  e.data = value{value::map{}};
  CHECK_FALSE(d.send(e));
  CHECK(d.code() == "command.field_missing");
  CHECK(d.last().why->field == "channel");
  e = d.open("C-1");
  e.id = "42";
  CHECK_FALSE(d.send(e));
  CHECK(d.code() == "command.id_invalid");
  CHECK(d.last().outcome == outcome_kind::invalid);
  CHECK(d.in.in_flight() == 0);
}

TEST_CASE("ids outside the window are invalid and told the engine's time") {
  door d;
  auto e = d.open("C-1");
  e.id = uuid7_maker{}.make(nine - 24h - 5min - 1ms).text();
  CHECK_FALSE(d.send(e));
  CHECK(d.code() == "command.too_old");
  CHECK(d.last().engine_time == nine);
  e.id = uuid7_maker{}.make(nine - 24h - 5min).text();
  CHECK(d.send(e));
  e.id = uuid7_maker{}.make(nine + 5min + 1ms).text();
  CHECK_FALSE(d.send(e));
  CHECK(d.code() == "command.clock_ahead");
  CHECK(d.last().engine_time == nine);
  e.id = uuid7_maker{}.make(nine + 5min).text();
  CHECK(d.send(e));
}

TEST_CASE("in a scenario file any string is an id") {
  intake_options options;
  options.any_id = true;
  door d{options};
  auto e = d.open("C-1");
  e.id = "the first call";
  CHECK(d.send(e));
}

TEST_CASE("the same command sent again while it is in flight waits for the same reply") {
  door d;
  const auto e = d.open("C-1");
  const auto a = d.send(e);
  CHECK_FALSE(d.send(e));
  CHECK_FALSE(d.send(e));
  CHECK(d.replies.empty());
  CHECK(d.in.in_flight() == 1);
  d.accept(*a, 9);
  REQUIRE(d.replies.size() == 3);
  for (const auto& r : d.replies)
    CHECK(r.at == 9);
}

TEST_CASE("another body under an id in flight is refused at once") {
  door d;
  auto e = d.open("C-1");
  d.send(e);
  e.data.set("urgency", 5);
  CHECK_FALSE(d.send(e));
  CHECK(d.code() == "command.id_reused");
  CHECK(d.last().outcome == outcome_kind::refused);
}

TEST_CASE("a remembered command is answered again without its owner") {
  door d;
  auto e = d.open("C-1");
  known_reply known;
  known.digest = digest_of(e);
  known.answer.at = 41;
  d.memory.rows[{"phone-1", e.id}] = known;
  CHECK_FALSE(d.send(e));
  CHECK(d.last().id == e.id);
  CHECK(d.last().at == 41);
  e.data.set("urgency", 5);
  CHECK_FALSE(d.send(e));
  CHECK(d.code() == "command.id_reused");
}

TEST_CASE("an id sent again in capitals is the same command, and the client knows its answer") {
  door d;
  const auto e = d.open("C-1");
  auto loud = e;
  std::transform(loud.id.begin(), loud.id.end(), loud.id.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  REQUIRE(loud.id != e.id);
  SECTION("while it is in flight") {
    const auto a = d.send(loud);
    REQUIRE(a);
    CHECK(a->envelope.id == e.id);
    CHECK_FALSE(d.send(e));
    d.accept(*a, 9);
    REQUIRE(d.replies.size() == 2);
    CHECK(d.replies[0].id == loud.id);
    CHECK(d.replies[1].id == e.id);
    CHECK(d.replies[1].at == 9);
  }
  SECTION("when it is remembered") {
    known_reply known;
    known.digest = digest_of(e);
    known.answer.at = 41;
    d.memory.rows[{"phone-1", e.id}] = known;
    CHECK_FALSE(d.send(loud));
    CHECK(d.last().id == loud.id);
    CHECK(d.last().at == 41);
  }
  SECTION("when it is turned away") {
    d.at.stopping = true;
    CHECK_FALSE(d.send(loud));
    CHECK(d.last().id == loud.id);
    CHECK(d.code() == "engine.stopping");
  }
}

TEST_CASE("a command sent again with its fields in another order happens once") {
  door d;
  auto e = d.open("C-1");
  e.data.set("customer", value{value::map{{"id", "c-17"}, {"name", "Li Wei"}}});
  const auto a = d.send(e);
  REQUIRE(a);
  auto again = e;
  again.data = value{value::map{}};
  again.data.set("queue", "care");
  again.data.set("urgency", 0);
  again.data.set("customer", value{value::map{{"name", "Li Wei"}, {"id", "c-17"}}});
  again.data.set("contact", "C-1");
  again.data.set("channel", "phone");
  CHECK_FALSE(d.send(again));
  CHECK(d.replies.empty());
  d.accept(*a, 9);
  REQUIRE(d.replies.size() == 2);
  CHECK(d.replies[1].at == 9);
}

TEST_CASE("the same id of another client is another command") {
  door d;
  auto e = d.open("C-1");
  REQUIRE(d.send(e));
  e.source = "phone-2";
  CHECK(d.send(e));
}

TEST_CASE("one client has 64 in flight, all together 256, and busy says when to come back") {
  door d;
  std::vector<admitted> taken;
  const auto push = [&](const std::string& client) {
    auto e = d.open("C-" + std::to_string(taken.size()));
    e.source = client;
    auto a = d.send(e);
    if (a)
      taken.push_back(std::move(*a));
    return d.in.in_flight();
  };
  for (int i = 0; i < 64; ++i)
    push("phone-1");
  CHECK(push("phone-1") == 64);
  CHECK(d.code() == "engine.busy");
  CHECK(d.last().outcome == outcome_kind::busy);
  CHECK(d.last().retry_ms.value_or(0) > 0);
  for (const auto* client : {"phone-2", "phone-3", "phone-4"})
    for (int i = 0; i < 64; ++i)
      push(client);
  CHECK(d.in.in_flight() == 256);
  CHECK(push("phone-5") == 256);
  CHECK(d.code() == "engine.busy");
  d.accept(taken.front());
  CHECK(push("phone-5") == 256);
}

TEST_CASE("the time to come back follows from how quickly commands are done") {
  door d;
  std::vector<admitted> taken;
  for (int i = 0; i < 60; ++i)
    taken.push_back(*d.send(d.open("C-" + std::to_string(i))));
  for (std::size_t i = 0; i < 20; ++i) {
    d.at.steady += 10ms;
    d.accept(taken[i]);
  }
  // One in about 10 ms, 40 are left: half of them take about 200 ms.
  CHECK(d.in.retry_ms(d.at.steady) == Approx(191).margin(20));
}

TEST_CASE("a call for help is never busy, whatever is in flight", "[R9.3.3f]") {
  intake_options options;
  options.in_flight_max = 1;
  door d{options};
  d.send(d.open("C-1"));
  CHECK_FALSE(d.send(d.open("C-2")));
  for (const auto* number : {"110", "119", "120", "122"}) {
    auto e = d.open(std::string{"S-"} + number, number);
    d.at.stopping = true;
    d.at.room_bytes = 0;
    const auto a = d.send(e);
    REQUIRE(a);
    CHECK(a->safety);
  }
  auto e = d.open("S-5");
  e.data.set("safety", true);
  CHECK(d.send(e));
  e = d.open("S-6");
  e.data = value{value::map{}};
  e.data.set("channel", "chat");
  e.data.set("need", "119");
  CHECK(d.send(e));
  CHECK(d.in.safety_handed_over() == 0);
}

TEST_CASE("a call for help is passed on even where the log can take nothing, and counted",
          "[R9.3.3f]") {
  intake_options options;
  options.places.safety = "external:police";
  door d{options};
  d.at.room_bytes = d.at.reserve_bytes / 64 - d.at.reserve_bytes;
  CHECK_FALSE(d.send(d.open("S-1", "119")));
  CHECK(d.last().outcome == outcome_kind::accepted);
  CHECK(d.last().data.text_or("contact") == "S-1");
  CHECK(*d.last().data.find("diverted") == value{true});
  CHECK(d.last().data.text_or("to") == "external:police");
  CHECK(d.in.safety_handed_over() == 1);
}

TEST_CASE("a call for help is put through, whatever is wrong with its id or its fields",
          "[R9.3.3f]") {
  door d;
  std::uint64_t handed_over = 0;
  const auto is_put_through = [&](command_envelope e) {
    return !d.send(std::move(e)) && d.last().outcome == outcome_kind::accepted
           && d.last().data.text_or("to") == "external:emergency"
           && d.in.safety_handed_over() == ++handed_over;
  };
  auto e = d.open("S-1", "119");
  e.id = uuid7_maker{}.make(nine - 48h).text();
  CHECK(is_put_through(e));
  e.id = uuid7_maker{}.make(nine + 1h).text();
  CHECK(is_put_through(e));
  e.id = "42";
  CHECK(is_put_through(e));
  e = d.open("S-1", "119");
  e.data = value{value::map{{"contact", "S-1"}, {"safety", true}}};
  CHECK(is_put_through(e));
  e = d.open("S-1", "119");
  REQUIRE(d.send(e));
  e.data.set("urgency", 5);
  CHECK(is_put_through(e));
}

TEST_CASE("a call for help that fails on its way is put through all the same", "[R9.3.3f]") {
  door d;
  for (const auto* code : {"engine.no_key", "engine.busy", "reception.contact_exists"}) {
    const auto a = d.send(d.open("S-1", "119"));
    REQUIRE(a);
    d.in.finish(a->ticket, refuse({}, because(code)), d.at.steady);
    INFO(code);
    CHECK(d.last().outcome == outcome_kind::accepted);
    CHECK_FALSE(d.last().why);
    CHECK(d.last().data.text_or("contact") == "S-1");
  }
  CHECK(d.in.safety_handed_over() == 3);
  const auto e = d.open("S-1", "119");
  known_reply known;
  known.digest = digest_of(e);
  known.answer = refuse(e.id, because("reception.contact_exists"));
  d.memory.rows[{"phone-1", e.id}] = known;
  CHECK_FALSE(d.send(e));
  CHECK(d.last().outcome == outcome_kind::accepted);
  CHECK(d.in.safety_handed_over() == 4);
}

TEST_CASE("whoever hears busy as he arrives is told where else to go", "[R2.1.6]") {
  intake_options options;
  options.in_flight_per_client_max = 1;
  options.places.fallback = "announcement:later";
  door d{options};
  d.in.set_fallback("care", "external:branch-2");
  d.in.set_fallback("tech", "");
  auto e = d.open("C-1");
  const auto a = d.send(e);
  REQUIRE(a);
  const auto fallback_for = [&](const command_envelope& what) {
    CHECK_FALSE(d.send(what));
    CHECK(d.last().outcome == outcome_kind::busy);
    CHECK(d.last().retry_ms.value_or(0) > 0);
    return d.last().fallback;
  };
  CHECK(fallback_for(d.open("C-2")) == "external:branch-2");
  CHECK(fallback_for(d.open("C-2", "tech")) == "announcement:later");
  auto by_need = d.open("C-2");
  by_need.data = value{value::map{{"channel", "phone"}, {"need", "my bill"}}};
  CHECK(fallback_for(by_need) == "announcement:later");
  by_need.data = value{value::map{{"channel", "phone"}}};
  CHECK(fallback_for(by_need) == "announcement:later");
  CHECK(fallback_for(e) == "external:branch-2");  // a copy too many
  auto say = d.open("C-1");
  say.type = "contact.abandon";
  CHECK(fallback_for(say).empty());
  d.in.finish(a->ticket, refuse({}, because("engine.no_key")), d.at.steady);
  CHECK(d.last().fallback == "external:branch-2");
}

TEST_CASE("with a full disk only opening is turned away, with the queue's other place") {
  door d;
  d.at.room_bytes = 0;
  d.in.set_fallback("care", "external:branch-2");
  CHECK_FALSE(d.send(d.open("C-1")));
  CHECK(d.code() == "engine.disk_full");
  CHECK(d.last().fallback == "external:branch-2");
  auto e = d.open("C-1");
  e.type = "contact.finish";
  e.data = value{value::map{}};
  e.data.set("contact", "C-1");
  e.data.set("agent", "A");
  CHECK(d.send(e));
}

TEST_CASE("when the reserve runs low, only what ends something goes on") {
  door d;
  d.at.room_bytes = -d.at.reserve_bytes / 2;
  const auto named = [&](const char* type) {
    auto e = d.open("C-1");
    e.type = type;
    e.data = value{value::map{}};
    e.data.set("contact", "C-1");
    e.data.set("agent", "A");
    return e;
  };
  auto say = named("contact.say");
  say.data.set("from", "customer");
  say.data.set("text", "hello");
  say.data.set("line", 1);
  CHECK_FALSE(d.send(say));
  CHECK(d.code() == "engine.disk_full");
  for (const auto* type : {"contact.finish", "contact.abandon", "offer.accept", "contact.show"}) {
    INFO(type);
    CHECK(d.send(named(type)));
  }
  CHECK(d.send(d.open("S-1", "119")));
}

TEST_CASE("a stopping engine says so") {
  door d;
  d.at.stopping = true;
  CHECK_FALSE(d.send(d.open("C-1")));
  CHECK(d.code() == "engine.stopping");
}

TEST_CASE("a query has no window and no memory, and may name a position") {
  door d;
  command_envelope e;
  e.id = uuid7_maker{}.make(nine - 100h).text();
  e.type = "queue.list";
  e.source = "board-1";
  e.data.set("min_position", 12);
  const auto a = d.send(e);
  const auto b = d.send(e);
  REQUIRE(a);
  REQUIRE(b);
  CHECK(a->query);
  CHECK(a->min_position == 12);
  CHECK(d.in.in_flight() == 2);
}

TEST_CASE("what names a contact that is just being opened is known to come behind it") {
  door d;
  const auto a = d.send(d.open("C-1"));
  CHECK(d.in.is_opening("C-1"));
  CHECK_FALSE(d.in.is_opening("C-2"));
  d.accept(*a);
  CHECK_FALSE(d.in.is_opening("C-1"));
}

TEST_CASE("a session without an instance is told apart by its connection") {
  door d;
  command_envelope e;
  e.id = d.fresh_id();
  e.type = "session.hello";
  e.source = "phone-1";
  e.data.set("name", "phone-1");
  const auto a = d.send(e);
  REQUIRE(a);
  CHECK(std::get<session::session_hello>(a->what).instance == "conn-1");
}

TEST_CASE("every answer is counted by outcome and code") {
  door d;
  const auto a = d.send(d.open("C-1"));
  d.accept(*a);
  auto e = d.open("C-2");
  e.id = "x";
  d.send(e);
  CHECK(d.in.counts().at({"accepted", ""}) == 1);
  CHECK(d.in.counts().at({"invalid", "command.id_invalid"}) == 1);
}
