#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "actors/board/model.hpp"
#include "actors/board/show.hpp"
#include "messages/json.hpp"
#include "tests/program/real_engine.hpp"
#include "tools/careline/call_log_report.hpp"
#include "tools/careline/report_books.hpp"

// Figures of days gone by, out of the log alone, with the contacts behind them.

using namespace careline;
using namespace careline::program;

namespace {

/// A day of the real log through the models; each event goes to a board with books.
struct booked_day {
  report_books books;
  board::state centre;

  explicit booked_day(report_wish wish) : books(std::move(wish)) {
    const std::string name = CARELINE_SHARED_DATA "/call_log/bank_calls_1999-08-01_15.csv";
    std::ifstream in{name};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    const auto log = read_call_log(name, text, {"1999-08-04"});
    if (!log)
      return;
    play_call_log(*log, {},
                  [&](const event& e, instant at) { board::evolve(centre, e, at, &books); });
    books.close(centre, centre.last);
  }
  bool is_there() const { return centre.events > 0; }
};

report_wish wish(report_group by, report_period each, std::string explain = {}) {
  report_wish out;
  out.by = by;
  out.each = each;
  out.offset_minutes = call_log_offset_minutes;
  out.explain = std::move(explain);
  return out;
}

/// The figures of both, by their names, but those of the moment.
void same_figures(const value& report, const value& board) {
  for (const auto& [name, figure] : *report.as<value::map>()) {
    INFO(name);
    const auto* other = board.find(name);
    REQUIRE(other);
    CHECK(figure.to_double() == Approx(other->to_double()));
  }
}

} // namespace

TEST_CASE("a report has the board's figures, whatever it is kept by", "[call-log]") {
  const booked_day of_centre{wish(report_group::centre, report_period::all)};
  if (!of_centre.is_there()) {
    WARN("skipped: needs ../shared/data");
    return;
  }
  const auto all = board::centre_figures(of_centre.centre, of_centre.centre.last,
                                         board::precision::exact, board::period::all);
  same_figures(figures_of(of_centre.books.rows().begin()->second), all);
  const booked_day of_queue{wish(report_group::queue, report_period::all)};
  const booked_day of_channel{wish(report_group::channel, report_period::all)};
  const booked_day of_agents{wish(report_group::agent, report_period::all)};
  const booked_day quarters{wish(report_group::queue, report_period::interval)};
  const auto& one = of_queue.books.rows().begin()->second;
  CHECK(of_channel.books.rows().begin()->second.did.answered == one.did.answered);
  CHECK(one.did.answered > 1'000);
  board::counters by_agent;
  board::counters by_interval;
  std::int64_t on_ms = 0;
  for (const auto& [key, row] : of_agents.books.rows()) {
    by_agent.add(row.did);
    on_ms += row.on_contact_ms;
  }
  for (const auto& [key, row] : quarters.books.rows())
    by_interval.add(row.did);
  CHECK(by_interval == one.did);
  CHECK(by_agent.answered == one.did.answered);
  CHECK(by_agent.handle_ms == one.did.handle_ms);
  CHECK(by_agent.finished == one.did.finished);
  CHECK(on_ms == of_centre.books.rows().begin()->second.on_contact_ms);
}

TEST_CASE("every figure of a report is made of the contacts that it lists", "[call-log]") {
  for (const auto name : explained_metrics()) {
    const booked_day day{wish(report_group::queue, report_period::interval, std::string{name})};
    if (!day.is_there()) {
      WARN("skipped: needs ../shared/data");
      return;
    }
    INFO(name);
    for (const auto& [key, row] : day.books.rows()) {
      double part = 0;
      double base = 0;
      for (const auto& c : row.counted) {
        part += c.part;
        base += c.base;
        CHECK((!c.contact.empty() || !c.agent.empty()));
      }
      const auto figures = figures_of(row);
      const auto* figure = figures.find(name);
      const auto* metric = find_metric(name);
      if (!metric->base)
        CHECK(figure->to_double() == part);
      else if (figure)
        CHECK(figure->to_double() == Approx(part / base));
      else
        CHECK(base == 0);
    }
  }
}

TEST_CASE("a report is read beside a running engine, and lists who is behind a figure") {
  const real::data_folder folder;
  real::engine engine{folder.path};
  real::desk by{engine, "desk"};
  by.ask("queue.define", R"({"queue":"care, \"a\""})");
  by.ask("agent.sign_in", R"({"agent":"A"})");
  by.ask("contact.open", R"({"contact":"C-1","channel":"phone","queue":"care, \"a\""})");
  by.ask("offer.accept", R"({"contact":"C-1","agent":"A"})");
  by.ask("contact.finish", R"({"contact":"C-1","agent":"A"})");
  by.ask("contact.open", R"({"contact":"C-2","channel":"chat","queue":"care, \"a\""})");
  by.ask("contact.abandon", R"({"contact":"C-2"})");
  const auto report = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"report", "--data", folder.path});
    const auto told = real::run(std::move(more));
    INFO(told.err);
    CHECK(told.code == 0);
    return told.out;
  };
  const auto rows = from_json(report({"--json", "--explain", "sl_strict"}));
  REQUIRE(rows);
  const auto& row = rows->find("rows")->as<value::list>()->front();
  CHECK(row.find("figures")->int_or("answered", 0) == 1);
  CHECK(row.find("figures")->number_or("sl_strict", 0) == 0.5);
  CHECK(row.find("counted")->as<value::list>()->size() == 2);
  CHECK(report({"--explain", "abandoned"}).find("C-2") != std::string::npos);
  CHECK(report({"--explain", "abandoned"}).find("C-1") == std::string::npos);
  CHECK(report({"--by", "agent"}).find("A ") != std::string::npos);
  CHECK(report({"--csv"}).find("\"care, \"\"a\"\"\",2,2,1,1,") != std::string::npos);
  CHECK(report({"--day", "1999-01-01"}) == "Nothing happened then.\n");
  const auto refused = [&](std::vector<std::string> more, std::string_view says) {
    more.insert(more.begin(), {"report", "--data", folder.path});
    const auto told = real::run(std::move(more));
    CHECK(told.code == 2);
    CHECK(told.err.find(says) != std::string::npos);
  };
  refused({"--by", "team"}, "--by is centre, queue, channel or agent");
  refused({"--each", "week"}, "--each is all, day or interval");
  refused({"--explain", "sl_strikt"}, "sl_strict");
  refused({"--day", "today"}, "--day is written as");
  CHECK(engine.end(SIGTERM) == 0);
}
