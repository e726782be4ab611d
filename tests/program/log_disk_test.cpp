#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

#include "tests/program/page_client.hpp"
#include "tests/program/real_engine.hpp"

// How much of its disk a centre has used, and data that an earlier version wrote.

using namespace careline;
namespace fs = std::filesystem;

namespace {

value disk_of(const std::string& data, std::vector<std::string> more) {
  std::vector<std::string> words{"log", "stat", "--data", data, "--json"};
  words.insert(words.end(), more.begin(), more.end());
  const auto told = real::run(std::move(words));
  INFO(told.err);
  REQUIRE(told.code == 0);
  return *real::json_lines(told.out).at(0).find("disk");
}

} // namespace

TEST_CASE("an operator is warned before openings are turned away", "[log]") {
  const real::data_folder folder;
  const std::vector<std::string> small{"--disk-mib", "258"};  // 2 MiB above the reserve
  auto serve = small;
  serve.insert(serve.end(), {"--disk-warn", "1", "--disk-alarm", "100"});
  {
    real::engine e{folder.path, serve};
    real::desk d{e, "desk-1"};
    REQUIRE(d.ask("queue.define", R"({"queue":"care"})").outcome == outcome_kind::accepted);
    const auto ready = program_test::get(e.address("http"), "/readyz?verbose");
    CHECK(ready.status == 200);
    CHECK_THAT(ready.body, Catch::Contains("[!]disk warning: "));
    const auto figures = program_test::get(e.address("http"), "/metrics");
    CHECK_THAT(figures.body, Catch::Contains("careline_log_disk_level 1")
                            && Catch::Contains("careline_log_budget_bytes 270532608")
                            && Catch::Contains("careline_log_full_ratio 0.0"));
    CHECK(e.end(SIGTERM) == 0);
    CHECK_THAT(e.said(), Catch::Contains("warning: disk warning: "));
  }
  const auto disk = disk_of(folder.path, small);
  CHECK(disk.text_or("level") == "ok");
  CHECK(disk.int_or("file_bytes", 0)
        == static_cast<std::int64_t>(fs::file_size(folder.path + "/log/data.mdb")));
  CHECK(disk.int_or("budget_bytes", 0) == 258 << 20);
  CHECK(disk.int_or("reserve_bytes", 0) == 256 << 20);
  CHECK(disk.int_or("room_bytes", 0) == (2 << 20) - disk.int_or("file_bytes", 0));
  CHECK(disk_of(folder.path, {"--disk-mib", "258", "--disk-warn", "1"}).text_or("level")
        == "warning");
  CHECK(disk_of(folder.path, {"--disk-mib", "258", "--disk-alarm", "1"}).text_or("level")
        == "alarm");
  CHECK(disk_of(folder.path, {"--disk-mib", "256"}).text_or("level") == "full");
  CHECK(real::run({"log", "stat", "--data", folder.path, "--disk-warn", "101"}).code == 2);
}

TEST_CASE("a centre that the first version wrote goes on with its people waiting", "[log]") {
  const real::data_folder folder;
  const auto fixture = std::string{CARELINE_SOURCE_DIR} + "/tests/store/fixtures/format-1";
  const auto data = folder.path + "/data";
  fs::copy(fixture + "/data", data, fs::copy_options::recursive);
  fs::permissions(data + "/keys/master.key", fs::perms::owner_read | fs::perms::owner_write);
  {
    real::engine e{data, {"--accept-clock"}};
    REQUIRE_FALSE(e.ready.empty());
    real::desk d{e, "phone-1"};
    const auto shown = d.ask("queue.show", R"({"queue":"care"})");
    std::vector<std::string> names;
    for (const auto& row : *shown.data.find("waiting")->as<value::list>())
      names.emplace_back(row.text_or("contact"));
    CHECK(names == std::vector<std::string>{"C-2", "C-1", "C-3"});
    CHECK(d.ask("contact.address", R"({"contact":"C-1","purpose":"dial"})")
              .data.text_or("address") == "13912345678");
    CHECK(e.end(SIGTERM) == 0);
  }
  const auto again = folder.path + "/again";
  REQUIRE(real::run({"log", "import", fixture + "/events.jsonl", "--data", again}).code == 0);
  CHECK_THAT(real::run({"log", "verify", "--data", again}).out,
             Catch::Contains("bed3f4a4cbe683125efe89bd84efa906a958b3f22c47fa116cbd0f1be85a28bd"));
}
