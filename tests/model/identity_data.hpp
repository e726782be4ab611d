#pragma once

#include <catch2/catch.hpp>

#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "actors/registration/rules/id_number.hpp"

/// What the tests of the registration's rules have in common: the public lists that they are held
/// against (../shared/data/identity_cn, with origins and licences in the README beside it).
namespace careline::registration {

using cells = std::vector<std::string>;

/// Each row of a list without its head, its cells trimmed of blanks and quotes. Returns how many
/// there were; says so and returns 0 where the list is not there.
inline int each_row(const std::string& list, const std::function<void(const cells&)>& look,
                    char between = ',') {
  std::ifstream file{CARELINE_SHARED_DATA "/identity_cn/" + list};
  int rows = 0;
  std::string line;
  std::getline(file, line);
  for (; std::getline(file, line); ++rows) {
    cells row;
    std::istringstream in{line};
    for (std::string cell; std::getline(in, cell, between);) {
      const auto first = cell.find_first_not_of(" \"");
      const auto last = cell.find_last_not_of(" \"\r");
      row.push_back(first == cell.npos ? "" : cell.substr(first, last - first + 1));
    }
    look(row);
  }
  if (rows == 0)
    WARN("skipped: needs ../shared/data");
  return rows;
}

inline std::string whole_file(const std::string& name) {
  std::ifstream file{CARELINE_SHARED_DATA "/identity_cn/" + name};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// The day on which the tests are played.
inline constexpr date a_day{std::chrono::year{2026} / 3 / 2};

/// Seventeen digits and the check digit that belongs to them.
inline std::string completed(std::string digits) {
  digits += id_check_digit(digits);
  return digits;
}

} // namespace careline::registration
