#include <catch2/catch.hpp>

#include "tests/model/board_story.hpp"

using namespace careline;
using namespace careline::board_story;
using enum careline::routing::agent_state;

namespace {

constexpr double hour = 3600;
constexpr double midnight = 15 * hour;  // after nine in the morning, local time

const value& last_of(const value& rows) {
  return rows.as<value::list>()->back();
}

} // namespace

TEST_CASE("at local midnight the day's figures begin anew and the waiting stay",
          "[board][R1.2.4]") {
  story s;
  s.sign_in(0, "A");
  s.arrives(0, "C1").answers(5, "C1").finishes(60, "C1");
  s.arrives(midnight - 30, "C2");

  CHECK(figure(s.centre(midnight - 0.001), "answered") == 1);
  const auto next_day = s.centre(midnight);  // nothing has happened yet
  CHECK(figure(next_day, "answered") == 0);
  CHECK(figure(next_day, "queued") == 0);
  CHECK(figure(next_day, "waiting") == 1);
  CHECK(figure(next_day, "oldest_waiting_s") == 30);
  CHECK_FALSE(next_day.find("longest_wait_s"));

  s.answers(midnight + 10, "C2");
  const auto care = s.of_queue(midnight + 10);
  CHECK(figure(care, "answered") == 1);
  CHECK(figure(care, "longest_wait_s") == 40);
}

TEST_CASE("occupancy of the new day forgets the old one", "[board]") {
  story s;
  s.sign_in(0, "A");
  s.arrives(midnight - 100, "C1").answers(midnight - 100, "C1");
  CHECK(figure(s.of_queue(midnight + 10), "occupancy") == 1);
  s.finishes(midnight + 60, "C1");
  CHECK(figure(s.of_queue(midnight + 120), "occupancy") == Approx(0.5));
  CHECK(figure(s.centre(midnight + 120), "occupancy") == Approx(0.5));
}

TEST_CASE("a whole run is counted over its midnights", "[board]") {
  story s;
  s.sign_in(0, "A");
  s.arrives(0, "C1").answers(5, "C1").finishes(60, "C1");
  s.arrives(midnight + 10, "C2").answers(midnight + 25, "C2").finishes(midnight + 40, "C2");
  const auto all = board::metrics(s.board(), nine + after(midnight + 40));
  CHECK(figure(*all.find("metrics"), "answered") == 2);
  CHECK(figure(*all.find("metrics"), "asa_s") == 10);
  CHECK(figure(*all.find("queues")->find("care"), "aht_s") == 35);
  CHECK(figure(*all.find("metrics"), "occupancy") == Approx(70 / (midnight + 40)));
  const auto day = board::metrics(s.board(), nine + after(midnight + 40), board::period::day);
  CHECK(figure(*day.find("metrics"), "answered") == 1);
}

TEST_CASE("a quarter of an hour is counted by its local clock", "[board][R1.2.4]") {
  story s;
  s.sign_in(0, "A");
  s.arrives(890, "C1").answers(899.999, "C1").finishes(899.999, "C1");
  s.arrives(900, "C2").answers(900, "C2");
  const auto shown = s.shown(1000);
  const auto& rows = *shown.find("intervals")->as<value::list>();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].int_or("t", 0) == to_ms(nine));
  CHECK(rows[1].int_or("t", 0) == to_ms(nine) + 900'000);
  CHECK(figure(rows[0], "answered") == 1);
  CHECK(figure(rows[1], "answered") == 1);
  CHECK(figure(rows[0], "occupancy") == Approx(0).margin(1e-9));
}

TEST_CASE("an interval's occupancy is that of its own fifteen minutes", "[board]") {
  story s;
  s.sign_in(0, "A");
  s.arrives(450, "C1").answers(450, "C1").finishes(1800, "C1").arrives(2800, "C2");
  const auto shown = s.shown(2800);
  const auto& rows = *shown.find("intervals")->as<value::list>();
  REQUIRE(rows.size() == 4);
  CHECK(figure(rows[0], "occupancy") == Approx(0.5));
  CHECK(figure(rows[1], "occupancy") == Approx(1));
  CHECK(figure(rows[2], "occupancy") == Approx(0).margin(1e-9));
}

TEST_CASE("rows of intervals are bounded however long the centre runs", "[board]") {
  story s;
  s.sign_in(0, "A");
  for (int day = 0; day < 30; ++day)
    for (int quarter = 0; quarter < 96; ++quarter) {
      const auto at = day * 24 * hour + quarter * 900;
      s.arrives(at, "C").abandons(at + 1, "C");
    }
  CHECK(s.board().state().centre.intervals().size() <= board::centre_intervals_max);
  CHECK(s.board().state().queues[0].figures.intervals().size() <= board::part_intervals_max);
  CHECK(s.board().state().contacts.empty());
}

TEST_CASE("a gap of a year between two events is passed in one step", "[board]") {
  story s;
  s.sign_in(0, "A");
  s.arrives(365 * 24 * hour, "C1");
  CHECK(figure(s.centre(365 * 24 * hour), "waiting") == 1);
  CHECK(s.board().state().centre.intervals().size() <= board::centre_intervals_max);
}

TEST_CASE("the chart has the last hour by minutes, and quiet ones keep who waits", "[board]") {
  story s;
  s.sign_in(0, "A");
  s.arrives(0, "C1").arrives(10, "C2").answers(20, "C1");
  s.abandons(200, "C2");
  const auto shown = s.shown(270);
  const auto& rows = *shown.find("history")->as<value::list>();
  REQUIRE(rows.size() == 5);
  CHECK(figure(rows[0], "waiting") == 1);
  CHECK(figure(rows[0], "offered") == 2);
  CHECK(figure(rows[0], "answered") == 1);
  CHECK(figure(rows[0], "sl") == 0);
  CHECK(figure(rows[1], "waiting") == 1);  // nothing happened
  CHECK(figure(rows[1], "offered") == 0);
  CHECK_FALSE(rows[1].find("sl"));
  CHECK(figure(rows[3], "abandoned") == 1);
  CHECK(figure(rows[3], "waiting") == 0);

  const auto later = s.shown(3 * hour);
  CHECK(later.find("history")->as<value::list>()->size() == 60);
  CHECK(last_of(*later.find("history")).int_or("t", 0) == to_ms(nine) + 3 * 3'600'000);
}

TEST_CASE("one queue is asked for with its own chart", "[board]") {
  story s;
  s.queue("tech", 15).arrives(0, "C1").arrives(30, "C2", "tech");
  query::board_show asked;
  asked.queue = queue_id{"tech"};
  const auto shown = s.board().ask(asked, {});
  REQUIRE(shown);
  CHECK(shown->find("queues")->as<value::map>()->size() == 1);
  CHECK(figure(last_of(*shown->find("history")), "offered") == 1);
  asked.queue = queue_id{"nowhere"};
  CHECK(s.board().ask(asked, {}).error().type == "routing.unknown_queue");
}

TEST_CASE("the board owns no command", "[board]") {
  const board::board_model board;
  CHECK(board.decide(routing::queue_define{}, {}).error().type == "command.type_unknown");
  CHECK(board.ask(query::engine_status{}, {}).error().type == "command.type_unknown");
  CHECK_FALSE(board.wakes_at());
}

TEST_CASE("people read the same figures as a table", "[board]") {
  story s;
  s.queue("宽带", 15).sign_in(0, "A").arrives(0, "C1").answers(5, "C1").finishes(65, "C1");
  const auto table = board::metrics_table(s.board(), nine + 65s);
  CHECK(table.find("宽带") != std::string::npos);
  CHECK(table.find("sl_late") != std::string::npos);
  CHECK(table.find("100.0%") != std::string::npos);
}
