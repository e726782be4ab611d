#include <catch2/catch.hpp>

#include <rapidcheck.h>

#include "messages/ids.hpp"
#include "messages/time.hpp"
#include "messages/uuid.hpp"

namespace careline {

TEST_CASE("ids made one after the other sort that way, also when the clock stands or goes back") {
  uuid7_maker maker;
  std::string last;
  for (int i = 0; i < 20'000; ++i) {
    const auto now = from_ms(1'772'413'200'000 + (i % 3 == 0 ? -i : i / 1000));
    const auto id = maker.make(now);
    REQUIRE(last < id.text());
    last = id.text();
  }
}

TEST_CASE("a gateway whose clock was ahead is of use again once the clock is put right") {
  uuid7_maker maker;
  const auto nine = from_ms(1'772'413'200'000);
  const auto ahead = nine + std::chrono::hours{7};
  CHECK(maker.make(ahead).time() == ahead);
  CHECK(maker.make(nine).time() == nine);
  // What a clock is usually put back by is nothing: ids go on from where they were.
  CHECK(maker.make(nine - std::chrono::minutes{1}).time() == nine);
  CHECK(maker.make(nine - std::chrono::minutes{1} - span{1}).time()
        == nine - std::chrono::minutes{1} - span{1});
}

TEST_CASE("an id holds its time, its version and its variant, and is read back from its text") {
  CHECK(rc::check([] {
    const auto ms = *rc::gen::inRange<std::int64_t>(1, std::int64_t{1} << 47);
    uuid7_maker maker;
    const auto id = maker.make(from_ms(ms));
    const auto text = id.text();
    RC_ASSERT(text.size() == 36U);
    RC_ASSERT(text[14] == '7');
    RC_ASSERT(std::string_view{"89ab"}.find(text[19]) != std::string_view::npos);
    const auto read = parse_uuid7(text);
    RC_ASSERT(read);
    RC_ASSERT(*read == id);
    RC_ASSERT(read->time() == from_ms(ms));
  }));
}

TEST_CASE("an id of another version, variant, length or alphabet is none") {
  CHECK(parse_uuid7("0190b8a0-0000-7000-8000-000000000000"));
  CHECK(parse_uuid7("0190B8A0-0000-7000-BFFF-FFFFFFFFFFFF"));
  for (const auto* text :
       {"", "0190b8a0-0000-4000-8000-000000000000", "0190b8a0-0000-7000-c000-000000000000",
        "0190b8a0-0000-7000-8000-00000000000", "0190b8a0-0000-7000-8000-0000000000000",
        "0190b8a000000-7000-8000-000000000000", "0190b8a0-0000-7000-8000-00000000000g"})
    CHECK_FALSE(parse_uuid7(text));
}

TEST_CASE("any moment comes back from its RFC 3339 text, on any wall clock") {
  CHECK(rc::check([] {
    const auto ms = *rc::gen::inRange<std::int64_t>(0, 4'102'444'800'000);
    const int offset = *rc::gen::inRange(-14 * 60, 14 * 60 + 1);
    const auto read = parse_rfc3339(to_rfc3339(from_ms(ms), offset));
    RC_ASSERT(read);
    RC_ASSERT(read->at == from_ms(ms));
    RC_ASSERT(read->offset_minutes == offset);
  }));
}

TEST_CASE("a time is read with its offset, and its fraction is cut to milliseconds") {
  CHECK(to_rfc3339(from_ms(1'772'413'200'000)) == "2026-03-02T01:00:00.000Z");
  CHECK(to_rfc3339(from_ms(1'772'413'200'000), 480) == "2026-03-02T09:00:00.000+08:00");
  CHECK(parse_rfc3339("2026-03-02T09:00:00+08:00")->at == from_ms(1'772'413'200'000));
  CHECK(parse_rfc3339("2026-03-02 09:00:00.5+08:00")->at == from_ms(1'772'413'200'500));
  CHECK(parse_rfc3339("2026-03-02T01:00:00.123999999Z")->at == from_ms(1'772'413'200'123));
  CHECK(parse_rfc3339("2024-02-29T00:00:00Z"));
}

TEST_CASE("a day that is in no calendar, a wrong hour or a missing zone is no time") {
  for (const auto* text :
       {"", "2026-03-02", "2026-03-02T09:00:00", "2025-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-03-02T24:00:00Z", "2026-03-02T09:60:00Z", "2026-03-02T09:00:00.Z",
        "2026-03-02T09:00:00+8:00", "2026-03-02T09:00:00+24:00", "2026-03-02T09:00:00Zx",
        "02026-03-02T09:00:00Z"})
    CHECK_FALSE(parse_rfc3339(text));
}

TEST_CASE("the local day begins at local midnight, east and west of Greenwich") {
  const auto nine = from_ms(1'772'413'200'000);
  CHECK(to_local(nine, 480).hour == 9);
  CHECK(to_local(nine, 480).weekday == 1);
  CHECK(to_local(nine, -300).hour == 20);
  CHECK(to_local(nine, -300).weekday == 7);
  CHECK(to_rfc3339(local_midnight(nine, 480), 480) == "2026-03-02T00:00:00.000+08:00");
  CHECK(to_rfc3339(local_midnight(nine, -300), -300) == "2026-03-01T00:00:00.000-05:00");
}

TEST_CASE("a name is UTF-8 of 1 to 128 bytes without control characters") {
  CHECK(is_valid_id("C-7"));
  CHECK(is_valid_id("张"));
  CHECK(is_valid_id(std::string(128, 'x')));
  CHECK_FALSE(is_valid_id(""));
  CHECK_FALSE(is_valid_id(std::string(129, 'x')));
  for (const auto* text :
       {"a\nb", "a\x7f", "\x01", "\xc3\x28", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\xc2\x85"})
    CHECK_FALSE(is_valid_id(text));
  CHECK_FALSE(is_valid_id(std::string_view{"a\0b", 3}));
}

} // namespace careline
