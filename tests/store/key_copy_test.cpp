#include <catch2/catch.hpp>

#include <cstdlib>
#include <optional>

#include "safe.hpp"
#include "small_disk.hpp"
#include "store/hash.hpp"
#include "store/keys/key_copy.hpp"

// What `log backup` does to keys that lie where it is to put a copy.

namespace careline::store {
namespace {

using namespace story;
namespace fs = std::filesystem;

/// A master key that is kept elsewhere, for as long as it lives.
struct kept_elsewhere {
  explicit kept_elsewhere(const std::string& master) {
    ::setenv("CARELINE_MASTER_KEY", to_hex(master).c_str(), 1);
  }
  ~kept_elsewhere() { ::unsetenv("CARELINE_MASTER_KEY"); }
};

/// Keys in use, and a place for copies of them.
struct centre : safe {
  std::string copy = folder.path() + "/copy";
  std::string again = folder.path() + "/again";

  /// As a backup beside an engine would; one process opens a folder once.
  result<std::size_t, log_error> copy_to(const std::string& to) {
    keys.reset();
    auto copied = copy_keys(place, keys_are::in_use, to);
    keys = open();
    return copied;
  }
  std::string why_not(const std::string& to) {
    const auto copied = copy_to(to);
    REQUIRE_FALSE(copied);
    CHECK(copied.error().fault == log_fault::conflict);
    CHECK_FALSE(fs::exists(to + "/unfinished"));
    return copied.error().detail;
  }
  void lose_keys() {
    keys.reset();
    fs::remove_all(place);
    keys = open();
  }
  /// What the copy says once it is what an engine works with.
  std::string opened_from(const std::string& from, const person_id& who,
                          const std::string& sealed) {
    fs::remove_all(again);
    if (const auto restored = copy_keys(from, keys_are::a_copy, again); !restored)
      return restored.error().detail;
    CHECK_FALSE(fs::exists(again + "/master.key.next"));
    const auto clear = open_key_store(again, small()).value()->open(who, sealed);
    return clear ? *clear : clear.error().type;
  }
};

} // namespace

TEST_CASE("copy of keys: two centres that name one folder do not destroy each other's keys",
          "[backup]") {
  centre ours, theirs;
  const auto sealed = theirs.keys->seal(li, "Li Wei").value();
  REQUIRE(theirs.copy_to(theirs.copy));
  const auto before = bytes_of_file(theirs.copy + "/data.mdb");
  const auto why = ours.why_not(theirs.copy);
  CHECK_THAT(why, Catch::Contains(theirs.copy) && Catch::Contains("another centre")
                      && Catch::Contains("name another folder"));
  CHECK(bytes_of_file(theirs.copy + "/data.mdb") == before);
  CHECK(theirs.opened_from(theirs.copy, li, sealed) == "Li Wei");
  CHECK(theirs.copy_to(theirs.copy));
}

TEST_CASE("copy of keys: those in use are no place for their copy", "[backup]") {
  centre c;
  const auto sealed = c.keys->seal(li, "Li Wei").value();
  auto to = c.place;
  SECTION("by their name") {}
  SECTION("by another name") {
    to = c.folder.path() + "/link";
    fs::create_directory_symlink(c.place, to);
  }
  SECTION("by the name of their file") {
    to = c.folder.path() + "/linked";
    fs::create_directory(to);
    fs::create_hard_link(c.place + "/data.mdb", to + "/data.mdb");
  }
  const auto held = c.folder.path() + "/held";
  fs::create_hard_link(c.place + "/data.mdb", held);
  CHECK_THAT(c.why_not(to), Catch::Contains("in use") && Catch::Contains("name another folder"));
  CHECK(fs::equivalent(c.place + "/data.mdb", held));
  CHECK(c.keys->open(li, sealed).value() == "Li Wei");
}

TEST_CASE("copy of keys: new ones do not take the place of the only good copy", "[backup]") {
  centre c;
  std::optional<kept_elsewhere> elsewhere;
  int starts = 0;
  SECTION("with a master key of their own") {}
  SECTION("with the same master key") { elsewhere.emplace(c.master()); }
  SECTION("with the same master key and many starts") {
    elsewhere.emplace(c.master());
    starts = 3;
  }
  const auto sealed = c.keys->seal(li, "Li Wei").value();
  REQUIRE(c.copy_to(c.copy));
  c.lose_keys();
  for (; starts > 0; --starts)
    c.restart();
  CHECK_FALSE(c.keys->open(li, sealed));
  CHECK_THAT(c.why_not(c.copy), Catch::Contains("made anew") && Catch::Contains(c.copy));
  CHECK(c.opened_from(c.copy, li, sealed) == "Li Wei");
}

TEST_CASE("copy of keys: an older state of the same keys does not take its place", "[backup]") {
  centre c;
  const auto older = c.folder.path() + "/older";
  REQUIRE(c.copy_to(older));
  c.restart();
  const auto sealed = c.keys->seal(li, "Li Wei").value();
  REQUIRE(c.copy_to(c.copy));
  const auto copied = copy_keys(older, keys_are::a_copy, c.copy);
  REQUIRE_FALSE(copied);
  CHECK(copied.error().fault == log_fault::conflict);
  CHECK(c.opened_from(c.copy, li, sealed) == "Li Wei");
}

TEST_CASE("copy of keys: two that went on from one copy are not taken for each other", "[backup]") {
  centre one, other;
  REQUIRE(one.copy_to(one.copy));
  other.keys.reset();
  fs::remove_all(other.place);
  REQUIRE(copy_keys(one.copy, keys_are::a_copy, other.place));
  one.restart();
  other.keys = other.open();
  const auto sealed = one.keys->seal(li, "Li Wei").value();
  REQUIRE(other.keys->seal(wang, "Wang"));
  REQUIRE(one.copy_to(one.copy));
  CHECK_THAT(other.why_not(one.copy), Catch::Contains("cannot open"));
  CHECK(one.opened_from(one.copy, li, sealed) == "Li Wei");
}

TEST_CASE("copy of keys: one of the first version is followed by newer ones", "[backup]") {
  centre c;
  c.keys.reset();
  fs::remove_all(c.place);
  const std::string fixture =
      std::string{CARELINE_SOURCE_DIR} + "/tests/store/fixtures/format-1/";
  fs::copy(fixture + "data/keys", c.place, fs::copy_options::recursive);
  fs::copy(c.place, c.copy, fs::copy_options::recursive);
  for (const auto& folder : {c.place, c.copy})
    write_secret(folder + "/master.key", bytes_of_file(folder + "/master.key"));
  c.keys = c.open();
  const auto sealed = c.keys->seal(li, "Li Wei").value();
  REQUIRE(c.copy_to(c.copy));
  REQUIRE(c.keys->rotate_master());
  REQUIRE(c.copy_to(c.copy));
  CHECK(c.opened_from(c.copy, li, sealed) == "Li Wei");
  CHECK_THAT(centre{}.why_not(c.copy), Catch::Contains("another centre"));
}

TEST_CASE("copy of keys: it goes along when keys are erased and the master key is another",
          "[backup]") {
  centre c;
  const auto of_li = c.keys->seal(li, "Li Wei").value();
  const auto of_wang = c.keys->seal(wang, "Wang").value();
  REQUIRE(c.copy_to(c.copy));
  REQUIRE(c.keys->erase(li));
  REQUIRE(c.copy_to(c.copy));
  CHECK(c.opened_from(c.copy, li, of_li) == "person.erased");
  for (int i = 0; i < 2; ++i) {
    REQUIRE(c.keys->rotate_master());
    REQUIRE(c.copy_to(c.copy));
    CHECK(c.opened_from(c.copy, wang, of_wang) == "Wang");
  }
  // The master key goes elsewhere, out of the copy's folder too, and comes back.
  const auto master = c.master();
  {
    const kept_elsewhere there{master};
    fs::remove(c.place + "/master.key");
    fs::remove(c.copy + "/master.key");
    REQUIRE(c.copy_to(c.copy));
    c.keys.reset();
  }
  write_secret(c.place + "/master.key", master);
  REQUIRE(c.copy_to(c.copy));
  CHECK(c.opened_from(c.copy, wang, of_wang) == "Wang");
}

TEST_CASE("copy of keys: a damaged one is made anew where it is known whose it is", "[backup]") {
  centre c;
  REQUIRE(c.copy_to(c.copy));
  fs::resize_file(c.copy + "/data.mdb", 5000);
  SECTION("its master key is the one in force") {
    REQUIRE(c.copy_to(c.copy));
    CHECK(check_keys(c.copy));
  }
  SECTION("its master key is another one") {
    write_secret(c.copy + "/master.key", std::string(32, 'm'));
    CHECK_THAT(c.why_not(c.copy), Catch::Contains("cannot be known"));
    CHECK(bytes_of_file(c.copy + "/master.key") == std::string(32, 'm'));
  }
}

TEST_CASE("copy of keys: what kills it on the way to a new master key leaves one that opens",
          "[backup]") {
  centre c;
  const auto sealed = c.keys->seal(li, "Li Wei").value();
  REQUIRE(c.copy_to(c.copy));
  REQUIRE(c.keys->rotate_master());
  const auto fresh = c.folder.path() + "/fresh";
  REQUIRE(c.copy_to(fresh));
  write_secret(c.copy + "/master.key.next", c.master());
  SECTION("before the keys were exchanged") {}
  SECTION("after the keys were exchanged") {
    fs::rename(fresh + "/data.mdb", c.copy + "/data.mdb");
  }
  SECTION("and it was the first copy") {
    fs::rename(fresh + "/data.mdb", c.copy + "/data.mdb");
    fs::remove(c.copy + "/master.key");
  }
  CHECK(has_keys(c.copy));
  CHECK(check_keys(c.copy));
  CHECK(c.opened_from(c.copy, li, sealed) == "Li Wei");
  REQUIRE(c.keys->rotate_master());
  REQUIRE(c.copy_to(c.copy));
  CHECK_FALSE(fs::exists(c.copy + "/master.key.next"));
  CHECK(bytes_of_file(c.copy + "/master.key") == c.master());
  CHECK(c.opened_from(c.copy, li, sealed) == "Li Wei");
}

/// What went wrong, or 0. The file of the keys cannot be exchanged where something is mounted.
int copy_that_stops_half_way(centre& c) {
  const auto file = c.copy + "/data.mdb";
  if (::unshare(CLONE_NEWNS) != 0
      || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0
      || ::mount(file.c_str(), file.c_str(), nullptr, MS_BIND, nullptr) != 0)
    return no_disk;
  if (copy_keys(c.place, keys_are::in_use, c.copy))
    return 1;
  ::umount(file.c_str());
  return 0;
}

TEST_CASE("copy of keys: one that stops after a new master key came opens as before", "[backup]") {
  centre c;
  const auto sealed = c.keys->seal(li, "Li Wei").value();
  REQUIRE(c.copy_to(c.copy));
  REQUIRE(c.keys->rotate_master());
  c.keys.reset();
  const int outcome = in_child([&] { return copy_that_stops_half_way(c); });
  if (outcome == no_disk) {
    WARN("skipped: needs the right to mount a file system");
    return;
  }
  CHECK(outcome == 0);
  CHECK(check_keys(c.copy));
  CHECK(c.opened_from(c.copy, li, sealed) == "Li Wei");
}

TEST_CASE("copy of keys: an engine that was killed while it changed the master key is copied whole",
          "[backup]") {
  centre c;
  const auto sealed = c.keys->seal(li, "Li Wei").value();
  const auto old_master = c.master();
  REQUIRE(c.keys->rotate_master());
  c.keys.reset();
  fs::rename(c.place + "/master.key", c.place + "/master.key.next");
  write_secret(c.place + "/master.key", old_master);
  REQUIRE(copy_keys(c.place, keys_are::in_use, c.copy));
  CHECK(c.opened_from(c.copy, li, sealed) == "Li Wei");
}

} // namespace careline::store
