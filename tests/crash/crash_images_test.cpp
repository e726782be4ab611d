#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <numeric>
#include <set>

#include "tests/crash/image_run.hpp"

// Power cuts: what a real run wrote is recorded, and of any moment in it the files are made that a
// crash then may leave on a disk that keeps its promises. Each is opened as an engine opens it.

using namespace careline::crash;

namespace {

bool is_long() {
  return std::getenv("TESTS_LONG") && *std::getenv("TESTS_LONG");
}

std::string name_of_this_test() {
  return Catch::getResultCapture().getCurrentTestName();
}

void print(const recorded& of, const run_outcome& outcome) {
  std::cout << name_of_this_test() << ": " << outcome.opened << " images opened, of a run of "
            << of.all.size() << " calls with " << of.told.groups.size() << " groups and "
            << of.told.commands << " commands acknowledged; " << outcome.findings.size()
            << " broke a promise\n";
}

/// Of one recovery.
std::vector<std::uint64_t> few_seeds() {
  std::vector<std::uint64_t> seeds(20);
  std::iota(seeds.begin(), seeds.end(), 1);
  return seeds;
}

void all_promises_hold(const recorded& of, const std::vector<std::uint64_t>& seeds) {
  const auto outcome = try_images(of, seeds);
  print(of, outcome);
  CHECK(outcome.opened == seeds.size());
  for (std::size_t i = 0; i < std::min<std::size_t>(outcome.findings.size(), 3); ++i)
    FAIL_CHECK(how_to_repeat(of, outcome.findings[i], name_of_this_test()));
  CHECK(outcome.findings.empty());
}

/// All that is under a folder, folders too.
std::set<std::string> names_under(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder})
    names.insert(std::filesystem::relative(entry.path(), folder).string());
  return names;
}

std::string read_whole(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST_CASE("power cut: nothing acknowledged is lost, whatever of the rest reached the disk",
          "[R2.3.5]") {
  all_promises_hold(record("day"), seeds_of(1, is_long() ? 6000 : 400));
}

TEST_CASE("power cut: a contact's events are found again, whatever became of the index",
          "[R2.3.5]") {
  all_promises_hold(record("lines"), seeds_of(100'001, is_long() ? 600 : 40));
}

TEST_CASE("power cut: the recording is the whole truth about the files") {
  const auto of = record("day");
  REQUIRE(of.place);
  disk d{of.folder};
  for (const auto& e : of.all) {
    d.begin(e);
    d.end(e);
  }
  const auto played = d.all();
  std::set<std::string> seen;
  std::set<std::string> names{played.folders.begin(), played.folders.end()};
  for (const auto& [name, content] : played.files) {
    INFO(name);
    names.insert(name);
    seen.insert(name.substr(0, name.find('-')));
    // LMDB's locks are written through a mapping and made anew after a crash.
    if (!name.ends_with("lock.mdb"))
      CHECK((content == read_whole(of.folder + "/" + name)));
  }
  CHECK(seen.contains("log/data.mdb"));
  CHECK(seen.contains("keys/data.mdb"));
  CHECK(seen.contains("keys/master.key"));
  CHECK(seen.contains("streams/data.mdb"));
  CHECK(seen.contains("snapshots/routing"));
  CHECK(seen.contains("ballast"));
  CHECK(seen.contains("heads.jsonl"));
  CHECK(of.told.rotations > 3);
  // A file made by a call that the shim does not stand in for would be missing.
  CHECK(names == names_under(of.folder));
}

TEST_CASE("power cut: one while the crash before is recovered from loses nothing either",
          "[R2.3.5]") {
  const auto of = record("day");
  std::size_t opened = 0;
  for (const auto seed : seeds_of(300'001, is_long() ? 150 : 8)) {
    const auto again = record_recovery(of, seed);
    const auto outcome = try_images(again, few_seeds());
    opened += outcome.opened;
    for (const auto& f : outcome.findings)
      FAIL_CHECK(how_to_repeat(of, {seed, again.began, "after image " + std::to_string(f.seed)
                                    + " of its recovery: " + f.what}, name_of_this_test()));
  }
  std::cout << name_of_this_test() << ": " << opened << " images of recoveries opened\n";
}

TEST_CASE("power cut: on a disk that does not keep what it was told to sync, losses are found") {
  struct plant {
    lie told;
    const char* name;
    const char* finds;
  };
  const auto of = record("day");
  for (const auto& [told, name, finds] :
       {plant{lie::syncs_nothing, "nothing is synced", "acknowledged was up to"},
        plant{lie::syncs_no_data, "fsync of files does nothing", ""},
        plant{lie::syncs_no_meta, "O_DSYNC does nothing", "acknowledged was up to"}}) {
    INFO(name);
    const auto outcome = try_images(of, seeds_of(200'001, is_long() ? 600 : 60), told);
    std::cout << name << ": ";
    print(of, outcome);
    CHECK(outcome.findings.size() > outcome.opened / 10);
    CHECK(std::any_of(outcome.findings.begin(), outcome.findings.end(), [&](const finding& f) {
      return f.what.find(finds) != std::string::npos;
    }));
  }
}
