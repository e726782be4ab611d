#include <catch2/catch.hpp>
#include <csignal>

#include "messages/json.hpp"
#include "tests/program/real_engine.hpp"

// A centre as it was at a moment of its log, asked what a running one is asked.

using namespace careline;

namespace {

struct asked_centre {
  real::data_folder folder;
  real::engine engine{folder.path};
  real::desk by{engine, "desk"};

  position say(std::string_view type, std::string_view json) {
    const auto got = by.ask(type, json);
    INFO(type << " " << json << " " << (got.why ? got.why->type : ""));
    CHECK(got.outcome == outcome_kind::accepted);
    return got.at;
  }
  real::outcome past(std::vector<std::string> words, const std::string& as_of) {
    for (const auto& more : {std::string{"--data"}, folder.path, std::string{"--as-of"}, as_of})
      words.push_back(more);
    return real::run(std::move(words));
  }
  value was(std::vector<std::string> words, position at) {
    words.push_back("--json");
    const auto told = past(std::move(words), std::to_string(at));
    INFO(told.err);
    REQUIRE(told.code == 0);
    return *from_json(told.out);
  }
};

} // namespace

TEST_CASE("queues, agents, contacts and the board are shown as they were") {
  asked_centre c;
  c.say("queue.define", R"({"queue":"care"})");
  c.say("contact.open", R"({"contact":"C-1","channel":"phone","queue":"care"})");
  const auto waiting =
      c.say("contact.open", R"({"contact":"C-2","channel":"phone","queue":"care"})");
  c.say("agent.sign_in", R"({"agent":"A"})");
  const auto talking = c.say("offer.accept", R"({"contact":"C-1","agent":"A"})");
  c.say("contact.finish", R"({"contact":"C-1","agent":"A"})");
  CHECK(c.was({"show", "queue", "care"}, waiting).int_or("length", 0) == 2);
  CHECK(c.was({"show", "queue", "care"}, talking).int_or("length", 0) == 1);
  CHECK(c.was({"show", "contact", "C-1"}, waiting).text_or("state") == "waiting");
  CHECK(c.was({"show", "contact", "C-1"}, talking).text_or("state") == "connected");
  const auto early_one = c.was({"show", "contact", "C-1"}, waiting);
  CHECK(early_one.find("timeline")->as<value::list>()->size() == 3);
  CHECK(c.was({"show", "agent", "A"}, talking).text_or("state") == "busy");
  CHECK(c.was({"show", "board"}, talking).find("centre")->int_or("in_progress", 0) == 1);
  const auto early = c.past({"show", "agent", "A"}, std::to_string(waiting));
  CHECK(early.code == 1);
  CHECK(early.err.find("routing.unknown_agent") != std::string::npos);

  const auto then = c.by.ask("log.read", R"({"after":)" + std::to_string(waiting - 1)
                                             + R"(,"limit":1})");
  const std::string time{
      then.data.find("events")->as<value::list>()->front().text_or("time")};
  const auto by_time = c.past({"show", "contact", "C-2", "--json"}, time);
  CHECK(from_json(by_time.out)->text_or("state") == "waiting");
  CHECK(c.past({"show", "queue"}, "2001-01-01T00:00:00Z").code == 1);
  CHECK(c.past({"show", "queue"}, "99999999").code == 1);
  CHECK(c.past({"show", "queue"}, "yesterday").code == 2);
  CHECK(c.engine.end(SIGTERM) == 0);
}

TEST_CASE("why --full names each agent as it stood when the contact was offered") {
  asked_centre c;
  c.say("queue.define", R"({"queue":"care","skills":["zh"]})");
  c.say("agent.sign_in", R"({"agent":"away","skills":{"zh":1},"ready":false})");
  c.say("agent.sign_in", R"({"agent":"A","skills":{"zh":1}})");
  c.say("agent.sign_in", R"({"agent":"B","skills":{"zh":1}})");
  c.say("agent.sign_in", R"({"agent":"en","skills":{"en":1}})");
  c.say("contact.open", R"({"contact":"C-1","channel":"phone","queue":"care"})");
  c.say("offer.accept", R"({"contact":"C-1","agent":"A"})");
  c.say("agent.sign_out", R"({"agent":"B"})");
  const auto commands = c.engine.address("commands");
  const auto why = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "why");
    for (const auto& more : {std::string{"--commands"}, commands, std::string{"--data"},
                             c.folder.path})
      words.push_back(more);
    return real::run(std::move(words)).out;
  };
  const auto told = why({"C-1", "--full"});
  INFO(told);
  CHECK(told.find("Before offer 1") != std::string::npos);
  CHECK(told.find("2 may have it") != std::string::npos);
  CHECK(told.find("does not have the skills asked for") != std::string::npos);
  CHECK(told.find("is not ready") != std::string::npos);
  c.say("contact.open", R"({"contact":"C-2","channel":"phone","queue":"care"})");
  const auto agent = why({"agent", "en"});
  INFO(agent);
  CHECK(agent.find("en: ready") != std::string::npos);
  CHECK(agent.find("C-2") != std::string::npos);
  CHECK(agent.find("does not have the skills asked for") != std::string::npos);
  CHECK(why({"C-2", "--full"}).find("Now:") != std::string::npos);
  CHECK(c.engine.end(SIGTERM) == 0);
}
