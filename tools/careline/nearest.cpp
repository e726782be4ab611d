#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <numeric>

#include "tools/careline/config.hpp"

namespace careline::program {

namespace {

bool same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

/// Letters to add, drop, change or swap with their neighbour.
std::size_t steps_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(above.begin(), above.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = same_letter(a[i - 1], b[j - 1]) ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = above;
    above = row;
  }
  return above[b.size()];
}

} // namespace

std::string_view nearest(std::string_view wrong, std::span<const std::string_view> among) {
  if (wrong.size() > 64)
    return {};
  std::string_view best;
  // More than a third of the letters wrong is another word.
  std::size_t least = std::clamp<std::size_t>(wrong.size() / 3, 1, 3) + 1;
  for (const auto word : among) {
    const auto steps = steps_between(wrong, word);
    if (steps < least) {
      least = steps;
      best = word;
    }
  }
  return best;
}

std::string suggestion(std::string_view wrong, std::span<const std::string_view> among) {
  const auto near = nearest(wrong, among);
  return near.empty() ? std::string{} : fmt::format(" Did you mean \"{}\"?", near);
}

} // namespace careline::program
