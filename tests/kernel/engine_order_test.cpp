#include <thread>

#include "actors/kernel/log_reader.hpp"
#include "actors/kernel/log_recovery.hpp"
#include "actors/kernel/shell_batch.hpp"
#include "actors/reception/model.hpp"
#include "actors/routing/model.hpp"
#include "centre.hpp"

// What must stay true when everything happens at once: one order, and the same one again.

using namespace careline;
using namespace careline::kernel;
using fakes::centre;
using fakes::nine;
using fakes::words;

namespace {

constexpr int rounds = 40;

/// A client that knows nobody: says hello, works, goes away and comes back, all in a hurry.
void be_client(centre& c, const std::string& name) {
  const auto ask = [&](std::string type, std::vector<value::entry> data) {
    auto e = c.of(std::move(type), std::move(data));
    e.id = uuid7_maker{}.make(nine).text();
    e.source = name;
    c.send(std::move(e)).wait();
  };
  for (int i = 0; i < rounds; ++i) {
    const auto n = name + "-" + std::to_string(i);
    ask("session.hello", {{"name", name}, {"instance", n}, {"lease_s", 3}});
    ask("agent.sign_in", {{"agent", name}});
    ask("contact.open", {{"contact", n}, {"channel", "phone"}, {"queue", "care"}});
    if (i % 3 == 0)
      ask("offer.accept", {{"contact", n}, {"agent", name}});
    if (i % 4 == 0)
      ask("contact.finish", {{"contact", n}, {"agent", name}});
    if (i % 5 == 0)
      ask("session.close", {});
    ask("contact.abandon", {{"contact", n}});
  }
}

void be_clients(centre& c) {
  std::vector<std::thread> all;
  for (const auto* name : {"desk-1", "desk-2", "desk-3"})
    all.emplace_back([&c, name] { be_client(c, name); });
  all.emplace_back([&c] {
    for (int i = 0; i < rounds; ++i) {
      c.clocks.go_on(1s);
      c.send(c.of("engine.status", {})).wait();
    }
  });
  for (auto& one : all)
    one.join();
}

} // namespace

TEST_CASE("routing takes in the sessions' events where the log has them") {
  auto routing = std::make_unique<fakes::routing>();
  const auto* const it = routing.get();
  fakes::centre_setup setup;
  setup.models.routing = std::move(routing);
  centre c{std::move(setup)};
  be_clients(c);
  c.stop();
  words logged;
  for (position at = 0; at < c.log.head();) {
    const auto page = c.log.read({at, 1000, 1U << 20U, {}});
    REQUIRE(page);
    for (const auto& e : page->events)
      logged.push_back(e.type);
    at = page->next;
  }
  CHECK(std::count(logged.begin(), logged.end(), "session.resumed") > 0);
  CHECK(it->seen == logged);
}

TEST_CASE("the models that served and models folded from the log are equal", "[R2.3.5]") {
  auto routing = std::make_unique<careline::routing::routing_model>();
  auto reception = std::make_unique<careline::reception::reception_model>();
  const auto* const served = routing.get();
  const auto* const desk = reception.get();
  fakes::centre_setup setup;
  setup.models.routing = std::move(routing);
  setup.models.reception = std::move(reception);
  centre c{std::move(setup)};
  REQUIRE(c.ask(c.of("queue.define", {{"queue", "care"}, {"ring_s", 5}})).outcome
          == outcome_kind::accepted);
  be_clients(c);
  c.stop();
  careline::routing::routing_model folded;
  careline::reception::reception_model folded_desk;
  REQUIRE(recover(c.log, {&folded, &folded_desk}, {}));
  CHECK(folded.save() == served->save());
  CHECK(folded_desk.save() == desk->save());
}

TEST_CASE("with a full disk nothing new is opened, and what is open can be ended", "[R9.3.3f]") {
  fakes::centre_setup setup;
  setup.log.map_bytes = 64 * 1024;
  setup.log.reserve_bytes = 32 * 1024;
  centre c{std::move(setup)};
  int opened = 0;
  reply last;
  do {
    last = c.ask(c.open("C-" + std::to_string(opened)));
    c.clocks.go_on(100ms);
  } while (last.outcome == outcome_kind::accepted && ++opened < 10'000);
  REQUIRE(opened > 0);
  CHECK(last.outcome == outcome_kind::busy);
  CHECK(last.why->type == "engine.disk_full");
  CHECK(c.ask(c.of("contact.abandon", {{"contact", "C-0"}})).outcome == outcome_kind::accepted);
  CHECK(c.ask(c.open("S-1", "119")).outcome == outcome_kind::accepted);
  CHECK(c.ask(c.of("queue.list", {})).outcome == outcome_kind::accepted);
  CHECK(c.engine().figures().room_bytes <= 0);
}

TEST_CASE("an actor that hangs is told from those that answer, and for how long", "[watch]") {
  auto routing = std::make_unique<fakes::routing>();
  auto* const it = routing.get();
  fakes::centre_setup setup;
  setup.models.routing = std::move(routing);
  centre c{std::move(setup)};
  std::promise<void> goes_on;
  auto go_on = goes_on.get_future().share();
  std::promise<void> hangs;
  it->take_your_time = [&hangs, go_on] {
    hangs.set_value();
    go_on.wait();
  };
  auto held = c.send(c.of("agent.sign_in", {{"agent", "slow"}}));
  hangs.get_future().wait();  // until then it answers like the others
  // Asked again and again, whoever answers is asked anew; the one that hangs waits for its first.
  const auto all_but_one_answer = [&] {
    c.engine().pulse();
    std::size_t answer = 0;
    for (const auto& a : c.engine().figures().actors)
      answer += a.has_answered ? 1 : 0;
    return answer == 4;
  };
  while (!all_but_one_answer())
    continue;
  c.clocks.go_on(20s);
  for (const auto& a : c.engine().figures().actors) {
    INFO(a.name);
    CHECK(a.has_answered == (a.name != "routing"));
    CHECK((a.delay >= 20s) == (a.name == "routing"));
  }
  goes_on.set_value();
  CHECK(centre::wait(std::move(held)).outcome == outcome_kind::accepted);
}

TEST_CASE("a handler that takes long is counted each time and told once") {
  auto routing = std::make_unique<fakes::routing>();
  auto* const it = routing.get();
  fakes::centre_setup setup;
  setup.models.routing = std::move(routing);
  centre c{std::move(setup)};
  it->take_your_time = [&c] { c.clocks.go_on(60ms); };
  for (int i = 0; i < 3; ++i)
    c.ask(c.of("agent.sign_in", {{"agent", "slow"}}));
  c.engine().stop();
  CHECK(c.engine().figures().slow_handlers == 3);
  CHECK(c.told() == words{"routing took 60 ms for agent.sign_in"});
}

TEST_CASE("a chain of reactions to reactions is stopped, and the log says so") {
  centre c;
  std::vector<event_record> chain;
  for (position at = 1; at <= 18; ++at) {
    session::session_lost lost;
    lost.session = session_name{"phone-1"};
    auto records = records_of({{lost, nine}}, {"session", {}, {}, {}, false}, c.keys);
    REQUIRE(records);
    auto& r = records->front();
    r.at = at;
    if (at > 1)
      r.causation = event_id(at - 1) + "/routing/1";
    chain.push_back(std::move(r));
  }
  c.listening = nullptr;  // only the chain is delivered
  c.engine().deliver(chain);
  c.ask(c.of("agent.sign_in", {{"agent", "A"}}));  // routing has come that far
  const auto types = c.types();
  CHECK(std::count(types.begin(), types.end(), "agent.state_changed") == 17);
  CHECK(std::count(types.begin(), types.end(), "reaction.refused") == 1);
  REQUIRE(c.told().size() == 1);
  CHECK(c.told()[0].find("0-18") != std::string::npos);
}

TEST_CASE("durable events that come while an engine stops find nobody, and that is no harm") {
  constexpr int times = 20;
  for (int i = 0; i < times; ++i) {
    centre c;
    c.listening = nullptr;
    session::session_lost lost;
    lost.session = session_name{"desk-1"};
    auto records = records_of({{lost, nine}}, {"session", {}, {}, {}, false}, c.keys);
    REQUIRE(records);
    std::atomic<bool> has_begun{false};
    std::thread bus{[&] {
      for (position at = 1; at <= 200; ++at) {
        records->front().at = at;
        c.engine().deliver(*records);
        has_begun = true;
      }
    }};
    while (!has_begun)
      std::this_thread::yield();
    c.stop();
    bus.join();
  }
  SUCCEED("each of them ended");
}

TEST_CASE("a page of the log fits into a frame, however large its events are") {
  centre c;
  const std::string long_text(60'000, 'x');
  for (int i = 0; i < 40; ++i) {
    auto e = c.open("C-" + std::to_string(i));
    e.data.set("need", long_text);
    REQUIRE(c.ask(e).outcome == outcome_kind::accepted);
  }
  int pages = 0;
  std::size_t events = 0;
  for (position at = 0; at < c.log.head(); ++pages) {
    query::log_read what;
    what.after = at;
    const auto page = read_page(c.log, what);
    REQUIRE(page);
    CHECK(pack(*page).size() <= 1024 * 1024);
    events += page->find("events")->as<value::list>()->size();
    at = static_cast<position>(page->int_or("next", 0));
  }
  CHECK(pages > 2);
  CHECK(events == 80);
}
