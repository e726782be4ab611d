#include <catch2/catch.hpp>

#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "actors/workforce/staffing.hpp"

using namespace careline::workforce;

namespace {

/// Calls in an interval, both in seconds.
work calls(double n, double interval_s, double handle_s, double patience_s = 120) {
  return {n / interval_s, handle_s, patience_s};
}

} // namespace

TEST_CASE("the agents that a target needs, as the formulas' own tables have them") {
  struct row {
    double calls, interval_s, handle_s, within_s, wanted;
    int agents;
    double b, c, service_level, asa_s, occupancy, waits, abandons, wait_s;
  };
  const std::vector<row> table{
      {100, 1800, 180, 20, .80, 14, .056819, .174132, .888350, 7.8359, .7143, .126976, .022839,
       2.7407},
      {360, 3600, 240, 20, .80, 29, .052247, .242274, .840283, 11.6292, .8276, .154762, .024061,
       2.8873},
      {600, 1800, 180, 15, .85, 68, .033585, .228033, .882924, 5.1307, .8824, .153225, .012921,
       1.5505},
      {1000, 1800, 300, 15, .85, 179, .022727, .252344, .863800, 6.1381, .9311, .145550, .010570,
       1.2684}};
  for (const auto& r : table) {
    const auto load = calls(r.calls, r.interval_s, r.handle_s);
    target wanted;
    wanted.within_s = r.within_s;
    wanted.answered_in = r.wanted;
    CHECK(agents_for(formula::c, load, wanted) == r.agents);
    CHECK(erlang_b(load.erlangs(), r.agents) == Approx(r.b).margin(1e-6));
    const auto c = expect(formula::c, load, r.agents, r.within_s);
    CHECK(c.has_to_wait == Approx(r.c).margin(1e-6));
    CHECK(c.answered_in == Approx(r.service_level).margin(1e-6));
    CHECK(c.mean_wait_s == Approx(r.asa_s).margin(1e-4));
    CHECK(c.occupancy == Approx(r.occupancy).margin(1e-4));
    const auto a = expect(formula::a, load, r.agents, r.within_s);
    CHECK(a.has_to_wait == Approx(r.waits).margin(1e-6));
    CHECK(a.lost == Approx(r.abandons).margin(1e-6));
    CHECK(a.mean_wait_s == Approx(r.wait_s).margin(1e-4));
  }
}

TEST_CASE("Erlang B and C agree with values in exact arithmetic") {
  std::ifstream file{CARELINE_SHARED_DATA "/reference/erlang/erlang_table_a.csv"};
  std::string line;
  std::getline(file, line);
  int rows = 0;
  for (; std::getline(file, line); ++rows) {
    std::vector<double> v;
    std::istringstream cells{line};
    for (std::string cell; std::getline(cells, cell, ',');)
      v.push_back(std::stod(cell));
    const auto agents = static_cast<int>(v[1]);
    CHECK(erlang_b(v[0], agents) == Approx(v[2]).margin(1e-11));
    const auto c = expect(formula::c, {v[0] / 180, 180}, agents, 20);
    CHECK(c.has_to_wait == Approx(v[3]).margin(1e-11));
    CHECK(c.mean_wait_s / 180 == Approx(v[4]).margin(1e-11));
    CHECK(c.answered_in == Approx(v[5]).margin(1e-11));
  }
  if (rows == 0)
    WARN("the reference table is not there");
}

TEST_CASE("patience that never ends is the formula without patience") {
  const auto load = calls(100, 1800, 180, 1e9);
  const auto a = expect(formula::a, load, 14, 20);
  const auto c = expect(formula::c, load, 14, 20);
  CHECK(a.answered_in == Approx(c.answered_in).margin(1e-6));
  CHECK(a.mean_wait_s == Approx(c.mean_wait_s).margin(1e-4));
}

TEST_CASE("of those answered in any time at all, none is missing but who hung up") {
  for (const int agents : {1, 8, 14, 40}) {
    const auto a = expect(formula::a, calls(100, 1800, 180), agents, 1e5);
    CHECK(a.answered_in == Approx(1 - a.lost).margin(1e-8));
  }
}

TEST_CASE("a flood and a large centre are within the numbers' range") {
  const auto flood = calls(20'000, 300, 240);
  const auto few = expect(formula::a, flood, 10, 20);
  CHECK(few.lost == Approx(1 - 10 / flood.erlangs()).margin(1e-6));
  CHECK(few.answered_in >= 0);
  CHECK(few.answered_in < 1e-6);
  target wanted;
  wanted.answered_in = .8;
  const int agents = agents_for(formula::a, flood, wanted);
  CHECK(agents >= 0.8 * flood.erlangs());
  CHECK(expect(formula::a, flood, agents, 20).answered_in >= .8);
  CHECK(expect(formula::a, flood, agents - 1, 20).answered_in < .8);
}

TEST_CASE("too few agents never catch up where nobody hangs up") {
  const auto c = expect(formula::c, calls(100, 1800, 180), 10, 20);
  CHECK(c.has_to_wait == 1);
  CHECK(c.answered_in == 0);
  CHECK(c.mean_wait_s == std::numeric_limits<double>::infinity());
  CHECK(c.occupancy == 1);
}

TEST_CASE("each thing that is wanted of the service counts, and what cannot be had is said") {
  const auto load = calls(100, 1800, 180);
  target none;
  CHECK(agents_for(formula::c, {}, none) == 0);
  target calm;
  calm.answered_in = .8;
  calm.occupancy = .6;
  CHECK(agents_for(formula::c, load, calm) == 17);
  target quick;
  quick.mean_wait_s = 1;
  CHECK(expect(formula::c, load, agents_for(formula::c, load, quick), 20).mean_wait_s <= 1);
  target kept;
  kept.lost = .01;
  CHECK(agents_for(formula::b, load, kept) == 18);
  CHECK(expect(formula::a, load, agents_for(formula::a, load, kept), 20).lost <= .01);
  target impossible;
  impossible.occupancy = 0;
  CHECK(agents_for(formula::a, load, impossible, 1000) == -1);
}

TEST_CASE("who is paid and not there is on the plan beside who works") {
  CHECK(scheduled_for(14, .3) == 20);
  CHECK(scheduled_for(7, .3) == 10);
  CHECK(scheduled_for(0, .3) == 0);
  CHECK(scheduled_for(5, 0) == 5);
}
