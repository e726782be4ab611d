#include "actors/board/model.hpp"
#include "actors/kernel/log_snapshots.hpp"
#include "actors/reception/model.hpp"
#include "actors/routing/model.hpp"
#include "centre.hpp"

using namespace careline;
using namespace careline::kernel;
using fakes::centre;
using fakes::patience;

namespace {

/// Routing as it serves, but for one event that it does not take in.
class forgetful_routing final : public capability {
public:
  std::string_view name() const noexcept override { return is_.name(); }
  answer<decision> decide(const command& c, const turn_context& in) const override {
    return is_.decide(c, in);
  }
  answer<decision> take_over(const command& c, const decision& from,
                             const turn_context& in) const override {
    return is_.take_over(c, from, in);
  }
  void evolve(const event& e, instant at) override {
    if (!forgets || !std::holds_alternative<routing::contact_changed>(e))
      is_.evolve(e, at);
  }
  std::optional<instant> wakes_at() const override { return is_.wakes_at(); }
  std::vector<event> due(const turn_context& in) override { return is_.due(in); }
  std::vector<event> settle(const turn_context& in) override { return is_.settle(in); }
  std::vector<event> react(const event&, const turn_context&) const override { return {}; }
  answer<value> ask(const command& query, const turn_context& in) const override {
    return is_.ask(query, in);
  }
  value save() const override { return is_.save(); }
  bool load(const value& state) override { return is_.load(state); }
  value part(std::string_view subject) const override { return is_.part(subject); }

  std::atomic<bool> forgets{false};

private:
  routing::routing_model is_;
};

fakes::centre_setup a_real_centre(std::unique_ptr<capability> routing) {
  fakes::centre_setup setup;
  setup.models.routing = std::move(routing);
  setup.models.reception = std::make_unique<reception::reception_model>();
  return setup;
}

snapshot_options compared_with(centre& c) {
  snapshot_options out;
  out.every = 1;
  out.kinds = {[] { return std::make_unique<routing::routing_model>(); },
               [] { return std::make_unique<session_model>(); }};
  out.write = [](std::string_view, const kept_state&) { return true; };
  out.remark = [](const std::string&) {};
  out.ask = [&c](parts_question of) { return c.engine().look_at_parts(std::move(of)); };
  return out;
}

void must(const reply& r) {
  INFO((r.why ? r.why->type : std::string{}));
  REQUIRE(r.outcome == outcome_kind::accepted);
}

} // namespace

TEST_CASE("a live model that lost an event is noticed, and no snapshot is made of what it says") {
  auto routing = std::make_unique<forgetful_routing>();
  auto& it = *routing;
  centre c{a_real_centre(std::move(routing))};
  must(c.ask(c.of("queue.define", {{"queue", "care"}})));
  must(c.ask(c.of("contact.open", {{"contact", "C-1"},
                                   {"channel", "phone"},
                                   {"queue", "care"},
                                   {"address", "+8613800000000"}})));
  must(c.ask(c.open("C-2")));
  std::promise<std::string> told;
  auto options = compared_with(c);
  options.alarm = [&](std::string what) { told.set_value(std::move(what)); };
  log_snapshots snapshots{c.log, options, 0};
  snapshots.reached(c.log.head());
  while (snapshots.written() < 2)
    continue;
  CHECK(snapshots.differences() == 0);
  const auto equal_until = c.log.head();

  it.forgets = true;
  must(c.ask(c.of("contact.change", {{"contact", "C-1"}, {"urgency", 5}})));
  snapshots.reached(c.log.head());
  auto alarm = told.get_future();
  REQUIRE(alarm.wait_for(patience) == std::future_status::ready);
  CHECK(alarm.get()
        == "the live routing is not what the log says at " + event_id(c.log.head())
               + ": contact/C-1 differs in where");
  while (snapshots.failed() < 1)
    continue;
  CHECK(snapshots.differences() == 1);
  CHECK(snapshots.written() == 2);
  CHECK(snapshots.newest() == equal_until);
}

TEST_CASE("live models are compared while they serve, and are what their log says") {
  auto setup = a_real_centre(std::make_unique<routing::routing_model>());
  setup.models.board = std::make_unique<board::board_model>();
  centre c{std::move(setup)};
  must(c.ask(c.of("queue.define", {{"queue", "care"}})));
  must(c.ask(c.of("session.hello", {{"name", "phone-1"}})));
  must(c.ask(c.of("agent.sign_in", {{"agent", "A"}})));
  auto options = compared_with(c);
  options.kinds.emplace_back([] { return std::make_unique<board::board_model>(); });
  std::atomic<int> alarms{0};
  options.alarm = [&](const std::string&) { ++alarms; };
  log_snapshots snapshots{c.log, options, 0};
  for (int i = 0; i < 200 || snapshots.written() < 8; ++i) {
    const auto id = "C-" + std::to_string(i);
    must(c.ask(c.of("contact.open", {{"contact", id},
                                     {"channel", "phone"},
                                     {"queue", "care"},
                                     {"address", "+8613800000000"}})));
    if (i % 3 == 0)
      must(c.ask(c.of("contact.abandon", {{"contact", id}})));
    snapshots.reached(c.log.head());
  }
  CHECK(snapshots.compared() > 16);
  CHECK(alarms == 0);
  CHECK(snapshots.differences() == 0);
  CHECK(snapshots.failed() == 0);
}

TEST_CASE("an engine that has gone answers no question about its state, and keeps nobody waiting") {
  centre c;
  c.stop();
  bool told = false;
  CHECK(c.engine().look_at_parts({{""}, [&](const live_parts&) { told = true; }}) == 0);
  CHECK_FALSE(told);
  const auto did = compare_with_live(
      c.log, {}, 0, {"contact/C-1"}, [](const parts_question&) { return 0; },
      [] { return false; });
  REQUIRE(did);
  CHECK_FALSE(did->is_whole);
  CHECK_FALSE(did->difference);
}
