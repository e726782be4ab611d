#include <catch2/catch.hpp>

#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

constexpr auto mine = R"({"contact":"C1"})";
constexpr auto as_a = R"({"contact":"C1","agent":"A"})";

/// A chat between whom chat-1 brought and the agent A, each of whom has said something.
void chat(centre& c, const char* queue = R"({"queue":"care"})") {
  c.queue(queue);
  c.say(0, "agent.sign_in", R"({"agent":"A","channels":{"chat":2}})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"chat","queue":"care"})", "chat-1");
  c.say(2, "contact.say", R"({"contact":"C1","from":"customer","text":"没有信号"})", "chat-1");
  c.say(3, "offer.accept", as_a);
  c.say(4, "contact.say", R"({"contact":"C1","from":"agent","text":"I will look"})");
}

/// "customer 1 没有信号", a line each; "erased" in place of what cannot be opened any more.
lines lines_in(const reply& told) {
  lines out;
  if (const auto* all = told.data.find("lines"))
    for (const auto& one : *all->as<value::list>())
      out.push_back(std::string{one.text_or("from")} + " " + std::to_string(one.int_or("line", 0))
                    + " " + std::string{one.find("erased") ? "erased" : one.text_or("text")});
  return out;
}

const lines both_lines{"customer 1 没有信号", "agent 1 I will look"};

} // namespace

TEST_CASE("what is said in a chat is read by the two who talk, and by nobody else",
          "[R1.1.2][R2.3.3]") {
  centre c;
  chat(c);
  const auto told = c.say(5, "contact.read", mine, "chat-1");
  CHECK(lines_in(told) == both_lines);
  const auto& first = told.data.find("lines")->as<value::list>()->front();
  CHECK(first.text_or("time") == "2026-03-02T01:00:02.000Z");
  CHECK(lines_in(c.say(5, "contact.read", as_a)) == both_lines);
  CHECK(code_of(c.say(5, "contact.read", mine, "chat-2")) == "security.not_allowed");
  c.say(6, "agent.sign_in", R"({"agent":"B","channels":{"chat":1}})");
  CHECK(code_of(c.say(6, "contact.read", R"({"contact":"C1","agent":"B"})"))
        == "security.not_allowed");
  CHECK(code_of(c.say(6, "contact.read", R"({"contact":"C9"})", "chat-1"))
        == "routing.unknown_contact");
}

TEST_CASE("who has read some lines asks for those behind them") {
  centre c;
  chat(c);
  const auto one = c.say(5, "contact.read", R"({"contact":"C1","limit":1})", "chat-1");
  CHECK(lines_in(one) == lines{"customer 1 没有信号"});
  CHECK(one.data.int_or("next", 0) == 1);
  CHECK(one.data.int_or("said", 0) == 2);
  const auto two = c.say(5, "contact.read", R"({"contact":"C1","after":1})", "chat-1");
  CHECK(lines_in(two) == lines{"agent 1 I will look"});
  const auto none = c.say(5, "contact.read", R"({"contact":"C1","after":2})", "chat-1");
  CHECK(lines_in(none).empty());
  CHECK(none.data.int_or("next", 0) == 2);
}

TEST_CASE("who is offered a chat does not read it yet; a supervisor in the talk does") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(0, "agent.sign_in", R"({"agent":"A","channels":{"chat":2}})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"chat","queue":"care"})", "chat-1");
  c.say(2, "contact.say", R"({"contact":"C1","from":"customer","text":"hello"})", "chat-1");
  CHECK(code_of(c.say(2, "contact.read", as_a)) == "security.not_allowed");
  c.say(3, "offer.accept", as_a);
  const auto as_s = R"({"contact":"C1","agent":"S"})";
  CHECK(code_of(c.say(4, "contact.read", as_s)) == "security.not_allowed");
  c.say(4, "contact.supervise", R"({"contact":"C1","by":"S","mode":"monitor","reason":"r"})");
  CHECK(lines_in(c.say(5, "contact.read", as_s)) == lines{"customer 1 hello"});
  // A name is no secret: another client reads nothing in it.
  CHECK(code_of(c.say(6, "contact.read", as_s, "another")) == "security.not_allowed");
}

TEST_CASE("after the talk the lines are there until it is written up") {
  centre c;
  chat(c, R"({"queue":"care","wrap_up":"manual"})");
  c.say(5, "contact.finish", as_a);
  CHECK(lines_in(c.say(6, "contact.read", as_a)) == both_lines);
  CHECK(lines_in(c.say(6, "contact.read", mine, "chat-1")) == both_lines);
  c.say(7, "agent.finish_wrap_up", R"({"agent":"A"})");
  CHECK(code_of(c.say(8, "contact.read", as_a)) == "security.not_allowed");
  CHECK(code_of(c.say(8, "contact.read", mine, "chat-1")) == "routing.contact_ended");
}

TEST_CASE("without work behind it a talk takes its lines with it") {
  centre c;
  chat(c);
  c.say(5, "contact.finish", as_a);
  CHECK(code_of(c.say(6, "contact.read", mine, "chat-1")) == "routing.contact_ended");
}

TEST_CASE("of a chat without end the last lines are kept, and where they begin is said") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"chat","queue":"care"})", "chat-1");
  for (std::size_t i = 1; i <= routing::texts_max + 2; ++i)
    c.say(2, "contact.say",
          R"({"contact":"C1","from":"customer","text":"t)" + std::to_string(i) + "\"}");
  const auto told = c.say(3, "contact.read", R"({"contact":"C1","limit":1})", "chat-1");
  CHECK(told.data.int_or("first", 0) == 3);
  CHECK(lines_in(told) == lines{"customer 3 t3"});
  CHECK(told.data.int_or("next", 0) == 3);
  // The one that fell out is still known: said again it is one.
  CHECK(code_of(c.say(4, "contact.say",
                      R"({"contact":"C1","from":"customer","text":"t1","line":1})"))
        == "accepted");
  CHECK(c.count("contact.said") == routing::texts_max + 2);
}

TEST_CASE("who says much fills no memory: of long lines fewer are kept, and always the newest") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"chat","queue":"care"})", "chat-1");
  const auto say = [&](const std::string& text) {
    c.say(2, "contact.say", R"({"contact":"C1","from":"customer","text":")" + text + "\"}");
  };
  for (int i = 0; i < 10; ++i)
    say(std::string(40'000, 'x'));
  const auto told = c.say(3, "contact.read", mine, "chat-1");
  CHECK(told.data.int_or("said", 0) == 10);
  CHECK(told.data.int_or("first", 0) == 8);
  CHECK(told.data.find("lines")->as<value::list>()->size() == 3);
  say("and that is all");
  const auto last = c.say(4, "contact.read", R"({"contact":"C1","after":10})", "chat-1");
  CHECK(lines_in(last) == lines{"customer 11 and that is all"});
}

TEST_CASE("an engine that comes back can still show what was said") {
  const auto from = GENERATE(centre::back_from::snapshot, centre::back_from::log);
  centre c;
  chat(c);
  c.restart(from);
  CHECK(lines_in(c.say(4, "contact.read", mine, "chat-1")) == both_lines);
}

TEST_CASE("a text that the engine cannot seal is not said") {
  class no_keys final : public sealer {
    person_id person_of(std::string_view) const override { return person_id{"P"}; }
    answer<std::string> seal(const person_id&, std::string_view) override {
      return no(because("engine.no_key"));
    }
    answer<std::string> open(const person_id&, std::string_view) const override {
      return no(because("person.damaged"));
    }
  };
  routing::routing_model model;
  reception::contact_opened opened;
  opened.contact = contact_id{"C1"};
  opened.channel = channel_id{"chat"};
  model.evolve(opened, nine);
  no_keys keys;
  kernel::turn_context in;
  in.now = nine;
  in.keys = &keys;
  routing::contact_say say;
  say.contact = opened.contact;
  say.text = personal<std::string>{std::string{"hello"}};
  const auto told = model.decide(say, in);
  REQUIRE_FALSE(told);
  CHECK(told.error().type == "engine.no_key");
}

TEST_CASE("what a person said who was erased cannot be read, only that it was said", "[R2.3.3]") {
  class erased final : public sealer {
    person_id person_of(std::string_view) const override { return person_id{"P"}; }
    answer<std::string> seal(const person_id&, std::string_view) override {
      return no(because("person.erased"));
    }
    answer<std::string> open(const person_id&, std::string_view) const override {
      return no(because("person.erased"));
    }
  };
  // given a line that was said and sealed
  routing::routing_model model;
  reception::contact_opened opened;
  opened.contact = contact_id{"C1"};
  opened.channel = channel_id{"chat"};
  opened.gateway = "chat-1";
  opened.person = person_id{"P"};
  model.evolve(opened, nine);
  routing::contact_said said;
  said.contact = opened.contact;
  said.text = personal<std::string>::sealed("bytes that nobody opens");
  said.line = 1;
  said.person = opened.person;
  model.evolve(said, nine + 1s);
  // when the person's key is gone and the gateway asks
  erased keys;
  kernel::turn_context in;
  in.now = nine + 2s;
  in.client = "chat-1";
  in.keys = &keys;
  query::contact_read read;
  read.contact = opened.contact;
  const auto told = model.ask(read, in);
  // then it learns that there was a line
  REQUIRE(told);
  const auto& line = told->find("lines")->as<value::list>()->front();
  CHECK(*line.find("erased") == value{true});
  CHECK_FALSE(line.find("text"));
  CHECK(line.int_or("line", 0) == 1);
}

TEST_CASE("a line number that no log gives back is refused, and so is one line more than the "
          "last") {
  centre c;
  chat(c);
  const auto say = [&](const std::string& line) {
    return c.say(5, "contact.say",
                 R"({"contact":"C1","from":"customer","text":"hello")" + line + "}", "chat-1");
  };
  // given the greatest number that a line may have
  CHECK(say(R"(,"line":1000001)").why->field == "line");
  CHECK(code_of(say(R"(,"line":1000000000)")) == "command.field_invalid");
  CHECK(code_of(say(R"(,"line":1000000)")) == "accepted");
  // when the speaker says more
  const auto more = say("");
  // then it is refused, and the engine reads all that was said
  CHECK(code_of(more) == "routing.lines_full");
  CHECK(code_of(c.say(6, "contact.say", R"({"contact":"C1","from":"agent","text":"yes"})"))
        == "accepted");
  for (const auto& [at, e] : c.log())
    CHECK(unpack_event(type_of(e), pack_data(e)));
}
