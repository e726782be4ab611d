#include <catch2/catch.hpp>

#include <cerrno>
#include <fstream>
#include <future>

#include "store/inspect.hpp"
#include "store/lmdb/stream_index.hpp"
#include "small_disk.hpp"
#include "story.hpp"

namespace careline::store {
namespace {

using namespace story;

constexpr std::uint64_t ballast_bytes = 256 << 10;  // a quarter of the reserve below
constexpr int slices = 8;

std::uint64_t size_of(const std::string& file) {
  std::error_code absent;
  const auto bytes = std::filesystem::file_size(file, absent);
  return absent ? 0 : bytes;
}

open_options small_log(const std::string& folder) {
  open_options o;
  o.place = folder;
  o.map_bytes = 64 << 20;
  o.reserve_bytes = 1 << 20;
  return o;
}

batch ended(const std::string& contact) {
  auto b = just(happened("contact.finished", contact));
  b.uses_reserve = true;
  return b;
}

/// A disk that something else fills; it soon has what the log gives back, too.
struct crowded_disk {
  scratch_folder folder;
  bool is_full = false;
  std::uint64_t left = 0;

  std::uint64_t held() const { return size_of(folder.path() + "/ballast"); }
  void fill() {
    is_full = true;
    left = held();
  }
  int next_commit() {
    if (is_full && held() >= left)
      return ENOSPC;
    left = held();
    return 0;
  }
  open_options options() {
    auto o = small_log(folder.path());
    o.disk.free_bytes = [this] { return is_full ? 0U : std::uint64_t{1} << 30U; };
    o.disk.commit_error = [this] { return next_commit(); };
    return o;
  }
};

TEST_CASE("full disk: what is in talk is ended although others took every byte") {
  crowded_disk disk;
  auto log = open_event_log(disk.options()).value();
  CHECK(disk.held() == ballast_bytes);
  REQUIRE(append(*log, queued(10)));
  disk.fill();
  CHECK(log->room_bytes() < 0);
  for (int i = 0; i < slices; ++i)
    REQUIRE(append(*log, {ended("contact/C-" + std::to_string(i))}));
  CHECK(disk.held() == 0);
  const auto refused = append(*log, {ended("contact/C-9")});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().fault == log_fault::io);
  CHECK_THAT(refused.error().detail, Catch::Contains("the disk is full"));
  CHECK(read_all(*log).size() == 10 + slices);

  disk.is_full = false;
  CHECK(log->room_bytes() > 0);
  for (int i = 0; i < slices; ++i)
    REQUIRE(append(*log, queued(1)));
  CHECK(disk.held() == ballast_bytes);
  CHECK(verify_log(*log));
  CHECK(read_all(*log).back().at == 10 + 2 * slices);
}

TEST_CASE("full disk: an engine that was killed on it starts again") {
  crowded_disk disk;
  REQUIRE(append(*open_event_log(disk.options()).value(), queued(10)));
  disk.fill();
  const auto log = open_event_log(disk.options());
  REQUIRE(log);
  CHECK((*log)->head() == 10);
  CHECK((*log)->room_bytes() < 0);
  CHECK(append(**log, {ended("contact/C-1")}));
  CHECK(disk.held() < ballast_bytes);
}

TEST_CASE("full disk: a log that may take less holds less") {
  crowded_disk disk;
  open_event_log(disk.options()).value().reset();
  auto options = disk.options();
  options.reserve_bytes /= 2;
  const auto log = open_event_log(options);
  REQUIRE(log);
  CHECK(disk.held() == ballast_bytes / 2);
}

/// What went wrong, or 0.
int live_through_a_full_disk(const std::string& folder) {
  if (!enter_disk(folder, "size=8m"))
    return no_disk;
  auto opened = open_event_log(small_log(folder));
  if (!opened || !append(**opened, queued(100)))
    return 1;
  auto& log = **opened;
  take_all(folder + "/others");
  if (log.room_bytes() >= 0)
    return 2;
  for (int i = 0; i < 100; ++i)
    if (!append(log, {ended("contact/C-" + std::to_string(i))}))
      return 3;
  if (size_of(folder + "/ballast") >= ballast_bytes)
    return 4;
  std::filesystem::remove(folder + "/others");
  for (int i = 0; i < slices; ++i)
    if (log.room_bytes() <= 0 || !append(log, queued(1)))
      return 5;
  if (size_of(folder + "/ballast") != ballast_bytes)
    return 6;
  return verify_log(log) ? 0 : 7;
}

TEST_CASE("full disk: on a real one what is in talk is ended, and it recovers by itself") {
  scratch_folder folder;
  const int outcome = in_child([&] { return live_through_a_full_disk(folder.path()); });
  if (outcome == no_disk) {
    WARN("skipped: needs the right to mount a file system");
    return;
  }
  CHECK(outcome == 0);
}

TEST_CASE("full disk: the stream index leaves the reserve alone, and goes on when there is room") {
  scratch_folder folder;
  std::promise<void> refused;
  std::promise<void> indexed;
  int asked = 0;
  bool told = false;
  lmdb::stream_index::source from;
  from.has_room = [&] {
    if (++asked > 1)
      return true;
    refused.set_value();
    return false;
  };
  from.subjects = [](position after, position until, const auto& each) {
    for (auto at = after + 1; at <= until; ++at)
      each(at, "contact/C-1");
    return until;
  };
  from.hash_at = [&](position) {
    if (!std::exchange(told, true))
      indexed.set_value();
    return chain_hash{};
  };
  {
    lmdb::stream_index index{folder.path(), from, 4096, false};
    refused.get_future().wait();
    CHECK(index.find("contact/C-1").indexed == 0);
    index.log_is_at(8192);
    indexed.get_future().wait();
  }
  lmdb::stream_index again{folder.path(), from, 8192, true};
  CHECK(again.find("contact/C-1").indexed >= 4096);
  CHECK(again.find("contact/C-1").at.size() == again.find("contact/C-1").indexed);
}

} // namespace
} // namespace careline::store
