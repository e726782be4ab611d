#include <catch2/catch.hpp>

#include "actors/kernel/session_model.hpp"
#include "actors/kernel/turn_answer.hpp"
#include "actors/kernel/virtual_kernel.hpp"
#include "actors/reception/model.hpp"
#include "actors/routing/model.hpp"
#include "centre.hpp"
#include "messages/json.hpp"

using namespace careline;
using namespace careline::kernel;
using fakes::centre;
using fakes::nine;

namespace {

std::string many(int times, std::string_view what) {
  std::string out;
  for (int i = 0; i < times; ++i)
    out += what;
  return out;
}

std::size_t as_packed(const value& v) {
  return pack(v).size();
}

/// A hundred and eighty characters, as a centre writes them that says its rules in its greeting.
value long_greeting() {
  return value{value::map{
      {"wording", "greeting"}, {"language", "zh"}, {"text", many(60, "您好吗")}}};
}

centre real_centre() {
  fakes::centre_setup setup;
  setup.models.routing = std::make_unique<careline::routing::routing_model>();
  setup.models.reception = std::make_unique<careline::reception::reception_model>();
  return centre{std::move(setup)};
}

std::vector<std::string> left_out(const reply& r) {
  std::vector<std::string> out;
  if (const auto* names = r.data.find("left_out"))
    for (const auto& name : *names->as<value::list>())
      out.push_back(*name.as<std::string>());
  return out;
}

} // namespace

TEST_CASE("a gateway that loses a reply with a long greeting still learns its contact's id") {
  auto c = real_centre();
  c.ask(c.of("queue.define", {{"queue", "care"}}));
  auto define = c.of("wording.define", {});
  define.data = long_greeting();
  REQUIRE(c.ask(define).outcome == outcome_kind::accepted);
  const auto open = c.of("contact.open", {{"channel", "chat"}, {"queue", "care"}});
  const auto first = c.ask(open);
  REQUIRE(first.data.find("greeting"));
  const std::string contact{first.data.text_or("contact")};
  REQUIRE_FALSE(contact.empty());

  const auto again = c.ask(open);
  CHECK(again.at == first.at);
  CHECK(again.data.text_or("contact") == contact);
  CHECK(again.data.int_or("queue_position", 0) == 1);
  CHECK_FALSE(again.data.find("greeting"));
  CHECK(left_out(again) == std::vector<std::string>{"greeting"});
}

TEST_CASE("in a scenario a repeated command is told what the engine would tell") {
  careline::reception::reception_model reception;
  careline::routing::routing_model routing;
  session_model session;
  virtual_options options;
  options.start = nine;
  options.size_of = as_packed;
  virtual_kernel kernel{options, virtual_parts{&reception, &routing, &session, nullptr},
                        [](const logged_event&) {}};
  const auto say = [&](std::string_view type, value data, std::string id) {
    command_envelope e;
    e.id = std::move(id);
    e.type = type;
    e.source = "chat-1";
    e.data = std::move(data);
    return kernel.submit(e, nine);
  };
  say("queue.define", *from_json(R"({"queue":"care"})"), "1");
  say("wording.define", long_greeting(), "2");
  const auto open = *from_json(R"({"channel":"chat","queue":"care"})");
  const auto first = say("contact.open", open, "3");
  REQUIRE(first.data.find("greeting"));
  const auto again = say("contact.open", open, "3");
  CHECK(again.at == first.at);
  CHECK(again.data.text_or("contact") == first.data.text_or("contact"));
  CHECK(left_out(again) == std::vector<std::string>{"greeting"});
  const auto hello = *from_json(R"({"name":"chat-1"})");
  const auto taken_up = say("session.hello", hello, "4");
  CHECK(say("session.hello", hello, "4").data == taken_up.data);
}

TEST_CASE("a repeated hello says from where to follow the log, like the first") {
  centre c;
  const auto hello = c.of("session.hello", {{"name", "phone-1"}, {"lease_s", 30}});
  const auto first = c.ask(hello);
  CHECK(first.data.int_or("position", 0) == 1);
  c.ask(c.open("C-1"));
  CHECK(c.ask(hello).data == first.data);
  // One that caused no event begins at the log's end, whenever it is answered.
  const auto same = c.of("session.hello", {{"name", "phone-1"}, {"lease_s", 30}});
  CHECK(c.ask(same).data.int_or("position", 0) == 3);
  c.ask(c.open("C-2"));
  CHECK(c.ask(same).data.int_or("position", 0) == 5);
}

TEST_CASE("of a reply too long to keep the largest entries go first and are named") {
  value::list documents;
  for (int i = 0; i < 60; ++i)
    documents.emplace_back("document number " + std::to_string(i));
  value data{value::map{{"documents", documents},
                        {"contact", std::string(128, 'c')},
                        {"note", std::string(300, 'n')},
                        {"missing", value::list{"proof of address"}},
                        {"queue_position", 3}}};
  CHECK(kept_data(data, as_packed)
        == value{value::map{{"contact", std::string(128, 'c')},
                            {"note", std::string(300, 'n')},
                            {"missing", value::list{"proof of address"}},
                            {"queue_position", 3},
                            {"left_out", value::list{"documents"}}}});
  data.set("note", std::string(400, 'n'));
  CHECK(kept_data(data, as_packed)
        == value{value::map{{"contact", std::string(128, 'c')},
                            {"missing", value::list{"proof of address"}},
                            {"queue_position", 3},
                            {"left_out", value::list{"documents", "note"}}}});
}

TEST_CASE("what is short enough is kept whole, and nothing that is kept is too long") {
  value data{value::map{{"contact", "C-1"}}};
  data.set("text", std::string(kept_bytes_max - pack(data).size() - 8, 't'));
  REQUIRE(pack(data).size() == kept_bytes_max);
  CHECK(kept_data(data, as_packed) == data);
  data.set("text", std::string(kept_bytes_max, 't'));
  CHECK(kept_data(data, as_packed)
        == value{value::map{{"contact", "C-1"}, {"left_out", value::list{"text"}}}});
  value::map many_names;
  for (int i = 0; i < 90; ++i)
    many_names.emplace_back("a rather long name " + std::to_string(i), std::string(30, 'x'));
  many_names.emplace_back("contact", "C-1");
  CHECK(kept_data(value{many_names}, as_packed) == value{value::map{{"contact", "C-1"}}});
  CHECK(kept_data(value{std::string(600, 't')}, as_packed).is_nil());
}
