#include <catch2/catch.hpp>

#include "actors/registration/rules/phone_number.hpp"
#include "messages/fields.hpp"

using namespace careline;
using namespace careline::registration;

namespace {

/// What reading says, in one line: kind, number, extension, words of the warnings; or the code of
/// the refusal without what all have in common.
std::string said(std::string_view typed) {
  const auto phone = read_phone_number(typed);
  if (!phone)
    return std::string{refusal_of(phone.error()).code.substr(sizeof "registration.phone")};
  std::string out = std::string{word_of(phone->kind)} + ' ' + phone->number;
  if (!phone->extension.empty())
    out += " x" + phone->extension;
  for (const auto warning : phone->warnings)
    out += ' ' + std::string{word_of(warning)};
  return out;
}

} // namespace

TEST_CASE("a mobile number is one number however it was typed", "[R2.2.1][R2.3.1]") {
  for (const std::string typed :
       {"13812345678", "+8613812345678", "+86 138 1234 5678", "0086-138-1234-5678",
        "86 13812345678", "013812345678", "138.1234.5678", "(+86) 138-1234-5678",
        "１３８１２３４５６７８", "＋８６　１３８－１２３４－５６７８", "（86）138 1234 5678",
        "\u202d138\u00a01234\u20115678\u202c"})
    CHECK(said(typed) == "mobile +8613812345678");
}

TEST_CASE("who was given a mobile number's segment first is a hint") {
  const auto hint = [](std::string_view typed) { return read_phone_number(typed)->first_operator; };
  CHECK(hint("13812345678") == "China Mobile");
  CHECK(hint("13012345678") == "China Unicom");
  CHECK(hint("18912345678") == "China Telecom");
  CHECK(hint("19212345678") == "China Broadnet");
  CHECK(hint("17001234567") == "China Telecom");
  CHECK(hint("17041234567") == "China Unicom");
  CHECK(hint("16212345678").empty());
  CHECK(read_phone_number("17001234567")->is_virtual_operator);
  CHECK_FALSE(read_phone_number("13812345678")->is_virtual_operator);
  CHECK(hint("01012345678").empty());
}

TEST_CASE("a mobile number of a segment that nobody was given is taken with a warning",
          "[R2.3.1]") {
  for (const std::string segment : {"142", "143", "154", "161", "164", "194"})
    CHECK(said(segment + "12345678") == "mobile +86" + segment + "12345678 segmentUnassigned");
  CHECK(said("14812345678") == "mobile +8614812345678 dataSegment");
}

TEST_CASE("a fixed line is read with its area, its place and its extension", "[R2.2.1][R2.3.1]") {
  for (const std::string typed : {"010-12345678", "(010) 1234 5678", "+86 10 1234 5678",
                                  "+86 (0)10 1234 5678", "+86 010 12345678", "0086 10 12345678",
                                  "86-10-12345678", "（０１０）１２３４５６７８"})
    CHECK(said(typed) == "fixed +861012345678");
  const auto phone = read_phone_number("0335-1234567");
  REQUIRE(phone);
  CHECK(phone->number == "+863351234567");
  CHECK(phone->area == "0335");
  CHECK(phone->place == "河北省秦皇岛市");
  for (const std::string extension : {"-123", " 转 123", "转分机123", " ext. 123", "#123", " x123",
                                      ",123", "分机：123"})
    CHECK(said("010-12345678" + extension) == "fixed +861012345678 x123");
  CHECK(said("0411-1234-5678") == "fixed +8641112345678"); // 5678 is no extension
  CHECK(said("400-820-8820 转 7") == "shared_cost +864008208820 x7");
  CHECK(said("13812345678-12345") == "mobile +8613812345678 x12345");
}

TEST_CASE("an area has numbers of seven digits, or of eight, or of both") {
  CHECK(said("010-1234567") == "length");
  CHECK(said("0335-12345678") == "length");
  CHECK(said("0851-1234567") == "fixed +868511234567");
  CHECK(said("0851-12345678") == "fixed +8685112345678");
}

TEST_CASE("numbers that serve everybody are told from a person's own", "[R2.3.1]") {
  for (const std::string number : {"110", "119", "120", "122"}) {
    CHECK(said(number) == "emergency " + number);
    CHECK(said(number + "-1") == "extension");
  }
  for (const std::string number : {"10000", "10086", "10010", "10099", "12300", "12321", "12381",
                                   "12315", "12345", "95588", "955888", "114", "12110", "12395"})
    CHECK(said(number) == "service " + number);
  CHECK(said("400-820-8820") == "shared_cost +864008208820");
  CHECK(said("800 820 8820") == "toll_free +868008208820");
  CHECK(said("9501234567") == "shared_cost +869501234567");
  CHECK(said("16812345") == "premium +8616812345");
  CHECK(said("010-96156") == "service +861096156");
  CHECK(said("0755 12345") == "service +8675512345");
  CHECK(said("1064812345678") == "things +861064812345678");
  CHECK(said("1440012345678") == "things +861440012345678");
}

TEST_CASE("a number of another country needs its code and has 7 to 15 digits", "[R2.3.1]") {
  CHECK(said("+852 9123 4567") == "foreign +85291234567");
  CHECK(said("00852 9123 4567") == "foreign +85291234567");
  CHECK(said("+44 (0)20 7946 0958") == "foreign +442079460958");
  CHECK(said("+1234567") == "foreign +1234567");
  CHECK(said("+123456") == "length");
  CHECK(said("+123456789012345") == "foreign +123456789012345");
  CHECK(said("+1234567890123456") == "length");
  CHECK(said("+01234567") == "length");
}

TEST_CASE("what is wrong with a phone number has a name", "[R2.3.1]") {
  CHECK(said("") == "length");
  CHECK(said("+86") == "length");
  CHECK(said("0") == "length");
  CHECK(said("my number") == "characters");
  CHECK(said("138+12345678") == "characters");
  CHECK(said("电话13812345678") == "characters");
  CHECK(said("1381234567") == "length");
  CHECK(said("138123456789") == "length");
  CHECK(said("12345678") == "area_missing");
  CHECK(said("1012345678") == "area_missing");
  CHECK(said("12012345678") == "not_assigned");
  CHECK(said("026-12345678") == "area_unknown");
  CHECK(said("0300-1234567") == "area_unknown");
  CHECK(said("010-12345678-123456") == "length");
  CHECK(said("010-12345678 转 123456") == "extension");
  CHECK(said("010-12345678 转") == "extension");
  CHECK(said("110 转 1") == "extension");
  CHECK(said("+852 9123 4567 转 1") == "extension");
}

TEST_CASE("a phone number that was read is read again as itself") {
  for (const std::string typed : {"13812345678", "010-12345678", "0335-1234567", "95588", "110",
                                  "400-820-8820", "+852 9123 4567", "1064812345678", "010-96156",
                                  "16812345"}) {
    const auto once = read_phone_number(typed);
    REQUIRE(once);
    CHECK(said(once->number) == said(typed));
    CHECK(said(written(*once)) == said(typed));
  }
}

TEST_CASE("a number is written as people here write it") {
  const auto form = [](std::string_view typed) { return written(*read_phone_number(typed)); };
  CHECK(form("+8613812345678") == "138 1234 5678");
  CHECK(form("+861012345678") == "010 1234 5678");
  CHECK(form("+863351234567") == "0335 123 4567");
  CHECK(form("010-12345678-12") == "010 1234 5678 转 12");
  CHECK(form("+85291234567") == "+85291234567");
  CHECK(form("10086") == "10086");
  CHECK(form("1064812345678") == "1064812345678");
}
