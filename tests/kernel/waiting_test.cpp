#include "actors/kernel/shell.hpp"
#include "centre.hpp"

// Who waits for what: for a position, or behind another owner's turn.

using namespace careline;
using namespace careline::kernel;
using fakes::centre;
using fakes::words;

namespace {

/// Lets the actors do all that they have to do, and says how many messages that were.
int steps_of(actor_engine& engine) {
  int steps = 0;
  for (; engine.busy_actors() > 0; ++steps)
    engine.step(0);
  return steps;
}

job opening(centre& c, const std::string& contact, bool safety = false) {
  auto out = std::make_shared<admitted>();
  out->envelope = c.open(contact, safety ? "119" : "care");
  out->what = *read_command(out->envelope.type, out->envelope.data);
  out->envelope.data = {};  // as the intake gives it on
  out->to = owner::reception;
  out->safety = safety;
  return out;
}

} // namespace

TEST_CASE("however many questions wait for the board, one timer looks after them all") {
  centre c{{.by_hand = true}};
  std::vector<std::future<reply>> asked;
  for (int i = 0; i < 20; ++i)
    asked.push_back(c.send(c.of("board.show", {{"min_position", 99}})));
  steps_of(c.engine());
  for (int i = 0; i < 3; ++i) {
    c.engine().go_on(2ms);
    CHECK(steps_of(c.engine()) == 1);
  }
  c.clocks.go_on(2s);
  c.engine().go_on(2ms);
  steps_of(c.engine());
  for (auto& one : asked)
    CHECK(centre::wait(std::move(one)).why->type == "engine.behind");
  c.engine().go_on(2ms);
  CHECK(steps_of(c.engine()) == 0);
}

TEST_CASE("a call for help waits behind no other, only behind the calls for help before it") {
  centre c;
  log_reader reader{c.log, true};
  const shell_parts parts{c.log, *c.writer, c.keys, c.clock, reader, 1, 480,
                          [](journal_level, const std::string&) {},
                          [](int, const std::string&) {}, nullptr};
  words order;
  shell_ports ports;
  ports.hand_over_to_peer = [&](const hand_over& h) { order.push_back(h.of->contact); };
  ports.wake_in = [](std::chrono::nanoseconds) {};
  fakes::reception reception;
  shell door{{.who = owner::reception}, reception, parts, ports};
  for (const auto* contact : {"C-1", "C-2", "S-1", "C-3", "S-2"}) {
    auto j = opening(c, contact, contact[0] == 'S');
    j->contact = contact;
    door.handle(std::move(j));
  }
  CHECK(order == words{"C-1"});
  for (int i = 0; i < 4; ++i)
    door.handed_back(nullptr);
  CHECK(order == words{"C-1", "S-1", "S-2", "C-2", "C-3"});
}
