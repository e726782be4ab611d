#include <catch2/catch.hpp>

#include <limits>

#include "messages/codec.hpp"
#include "messages/envelope.hpp"
#include "messages/json.hpp"

namespace careline {

namespace {

event_record filled_record() {
  event_record r;
  r.at = 7;
  r.previous = 3;
  r.time = from_ms(1'772'413'200'123);
  r.occurred = from_ms(1'772'413'199'000);
  r.type = "contact.rated";
  r.subject = "contact/C-7";
  r.actor = "phone-1";
  r.causation = "0190b8a0-0000-7000-8000-000000000000";
  r.correlation = "C-7";
  r.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  r.dataversion = 1;
  r.data = std::string{"\x82\xa7" "contact\xa3" "C-7\xa5" "score\x09", 20};
  return r;
}

std::string little(std::uint64_t n, int size) {
  std::string out;
  for (int i = 0; i < size; ++i)
    out += static_cast<char>(n >> (8 * i));
  return out;
}

/// The record as docs/log-format.md spells it out, written here a second time and independently.
std::string bytes_by_the_page(const event_record& r) {
  std::string out = "\x01";
  out += static_cast<char>(r.occurred ? 1 : 0);
  for (const auto* text :
       {&r.type, &r.subject, &r.actor, &r.causation, &r.correlation, &r.traceparent})
    out += little(text->size(), 2);
  out += little(r.data.size(), 4) + little(r.at, 8) + little(r.previous, 8);
  out += little(static_cast<std::uint64_t>(to_ms(r.time)), 8);
  out += little(r.occurred ? static_cast<std::uint64_t>(to_ms(*r.occurred)) : 0, 8);
  out += little(r.dataversion, 2);
  return out + r.type + r.subject + r.actor + r.causation + r.correlation + r.traceparent + r.data;
}

} // namespace

TEST_CASE("a record is written byte for byte as docs/log-format.md says") {
  auto r = filled_record();
  std::string out;
  encode_record(r, out);
  CHECK(out == bytes_by_the_page(r));
  CHECK(decode_record(out) == r);
  CHECK(type_in_record(out) == "contact.rated");
  r.occurred.reset();
  out.clear();
  encode_record(r, out);
  CHECK(out == bytes_by_the_page(r));
  CHECK(decode_record(out) == r);
}

TEST_CASE("a record that is cut short, longer than it says or of another format is none") {
  std::string out;
  encode_record(filled_record(), out);
  for (std::size_t length = 0; length < out.size(); ++length) {
    INFO(length);
    CHECK_FALSE(decode_record(std::string_view{out}.substr(0, length)));
  }
  CHECK_FALSE(decode_record(out + "x"));
  out[0] = 2;
  CHECK_FALSE(decode_record(out));
  CHECK(type_in_record(out).empty());
}

TEST_CASE("a record that holds what none says, as an exported log would lose it, is none") {
  auto r = filled_record();
  r.occurred.reset();
  std::string out;
  encode_record(r, out);
  constexpr std::size_t occurred_at = 42;
  CHECK(decode_record(out) == r);
  out[occurred_at] = 1;
  CHECK_FALSE(decode_record(out));
}

TEST_CASE("the bus tells an event as the map of the contract, and it is read back the same") {
  auto r = filled_record();
  const auto body = unpack(to_bus_body(r));
  REQUIRE(body);
  CHECK(*body == *to_value(r));
  CHECK(body->text_or("specversion") == "1.0");
  CHECK(body->text_or("id") == "0-7");
  CHECK(body->text_or("type") == "contact.rated");
  CHECK(body->text_or("subject") == "contact/C-7");
  CHECK(body->text_or("time") == "2026-03-02T01:00:00.123Z");
  CHECK(body->text_or("partition") == "0");
  CHECK(body->int_or("position", 0) == 7);
  CHECK(body->int_or("previous", 0) == 3);
  CHECK(body->text_or("correlationid") == "C-7");
  CHECK(body->find("data")->int_or("score", 0) == 9);
  CHECK(*read_event_record(*body) == r);
}

TEST_CASE("an event whose version does not fit is not taken for one of another version") {
  auto body = *to_value(filled_record());
  for (const std::int64_t version : {0, -1, 65'536, 65'537}) {
    body.set("dataversion", version);
    CHECK(read_event_record(body).error().field == "dataversion");
  }
  body.set("dataversion", 65'535);
  CHECK(read_event_record(body)->dataversion == 65'535);
}

TEST_CASE("a command from before 1970 or after 9999 is refused, not kept for nobody to read") {
  value body{value::map{}};
  body.set("id", "0190b8a0-0000-7000-8000-000000000000");
  body.set("type", "contact.abandon");
  const auto last = to_ms(instant_max);
  for (const value& absurd :
       {value{-1}, value{last + 1}, value{std::numeric_limits<std::int64_t>::max()},
        value{std::numeric_limits<std::int64_t>::min()}, value{"1969-12-31T23:59:59Z"},
        value{"0000-01-01T00:00:00Z"}, value{"9999-12-31T23:59:59-08:00"}}) {
    body.set("time", absurd);
    const auto read = read_command_envelope(body);
    REQUIRE_FALSE(read);
    CHECK(read.error().type == "command.field_invalid");
    CHECK(read.error().field == "time");
  }
  for (const std::int64_t moment : {std::int64_t{0}, last}) {
    body.set("time", moment);
    auto r = filled_record();
    r.occurred = read_command_envelope(body)->time;
    CHECK(*read_event_record(*to_value(r)) == r);
  }
}

TEST_CASE("a reply of each outcome says what it must and is read back by a client") {
  reply accepted;
  accepted.id = "id-1";
  accepted.at = 12;
  accepted.data.set("contact", "C1");
  CHECK(to_json(to_value(accepted))
        == R"({"id":"id-1","outcome":"accepted","position":12,"data":{"contact":"C1"}})");
  CHECK(to_json(to_value(*read_reply(to_value(accepted)))) == to_json(to_value(accepted)));

  auto busy = refuse("id-2", because("engine.busy"));
  busy.retry_ms = 40;
  busy.fallback = "external:desk";
  CHECK(busy.outcome == outcome_kind::busy);
  CHECK(to_json(to_value(*read_reply(to_value(busy)))) == to_json(to_value(busy)));

  auto old = refuse("id-5", because("command.too_old", "id"));
  old.engine_time = from_ms(1'772'413'200'123);
  CHECK(read_reply(to_value(old))->engine_time == old.engine_time);

  CHECK(refuse("id-3", because("routing.unknown_agent")).outcome == outcome_kind::refused);
  CHECK(refuse("id-4", because("command.field_missing", "agent")).outcome == outcome_kind::invalid);
  CHECK_FALSE(read_reply(value{value::map{}}));
}

TEST_CASE("a reply whose position is no place in a log is not taken for one far behind its end") {
  value said{value::map{{"id", "id-1"}, {"outcome", "accepted"}, {"position", 12}}};
  CHECK(read_reply(said)->at == 12);
  for (const auto& wrong : {value{-1}, value{"12"}, value{1.5}}) {
    said.set("position", wrong);
    const auto read = read_reply(said);
    REQUIRE_FALSE(read);
    CHECK(read.error().field == "position");
  }
}

TEST_CASE("a command without id, type or map is refused with the place of the fault") {
  CHECK(read_command_envelope(value{1}).error().type == "command.malformed");
  value body{value::map{}};
  CHECK(read_command_envelope(body).error().field == "id");
  body.set("id", "0190b8a0-0000-7000-8000-000000000000");
  CHECK(read_command_envelope(body).error().field == "type");
  body.set("type", "contact.open");
  const auto anonymous = read_command_envelope(body);
  REQUIRE(anonymous);
  CHECK(anonymous->source == "anonymous");
  body.set("source", "phone-1");
  body.set("time", 1'772'413'200'123);
  body.set("data", value{value::map{}});
  const auto whole = read_command_envelope(body);
  REQUIRE(whole);
  CHECK(to_json(to_value(*whole)) == to_json(body));
  body.set("traceparent", std::string(65, 'x'));
  CHECK(read_command_envelope(body).error().field == "traceparent");
  body.set("traceparent", "00-x");
  body.set("source", "a\tb");
  CHECK(read_command_envelope(body).error().field == "source");
}

} // namespace careline
