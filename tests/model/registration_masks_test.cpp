#include <catch2/catch.hpp>

#include "actors/registration/rules/masks.hpp"

using namespace careline::registration;

TEST_CASE("an ID number shows its ends only, and more to those who may reveal it", "[R2.2.5]") {
  CHECK(mask_id_number("11010519491231002X") == "1****************X");
  CHECK(mask_id_number("11010519491231002X", mask_for::revealer) == "110105********002X");
  CHECK(mask_id_number("H12345678") == "H*******8");
  CHECK(mask_id_number("1234567890", mask_for::revealer) == "**********"); // no star would be left
}

TEST_CASE("a phone number shows what tells it from a colleague's, not what dials it", "[R2.2.5]") {
  CHECK(mask_phone("+8613812345678") == "138****5678");
  CHECK(mask_phone("138-1234-5678") == "138****5678");
  CHECK(mask_phone("+861012345678") == "010****5678");
  CHECK(mask_phone("0335-1234567") == "0335***4567");
  CHECK(mask_phone("+85291234567") == "+85*******67");
  CHECK(mask_phone("+861064812345678") == "+86***********78");
  CHECK(mask_phone("10086") == "10086");
  CHECK(mask_phone("400 820 8820") == "400 820 8820");
  CHECK(mask_phone("no number") == "n*******r");
}

TEST_CASE("a name keeps its first character, however rare it is") {
  CHECK(mask_name("张三") == "张*");
  CHECK(mask_name("欧阳娜娜") == "欧***");
  CHECK(mask_name("𠮷田") == "𠮷*");          // outside the first 65,536
  CHECK(mask_name("葛\U000e0100城") == "葛\U000e0100*"); // one form of two, chosen by a selector
  CHECK(mask_name("阿卜杜拉·买买提") == "阿*******");
  CHECK(mask_name("e\u0301va") == "e\u0301**");
  CHECK(mask_name("李") == "*"); // all of it would be shown
  CHECK(mask_name("").empty());
  CHECK(mask_name("\xe5\xbc") == "\xe5*"); // cut off in the middle: nothing breaks
}

TEST_CASE("anything else shows its ends when that leaves enough hidden") {
  CHECK(mask_text("E12345678") == "E*******8");
  CHECK(mask_text("12345") == "1****");
  CHECK(mask_text("1") == "*");
  CHECK(mask_text("长安街一号院") == "长****院");
  CHECK(mask_text("").empty());
}
