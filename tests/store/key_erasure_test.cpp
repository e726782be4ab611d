#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

#include "safe.hpp"

// Erasures and exchanges of the master key that a disk lets down half way.

namespace careline::store {
namespace {

using namespace story;
namespace fs = std::filesystem;

} // namespace

TEST_CASE("keys: an erasure whose file could not be rewritten is not done until it was",
          "[R2.3.3]") {
  safe s;
  const auto gone = s.keys->seal(li, "Li Wei").value();
  const auto stays = s.keys->seal(wang, "Wang").value();
  const auto row = s.row_of(gone);
  {
    const no_rewriting disk{s.place};
    CHECK_FALSE(s.keys->erase(li));
    CHECK_FALSE(fs::exists(s.place + "/rewrite"));
    CHECK_FALSE(s.keys->erase(li));
    CHECK(s.all_bytes().find(row) != std::string::npos);
  }
  CHECK(s.keys->erase(li));
  CHECK(s.all_bytes().find(row) == std::string::npos);
  for (int i = 0; i < 2; ++i, s.restart()) {
    CHECK(s.keys->open(li, gone).error().type == "person.erased");
    CHECK(s.keys->open(wang, stays).value() == "Wang");
  }
}

TEST_CASE("keys: who is read while an erasure fails is not opened for ever after", "[R2.3.3]") {
  safe s;
  const auto gone = s.keys->seal(li, "Li Wei").value();
  s.keys->flush();
  const no_rewriting disk{s.place};
  std::atomic<bool> over{false};
  std::thread desk{[&] {
    while (!over)
      (void)s.keys->open(li, gone);
  }};
  CHECK_FALSE(s.keys->erase(li));
  over = true;
  desk.join();
  CHECK(s.keys->open(li, gone).error().type == "person.erased");
}

TEST_CASE("master key: it is another one although the old file could not be got rid of yet",
          "[R2.3.3]") {
  safe s;
  const auto sealed = s.keys->seal(li, "Li Wei").value();
  const auto row = s.row_of(sealed);
  const auto old_master = s.master();
  {
    const no_rewriting disk{s.place};
    const auto rotated = s.keys->rotate_master();
    REQUIRE(rotated);
    CHECK(rotated->keys >= 1);
    CHECK_THAT(rotated->unfinished, Catch::Contains("rewrite"));
    CHECK(s.keys->is_rewrite_due());
    CHECK(s.master() != old_master);
    CHECK(s.keys->open(li, sealed).value() == "Li Wei");
    CHECK(s.all_bytes().find(row) != std::string::npos);
  }
  SECTION("and is so when it is tried again") { CHECK(s.keys->erase(std::vector<person_id>{})); }
  SECTION("and is so at the next start") { s.restart(); }
  CHECK_FALSE(s.keys->is_rewrite_due());
  CHECK(s.all_bytes().find(row) == std::string::npos);
  CHECK(s.keys->open(li, sealed).value() == "Li Wei");
}

TEST_CASE("keys: where there were some no new ones are made", "[R9.1.2b]") {
  safe s;
  CHECK(s.keys->is_new());
  const auto sealed = s.keys->seal(li, "Li Wei").value();
  s.restart();
  CHECK_FALSE(s.keys->is_new());
  s.keys.reset();
  auto options = safe::small();
  options.made_before = "a head was signed";
  const auto aside = s.folder.path() + "/aside";
  fs::rename(s.place, aside);
  SECTION("their folder is missing") {}
  SECTION("their folder is empty") { fs::create_directory(s.place); }
  SECTION("their file has nothing in it") {
    fs::create_directory(s.place);
    std::ofstream{s.place + "/data.mdb"};
  }
  for (int i = 0; i < 2; ++i) {
    const auto opened = open_key_store(s.place, options);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault == log_fault::damaged);
    CHECK_THAT(opened.error().detail, Catch::Contains("a head was signed"));
    CHECK_FALSE(fs::exists(s.place + "/master.key"));
  }
  fs::remove_all(s.place);
  fs::rename(aside, s.place);
  s.keys = open_key_store(s.place, options).value();
  CHECK(s.keys->open(li, sealed).value() == "Li Wei");
}

} // namespace careline::store
