#include <catch2/catch.hpp>
#include <csignal>
#include <ctime>
#include <optional>

#include "messages/json.hpp"
#include "messages/uuid.hpp"
#include "tests/program/page_client.hpp"
#include "tests/program/real_engine.hpp"
#include "tests/program/small_engine.hpp"
#include "tools/careline/outside_board.hpp"

// The board of a process of its own beside the real engine, and either of them dies: what a
// supervisor sees is never another board than the engine's, nor an old one that passes for new.

using namespace careline;
using careline::program::outside_board;
using careline::program_test::small_engine;
using program_test::ask;
using program_test::get;

namespace {

instant wall() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  return from_ms(t.tv_sec * 1000 + t.tv_nsec / 1'000'000);
}

void say(real::desk& d, std::string_view type, const std::string& json) {
  const auto r = d.ask(type, json);
  INFO(type << " " << json << ": " << (r.why ? r.why->type : ""));
  REQUIRE(r.outcome == outcome_kind::accepted);
}

/// Six people come, one is served, one goes.
void an_hour_of_work(real::desk& d, const std::string& round) {
  for (int n = 0; n < 6; ++n)
    say(d, "contact.open", R"({"channel":"phone","queue":"care","contact":"C-)" + round
                             + std::to_string(n) + "\"}");
  const auto first = R"({"agent":"A","contact":"C-)" + round + "0\"}";
  say(d, "contact.abandon", R"({"contact":"C-)" + round + "5\"}");
  if (round != "a")
    return;
  say(d, "offer.accept", first);
  say(d, "contact.finish", first);
}

std::string head_of(real::desk& d) {
  return std::to_string(d.ask("engine.status", "{}").data.int_or("head", 0));
}

/// The board outside answers with the very bytes of the one inside, at one position and time.
void check_same(const real::engine& e, real::desk& d, const std::string& board) {
  const auto question = R"({"id":")" + uuid7_maker{}.make(wall()).text()
                        + R"(","type":"board.show","data":{"min_position":)" + head_of(d)
                        + R"(,"time":")" + to_rfc3339(wall() + 1h) + R"("}})";
  const auto inside = ask(e.address("http"), question);
  auto outside = ask(board, question);
  for (int again = 0; outside.body.find("engine.behind") != std::string::npos && again < 20;
       ++again)
    outside = ask(board, question);
  CHECK(inside.body.find(R"("outcome":"accepted")") != std::string::npos);
  CHECK(outside.body == inside.body);
}

void wait_for_readiness(const std::string& board, std::string_view says, int status) {
  auto told = get(board, "/readyz");
  while (told.body.find(says) == std::string::npos)
    told = get(board, "/readyz");
  CHECK(told.status == status);
}

/// `careline actor board` beside an engine.
struct board_process : real::process {
  explicit board_process(const real::engine& e, const std::string& events = {})
      : process{{"actor", "board", "--engine", e.address("commands"), "--events",
                 events.empty() ? e.address("events") : events, "--http", "127.0.0.1:0"}} {
    const auto ready = line();
    INFO("ready line: " << ready);
    REQUIRE(ready.find("http=http://") != std::string::npos);
    http = ready.substr(ready.find("http=http://") + 12);
  }
  std::string http;
};

} // namespace

TEST_CASE("after kill -9 of the engine the board outside goes on and is the engine's again",
          "[board][serve]") {
  const real::data_folder data;
  std::optional<real::engine> e{std::in_place, data.path};
  const std::vector<std::string> there{"--commands", e->address("commands"), "--events",
                                       e->address("events")};
  std::optional<real::desk> d{std::in_place, *e, "desk-1"};
  say(*d, "queue.define", R"({"queue":"care","ring_s":600})");
  say(*d, "agent.sign_in", R"({"agent":"A"})");
  an_hour_of_work(*d, "a");
  board_process board{*e};
  check_same(*e, *d, board.http);
  for (const auto* round : {"b", "c"}) {
    e->end(SIGKILL);
    wait_for_readiness(board.http, "engine: ", 503);
    e.emplace(data.path, there);
    d.emplace(*e, "desk-1");
    an_hour_of_work(*d, round);
    check_same(*e, *d, board.http);
  }
  wait_for_readiness(board.http, "ok\n", 200);
}

TEST_CASE("after kill -9 of the board outside the next one is the engine's at once",
          "[board][serve]") {
  const real::data_folder data;
  real::engine e{data.path};
  real::desk d{e, "desk-1"};
  say(d, "queue.define", R"({"queue":"care","ring_s":600})");
  say(d, "agent.sign_in", R"({"agent":"A"})");
  an_hour_of_work(d, "a");
  for (const auto* round : {"b", "c"}) {
    board_process board{e};
    check_same(e, d, board.http);
    an_hour_of_work(d, round);
    check_same(e, d, board.http);
    board.end(SIGKILL);
  }
}

TEST_CASE("a board that hears no events does not show old figures as live", "[board][serve]") {
  const real::data_folder data;
  real::engine e{data.path};
  real::desk d{e, "desk-1"};
  say(d, "queue.define", R"({"queue":"care"})");
  board_process board{e, "tcp://127.0.0.1:9"};
  wait_for_readiness(board.http, "events: no beat comes on tcp://127.0.0.1:9", 503);
  CHECK(get(board.http, "/api/board").status == 503);
  say(d, "contact.open", R"({"contact":"C-1","channel":"phone","queue":"care"})");
  const auto metrics = get(board.http, "/metrics").body;
  CHECK(metrics.find("\ncareline_ready 0") != std::string::npos);
  // What it is no engine to know is not told as zeros.
  for (const auto* other : {"careline_bus_", "careline_log_room", "careline_commands_"}) {
    INFO(other);
    CHECK(metrics.find(other) == std::string::npos);
  }
  check_same(e, d, board.http);  // read from the log, late
}

TEST_CASE("a board that still reads a long log shows nothing until it is whole", "[board]") {
  small_engine engine;
  engine.tell(0, engine::log_created{1, "Asia/Shanghai", 480});
  for (int n = 0; n < 2'500; ++n)
    engine.tell(n, routing::contact_queued{contact_id{"C-" + std::to_string(n)}, queue_id{"care"},
                                           1, {}});
  engine.pages_left = 1;
  auto board = *outside_board::open({engine.commands, engine.events, "127.0.0.1:0", {}});
  const auto step_until = [&](const std::function<bool()>& is_so) {
    do
      board->step();
    while (!is_so());
  };
  step_until([&] { return board->at() == 1'000; });
  step_until([&] {
    return get(board->http_address(), "/readyz").body.find("board: at 1000, the log at 2501")
           != std::string::npos;
  });
  CHECK(get(board->http_address(), "/api/board").status == 503);
  CHECK(get(board->http_address(), "/metrics").body.find("\ncareline_board_lag_events 1501")
        != std::string::npos);
  engine.pages_left = 100;
  step_until([&] { return get(board->http_address(), "/api/board").status == 200; });
  const auto shown = from_json(get(board->http_address(), "/api/board").body);
  REQUIRE(shown);
  CHECK(shown->int_or("position", 0) == 2'501);
  CHECK(shown->find("queues")->find("care")->int_or("waiting", 0) == 2'500);
}
