#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <future>

#include "tests/program/small_engine.hpp"
#include "tools/careline/outside_board.hpp"

using namespace careline;
using namespace std::chrono_literals;
using careline::program::outside_board;
using careline::program_test::small_engine;

namespace {

constexpr auto long_enough = 20s;

/// `n` contacts from the `first` on: each waits, most are served, some give up.
void play(small_engine& engine, int first, int n) {
  for (int i = first; i < first + n; ++i) {
    const contact_id id{"C-" + std::to_string(i)};
    const double at = i * 7.0;
    reception::contact_opened opened;
    opened.contact = id;
    opened.channel = channel_id{i % 3 ? "phone" : "chat"};
    engine.tell(at, opened);
    engine.tell(at, routing::contact_queued{id, queue_id{"care"}, 1, {}});
    if (i % 4 == 0) {
      engine.tell(at + 3, routing::contact_abandoned{id});
    } else {
      engine.tell(at + 3, routing::contact_connected{id, agent_id{"A"}, queue_id{"care"}});
      engine.tell(at + 5, routing::contact_finished{id, agent_id{"A"}, {}});
    }
  }
}

void begin(small_engine& engine) {
  engine.tell(0, engine::log_created{1, "Asia/Shanghai", 480});
  routing::queue_defined care;
  care.queue = queue_id{"care"};
  engine.tell(0, care);
  routing::agent_signed_in agent;
  agent.agent = agent_id{"A"};
  engine.tell(0, agent);
}

outside_board::options beside(const small_engine& engine) {
  return {engine.commands, engine.events, {}, {}};
}

std::unique_ptr<outside_board> open(const outside_board::options& how) {
  auto opened = outside_board::open(how);
  REQUIRE(opened);
  return std::move(*opened);
}

/// Asks board.show for a position, which is answered once the board has reached it.
reply ask_at(outside_board& board, position at, instant time) {
  std::promise<reply> answered;
  command_envelope asked;
  asked.id = "q";
  asked.type = query::board_show::type;
  asked.data = value::map{{"min_position", at}, {"time", to_rfc3339(time)}};
  board.submit(asked, "test", [&](reply r) { answered.set_value(std::move(r)); });
  auto answer = answered.get_future();
  while (answer.wait_for(20ms) != std::future_status::ready)
    board.step();
  return answer.get();
}

void check_equal(outside_board& board, const small_engine& engine) {
  const auto time = small_engine::nine + 3h;
  auto answer = ask_at(board, engine.head(), time);
  for (int again = 0; answer.outcome == outcome_kind::busy && again < 20; ++again)
    answer = ask_at(board, engine.head(), time);
  REQUIRE(answer.outcome == outcome_kind::accepted);
  CHECK(to_json(answer.data) == engine.shown_inside(time));
}

} // namespace

TEST_CASE("the board outside equals the one inside to the byte", "[board][bus]") {
  small_engine engine;
  begin(engine);
  play(engine, 0, 300);
  auto outside = open(beside(engine));
  check_equal(*outside, engine);
  play(engine, 300, 300);  // live, no longer from the log
  check_equal(*outside, engine);
}

TEST_CASE("the board outside goes on when the engine comes back", "[board][bus]") {
  small_engine engine;
  begin(engine);
  play(engine, 0, 50);
  auto outside = open(beside(engine));
  check_equal(*outside, engine);
  engine.die();
  play(engine, 50, 50);  // nobody hears of it
  engine.live_again();
  check_equal(*outside, engine);
  play(engine, 100, 50);
  check_equal(*outside, engine);
}

TEST_CASE("a board that died itself begins again from the log", "[board][bus]") {
  small_engine engine;
  begin(engine);
  play(engine, 0, 50);
  auto outside = open(beside(engine));
  check_equal(*outside, engine);
  outside.reset();
  play(engine, 50, 50);
  outside = open(beside(engine));
  check_equal(*outside, engine);
}

TEST_CASE("an engine with another log makes the board begin again", "[board][bus]") {
  small_engine engine;
  begin(engine);
  play(engine, 0, 100);
  auto outside = open(beside(engine));
  check_equal(*outside, engine);
  engine.die();
  engine.forget_everything();
  begin(engine);
  play(engine, 0, 10);
  engine.live_again();
  while (outside->at() != engine.head())
    outside->wait_until_whole(20ms);
  check_equal(*outside, engine);
}

TEST_CASE("a position that is not reached within a second is answered busy", "[board][bus]") {
  small_engine engine;
  begin(engine);
  auto outside = open(beside(engine));
  REQUIRE(outside->wait_until_whole(long_enough));
  const auto answer = ask_at(*outside, 1000, small_engine::nine);
  CHECK(answer.outcome == outcome_kind::busy);
  REQUIRE(answer.why);
  CHECK(answer.why->type == "engine.behind");
}

TEST_CASE("what is not the board's is asked of the engine", "[board][bus]") {
  small_engine engine;
  begin(engine);
  auto outside = open(beside(engine));
  std::promise<reply> answered;
  command_envelope asked;
  asked.type = query::queue_list::type;
  outside->submit(asked, "test", [&](reply r) { answered.set_value(std::move(r)); });
  CHECK(answered.get_future().get().data.text_or("asked") == "queue.list");
}

TEST_CASE("careline actor board prints the board of one position and time", "[board][bus]") {
  small_engine engine;
  begin(engine);
  play(engine, 0, 20);
  const auto at = engine.head();
  const auto time = small_engine::nine + 1h;
  const auto expected = engine.shown_inside(time) + "\n";
  play(engine, 20, 20);  // behind that position: not shown

  const auto* binary = std::getenv("CARELINE_BIN");
  REQUIRE(binary);
  const auto line = std::string{binary} + " actor board --engine " + engine.commands + " --events "
                    + engine.events + " --show-at " + std::to_string(at) + " --time "
                    + std::to_string(to_ms(time));
  auto* run = popen(line.c_str(), "r");
  REQUIRE(run);
  std::string printed;
  std::array<char, 4096> some{};
  while (const auto n = std::fread(some.data(), 1, some.size(), run))
    printed.append(some.data(), n);
  CHECK(pclose(run) == 0);
  CHECK(printed == expected);
}
