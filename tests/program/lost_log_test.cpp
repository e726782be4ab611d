#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "messages/json.hpp"
#include "tests/program/kept_snapshots.hpp"
#include "tests/program/real_engine.hpp"
#include "tests/program/reopened.hpp"

// A data folder in which the log is missing, or something of another centre lies.

using namespace careline;
using real::refused, real::waiting_at;
namespace fs = std::filesystem;

namespace {

enum class kept { no, yes };

/// Serves a centre until somebody waits there, and ends in order.
void serve_some(const std::string& data, int contacts, std::vector<std::string> more = {},
                kept snapshots = kept::no) {
  real::engine e{data, std::move(more)};
  real::desk d{e, "phone-1"};
  REQUIRE(d.ask("queue.define", R"({"queue":"care"})").outcome == outcome_kind::accepted);
  for (int i = 1; i <= contacts; ++i) {
    const auto json = R"({"contact":"C-)" + std::to_string(i)
                      + R"(","channel":"phone","queue":"care"})";
    REQUIRE(d.ask("contact.open", json).outcome == outcome_kind::accepted);
  }
  if (snapshots == kept::yes)
    real::ask_until_snapshots(d, data);
  REQUIRE(e.end(SIGTERM) == 0);
}

} // namespace

TEST_CASE("where the log is gone no new one is begun, and everyone is there once it is back",
          "[serve]") {
  const real::data_folder folder;
  const auto data = folder.path + "/data";
  serve_some(data, 3);
  const auto log = data + "/log";
  const auto aside = folder.path + "/aside";
  SECTION("its folder is missing") {
    fs::rename(log, aside);
    CHECK_THAT(refused(data), Catch::Contains("there is no log in " + data)
                                  && Catch::Contains("heads.jsonl has a head"));
    CHECK_FALSE(fs::exists(log));
    fs::rename(aside, log);
  }
  SECTION("its folder is empty, and nobody signed anything") {
    fs::rename(log, aside);
    fs::create_directory(log);
    fs::remove(data + "/heads.jsonl");
    fs::create_directories(data + "/snapshots");
    const auto snapshot = data + "/snapshots/routing-00000000000000000005.snap";
    std::ofstream{snapshot} << "whatever is in it";
    CHECK_THAT(refused(data), Catch::Contains(snapshot));
    CHECK(fs::is_empty(log));
    fs::remove(log);
    fs::rename(aside, log);
  }
  SECTION("its file has no events") {
    fs::rename(log, aside);
    fs::create_directory(log);
    std::ofstream{log + "/data.mdb"};
    CHECK_THAT(refused(data), Catch::Contains("there is no log in " + data));
    fs::remove_all(log);
    fs::rename(aside, log);
  }
  real::engine e{data};
  CHECK(waiting_at(e) == 3);
  CHECK(e.end(SIGTERM) == 0);
}

TEST_CASE("a master key that is gone or cut short is said to be damage, and opens once it is back",
          "[serve]") {
  const real::data_folder folder;
  const auto data = folder.path + "/data";
  serve_some(data, 2);
  const auto key = data + "/keys/master.key";
  const auto aside = folder.path + "/aside";
  fs::rename(key, aside);
  CHECK_THAT(refused(data), Catch::Contains("master.key is missing"));
  fs::copy_file(aside, key);
  fs::resize_file(key, 31);
  CHECK_THAT(refused(data), Catch::Contains("is not 32 bytes long"));
  fs::rename(aside, key);
  real::engine e{data};
  CHECK(waiting_at(e) == 2);
  CHECK(e.end(SIGTERM) == 0);
}

TEST_CASE("a disk that is not mounted is no new centre, where heads are kept elsewhere",
          "[serve]") {
  const real::data_folder folder;
  const auto data = folder.path + "/disk/data";
  const std::vector<std::string> heads{"--heads", folder.path + "/heads.jsonl"};
  serve_some(data, 2, heads);
  fs::rename(folder.path + "/disk", folder.path + "/elsewhere");
  fs::create_directory(folder.path + "/disk");
  CHECK_THAT(refused(data, heads), Catch::Contains("See to it that its disk is there"));
  CHECK(fs::is_empty(folder.path + "/disk"));
  fs::remove(folder.path + "/disk");
  fs::rename(folder.path + "/elsewhere", folder.path + "/disk");
  real::engine e{data, heads};
  CHECK(waiting_at(e) == 2);
  CHECK(e.end(SIGTERM) == 0);
}

TEST_CASE("snapshots of another centre's log are left aside, and everyone is at their place",
          "[serve]") {
  const real::data_folder ours;
  const real::data_folder theirs;
  serve_some(ours.path, 20, {"--snapshot-events", "0"});
  serve_some(theirs.path, 2, {"--snapshot-events", "3"}, kept::yes);
  fs::copy(theirs.path + "/snapshots", ours.path + "/snapshots",
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  real::engine e{ours.path};
  CHECK(waiting_at(e) == 20);
  CHECK(e.end(SIGTERM) == 0);
  CHECK_THAT(e.said(), Catch::Contains("is left aside: it was made from another log"));
}
