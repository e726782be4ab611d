#include "event_log_contract.hpp"

#include "store/simulated/simulated_disk.hpp"

namespace careline::store {
namespace {

using namespace story;

struct simulated_place {
  std::unique_ptr<event_log> open() {
    if (!disk) {
      disk = std::make_unique<simulated_disk>(options);
      disk->sync_each_write();
    }
    return disk->open().value();
  }
  void flip_byte(std::unique_ptr<event_log>&, position at) { disk->damage(at); }

  open_options options{.place = "memory:"};
  std::unique_ptr<simulated_disk> disk;
};

CARELINE_EVENT_LOG_CONTRACT(simulated_place, "simulated disk")

struct heard {
  int times = 0;
  std::optional<log_fault> fault;
  event_log::append_done answer() {
    return [this](const auto& outcome) {
      ++times;
      if (!outcome)
        fault = outcome.error().fault;
    };
  }
};

TEST_CASE("simulated disk: nobody is told before the sync, and what was not synced may be gone") {
  simulated_disk disk{{.place = "memory:"}};
  heard first;
  heard second;
  {
    const auto log = disk.open().value();
    log->append(queued(1), 0, log->epoch(), first.answer());
    CHECK(first.times == 0);
    CHECK(log->head() == 0);
    disk.sync();
    CHECK(first.times == 1);
    CHECK(log->head() == 1);
    log->append(queued(1), 1, log->epoch(), second.answer());
  }
  disk.crash(unsynced_fate::lost);
  CHECK(disk.open().value()->head() == 1);
  {
    const auto log = disk.open().value();
    log->append(queued(1), 1, log->epoch(), second.answer());
  }
  disk.crash(unsynced_fate::whole);
  CHECK(disk.open().value()->head() == 2);
  CHECK(second.times == 0);
}

TEST_CASE("simulated disk: a second engine is kept out by the lock, or else ends the first") {
  simulated_disk disk{{.place = "memory:"}};
  const auto one = disk.open().value();
  CHECK(disk.open().error().fault == log_fault::locked);
  heard last;
  one->append(queued(1), 0, one->epoch(), last.answer());
  const auto other = disk.open(true).value();
  disk.sync();
  CHECK(last.fault == log_fault::conflict);
  CHECK(other->head() == 0);
}

TEST_CASE("simulated disk: what is written takes of the room that is left") {
  simulated_disk disk{{.place = "memory:"}};
  disk.sync_each_write();
  const auto log = disk.open().value();
  disk.set_room(1);
  log->append(queued(1), 0, log->epoch(), [](const auto&) {});
  REQUIRE(log->head() == 1);
  CHECK(log->room_bytes() < 1);
  disk.set_room(-log->reserve_bytes());
  heard last;
  log->append(queued(1), 1, log->epoch(), last.answer());
  heard beyond;
  log->append(queued(1), log->head(), log->epoch(), beyond.answer());
  CHECK(log->head() == 2);
  CHECK(beyond.fault == log_fault::full);
}

} // namespace
} // namespace careline::store
