#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "messages/json.hpp"
#include "tests/program/real_engine.hpp"
#include "tests/program/reopened.hpp"

// A data folder in which the keys are missing, while its log is there.

using namespace careline;
using real::refused, real::waiting_at;
namespace fs = std::filesystem;

namespace {

/// Serves a centre until two people wait there, and ends in order.
void serve_some(const std::string& data) {
  real::engine e{data};
  real::desk d{e, "phone-1"};
  REQUIRE(d.ask("queue.define", R"({"queue":"care"})").outcome == outcome_kind::accepted);
  for (const auto* contact : {R"({"contact":"C-1","channel":"phone","queue":"care"})",
                              R"({"contact":"C-2","channel":"phone","queue":"care"})"})
    REQUIRE(d.ask("contact.open", contact).outcome == outcome_kind::accepted);
  REQUIRE(e.end(SIGTERM) == 0);
}

} // namespace

TEST_CASE("where the keys are gone no new ones are made, and all opens once they are back",
          "[serve]") {
  const real::data_folder folder;
  const auto data = folder.path + "/data";
  serve_some(data);
  const auto keys = data + "/keys";
  const auto aside = folder.path + "/aside";
  fs::rename(keys, aside);
  SECTION("their folder is missing") {}
  SECTION("their folder is empty") { fs::create_directory(keys); }
  SECTION("their file is empty, and nobody signed anything") {
    fs::create_directory(keys);
    fs::copy_file(aside + "/master.key", keys + "/master.key");
    std::ofstream{keys + "/data.mdb"};
    fs::remove(data + "/heads.jsonl");
    fs::create_directories(data + "/snapshots");
    std::ofstream{data + "/snapshots/routing-00000000000000000005.snap"} << "whatever is in it";
  }
  for (int i = 0; i < 2; ++i)
    CHECK_THAT(refused(data), Catch::Contains("there are no keys in " + keys)
                                  && Catch::Contains("put back the newest copy"));
  fs::remove_all(keys);
  fs::rename(aside, keys);
  fs::remove_all(data + "/snapshots");
  real::engine e{data};
  CHECK(waiting_at(e) == 2);
  CHECK(e.end(SIGTERM) == 0);
}

TEST_CASE("a log that was restored without keys is served, and what that means is said",
          "[serve]") {
  const real::data_folder folder;
  serve_some(folder.path + "/data");
  const auto backup = folder.path + "/backup";
  const auto again = folder.path + "/again";
  REQUIRE(real::run({"log", "backup", backup, "--without-keys", "--data", folder.path + "/data"})
              .code == 0);
  REQUIRE(real::run({"log", "restore", backup, "--without-keys", "--data", again}).code == 0);
  for (const bool is_first : {true, false}) {
    real::engine e{again};
    CHECK(waiting_at(e) == 2);
    CHECK(e.end(SIGTERM) == 0);
    CHECK((e.said().find("there were no keys beside the log") != std::string::npos) == is_first);
  }
}
