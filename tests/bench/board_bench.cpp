// What the live board costs: events folded a second, memory of a waiting contact, frames.
// Prints one line a figure; docs/performance.md says under which conditions.

#include <chrono>
#include <cstdio>
#include <string>

#include "actors/board/frames.hpp"
#include "tests/bench/live_engine.hpp"

using namespace careline;
using namespace std::chrono_literals;

namespace {

constexpr int queues = 500;
constexpr int agents = 5000;
const instant nine = from_ms(1'772'413'200'000);

queue_id queue_of(int n) {
  return queue_id{"Q" + std::to_string(n % queues)};
}
agent_id agent_of(int n) {
  return agent_id{"A" + std::to_string(n % agents)};
}

template <class F>
double seconds_of(F&& f) {
  const auto begun = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

void staff(board::board_model& board) {
  for (int q = 0; q < queues; ++q) {
    routing::queue_defined x;
    x.queue = queue_of(q);
    board.evolve(x, nine);
  }
  for (int a = 0; a < agents; ++a) {
    routing::agent_signed_in x;
    x.agent = agent_of(a);
    x.queues.emplace()[queue_of(a)] = {};
    board.evolve(x, nine);
  }
}

void arrive(board::board_model& board, const contact_id& id, int n, instant at) {
  reception::contact_opened opened;
  opened.contact = id;
  opened.channel = channel_id{"phone"};
  board.evolve(opened, at);
  board.evolve(routing::contact_queued{id, queue_of(n), 1, {}}, at);
}

/// One contact from its opening to its end: nine events.
void serve(board::board_model& board, int n, instant at) {
  const contact_id id{"C-" + std::to_string(n)};
  routing::agent_state_changed state;
  state.agent = agent_of(n);
  const auto shows = [&](routing::agent_state s) {
    state.state = s;
    board.evolve(state, at);
  };
  arrive(board, id, n, at);
  routing::offer_made offer;
  offer.contact = id;
  offer.agent = state.agent;
  offer.queue = queue_of(n);
  board.evolve(offer, at);
  shows(routing::agent_state::offered);
  board.evolve(routing::offer_accepted{id, state.agent}, at);
  board.evolve(routing::contact_connected{id, state.agent, offer.queue}, at);
  shows(routing::agent_state::busy);
  board.evolve(routing::contact_finished{id, state.agent, {}}, at);
  shows(routing::agent_state::ready);
}

void say_frame(const char* what, board::frame_maker& pages, const board::board_model& board,
               instant now) {
  std::size_t bytes = 0;
  const auto s = seconds_of([&] { bytes = pages.delta(board, now).json.size(); });
  std::printf("%-28s %8.1f us %8zu bytes %5zu queues made\n", what, s * 1e6, bytes,
              pages.queues_made());
}

} // namespace

int main() {
  constexpr int served = 300'000;
  constexpr int waiting = 100'000;
  std::printf("%s\n%d queues, %d agents, one thread, no disk\n", bench::machine().c_str(), queues,
              agents);
  board::board_model board;
  staff(board);
  const auto took = seconds_of([&] {
    for (int n = 0; n < served; ++n)
      serve(board, n, nine + n * 5ms);
  });
  std::printf("%-28s %8.2f M/s (%.2f us a contact)\n", "events folded", served * 9 / took / 1e6,
              took / served * 1e6);

  auto now = nine + served * 5ms;
  const auto before = bench::bytes_in_use();
  for (int n = 0; n < waiting; ++n)
    arrive(board, contact_id{"C-018f1e2a-7c3b-7000-8000-" + std::to_string(n)}, n, now);
  std::printf("%-28s %8zu bytes\n", "a waiting contact",
              (bench::bytes_in_use() - before) / waiting);

  board::frame_maker pages;
  say_frame("first frame", pages, board, now);
  say_frame("tick, nothing happened", pages, board, now += 200ms);
  for (int n = 0; n < 40; ++n)
    serve(board, served + n, now);
  say_frame("tick, 200 contacts/s", pages, board, now += 200ms);
  say_frame("tick, a minute turns", pages, board, now += 60s);
  const auto saved = seconds_of([&] { (void)board.save(); });
  std::printf("%-28s %8.1f ms\n", "state saved", saved * 1e3);
}
