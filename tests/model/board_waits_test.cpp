#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <utility>

#include "actors/board/waits.hpp"

using namespace careline;
using careline::board::waits;

TEST_CASE("who waits longest is told, whoever came and left in between", "[board]") {
  std::mt19937 draw{7};
  waits line;
  std::set<std::pair<instant, std::uint64_t>> all;
  instant now = from_ms(1'000'000);
  for (std::uint64_t n = 1; n <= 20'000; ++n) {
    now += span{static_cast<int>(draw() % 3)};
    line.add(now, n);
    all.emplace(now, n);
    // Anybody may leave, at times many.
    for (auto leave = draw() % 3 + (n % 5000 == 0 ? all.size() / 2 : 0); leave > 0; --leave) {
      auto one = all.lower_bound({now - span{static_cast<int>(draw() % 4000)}, 0});
      if (one == all.end())
        continue;
      line.remove(one->first, one->second);
      line.remove(one->first, one->second);  // once more: nothing happens
      all.erase(one);
    }
    REQUIRE(line.size() == all.size());
    if (!all.empty())
      REQUIRE(line.oldest() == all.begin()->first);
  }
}

TEST_CASE("who leaves and comes back within one moment waits once", "[board]") {
  waits line;
  const auto now = from_ms(1'000'000);
  for (std::uint64_t n : {1U, 2U, 3U})
    line.add(now, n);
  line.remove(now, 2);
  line.add(now, 2);
  CHECK(line.size() == 3);
  line.remove(now, 2);
  CHECK(line.size() == 2);
}

TEST_CASE("waits that are read back in no order stand in theirs", "[board]") {
  waits line;
  for (const int at : {5, 1, 4, 2, 3})
    line.put(from_ms(at), static_cast<std::uint64_t>(at));
  line.sort();
  for (int at = 1; at <= 5; ++at) {
    CHECK(line.oldest() == from_ms(at));
    line.remove(from_ms(at), static_cast<std::uint64_t>(at));
  }
  CHECK(line.empty());
}
