#include <catch2/catch.hpp>

#include "actors/kernel/engine_clock.hpp"

using namespace careline;
using namespace careline::kernel;

namespace {
const auto nine = parse_rfc3339("2026-03-02T09:00:00+08:00")->at;
}

TEST_CASE("engine time goes on with the machine's own pace") {
  manual_clocks clocks{nine};
  engine_clock clock{nine, 1, clocks.readings()};
  clocks.go_on(90s);
  CHECK(clock.now() == nine + 90s);
  CHECK(clock.until(nine + 100s) == 10s);
  CHECK(clock.until(nine) == 0s);
  CHECK_FALSE(clock.take_jump());
}

TEST_CASE("after a wall clock that went back, engine time goes slower but never back") {
  manual_clocks clocks{nine};
  engine_clock clock{nine, 1, clocks.readings()};
  clocks.set_wall(nine - 3s);
  auto before = clock.now();
  CHECK(before == nine);
  clocks.go_on(10s);
  CHECK(clock.now() == nine + 9s);
  clocks.go_on(60s);
  CHECK(clock.now() == nine + 67s);  // 3 s were drawn in, the clocks agree again
  CHECK(clock.difference() == 0s);
}

TEST_CASE("a wall clock that was put forward draws engine time along by at most a tenth") {
  manual_clocks clocks{nine};
  engine_clock clock{nine, 1, clocks.readings()};
  clocks.set_wall(nine + 4s);
  clocks.go_on(10s);
  CHECK(clock.now() == nine + 11s);
}

TEST_CASE("a jump of more than five seconds is told once, and again after the clocks had agreed") {
  manual_clocks clocks{nine};
  engine_clock clock{nine, 1, clocks.readings()};
  clocks.set_wall(nine + 5s);
  CHECK_FALSE(clock.take_jump());
  clocks.set_wall(nine - 1h);
  const auto jump = clock.take_jump();
  REQUIRE(jump);
  CHECK(*jump == clock_jump{1h, true});
  CHECK_FALSE(clock.take_jump());
  clocks.set_wall(nine);
  CHECK_FALSE(clock.take_jump());
  clocks.set_wall(nine + 6s);
  CHECK(clock.take_jump() == clock_jump{6s, false});
}

TEST_CASE("a log that is ahead of the wall clock starts where it ended and waits for the clock") {
  manual_clocks clocks{nine};
  engine_clock clock{nine + 60s, 1, clocks.readings()};
  CHECK(clock.now() == nine + 60s);
  clocks.go_on(100s);
  CHECK(clock.now() == nine + 150s);
}

TEST_CASE("at speed 60 a minute passes in a second, and ids are judged by the wall clock") {
  manual_clocks clocks{nine};
  engine_clock clock{nine, 60, clocks.readings()};
  clocks.go_on(2s);
  CHECK(clock.now() == nine + 2min);
  CHECK(clock.id_now() == nine + 2s);
  CHECK(clock.until(nine + 3min) == 1s);
  CHECK(clock.difference() == 0s);
  CHECK_FALSE(clock.take_jump());
}

TEST_CASE("leases run on the steady clock whatever the speed and whatever the wall clock does") {
  manual_clocks clocks{nine};
  engine_clock clock{nine, 60, clocks.readings()};
  const auto begin = clock.lease_now();
  clocks.set_wall(nine - 24h);
  clocks.go_on(3s);
  CHECK(clock.lease_now() - begin == 3s);
}

TEST_CASE("a deadline is not late because the wall clock was set forward") {
  manual_clocks clocks{nine};
  engine_clock clock{nine, 1, clocks.readings()};
  clocks.set_wall(nine + 1h);
  // Engine time is drawn forward by a tenth: after 10 s of waiting it is 11 s later.
  CHECK(clock.until(nine + 11s) == 10s);
  clocks.go_on(10s);
  CHECK(clock.now() == nine + 11s);
  CHECK(clock.until(nine + 11s) == 0s);
}
