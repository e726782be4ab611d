#include "tests/model/identity_data.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <sstream>

namespace careline::registration {

int each_row(const std::string& list, const std::function<void(const cells&)>& look,
             char between) {
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

std::string whole_file(const std::string& name) {
  std::ifstream file{CARELINE_SHARED_DATA "/identity_cn/" + name};
  return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace careline::registration
