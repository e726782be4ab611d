#include <catch2/catch.hpp>
#include <csignal>

#include "messages/json.hpp"
#include "tests/program/real_engine.hpp"
#include "tools/careline/demo_profile.hpp"
#include "tools/careline/comparison.hpp"
#include "tools/careline/what_if.hpp"

// A centre's own log again, under other queues or other staff.

using namespace careline;
using namespace careline::program;

TEST_CASE("patience is read from waits of which some were cut short by an answer") {
  // The example of Kaplan and Meier's own paper, with losses at 1.0, 2.7, 3.1 … left out: six
  // waits, gave up at 1, 3, 4 and 6, answered after 2 and 5.
  patience_curve curve;
  for (const auto& [s, gave_up] : {std::pair{1, true}, std::pair{2, false}, std::pair{3, true},
                                   std::pair{4, true}, std::pair{5, false}, std::pair{6, true}})
    curve.add(std::chrono::seconds{s}, gave_up);
  CHECK(curve.still_there(0s) == 1);
  CHECK(curve.still_there(1s) == Approx(5.0 / 6));
  CHECK(curve.still_there(2s) == Approx(5.0 / 6));
  CHECK(curve.still_there(3s) == Approx(5.0 / 6 * 3 / 4));
  CHECK(curve.still_there(4s) == Approx(5.0 / 6 * 3 / 4 * 2 / 3));
  CHECK(curve.still_there(6s) == 0);
  CHECK(curve.draw(0s, 0.1) == 1s);
  CHECK(*curve.draw(2s, 0.1) == 3s);
  CHECK(*curve.draw(3s, 0.9) >= 6s);
}

TEST_CASE("drawn patience falls as the curve does, and nobody is less patient than he was") {
  dice by{7};
  patience_curve curve;
  for (int i = 0; i < 4'000; ++i) {
    const auto patience = from_seconds(by.exponential(100));
    const auto offered = from_seconds(by.exponential(80));
    curve.add(std::min(patience, offered), patience <= offered);
  }
  double sum = 0;
  constexpr int drawn = 4'000;
  for (int i = 0; i < drawn; ++i) {
    const auto one = curve.draw(50s, by.unit());
    REQUIRE(one);
    REQUIRE(*one > 50s);
    sum += to_seconds(*one) - 50;
  }
  CHECK(sum / drawn == Approx(100).epsilon(0.08));
  CHECK(!patience_curve{}.draw(0s, 0.5));
}

TEST_CASE("a mean of seeds has the interval of Student's t") {
  const auto m = mean_of({1, 2, 3, 4, 5});
  CHECK(m.mean == 3);
  CHECK(m.half == Approx(2.7764 * 1.5811 / 2.2361).epsilon(1e-3));
  CHECK(mean_of({7}).half == 0);
}

TEST_CASE("a day that was served is played again from its log, and with one agent alone is worse") {
  const real::data_folder folder;
  {
    real::engine engine{folder.path, {"--speed", "600"}};
    real::process demo{{"demo", "--commands", engine.address("commands"), "--events",
                        engine.address("events"), "--hours", "1"}};
    CHECK(demo.end(0) == 0);
    CHECK(engine.end(SIGTERM) == 0);
  }
  const auto told = real::run({"simulate", "--from-log", folder.path, "--seeds", "3", "--json"});
  INFO(told.err);
  REQUIRE(told.code == 0);
  const auto played = from_json(told.out);
  REQUIRE(played);
  CHECK(played->int_or("contacts", 0) > 20);
  const auto& offered = *played->find("metrics")->find("offered");
  CHECK(offered.number_or("recorded", 0) == offered.number_or("played", 1));
  const auto again = real::run({"simulate", "--from-log", folder.path, "--seeds", "3", "--json"});
  CHECK(told.out == again.out);

  const real::text_file alone{
      R"({"at":0,"type":"agent.sign_in","data":{"agent":"one","skills":{"ALL":5}}})" "\n"};
  const auto other = real::run({"simulate", "--from-log", folder.path, "--seeds", "3", "--json",
                                "--policy", alone.path});
  INFO(other.err);
  REQUIRE(other.code == 0);
  const auto changed = from_json(other.out);
  const auto& answered = *changed->find("metrics")->find("answered");
  CHECK(answered.number_or("difference", 0) < 0);
  CHECK(answered.number_or("other_policy", 0) < answered.number_or("played", 0));
}

TEST_CASE("a what-if without a log or people says so") {
  const real::data_folder folder;
  CHECK(real::run({"simulate", "--from-log", folder.path + "/none"}).code == 1);
  const auto both = real::run({"simulate", "a.jsonl", "--from-log", folder.path});
  CHECK(both.code == 2);
  CHECK(real::run({"simulate", "--day", "2026-03-02"}).code == 2);
}
