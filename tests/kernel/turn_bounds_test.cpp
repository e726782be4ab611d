#include "actors/kernel/shell_batch.hpp"
#include "actors/kernel/turn_bounds.hpp"
#include "centre.hpp"

using namespace careline;
using namespace careline::kernel;
using fakes::centre;
using fakes::nine;

TEST_CASE("a command whose event no engine could read again is refused, and the log stays whole") {
  centre c;
  const auto told = c.ask(c.of("agent.sign_in", {{"agent", "crowd"}}));
  CHECK(told.outcome == outcome_kind::invalid);
  REQUIRE(told.why);
  CHECK(told.why->type == "command.too_large");
  CHECK(told.why->field == "contacts");
  CHECK(c.log.head() == 0);
  CHECK(c.ask(c.open("C-1")).at == 2);
}

TEST_CASE("what could not be read again is not written, wherever it came from") {
  clear_sealer keys;
  auto crowd = fakes::crowded(agent_id{"A"});
  const auto refused = records_of({{crowd, nine}}, {}, keys);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().type == "command.too_large");
  crowd.contacts.pop_back();
  CHECK_FALSE(too_long_to_read(crowd));
  const auto written = records_of({{crowd, nine}}, {}, keys);
  REQUIRE(written);
  CHECK(event_in(written->front()));
  for (auto& contact : crowd.contacts)
    contact = contact_id{contact.text() + std::string(300, 'x')};
  CHECK_FALSE(records_of({{crowd, nine}}, {}, keys));
}
