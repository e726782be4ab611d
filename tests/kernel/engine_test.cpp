#include <ctime>

#include "actors/kernel/log_recovery.hpp"
#include "actors/kernel/log_snapshots.hpp"
#include "actors/kernel/shell_batch.hpp"
#include "centre.hpp"

using namespace careline;
using namespace careline::kernel;
using fakes::centre;
using fakes::nine;
using fakes::patience;
using fakes::words;

TEST_CASE("opening a contact is one batch of both owners and one reply") {
  centre c;
  const auto r = c.ask(c.open("C-1"));
  CHECK(r.outcome == outcome_kind::accepted);
  CHECK(r.at == 2);
  CHECK(r.data.text_or("contact") == "C-1");
  CHECK(r.data.int_or("queue_position", 0) == 1);
  const auto groups = c.log.appended();
  REQUIRE(groups.size() == 1);
  REQUIRE(groups[0].size() == 1);
  REQUIRE(groups[0][0].events.size() == 2);
  const auto& opened = groups[0][0].events[0];
  CHECK(opened.type == "contact.opened");
  CHECK(opened.subject == "contact/C-1");
  CHECK(opened.correlation == "C-1");
  CHECK(opened.actor == "phone-1");
  CHECK_FALSE(opened.causation.empty());
  CHECK(groups[0][0].events[1].type == "contact.queued");
}

TEST_CASE("nobody is answered before it is durable") {
  centre c;
  c.log.hold();
  auto r = c.send(c.open("C-1"));
  auto later = c.send(c.of("queue.list", {}));
  // The second command is decided on top of the first, and neither is told.
  auto second = c.send(c.open("C-2"));
  CHECK(r.wait_for(std::chrono::milliseconds{0}) == std::future_status::timeout);
  CHECK(c.log.head() == 0);
  c.log.release();
  CHECK(centre::wait(std::move(r)).at == 2);
  CHECK(centre::wait(std::move(second)).at == 4);
  CHECK(centre::wait(std::move(later)).outcome == outcome_kind::accepted);
}

TEST_CASE("a refusal by the second owner undoes the whole command") {
  centre c;
  c.ask(c.open("C-0"));
  auto e = c.open("C-1", "nowhere");
  CHECK(c.ask(e).why->type == "routing.unknown_queue");
  CHECK(c.log.head() == 2);
  // Reception does not know the contact either: it can be opened elsewhere.
  CHECK(c.ask(c.open("C-1", "care")).outcome == outcome_kind::accepted);
  // The refusal itself is remembered under its id, with all that it said.
  CHECK(c.ask(e).why == because("routing.unknown_queue", "queue", "nowhere"));
}

TEST_CASE("the same id twice is one contact and two equal replies") {
  centre c;
  const auto e = c.open("C-1");
  const auto first = c.ask(e);
  const auto again = c.ask(e);
  CHECK(again.outcome == outcome_kind::accepted);
  CHECK(again.at == first.at);
  CHECK(again.data == first.data);
  CHECK(c.log.head() == 2);
  auto other = e;
  other.data.set("urgency", 3);
  CHECK(c.ask(other).why->type == "command.id_reused");
}

TEST_CASE("two sendings of one command in flight get the same reply") {
  centre c;
  c.log.hold();
  const auto e = c.open("C-1");
  auto first = c.send(e);
  auto again = c.send(e);
  c.log.release();
  CHECK(centre::wait(std::move(first)).at == 2);
  CHECK(centre::wait(std::move(again)).at == 2);
  CHECK(c.log.head() == 2);
}

TEST_CASE("two openings of one contact, sent together, are one contact") {
  centre c;
  c.log.hold();
  auto first = c.send(c.open("C-1"));
  auto second = c.send(c.open("C-1"));
  c.log.release();
  CHECK(centre::wait(std::move(first)).outcome == outcome_kind::accepted);
  CHECK(centre::wait(std::move(second)).why->type == "reception.contact_exists");
}

TEST_CASE("an abandon sent right behind its opening does not overtake it") {
  centre c;
  for (int i = 0; i < 50; ++i) {
    const auto contact = "C-" + std::to_string(i);
    auto opened = c.send(c.open(contact));
    auto left = c.send(c.of("contact.abandon", {{"contact", contact}}));
    CHECK(centre::wait(std::move(opened)).outcome == outcome_kind::accepted);
    CHECK(centre::wait(std::move(left)).outcome == outcome_kind::accepted);
  }
}

TEST_CASE("above the limit a client hears busy at once") {
  centre c;
  c.log.hold();
  std::vector<std::future<reply>> all;
  for (int i = 0; i < 65; ++i)
    all.push_back(c.send(c.open("C-" + std::to_string(i))));
  const auto busy = centre::wait(std::move(all.back()));
  CHECK(busy.outcome == outcome_kind::busy);
  CHECK(busy.why->type == "engine.busy");
  CHECK(busy.retry_ms.value_or(0) > 0);
  all.pop_back();
  c.log.release();
  for (auto& one : all)
    CHECK(centre::wait(std::move(one)).outcome == outcome_kind::accepted);
}

TEST_CASE("a query for a position that is not reached hears busy after its patience") {
  centre c;
  c.ask(c.open("C-1"));
  CHECK(c.ask(c.of("queue.list", {{"min_position", 2}})).data.int_or("waiting", 0) == 1);
  auto waiting = c.send(c.of("queue.list", {{"min_position", 3}}));
  CHECK(c.ask(c.open("C-2")).at == 4);
  CHECK(centre::wait(std::move(waiting)).data.int_or("waiting", 0) == 2);
  auto never = c.send(c.of("queue.list", {{"min_position", 99}}));
  auto board = c.send(c.of("board.show", {{"min_position", 99}}));
  c.ask(c.of("engine.status", {}));  // both have arrived by then
  const auto is_told = [](const std::future<reply>& r) {
    return r.wait_for(std::chrono::milliseconds{1}) == std::future_status::ready;
  };
  for (int i = 0; i < 20'000 && !(is_told(never) && is_told(board)); ++i)
    c.clocks.go_on(100ms);
  REQUIRE(is_told(never));
  REQUIRE(is_told(board));
  CHECK(never.get().why->type == "engine.behind");
  CHECK(board.get().why->type == "engine.behind");
}

TEST_CASE("who names a position is answered by the log and the engine only once it is reached") {
  centre c;
  c.ask(c.open("C-1"));
  for (const auto* type : {"log.read", "engine.status"}) {
    INFO(type);
    const auto head = static_cast<std::int64_t>(c.log.head());
    auto waiting = c.send(c.of(type, {{"min_position", head + 1}}));
    c.ask(c.open(std::string{"C-"} + type));
    CHECK(centre::wait(std::move(waiting)).data.int_or("head", 0) == head + 2);
    auto never = c.send(c.of(type, {{"min_position", 99}}));
    const auto is_told = [&] {
      return never.wait_for(std::chrono::milliseconds{1}) == std::future_status::ready;
    };
    for (int i = 0; i < 20'000 && !is_told(); ++i)
      c.clocks.go_on(100ms);
    REQUIRE(is_told());
    CHECK(never.get().why->type == "engine.behind");
  }
}

TEST_CASE("an engine that has ended puts a call for help through", "[R9.3.3f]") {
  centre c;
  c.stop();
  CHECK(c.ask(c.open("C-1")).why->type == "engine.stopping");
  const auto told = c.ask(c.open("S-1", "119"));
  CHECK(told.outcome == outcome_kind::accepted);
  CHECK(told.data.text_or("to") == "external:emergency");
  CHECK(c.engine().figures().safety_handed_over == 1);
  CHECK(c.ask(c.open("C-1")).fallback == "announcement:try_later");
}

TEST_CASE("the board shows what is durable, and waits for the position that is asked for") {
  centre c;
  const auto r = c.ask(c.open("C-1"));
  const auto shown = c.ask(c.of("board.show", {{"min_position", r.at}}));
  CHECK(shown.data.int_or("events", 0) == 2);
}

TEST_CASE("what falls due is an event of its own") {
  centre c;
  c.ask(c.open("C-1", "brief"));
  c.clocks.go_on(5s);
  // Any command first fires what is due before it, as a batch of its own.
  const auto r = c.ask(c.open("C-2"));
  CHECK(r.at == 5);
  CHECK(c.types() == words{"contact.opened", "contact.queued", "contact.timed_out",
                           "contact.opened", "contact.queued"});
  const auto events = c.events();
  CHECK(events[2].causation.empty());
  CHECK(events[2].actor == "routing");
  CHECK(events[2].time == nine + 5s);
}

TEST_CASE("a timer fires by itself when its time has come") {
  // Five seconds of engine time are five milliseconds on the machine's own clock.
  const auto steady = [] {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return std::chrono::nanoseconds{std::chrono::seconds{t.tv_sec}}
           + std::chrono::nanoseconds{t.tv_nsec};
  };
  centre c{{.steady = steady, .speed = 1000}};
  c.ask(c.open("C-1", "brief"));
  const auto told = c.ask(c.of("queue.list", {{"min_position", 3}}));
  CHECK(told.data.int_or("waiting", 9) == 0);
  CHECK(c.types().back() == "contact.timed_out");
}

TEST_CASE("reception learns what routing did before the next command is answered") {
  centre c;
  c.ask(c.open("C-1"));
  CHECK(c.ask(c.of("contact.rate", {{"contact", "C-1"}, {"score", 9}})).at == 3);
  CHECK(c.ask(c.of("contact.rate", {{"contact", "C-9"}, {"score", 9}})).why->type
        == "reception.unknown_contact");
}

TEST_CASE("a contact is shown with its timeline, also after it has left memory", "[R2.2.3]") {
  centre c;
  c.ask(c.open("C-1"));
  const auto now = c.ask(c.of("contact.show", {{"contact", "C-1"}}));
  CHECK(now.data.text_or("state") == "waiting");
  REQUIRE(now.data.find("timeline"));
  CHECK(now.data.find("timeline")->as<value::list>()->size() == 2);
  c.ask(c.of("contact.abandon", {{"contact", "C-1"}}));
  const auto after = c.ask(c.of("contact.show", {{"contact", "C-1"}}));
  CHECK(after.data.find("timeline")->as<value::list>()->size() == 3);
  CHECK(c.ask(c.of("contact.show", {{"contact", "C-9"}})).why->type == "routing.unknown_contact");
}

TEST_CASE("log.read gives pages in order and refuses a position that is not there", "[R2.3.5]") {
  centre c;
  c.ask(c.open("C-1"));
  c.ask(c.open("C-2"));
  const auto page = c.ask(c.of("log.read", {{"after", 1}, {"limit", 2}}));
  REQUIRE(page.data.find("events"));
  const auto& events = *page.data.find("events")->as<value::list>();
  REQUIRE(events.size() == 2);
  CHECK(events[0].int_or("position", 0) == 2);
  CHECK(page.data.int_or("next", 0) == 3);
  CHECK(page.data.int_or("head", 0) == 4);
  CHECK(c.ask(c.of("log.read", {{"after", 99}})).why->type == "log.bad_position");
}

TEST_CASE("a lost session is reacted to once, and the reaction says what caused it") {
  centre c;
  const auto hello = c.ask(c.of("session.hello", {{"name", "phone-1"}, {"lease_s", 3}}));
  CHECK(hello.data.text_or("session") == "phone-1");
  CHECK(hello.data.int_or("position", 0) == 1);
  while (c.log.head() < 3) {
    c.clocks.go_on(1s);
    auto beat = c.of("session.beat", {{"name", "someone"}});
    beat.source = "someone";
    c.ask(beat);  // the sessions' shell looks at what is due
  }
  CHECK(c.types() == words{"session.opened", "session.lost", "agent.state_changed"});
  const auto events = c.events();
  CHECK(events[2].causation == "0-2/routing/1");
  CHECK(events[2].actor == "routing");
  CHECK(c.log.find_checkpoint("routing").value() == position{2});
}

TEST_CASE("beats keep a session and are in no log") {
  centre c;
  c.ask(c.of("session.hello", {{"name", "phone-1"}, {"lease_s", 3}}));
  for (int i = 0; i < 5; ++i) {
    c.clocks.go_on(2s);
    CHECK(c.ask(c.of("session.beat", {})).outcome == outcome_kind::accepted);
  }
  CHECK(c.log.head() == 1);
}

TEST_CASE("a log that cannot be written ends the process, and nobody is told yes") {
  centre c;
  c.log.fail_next();
  auto r = c.send(c.open("C-1"));
  const auto [code, why] = c.wait_for_death();
  CHECK(code == 1);
  CHECK(why.find("the disk is gone") != std::string::npos);
  CHECK(r.wait_for(std::chrono::milliseconds{0}) == std::future_status::timeout);
}

TEST_CASE("an answer that cannot be looked up ends the process, lest a thing be done twice") {
  centre c;
  c.log.lose_memory();
  auto r = c.send(c.open("C-1"));
  const auto [code, why] = c.wait_for_death();
  CHECK(code == 3);
  CHECK(why.find("the memory is gone") != std::string::npos);
}

TEST_CASE("an actor that dies ends the process with its name") {
  centre c;
  auto r = c.send(c.of("agent.sign_in", {{"agent", "boom"}}));
  const auto [code, why] = c.wait_for_death();
  CHECK(code == 1);
  CHECK(why.find("routing") != std::string::npos);
}

TEST_CASE("a stopping engine takes nothing new and answers what is in flight") {
  centre c;
  c.log.hold();
  auto r = c.send(c.open("C-1"));
  c.ask(c.of("engine.status", {}));  // the opening was admitted before
  c.engine().stop_taking();
  CHECK(c.ask(c.open("C-2")).why->type == "engine.stopping");
  CHECK_FALSE(c.engine().drain(std::chrono::milliseconds{0}));
  c.log.release();
  CHECK(c.engine().drain(patience));
  CHECK(centre::wait(std::move(r)).outcome == outcome_kind::accepted);
}

TEST_CASE("personal values reach the log only sealed", "[R9.1.2b][R2.3.3]") {
  centre c;
  auto e = c.open("C-1");
  e.data.set("address", "13800138000");
  c.ask(e);
  const auto data = unpack(c.events()[0].data);
  REQUIRE(data);
  REQUIRE(data->find("address"));
  CHECK(data->find("address")->as<binary>());
}

TEST_CASE("a restart folds the log into new models, from a snapshot where there is one") {
  centre c;
  for (int i = 0; i < 1200; ++i)
    c.ask(c.open("C-" + std::to_string(i)));
  session_model sessions;
  fakes::routing routing;
  const auto done = recover(c.log, {&routing, &sessions}, {});
  REQUIRE(done);
  CHECK(done->head == 2400);
  CHECK(done->folded == 2400);
  CHECK(routing.waiting.size() == 1200);
}

TEST_CASE("a start with threads of its own comes to what one without comes to, and ends them") {
  centre c;
  for (int i = 0; i < 3000; ++i)
    c.ask(c.open("C-" + std::to_string(i)));
  session_model sessions;
  const find_snapshot shelf = [&](std::string_view name) -> std::optional<kept_state> {
    return name == sessions.name() ? std::optional{kept_state{2500, pack(sessions.save())}}
                                   : std::nullopt;
  };
  for (const auto threads : {log_threads::callers, log_threads::own}) {
    session_model other;
    fakes::routing routing;
    const auto done = recover(c.log, {&other, &routing}, shelf, threads);
    REQUIRE(done);
    CHECK(done->began == 0);
    CHECK(done->head == 6000);
    CHECK(done->folded == 6000);
    CHECK(done->remarks.empty());
    CHECK(routing.waiting.size() == 3000);
    const auto less = recover_to(c.log, 6000, {&other}, {}, [] { return true; }, {}, threads);
    REQUIRE(less);
    CHECK(less->head == 1000);
    const auto more = recover_to(c.log, 6001, {&other}, {}, {}, {}, threads);
    REQUIRE_FALSE(more);
    CHECK(more.error().detail == "the log ends too early");
  }
}

TEST_CASE("a fold ends between two pages when it is asked to") {
  centre c;
  for (int i = 0; i < 600; ++i)
    c.ask(c.open("C-" + std::to_string(i)));
  fakes::routing routing;
  int asked = 0;
  const auto part = recover_to(c.log, 1200, {&routing}, {}, [&] { return ++asked == 1; });
  REQUIRE(part);
  CHECK(part->head == 1000);
  CHECK(part->folded == 1000);
  CHECK(routing.waiting.size() == 500);
  fakes::routing all;
  const auto whole = recover_to(c.log, 1200, {&all}, {}, [&] { return ++asked == 3; });
  REQUIRE(whole);
  CHECK(whole->head == 1200);
  CHECK(all.waiting.size() == 600);
}

TEST_CASE("without room in the log no snapshot is made, and that is said once") {
  store::open_options full;
  full.map_bytes = 1000;
  full.reserve_bytes = 2000;
  const auto log = fakes::memory_log(full);
  std::promise<std::string> told;
  snapshot_options options;
  options.every = 1;
  options.kinds = {[]() -> std::unique_ptr<capability> {
    throw std::logic_error("there is no room to fold for");
  }};
  options.remark = [&](std::string what) { told.set_value(std::move(what)); };
  auto snapshots = std::make_unique<log_snapshots>(*log, options, 0);
  snapshots->reached(1);
  CHECK(told.get_future().get() == "no snapshots while the disk is full");
  snapshots->reached(2);
  while (snapshots->failed() < 2)
    continue;
  CHECK(snapshots->written() == 0);
  CHECK(snapshots->newest() == 0);
  snapshots.reset();
}

TEST_CASE("a wall clock that was wrong by 56 years does not keep the engine from starting again") {
  manual_clocks clocks{nine};
  engine_clock clock{nine, 1, clocks.readings()};
  clocks.set_wall(nine + std::chrono::years{56});
  const auto jump = clock.take_jump();
  REQUIRE(jump);
  const engine::clock_jumped told{jump->difference, jump->back};
  centre c;
  store::batch b;
  b.events = *records_of({{told, nine}}, {"engine", {}, {}, {}, false}, c.keys);
  std::promise<bool> written;
  c.writer->submit(std::move(b), [&](const auto& done) { written.set_value(done.has_value()); });
  REQUIRE(written.get_future().get());
  session_model sessions;
  fakes::routing routing;
  const auto done = recover(c.log, {&routing, &sessions}, {});
  REQUIRE(done);
  CHECK(done->folded == 1);
}

TEST_CASE("snapshots are made in the background and save the fold") {
  centre c;
  c.ask(c.of("session.hello", {{"name", "phone-1"}}));
  std::mutex mutex;
  std::map<std::string, kept_state> shelf;
  std::promise<void> written;
  snapshot_options options;
  options.every = 1;
  options.kinds = {[] { return std::make_unique<session_model>(); }};
  options.find = [&](std::string_view name) -> std::optional<kept_state> {
    const std::lock_guard hold{mutex};
    const auto found = shelf.find(std::string{name});
    return found == shelf.end() ? std::nullopt : std::optional{found->second};
  };
  options.write = [&](std::string_view name, const kept_state& state) {
    const std::lock_guard hold{mutex};
    shelf[std::string{name}] = state;
    written.set_value();
    return true;
  };
  options.remark = [](std::string) {};
  {
    log_snapshots snapshots{c.log, options, 0};
    snapshots.reached(1);
    REQUIRE(written.get_future().wait_for(patience) == std::future_status::ready);
    while (snapshots.newest() != 1)
      continue;
    CHECK(snapshots.failed() == 0);
  }
  CHECK(shelf.at("session").at == 1);
  session_model again;
  const auto done = recover(c.log, {&again}, options.find);
  REQUIRE(done);
  CHECK(done->folded == 0);
  CHECK(again.open_count() == 1);
}
