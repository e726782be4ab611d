#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

#include "store/hash.hpp"
#include "store/snapshots.hpp"
#include "story.hpp"

namespace careline::store {
namespace {

using namespace story;

struct desk {
  scratch_folder folder;
  std::unique_ptr<event_log> log = open_event_log({.place = "memory:"}).value();

  desk() { REQUIRE(append(*log, queued(100))); }
  void save(const std::string& who, position at, const std::string& body) {
    REQUIRE(write_snapshot(folder.path(), who, at, log->hash_at(at).value(), body));
  }
  loaded_snapshot load(const std::string& who) const {
    return load_newest_snapshot(folder.path(), who, *log);
  }
  std::string file(const std::string& name) const { return folder.path() + "/" + name; }
  std::size_t files() const {
    std::size_t n = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator{folder.path()})
      ++n;
    return n;
  }
};

void change_byte(const std::string& path, std::streamoff at) {
  std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
  file.seekg(at);
  const char c = static_cast<char>(file.get());
  file.seekp(at);
  file.put(static_cast<char>(c ^ 1));
}

TEST_CASE("snapshots: the newest comes back, two are kept, each capability has its own") {
  desk d;
  CHECK_FALSE(d.load("routing").newest);
  d.save("routing", 10, "at ten");
  d.save("routing", 99, "at ninety-nine");
  d.save("routing", 100, std::string("at\0hundred", 10));
  d.save("board", 50, "the board");
  const auto routing = d.load("routing");
  REQUIRE(routing.newest);
  CHECK(routing.newest->at == 100);
  CHECK(routing.newest->body == std::string("at\0hundred", 10));
  CHECK(routing.left_aside.empty());
  CHECK(d.load("board").newest->body == "the board");
  CHECK_FALSE(d.load("rout").newest);
  CHECK(d.files() == 3);
}

TEST_CASE("snapshots: the last of each day stays for a month, so that one can look back") {
  desk d;
  const auto save = [&](position at, int days_ago) {
    d.save("routing", at, "body");
    const auto file = d.file("routing-000000000000000000" + std::to_string(at) + ".snap");
    const auto now = std::filesystem::last_write_time(file);
    std::filesystem::last_write_time(file, now - std::chrono::days{days_ago});
  };
  save(10, 40);
  save(20, 2);
  save(30, 2);
  for (const position at : {40, 50, 60})
    save(at, 0);
  CHECK(d.files() == 3);
  for (const auto* stays : {"30", "50", "60"})
    CHECK(std::filesystem::exists(d.file("routing-000000000000000000" + std::string{stays}
                                         + ".snap")));
  REQUIRE(write_snapshot(d.folder.path(), "routing", 70, d.log->hash_at(70).value(), "body",
                         {.newest = 2, .days = 0}));
  CHECK(d.files() == 2);
}

TEST_CASE("snapshots: a damaged one is left aside, the one before it serves") {
  desk d;
  d.save("routing", 10, "at ten");
  d.save("routing", 20, "at twenty");
  const auto newest = d.file("routing-00000000000000000020.snap");
  SECTION("a bit of its body changed") { change_byte(newest, 60); }
  SECTION("a bit of its position changed") { change_byte(newest, 9); }
  SECTION("a bit of its checksum changed") { change_byte(newest, 90); }
  SECTION("it was cut short") { std::filesystem::resize_file(newest, 30); }
  SECTION("it is empty") { std::filesystem::resize_file(newest, 0); }
  SECTION("it is of a newer format") { change_byte(newest, 7); }
  SECTION("it cannot be read") {
    std::filesystem::remove(newest);
    std::filesystem::create_directory(newest);
  }
  const auto loaded = d.load("routing");
  REQUIRE(loaded.newest);
  CHECK(loaded.newest->at == 10);
  REQUIRE(loaded.left_aside.size() == 1);
  CHECK_THAT(loaded.left_aside[0], Catch::Contains("00020.snap is left aside: it"));
}

TEST_CASE("snapshots: one that the log does not know is left aside") {
  desk d;
  d.save("routing", 10, "at ten");
  SECTION("above the head") {
    REQUIRE(write_snapshot(d.folder.path(), "routing", 101, {}, "ahead"));
    CHECK_THAT(d.load("routing").left_aside.at(0), Catch::Contains("above the log's head"));
  }
  SECTION("of another log") {
    REQUIRE(write_snapshot(d.folder.path(), "routing", 50, {}, "foreign"));
    CHECK_THAT(d.load("routing").left_aside.at(0), Catch::Contains("another log"));
  }
  CHECK(d.load("routing").newest->at == 10);
}

TEST_CASE("snapshots: one that was not finished is not seen") {
  desk d;
  d.save("routing", 10, "at ten");
  std::ofstream{d.file("routing-00000000000000000030.snap.tmp")} << "CLSNAP01 half";
  CHECK(d.load("routing").newest->at == 10);
  CHECK(d.load("routing").left_aside.empty());
}

TEST_CASE("snapshots: what a killed engine did not finish goes with the next one") {
  desk d;
  for (const auto* name : {"routing-00000000000000000030.snap.tmp",
                           "routing-00000000000000000007.snap.tmp",
                           "routing-x-0000000000000000030.snap.tmp",
                           "board-00000000000000000030.snap.tmp"})
    std::ofstream{d.file(name)} << "CLSNAP01 half";
  d.save("routing", 40, "at forty");
  CHECK_FALSE(std::filesystem::exists(d.file("routing-00000000000000000030.snap.tmp")));
  CHECK_FALSE(std::filesystem::exists(d.file("routing-00000000000000000007.snap.tmp")));
  CHECK(std::filesystem::exists(d.file("routing-x-0000000000000000030.snap.tmp")));
  CHECK(std::filesystem::exists(d.file("board-00000000000000000030.snap.tmp")));
  CHECK(d.load("routing").newest->at == 40);
}

TEST_CASE("snapshots: one that cannot get its name leaves nothing") {
  desk d;
  std::filesystem::create_directory(d.file("routing-00000000000000000040.snap"));
  CHECK_FALSE(write_snapshot(d.folder.path(), "routing", 40, d.log->hash_at(40).value(), "body"));
  CHECK(d.files() == 1);
}

TEST_CASE("snapshots: the bytes are those of docs/log-format.md") {
  desk d;
  d.save("routing", 3, "\x80");
  std::ostringstream bytes;
  bytes << std::ifstream{d.file("routing-00000000000000000003.snap"), std::ios::binary}.rdbuf();
  using namespace std::string_literals;
  auto expected = "CLSNAP01\x03\0\0\0\0\0\0\0"s + std::string{bytes_of(d.log->hash_at(3).value())}
                  + "\x01\0\0\0\0\0\0\0\x80"s;
  expected += bytes_of(blake256(expected));
  CHECK(bytes.str() == expected);
}

TEST_CASE("snapshots: a folder that cannot be written is a sentence") {
  desk d;
  std::ofstream{d.file("file")} << "x";
  const auto written = write_snapshot(d.file("file") + "/below", "routing", 1, {}, "body");
  REQUIRE_FALSE(written);
  CHECK_THAT(written.error(), Catch::Contains("cannot write"));
}

} // namespace
} // namespace careline::store
