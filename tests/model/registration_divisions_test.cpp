#include <catch2/catch.hpp>

#include "actors/registration/rules/divisions.hpp"
#include "identity_data.hpp"

using namespace careline::registration;

TEST_CASE("every division of the list is found by its code, with its name and what it lies in",
          "[R2.2.1]") {
  int towns = 0;
  const int rows = each_row("divisions_2023.csv", [&](const cells& row) {
    if (row[0].size() > 6) { // towns of cities without counties: no code of six digits
      ++towns;
      return;
    }
    INFO(row[0] << " " << row[1]);
    const auto d = find_division(std::stoi((row[0] + "0000").substr(0, 6)));
    REQUIRE(d);
    CHECK(d->name == row[1]);
    CHECK(d->level
          == (row[2] == "province" ? division_level::province
              : row[2] == "city"   ? division_level::prefecture
                                   : division_level::county));
    const auto up = parent_of(*d);
    CHECK(up.has_value() == (row.size() > 3 && !row[3].empty()));
    if (up)
      CHECK(up->code == std::stoi((row[3] + "0000").substr(0, 6)));
  });
  CHECK((rows == 0 || (rows == 3429 && towns == 82)));
  const auto n = count_divisions();
  CHECK(n.provinces == 34); // with 71, 81 and 82, which that list leaves out
  CHECK(n.prefectures == 342);
  CHECK(n.counties == 2974);
}

TEST_CASE("a division's full name leaves out what only groups counties") {
  CHECK(full_name(110105) == "北京市朝阳区");
  CHECK(full_name(130102) == "河北省石家庄市长安区");
  CHECK(full_name(500230) == "重庆市丰都县");
  CHECK(full_name(429004) == "湖北省仙桃市");
  CHECK(full_name(659001) == "新疆维吾尔自治区石河子市");
  CHECK(full_name(440000) == "广东省");
  CHECK(full_name(440300) == "广东省深圳市");
  CHECK(full_name(810000) == "香港特别行政区");
}

TEST_CASE("of a code that no list has, what is known above it is told") {
  CHECK_FALSE(find_division(130199));
  CHECK(full_name(130199) == "河北省石家庄市");
  CHECK(full_name(139999) == "河北省");
  CHECK(full_name(990101).empty());
  for (const int nonsense : {0, -110105, 7, 1101, 1101050})
    CHECK_FALSE(find_division(nonsense));
}

TEST_CASE("town and country are guessed by what a county is called") {
  CHECK(settlement_hint(110105) == settlement::urban);  // 朝阳区
  CHECK(settlement_hint(610103) == settlement::urban);  // 碑林区, in the middle of Xi'an
  CHECK(settlement_hint(130123) == settlement::rural);  // 正定县
  CHECK(settlement_hint(150221) == settlement::rural);  // 土默特右旗
  CHECK(settlement_hint(429021) == settlement::rural);  // 神农架林区
  CHECK(settlement_hint(520203) == settlement::rural);  // 六枝特区
  CHECK(settlement_hint(320581) == settlement::unsure); // 常熟市
  CHECK(settlement_hint(440300) == settlement::unsure); // a whole prefecture
  CHECK(settlement_hint(130199) == settlement::unsure); // not known
}
