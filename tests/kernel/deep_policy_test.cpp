#include <catch2/catch.hpp>

#include "actors/kernel/log_recovery.hpp"
#include "actors/kernel/shell_batch.hpp"
#include "actors/reception/model.hpp"
#include "actors/routing/model.hpp"
#include "centre.hpp"
#include "messages/json.hpp"

using namespace careline;
using namespace careline::kernel;
using fakes::centre;

namespace {

/// A rule that adds a rule, and so on, as deep as the door lets it in.
std::string rule_json(int depth) {
  const auto then =
      depth == 4 ? std::string{R"({"drop_skills":["zh"]})"}
                 : R"({"add_rule":)" + rule_json(depth + 1) + "}";
  return R"({"after_s":1,"when":{"hour":[9,18],"weekday":[1]},"do":[)" + then + "]}";
}

value deepest_policy() {
  return *from_json(R"({"queue":"care","rules":[)" + rule_json(1) + "]}");
}

} // namespace

TEST_CASE("the deepest policy that is taken can be told, followed, saved and read again") {
  auto routing = std::make_unique<careline::routing::routing_model>();
  const auto* const served = routing.get();
  fakes::centre_setup setup;
  setup.models.routing = std::move(routing);
  setup.models.reception = std::make_unique<careline::reception::reception_model>();
  centre c{std::move(setup)};

  auto define = c.of("queue.define", {});
  define.data = deepest_policy();
  const auto arrived = unpack(pack(to_value(define)));
  REQUIRE(arrived);
  CHECK(*arrived->find("data") == define.data);
  REQUIRE(c.ask(define).outcome == outcome_kind::accepted);

  const auto told = pack(to_value(c.ask(c.of("log.read", {}))));
  const auto body = unpack_said(told, told.size());
  REQUIRE(body);
  const auto page = read_reply(*body);
  REQUIRE(page);
  const auto& events = *page->data.find("events")->as<value::list>();
  REQUIRE(events.size() == 1);
  const auto record = read_event_record(events[0]);
  REQUIRE(record);
  const auto defined = event_in(*record);
  REQUIRE(defined);
  const auto first = read_command(define.type, define.data);
  REQUIRE(first);
  const careline::routing::queue_policy& asked = std::get<careline::routing::queue_define>(*first);
  CHECK(std::get<careline::routing::queue_defined>(*defined) == asked);
  CHECK(unpack_said(to_bus_body(*record), 1U << 20U));

  c.stop();
  const auto saved = unpack_own(pack(served->save()));
  REQUIRE(saved);
  careline::routing::routing_model loaded;
  CHECK(loaded.load(*saved));
  CHECK(loaded.save() == served->save());
}
