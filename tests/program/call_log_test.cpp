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

TEST_CASE("a day of the real log under another policy is compared with the day as it was",
          "[call-log]") {
  if (!std::filesystem::exists(real_log)) {
    WARN("skipped: needs ../shared/data");
    return;
  }
  const auto compared = [](std::vector<std::string> more) {
    more.insert(more.begin(), {"--days", "1999-08-03", "--seeds", "3"});
    return *simulated(std::move(more)).find("metrics");
  };
  const auto two = compared({"--more-agents", "2"});
  const auto& abandoned = *two.find("abandoned");
  CHECK(abandoned.number_or("difference", 0) < -100);
  CHECK(abandoned.number_or("difference_half", 0) > 0);
  CHECK(abandoned.number_or("recorded", 0) == Approx(814).margin(20));
  CHECK(two.find("asa_s")->number_or("difference", 0) < 0);
  CHECK(two.find("wait_p90_s")->number_or("recorded", 0) > 100);
  CHECK(compared({"--pool-skills"}).find("asa_s")->find("difference"));
  // Without their credit those who went first wait longer, and the others less.
  const auto equal = compared({"--credit", "0"});
  CHECK(equal.find("priority.asa_s")->number_or("difference", 0) > 10);
  CHECK(equal.find("others.asa_s")->number_or("difference", 0) < 0);

  const real::text_file offers{R"({"type":"queue.define","data":{"queue":"bank",)"
                               R"("rules":[{"after_s":60,"do":[{"offer_callback":true}]}]}})"
                               "\n"};
  const auto later = compared({"--policy", offers.path, "--take-callback", "50"});
  const auto& callbacks = *later.find("callbacks");
  CHECK(callbacks.number_or("other_policy", 0) > 100);
  CHECK(callbacks.number_or("played", 1) == 0);
  // Whoever is called back is served in the place of somebody on the line.
  const auto of = [&later](const char* metric) {
    return later.find(metric)->number_or("other_policy", 0);
  };
  CHECK(of("answered") + of("abandoned") + of("callbacks") == Approx(2'170));
  CHECK(later.find("asa_s")->number_or("difference", 0) > 0);
}

TEST_CASE("a policy that is none for a call log says why") {
  const auto refused = [](std::string_view text, std::string_view says) {
    const real::text_file policy{text};
    const auto told = real::run({"simulate", "--call-log", real_log, "--policy", policy.path});
    CHECK(told.code == 2);
    CAPTURE(told.err);
    if (std::filesystem::exists(real_log))
      CHECK(told.err.find(says) != std::string::npos);
  };
  refused(R"({"type":"queue.define","data":{"queue":"care"}})", "of the queue \"bank\"");
  refused(R"({"type":"agent.sign_in","data":{"agent":"A"}})", "of the queue \"bank\"");
  refused(R"({"type":"queue.define","data":{"queue":"bank","ring_s":"x"}})", "ring_s");
  CHECK(real::run({"simulate", "--more-agents", "2"}).code == 2);
  CHECK(real::run({"simulate", "a.jsonl", "--seeds", "3"}).code == 2);
}

TEST_CASE("a call log that is none is refused with its line", "[call-log]") {
  const real::data_folder folder;
  const auto path = folder.path + "/calls.csv";
  std::ofstream{path} << "date,vru_line\n1999-08-01,AA\n";
  const auto told = real::run({"simulate", "--call-log", path});
  CHECK(told.code == 2);
  CHECK(told.err.find("calls.csv:") != std::string::npos);
}

TEST_CASE("what callers of the real log were told is judged by how long they waited",
          "[call-log]") {
  if (!std::filesystem::exists(real_log)) {
    WARN("skipped: needs ../shared/data");
    return;
  }
  const auto out = simulated({"--days", "1999-08-03", "--estimates"});
  const auto& all = *out.find("estimates")->as<value::list>();
  REQUIRE(all.size() == 3);
  for (const auto& one : all) {
    CAPTURE(to_json(one));
    CHECK(one.int_or("told", 0) > 900);
    CHECK(one.number_or("error_p10_s", 0) <= one.number_or("error_p50_s", 0));
    CHECK(one.number_or("error_p50_s", 0) <= one.number_or("error_p90_s", 0));
    CHECK(one.number_or("mean_off_s", 0) > 0);
    CHECK(one.int_or("gave_up", 0) == all.front().int_or("gave_up", 1));
  }
  CHECK(all[0].number_or("error_p50_s", 0) < all[1].number_or("error_p50_s", 0));
}

TEST_CASE("the staff that a real day needs is planned, and serves that day as planned",
          "[call-log]") {
  if (!std::filesystem::exists(real_log)) {
    WARN("skipped: needs ../shared/data");
    return;
  }
  const auto told = real::run(
      {"staff", "--call-log", real_log, "--days", "1999-08-03", "--simulate", "--json"});
  REQUIRE(told.code == 0);
  const auto plan = from_json(told.out);
  REQUIRE(plan);
  const auto& intervals = *plan->find("intervals")->as<value::list>();
  REQUIRE(intervals.size() == 48);
  double calls = 0;
  for (const auto& one : intervals) {
    calls += one.number_or("calls", 0);
    const auto& a = *one.find("erlang_a");
    if (one.number_or("calls", 0) > 0)
      CHECK(a.number_or("sl_strict", 0) >= 0.8);
    CHECK(a.int_or("agents", 0) <= one.find("erlang_c")->int_or("agents", 0));
    CHECK(a.int_or("scheduled", 0) >= a.int_or("agents", 0));
  }
  CHECK(calls == Approx(2'170));
  const auto& served = *plan->find("simulated");
  CHECK(served.int_or("offered", 0) == 2'170);
  CHECK(served.number_or("sl_strict", 0) > 0.8);
  const auto csv = real::run({"staff", "--call-log", real_log, "--days", "1999-08-03", "--csv"});
  CHECK(csv.out.starts_with("from,calls,handle_s,erlangs,agents_erlang_c,agents_erlang_a,"));
}

TEST_CASE("the staff for a steady load is the formula's, and the engine serves it as it says") {
  const auto told = real::run({"staff", "--calls", "100", "--handle-time", "180", "--patience",
                               "120", "--simulate", "--hours", "100", "--json"});
  REQUIRE(told.code == 0);
  const auto said = from_json(told.out);
  REQUIRE(said);
  CHECK(said->find("erlang_c")->int_or("agents", 0) == 14);
  CHECK(said->find("erlang_c")->int_or("scheduled", 0) == 20);
  const auto& a = *said->find("erlang_a");
  CHECK(a.int_or("agents", 0) == 12);
  const auto& played = *said->find("simulated");
  CHECK(played.number_or("sl_strict", 0) == Approx(a.number_or("sl_strict", 1)).margin(0.03));
  CHECK(played.number_or("abandon_rate", 0) == Approx(a.number_or("lost", 1)).margin(0.015));
}

TEST_CASE("staff is asked for a load or a log, and says what is missing") {
  const auto refused = [](std::vector<std::string> words, std::string_view says) {
    words.insert(words.begin(), "staff");
    const auto told = real::run(std::move(words));
    CHECK(told.code == 2);
    CHECK(told.err.find(says) != std::string::npos);
  };
  refused({}, "give --calls and --handle-time, or --call-log");
  refused({"--calls", "100"}, "both above 0");
  refused({"--calls", "-1", "--handle-time", "3"}, "not in range");
  refused({"--calls", "1", "--handle-time", "3", "--days", "1999-08-03"}, "go with --call-log");
  refused({"--calls", "1", "--handle-time", "3", "--csv"}, "--csv goes with --call-log");
  refused({"--call-log", "/nowhere.csv"}, "/nowhere.csv");
}
