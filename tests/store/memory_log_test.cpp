#include "event_log_contract.hpp"

#include "store/memory/memory_log.hpp"

namespace careline::store {
namespace {

struct memory_place {
  std::unique_ptr<event_log> open() { return open_event_log(options).value(); }
  void flip_byte(std::unique_ptr<event_log>& log, position at) {
    dynamic_cast<memory_log&>(*log).damage(at);
  }

  open_options options{.place = "memory:"};
};

CARELINE_EVENT_LOG_CONTRACT(memory_place, "memory log")

TEST_CASE("memory log: its budget ends, and is told") {
  open_options small;
  small.place = "memory:";
  small.map_bytes = 100'000;
  small.reserve_bytes = 20'000;
  auto log = open_event_log(small).value();
  CHECK(log->room_bytes() == 80'000);
  while (append(*log, queued(1)))
    REQUIRE(log->head() < 10'000);
  CHECK(append(*log, queued(1)).error().fault == log_fault::full);
  CHECK(log->room_bytes() < 0);
  CHECK(read_all(*log).size() == log->head());
}

} // namespace
} // namespace careline::store
