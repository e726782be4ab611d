#include <catch2/catch.hpp>

#include "actors/kernel/session_model.hpp"
#include "actors/kernel/virtual_kernel.hpp"
#include "fake_parts.hpp"
#include "messages/json.hpp"

namespace careline::kernel {

namespace {

const auto nine = parse_rfc3339("2026-03-02T09:00:00+08:00")->at;

/// A virtual centre of fake models that keeps what it is told.
struct virtual_centre {
  virtual_centre() {
    virtual_options options;
    options.start = nine;
    options.seed = 7;
    kernel.emplace(options, virtual_parts{&reception, &routing, &session, &board},
                   [this](const logged_event& e) { log.push_back(e); });
  }

  reply say(double at, std::string_view type, std::string_view json, std::string id = {}) {
    command_envelope e;
    e.id = std::move(id);
    e.type = type;
    e.source = "desk";
    e.data = *from_json(json);
    return kernel->submit(e, nine + from_seconds(at));
  }

  std::vector<std::string> types(std::size_t from = 0) const {
    std::vector<std::string> out;
    for (std::size_t i = from; i < log.size(); ++i)
      out.emplace_back(type_of(log[i].what));
    return out;
  }

  fakes::reception reception;
  fakes::routing routing;
  session_model session;
  fakes::board board;
  std::vector<logged_event> log;
  std::optional<virtual_kernel> kernel;
};

using words = std::vector<std::string>;

constexpr std::string_view open_brief = R"({"contact":"C1","channel":"phone","queue":"brief"})";

} // namespace

TEST_CASE("a virtual log begins with its seed and its time zone, at position 1") {
  virtual_centre c;
  REQUIRE(c.types() == words{"log.created"});
  CHECK(c.log[0].at == 1);
  CHECK(c.log[0].time == nine);
  CHECK(to_json(data_of(c.log[0].what, true))
        == R"({"seed":7,"time_zone":"Asia/Shanghai","offset_minutes":480})");
}

TEST_CASE("an opening is one turn of two capabilities, and its reply is of both") {
  virtual_centre c;
  const auto told = c.say(1, "contact.open", open_brief);
  CHECK(told.outcome == outcome_kind::accepted);
  CHECK(c.types() == words{"log.created", "contact.opened", "contact.queued"});
  CHECK(told.at == 3);
  CHECK(c.kernel->head() == 3);
  CHECK(told.data.text_or("contact") == "C1");
  CHECK(c.reception.known.contains("C1"));
}

TEST_CASE("when routing says no, nothing that reception decided becomes true") {
  virtual_centre c;
  const auto told =
      c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"nowhere"})");
  CHECK(told.outcome == outcome_kind::refused);
  CHECK(told.at == 0);
  CHECK(c.types() == words{"log.created"});
  CHECK_FALSE(c.reception.known.contains("C1"));
}

TEST_CASE("what falls due fires at its own time, before what is asked later") {
  virtual_centre c;
  c.say(1, "contact.open", open_brief);
  REQUIRE(c.kernel->wakes_at() == nine + 6s);
  c.say(60, "contact.open", R"({"contact":"C2","channel":"phone","queue":"care"})");
  CHECK(c.types(3) == words{"contact.timed_out", "contact.opened", "contact.queued"});
  CHECK(c.log[3].time == nine + 6s);
  CHECK(c.log[4].time == nine + 60s);
}

TEST_CASE("time that passes without a command fires what is due, up to and including the moment") {
  virtual_centre c;
  c.say(1, "contact.open", open_brief);
  c.kernel->advance_to(nine + 5999ms);
  CHECK(c.types(3).empty());
  c.kernel->advance_to(nine + 6s);
  CHECK(c.types(3) == words{"contact.timed_out"});
  CHECK(c.kernel->now() == nine + 6s);
  CHECK_FALSE(c.kernel->wakes_at());
}

TEST_CASE("one id has the effect of once, whatever the id; without an id nothing is a duplicate") {
  virtual_centre c;
  const auto first = c.say(1, "contact.open", open_brief, "my first");
  const auto again = c.say(2, "contact.open", open_brief, "my first");
  CHECK(to_json(again.data) == to_json(first.data));
  CHECK(again.at == first.at);
  CHECK(c.types() == words{"log.created", "contact.opened", "contact.queued"});

  const auto other =
      c.say(3, "contact.open", R"({"contact":"C9","channel":"chat","queue":"brief"})", "my first");
  REQUIRE(other.why);
  CHECK(other.why->type == "command.id_reused");
  CHECK(c.types().size() == 3);

  c.say(4, "agent.sign_in", R"({"agent":"A"})");
  const auto size = c.log.size();
  c.say(4, "agent.sign_in", R"({"agent":"A"})");
  CHECK(c.log.size() > size);
}

TEST_CASE("what is not understood is invalid and changes nothing, but time has passed") {
  virtual_centre c;
  c.say(1, "contact.open", open_brief);
  const auto told = c.say(10, "contact.opne", "{}");
  CHECK(told.outcome == outcome_kind::invalid);
  REQUIRE(told.why);
  CHECK(told.why->type == "command.type_unknown");
  CHECK(c.types(3) == words{"contact.timed_out"});
}

TEST_CASE("a question for a position that is not reached is not answered with the past") {
  virtual_centre c;
  c.say(1, "contact.open", open_brief);
  CHECK(c.say(2, "queue.list", R"({"min_position":3})").outcome == outcome_kind::accepted);
  const auto told = c.say(2, "queue.list", R"({"min_position":4})");
  REQUIRE(told.why);
  CHECK(told.why->type == "engine.behind");
}

TEST_CASE("a call for help is put through in a scenario as by the engine", "[R9.3.3f]") {
  virtual_centre c;
  const auto told = c.say(1, "contact.open", R"({"safety":true})", "once");
  CHECK(told.outcome == outcome_kind::accepted);
  CHECK(told.id == "once");
  CHECK(told.data.text_or("to") == "external:emergency");
  CHECK_FALSE(told.data.find("contact"));
}

TEST_CASE("a session is opened, told to routing, and does not lapse on virtual time") {
  virtual_centre c;
  const auto told = c.say(1, "session.hello", R"({"name":"desk","kind":"gateway","lease_s":3})");
  CHECK(told.outcome == outcome_kind::accepted);
  CHECK(told.data.int_or("position", 0) == 2);
  c.kernel->advance_to(nine + 1h);
  CHECK(c.types() == words{"log.created", "session.opened"});
}

TEST_CASE("the board is told of every event") {
  virtual_centre c;
  c.say(1, "contact.open", open_brief);
  c.kernel->advance_to(nine + 10s);
  CHECK(c.board.events == static_cast<std::int64_t>(c.log.size()));
}

} // namespace careline::kernel
