#include <catch2/catch.hpp>

#include "store/hash.hpp"
#include "store/inspect.hpp"
#include "store/row.hpp"
#include "story.hpp"

// The bytes of docs/log-format.md, as they were first written. They are never edited: a log that
// was written with them must be read for ever.

namespace careline::store {
namespace {

using namespace story;
using namespace std::string_literals;

event_record assigned() {
  event_record e;
  e.at = 258;
  e.previous = 255;
  e.time = from_ms(1'772'413'200'123);
  e.occurred = from_ms(1'772'413'199'000);
  e.type = "contact.assigned";
  e.subject = "contact/C-7";
  e.actor = "routing";
  e.causation = "0-257/offer/1";
  e.correlation = "contact/C-7";
  e.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  e.dataversion = 1;
  e.data = "\x81\xa5" "agent\xa1" "A";
  return e;
}

const std::string golden =
    "0101" "1000" "0b00" "0700" "0d00" "0b00" "3700" "09000000"
    "0201000000000000" "ff00000000000000"
    "fb260fac9c010000" "98220fac9c010000" "0100";

TEST_CASE("record: the bytes are those of docs/log-format.md", "[R2.2.3]") {
  std::string bytes;
  encode_record(assigned(), bytes);
  const auto e = assigned();
  CHECK(to_hex(bytes.substr(0, 52)) == golden);
  CHECK(bytes.substr(52)
        == e.type + e.subject + e.actor + e.causation + e.correlation + e.traceparent + e.data);
  CHECK(decode_record(bytes) == e);
  CHECK(subject_in_record(bytes) == "contact/C-7");
  CHECK(to_hex(bytes_of(next_hash(chain_hash{}, bytes)))
        == "b3fa1dbc6a2553d4816dc4024eaa6ad4d275d7ce359402927d18c6fcc4d1f551");
}

TEST_CASE("record: a remembered reply is written as the page says") {
  remembered r;
  r.outcome = outcome_kind::refused;
  r.at = 0;
  r.digest = {0xAA, 1, 2, 3};
  r.problem_code = "routing.unknown_queue";
  r.data = "\x80";
  const auto bytes = encode_remembered("key", r);
  const auto head = "\x02"s + std::string(8, '\0') + "\xAA\x01\x02\x03"s + std::string(12, '\0')
                    + "\x15routing.unknown_queue"s;
  const auto body = "\x04"s + head + "\0\0\x80"s;
  CHECK(bytes == body + std::string{bytes_of(blake128("key" + body)).substr(0, 8)});
  // The second is as it was written before there was a sum.
  for (const auto& written : {bytes, "\x01"s + head + "\x80"s}) {
    const auto back = decode_remembered("key", written);
    REQUIRE(back);
    CHECK(back->outcome == r.outcome);
    CHECK(back->digest == r.digest);
    CHECK(back->problem_code == r.problem_code);
    CHECK(back->data == r.data);
    for (std::size_t n = 0; n < 27; ++n)
      CHECK_FALSE(decode_remembered("key", written.substr(0, n)));
  }
  CHECK_FALSE(decode_remembered("another key", bytes));
}

TEST_CASE("record: a refusal that is told again still says which field, and what of it") {
  remembered r;
  r.outcome = outcome_kind::refused;
  r.digest = {0xAA};
  r.problem_code = "routing.line_taken";
  r.problem_field = "line";
  r.problem_detail = "the last line is 3";
  r.data = "\x80";
  const auto bytes = encode_remembered("key", r);
  const auto said = "\x12routing.line_taken\x04line\x12the last line is 3\x80"s;
  CHECK(bytes.substr(26, said.size()) == said);
  const auto before = "\x02\x02"s + std::string(8, '\0') + "\xAA"s + std::string(15, '\0') + said;
  for (const auto& written : {bytes, before}) {
    const auto back = decode_remembered("key", written);
    REQUIRE(back);
    CHECK(back->problem_field == r.problem_field);
    CHECK(back->problem_detail == r.problem_detail);
    CHECK(back->data == r.data);
    for (std::size_t n = 0; n + 1 < written.size(); ++n)
      CHECK_FALSE(decode_remembered("key", written.substr(0, n)));
  }
  for (int i = 0; i < 100; ++i)
    r.problem_detail += "客";
  const auto cut = decode_remembered("key", encode_remembered("key", r));
  REQUIRE(cut);
  CHECK(cut->problem_detail == r.problem_detail.substr(0, 18 + 79 * 3));
}

TEST_CASE("record: the digest tells commands with one id apart") {
  const std::string key = "0123456789abcdef0123456789abcdef";
  const auto digest = digest_of_command(key, "contact.open", "\x80");
  CHECK(to_hex(bytes_of(digest)) == "1e492ee506a223294791236a5aff6ec1");
  CHECK(digest_of_command(key, "contact.open", "\x81") != digest);
  CHECK(digest_of_command(key, "contact.rate", "\x80") != digest);
  CHECK(digest_of_command("another key", "contact.open", "\x80") != digest);
}

TEST_CASE("record: figures of a log are counted from its events") {
  auto log = open_event_log({.place = "memory:"}).value();
  const auto none = count_log(*log);
  REQUIRE(none);
  CHECK(none->events == 0);
  REQUIRE(append(*log, queued(1234)));
  REQUIRE(append(*log, {just(happened("contact.finished", "contact/C-1", "\x80", morning + 60s))}));
  std::vector<position> told;
  const auto f = count_log(*log, [&](position at, position head) {
    CHECK(head == 1235);
    told.push_back(at);
  });
  REQUIRE(f);
  CHECK(f->events == 1235);
  CHECK(f->head == 1235);
  CHECK(f->first == morning);
  CHECK(f->last == morning + 60s);
  CHECK(f->per_type
        == std::map<std::string, std::uint64_t>{{"contact.finished", 1}, {"contact.queued", 1234}});
  CHECK(f->bytes > 1235 * 52);
  CHECK(f->hash == log->head_hash());
  REQUIRE_FALSE(told.empty());
  CHECK(told.back() == 1235);
}

} // namespace
} // namespace careline::store
