#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "messages/json.hpp"
#include "tests/program/real_engine.hpp"

// The log of a real centre, played in virtual time (docs/call-log.md).

using namespace careline;

namespace {

const std::string real_log = CARELINE_SHARED_DATA "/call_log/bank_calls_1999-08-01_15.csv";

value simulated(std::vector<std::string> more) {
  std::vector<std::string> words{"simulate", "--call-log", real_log, "--json"};
  words.insert(words.end(), more.begin(), more.end());
  const auto told = real::run(std::move(words));
  INFO(told.err);
  REQUIRE(told.code == 0);
  auto out = from_json(told.out);
  REQUIRE(out);
  return std::move(*out);
}

} // namespace

TEST_CASE("every row of the real log is played or named with its reason", "[call-log]") {
  if (!std::filesystem::exists(real_log)) {
    WARN("skipped: needs ../shared/data");
    return;
  }
  const auto out = simulated({});
  const auto& rows = *out.find("rows");
  CHECK(rows.int_or("all", 0) == 23'668);
  const auto& was = *out.find("recorded");
  // What the log's publisher computed of it, within the rows that both leave out.
  CHECK(was.number_or("offered", 0) == Approx(21'634).epsilon(0.01));
  CHECK(was.number_or("abandoned", 0) == Approx(5'746).epsilon(0.01));
  CHECK(was.number_or("asa_s", 0) == Approx(114.7).epsilon(0.02));
  const auto& is = *out.find("metrics");
  CHECK(is.int_or("offered", 0) == was.int_or("offered", 1));
  CHECK(is.int_or("answered", 0) + is.int_or("abandoned", 0) + out.int_or("still_waiting", 0)
        == is.int_or("offered", 1));
}

TEST_CASE("a day of the real log is the same day each time, and more agents wait less",
          "[call-log]") {
  if (!std::filesystem::exists(real_log)) {
    WARN("skipped: needs ../shared/data");
    return;
  }
  const auto day = simulated({"--days", "1999-08-03"});
  CHECK(to_json(day) == to_json(simulated({"--days", "1999-08-03"})));
  const auto few = simulated({"--days", "1999-08-03", "--agents", "8"});
  const auto many = simulated({"--days", "1999-08-03", "--agents", "20"});
  CHECK(few.find("metrics")->number_or("asa_s", 0) > many.find("metrics")->number_or("asa_s", 0));
  CHECK(few.find("metrics")->int_or("abandoned", 0) > many.find("metrics")->int_or("abandoned", 0));
}

TEST_CASE("a call log that is none is refused with its line", "[call-log]") {
  const real::data_folder folder;
  const auto path = folder.path + "/calls.csv";
  std::ofstream{path} << "date,vru_line\n1999-08-01,AA\n";
  const auto told = real::run({"simulate", "--call-log", path});
  CHECK(told.code == 2);
  CHECK(told.err.find("calls.csv:") != std::string::npos);
}
