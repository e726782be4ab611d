#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

#include "actors/registration/rules/divisions.hpp"
#include "identity_data.hpp"
#include "messages/fields.hpp"

using namespace careline;
using namespace careline::registration;

namespace {

/// What reading says, in one line: the number and the words of its warnings, or the code of the
/// refusal without what all have in common.
std::string said(std::string_view typed, const date& today = a_day, const id_policy& policy = {}) {
  const auto id = read_id_number(typed, today, policy);
  if (!id)
    return std::string{refusal_of(id.error()).code.substr(sizeof "registration.id_number")};
  std::string out = id->number;
  for (const auto warning : id->warnings)
    out += ' ' + std::string{word_of(warning)};
  return out;
}

bool warns(const id_number& id, id_warning of) {
  return std::find(id.warnings.begin(), id.warnings.end(), of) != id.warnings.end();
}

std::string padded(int n, std::size_t digits) {
  const auto text = std::to_string(n);
  return std::string(digits - text.size(), '0') + text;
}

/// Numbers of all places and times, always the same ones.
std::vector<std::string> drawn_numbers(int many) {
  std::mt19937 draw{11643};
  const auto below = [&](unsigned n) { return static_cast<int>(draw() % n); };
  const std::vector<std::string> areas{"110105", "310115", "440524", "500101", "653225", "820000"};
  std::vector<std::string> out;
  while (static_cast<int>(out.size()) < many) {
    const auto born =
        padded(1900 + below(126), 4) + padded(1 + below(12), 2) + padded(1 + below(28), 2);
    const auto number = completed(areas[static_cast<std::size_t>(below(6))] + born
                                  + padded(1 + below(998), 3));
    if (read_id_number(number, a_day))
      out.push_back(number);
  }
  return out;
}

} // namespace

TEST_CASE("an ID number tells who its holder is: born when, where, man or woman",
          "[R2.2.1][R2.3.1]") {
  const auto id = read_id_number("11010519491231002X", a_day);
  REQUIRE(id);
  CHECK(id->number == "11010519491231002X");
  CHECK(id->born == std::chrono::year{1949} / 12 / 31);
  CHECK(id->recorded_sex == sex::female);
  CHECK(read_id_number("440524188001010014", a_day)->recorded_sex == sex::male);
  CHECK(id->area == 110105);
  CHECK(id->area_is.standing == area_standing::in_force);
  CHECK(full_name(id->area) == "北京市朝阳区");
  CHECK(id->warnings.empty());
}

TEST_CASE("an ID number is taken however it was typed", "[R2.3.1]") {
  for (const std::string typed :
       {"11010519491231002x", " 110105 19491231 002X ", "110105-19491231-002X",
        "１１０１０５１９４９１２３１００２Ｘ", "110105　19491231　002ｘ",
        "\u200b110105194912310\u202c02X"})
    CHECK(said(typed) == "11010519491231002X");
}

TEST_CASE("the check digits that the standard's arithmetic gives") {
  CHECK(id_check_digit("11010519491231002") == 'X');
  CHECK(id_check_digit("44052418800101001") == '4');
  CHECK(id_check_digit("11010119900307001") == '1');
  CHECK(id_check_digit("31011520000229002") == '1');
}

TEST_CASE("each thing that is wrong with an ID number has its own name", "[R2.3.1]") {
  CHECK(said("") == "characters");
  CHECK(said("1101051949123100A2") == "characters");
  CHECK(said("11010519491231X02X") == "characters");
  CHECK(said("11010519491231002\xe5") == "characters");
  CHECK(said("11010519491231002") == "length");
  CHECK(said("11010519491231002X1") == "characters"); // the X is not at the end any more
  CHECK(said("1101051949123100211") == "length");
  CHECK(said("160323197806058856") == "province");
  CHECK(said(completed("11010519491331002")) == "date");
  CHECK(said(completed("11010519000229002")) == "date"); // 1900 was no leap year
  CHECK(said(completed("11010520250431002")) == "date");
  CHECK(said(completed("11010520260303002")) == "future");
  CHECK(said(completed("11010518791231002")) == "too_old");
  CHECK(said(completed("11010519491231000")) == "sequence");
  CHECK(said("110105194912310021") == "check_digit");
}

TEST_CASE("who is born today is born, who is born tomorrow is not") {
  const auto newborn = completed("11010520240229001");
  CHECK(said(newborn, std::chrono::year{2024} / 2 / 29) == newborn);
  CHECK(said(newborn, std::chrono::year{2024} / 2 / 28) == "future");
}

TEST_CASE("29 February is a day in leap years only") {
  for (const auto& [year, is_day] : std::map<std::string, bool>{
           {"1896", true}, {"1900", false}, {"1904", true}, {"2000", true}, {"2023", false}})
    CHECK((said(completed("110105" + year + "0229001")) != "date") == is_day);
}

TEST_CASE("the first day and the first digits are the centre's to set") {
  id_policy strict;
  strict.born_min = std::chrono::year{1900} / 1 / 1;
  strict.prefixes = "11 44";
  CHECK(said("440524188001010014") == "440524188001010014");
  CHECK(said("440524188001010014", a_day, strict) == "too_old");
  CHECK(said(completed("31011520000229002"), a_day, strict) == "province");
}

TEST_CASE("the old form of fifteen digits becomes a number of today, and says so",
          "[R2.2.1][R2.3.1]") {
  CHECK(said("110105491231002") == "11010519491231002X oldForm");
  CHECK(said("110101491041001") == "date");
  CHECK(said("110101940231001") == "date");
  CHECK(said("11010549123100X") == "characters");
  // These orders were kept for people who were a hundred years old.
  CHECK(said("110105001231996") == completed("11010519001231996") + " oldForm centuryUnsure");
}

TEST_CASE("an area code that no list has is no reason to turn somebody away", "[R2.3.1]") {
  CHECK(said("235407195106112745") == "235407195106112745 areaUnknown");
}

TEST_CASE("who has a number by another region's rules has no area to be looked up") {
  for (const std::string start : {"810000", "820000", "830000", "911156", "944124"})
    CHECK(said(completed(start + "19901231001")) == completed(start + "19901231001"));
  CHECK(said(completed("97115619901231001")) == "province");
}

TEST_CASE("a code that was given up before somebody was born is told") {
  // 崇文区 went in 2010; the list of 2009-12 is the last that has it.
  REQUIRE(find_area_code(110103).standing == area_standing::retired);
  const int last = find_area_code(110103).last_year;
  CHECK(last == 2009);
  CHECK(said(completed("11010319850101001")) == completed("11010319850101001"));
  CHECK(said(completed("11010320100101001")) == completed("11010320100101001"));
  CHECK(said(completed("11010320110101001"))
        == completed("11010320110101001") + " areaGoneBeforeBirth");
}

TEST_CASE("the vectors of other validators are judged as their sources do", "[R2.3.1]") {
  // validator.js takes any area code of a known province: so does this, with a warning. It holds
  // two numbers of fifteen digits bad for their dates, as they are here.
  const std::set<std::string> with_area_that_never_was{"235407195106112745"};
  const int rows = each_row("id_number_vectors.csv", [&](const cells& row) {
    INFO(row[0] << " of " << row[2]);
    const auto id = read_id_number(row[0], a_day);
    CHECK(id.has_value() == (row[1] == "1"));
    if (!id)
      return;
    CHECK(warns(*id, id_warning::area_unknown) == (with_area_that_never_was.count(row[0]) == 1));
    CHECK(warns(*id, id_warning::area_unknown) == (row[4] == "0"));
  });
  CHECK((rows == 0 || rows == 17));
}

TEST_CASE("every area code that there was since 1980 is known, the retired ones as such",
          "[R2.3.1]") {
  const int rows = each_row("area_codes_history_1980_2019.csv", [&](const cells& row) {
    INFO(row[0] << " " << row[1]);
    const auto id = read_id_number(completed(row[0] + "19790307001"), a_day);
    REQUIRE(id);
    CHECK(id->warnings.empty());
    const auto life = id->area_is;
    CHECK((life.standing == area_standing::in_force) == find_division(id->area).has_value());
    if (life.standing == area_standing::retired)
      CHECK(life.last_year == (row[4] == "1" ? history_ends : std::stoi(row[3].substr(0, 4))));
  });
  CHECK((rows == 0 || rows == 7042));
  CHECK(count_historic_codes() == 7042);
}

TEST_CASE("a number with one character mistyped is never taken", "[R2.3.1]") {
  for (const auto& number : drawn_numbers(200))
    for (std::size_t at = 0; at < number.size(); ++at)
      for (const char c : std::string_view{"0123456789X"}) {
        if (c == number[at])
          continue;
        auto wrong = number;
        wrong[at] = c;
        if (const auto id = read_id_number(wrong, a_day))
          FAIL_CHECK(number << " with " << c << " at " << at << " was taken");
      }
}

TEST_CASE("a number with two neighbours exchanged is never taken", "[R2.3.1]") {
  for (const auto& number : drawn_numbers(500))
    for (std::size_t at = 0; at + 1 < number.size(); ++at) {
      auto wrong = number;
      std::swap(wrong[at], wrong[at + 1]);
      if (wrong != number && read_id_number(wrong, a_day))
        FAIL_CHECK(number << " exchanged at " << at << " was taken");
    }
}

TEST_CASE("a number that was read is read again as itself") {
  for (const auto& number : drawn_numbers(200))
    CHECK(read_id_number(read_id_number(number, a_day)->number, a_day)->number == number);
}
