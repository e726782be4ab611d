#include <catch2/catch.hpp>

#include <cmath>

#include "messages/json.hpp"

namespace careline {

TEST_CASE("JSON that is read and written again is the same text") {
  for (const auto* text :
       {"null", "true", "[]", "{}", "-1", "18446744073709551615", "0.25", R"("a\"b\\c\n\t\u0001")",
        R"({"b":1,"a":[{"x":null},"投诉"]})", R"([[[[[[[[[[[[[[[["deep"]]]]]]]]]]]]]]]])"}) {
    const auto v = from_json(text);
    INFO(text);
    REQUIRE(v);
    CHECK(to_json(*v) == text);
    CHECK(to_json(*from_json(to_pretty_json(*v))) == text);
  }
}

TEST_CASE("JSON that two readers could read two ways, or that goes on, is refused with its place") {
  for (const auto* text : {"", "{", "[1,]", "nul", R"({"a":1,"a":2})", "1 2", "{} x", R"("\ud800")",
                           "[[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]]", "01", "\"\xc3\x28\""}) {
    INFO(text);
    const auto v = from_json(text);
    REQUIRE_FALSE(v);
    CHECK(v.error().type == "command.malformed");
    CHECK_FALSE(v.error().detail.empty());
  }
}

TEST_CASE("JSON that goes on behind a zero byte is refused, not read up to there") {
  using namespace std::string_view_literals;
  for (const auto text :
       {"{}\0"sv, "{\"a\":1}\0{\"a\":2}"sv, "\0{}"sv, "[1,\0 2]"sv, "\"a\0b\""sv}) {
    INFO(text);
    const auto v = from_json(text);
    REQUIRE_FALSE(v);
    CHECK(v.error().type == "command.malformed");
    CHECK_FALSE(v.error().detail.empty());
  }
}

TEST_CASE("bytes that are no text are base64url without padding") {
  CHECK(to_base64url("") == "");
  CHECK(to_base64url("f") == "Zg");
  CHECK(to_base64url("fo") == "Zm8");
  CHECK(to_base64url("foo") == "Zm9v");
  CHECK(to_base64url("foobar") == "Zm9vYmFy");
  CHECK(to_base64url("\xfb\xff\xfe") == "-__-");
  CHECK(to_json(value{binary{"\xfb\xff\xfe"}}) == "\"-__-\"");
}

TEST_CASE("a whole number has no point, and what is no number is null") {
  CHECK(to_json(value{3.0}) == "3");
  CHECK(to_json(value{0.1}) == "0.1");
  CHECK(to_json(value{std::nan("")}) == "null");
}

} // namespace careline
