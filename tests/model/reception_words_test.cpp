#include <catch2/catch.hpp>

#include "messages/json.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

struct story : centre {
  story() { queue(R"({"queue":"care"})"); }
  reply wording(double at, const std::string& key, const std::string& language,
                const std::string& text, const std::string& channel = {}) {
    return say(at, "wording.define",
               R"({"wording":")" + key + R"(","language":")" + language + R"(","text":")" + text
                   + "\"" + (channel.empty() ? "" : R"(,"channel":")" + channel + "\"") + "}");
  }
  value comes(double at, const std::string& id, const std::string& more) {
    return say(at, "contact.open",
               R"({"contact":")" + id + R"(","queue":"care",)" + more + "}")
        .data;
  }
  std::string line(double at, const std::string& from, const std::string& text) {
    return code_of(say(at, "contact.say",
                       R"({"contact":"C","from":")" + from + R"(","text":")" + text + "\"}"));
  }
};

/// The text that a person is met with; empty for none.
std::string greeting_in(const value& told) {
  const auto* greeting = told.find("greeting");
  return greeting ? std::string{greeting->text_or("text")} : std::string{};
}

} // namespace

TEST_CASE("who arrives is met in his language, by the reply itself, and it is on record",
          "[R2.1.1]") {
  story c;
  c.wording(0, "greeting", "zh", "您好");
  c.wording(0, "greeting", "zh", "您好, 请问有什么可以帮您?", "chat");
  c.wording(0, "greeting", "en", "Hello, your ticket is {ticket}");
  c.news();
  const auto told = c.comes(1, "C1", R"("channel":"chat","language":"zh")");
  CHECK(greeting_in(told) == "您好, 请问有什么可以帮您?");
  CHECK(told.find("greeting")->int_or("version", 0) == 1);
  CHECK(told.int_or("queue_position", 0) == 1);  // what routing says is there as ever
  CHECK(c.news() == lines{"contact.opened C1", "contact.triaged C1", "contact.greeted C1",
                          "contact.queued C1"});
  CHECK(c.last("contact.greeted").text_or("channel") == "chat");
  CHECK(greeting_in(c.comes(2, "C2", R"("channel":"phone","language":"zh")")) == "您好");
  CHECK(greeting_in(c.comes(3, "C3", R"("channel":"chat","language":"en")"))
        == "Hello, your ticket is {ticket}");
  // A language that nobody has written for, a kind of one that somebody has, and none at all.
  CHECK(greeting_in(c.comes(4, "C4", R"("channel":"phone","language":"fr")")) == "您好");
  CHECK(greeting_in(c.comes(5, "C5", R"("channel":"phone","language":"en-GB")"))
        == "Hello, your ticket is {ticket}");
  CHECK(greeting_in(c.comes(6, "C6", R"("channel":"phone")")) == "您好");
  CHECK(c.last("contact.greeted").text_or("language") == "zh");
}

TEST_CASE("nobody is met where nobody is, and without a greeting nothing is said") {
  story c;
  CHECK_FALSE(c.comes(1, "C1", R"("channel":"phone")").find("greeting"));
  c.wording(2, "greeting", "zh", "您好");
  CHECK_FALSE(c.comes(3, "C2", R"("channel":"mail","live":false)").find("greeting"));
  CHECK_FALSE(c.comes(4, "C3", R"("channel":"phone","safety":true)").find("greeting"));
  CHECK(c.count("contact.greeted") == 0);
  CHECK(greeting_in(c.comes(5, "C4", R"("channel":"phone")")) == "您好");
  // Asked again, it is the contact that was met.
  const auto again = c.comes(6, "C4", R"("channel":"phone")");
  CHECK(again.text_or("state") == "waiting");
  CHECK_FALSE(again.find("greeting"));
  CHECK(c.count("contact.greeted") == 1);
}

TEST_CASE("a wording has versions, and the older ones can be read", "[R2.2.4]") {
  story c;
  CHECK(c.wording(1, "closing", "zh", "再见").data.int_or("version", 0) == 1);
  CHECK(c.wording(2, "closing", "zh", "再见").data.int_or("version", 0) == 1);
  CHECK(c.wording(3, "closing", "zh", "感谢来电, 再见").data.int_or("version", 0) == 2);
  CHECK(c.wording(4, "closing", "en", "Thank you for calling").data.int_or("version", 0) == 1);
  CHECK(c.count("wording.defined") == 3);
  const auto texts = [&](const char* asked) {
    lines out;
    const auto told = c.ask(5, "wording.show", asked);
    for (const auto& one : *told.find("texts")->as<value::list>())
      out.emplace_back(one.text_or("text"));
    return out;
  };
  CHECK(texts(R"({"wording":"closing"})")
        == lines{"Thank you for calling", "感谢来电, 再见"});
  CHECK(texts(R"({"wording":"closing","language":"zh","version":1})") == lines{"再见"});
  CHECK(code_of(c.say(6, "wording.show", R"({"wording":"closing","version":3})"))
        == "reception.unknown_wording");
  CHECK(c.ask(7, "wording.list", "{}").find("wordings")->as<value::list>()->size() == 2);
}

TEST_CASE("a hundred versions are kept of a wording, and it goes on counting") {
  story c;
  for (int n = 1; n <= 102; ++n)
    CHECK(c.wording(n, "closing", "zh", "v" + std::to_string(n)).data.int_or("version", 0) == n);
  CHECK(code_of(c.say(200, "wording.show", R"({"wording":"closing","version":2})"))
        == "reception.unknown_wording");
  CHECK(code_of(c.say(200, "wording.show", R"({"wording":"closing","version":3})"))
        == "accepted");
}

TEST_CASE("neither an agent nor a machine says a forbidden word; a customer may", "[R2.2.4]") {
  story c;
  c.say(0, "wording.forbid", R"({"words":["不知道","Stupid"]})");
  c.comes(1, "C", R"("channel":"chat")");
  c.news();
  CHECK(c.line(2, "agent", "这个我不知道") == "reception.forbidden_word");
  CHECK(c.news() == lines{"contact.wording_refused C"});
  CHECK(c.last("contact.wording_refused").text_or("word") == "不知道");
  CHECK(c.last("contact.wording_refused").text_or("from") == "agent");
  CHECK(c.line(3, "system", "不 知　道") == "reception.forbidden_word");
  CHECK(c.line(4, "agent", "how ＳＴＵＰＩＤ") == "reception.forbidden_word");
  CHECK(c.count("contact.said") == 0);
  CHECK(c.line(5, "customer", "我不知道") == "accepted");
  CHECK(c.line(6, "agent", "请稍等, 我查一下") == "accepted");
  CHECK(c.count("contact.said") == 2);
  c.say(7, "wording.forbid", R"({"words":[]})");
  CHECK(c.line(8, "agent", "这个我不知道") == "accepted");
}

TEST_CASE("a line that is let through is said as ever, and routing answers for the rest",
          "[R2.2.4]") {
  story c;
  c.say(0, "wording.forbid", R"({"words":["no"]})");
  c.comes(1, "C", R"("channel":"chat")");
  const auto said = c.say(2, "contact.say",
                          R"({"contact":"C","from":"agent","text":"yes","line":4})");
  CHECK(said.data.int_or("line", 0) == 4);
  const auto other = c.say(3, "contact.say",
                           R"({"contact":"C","from":"agent","text":"well","line":4})");
  CHECK(code_of(other) == "routing.line_taken");
  CHECK(other.data.int_or("line", 0) == 4);
  CHECK(code_of(c.say(4, "contact.say", R"({"contact":"C","from":"agent","text":"x","line":0})"))
        == "command.field_invalid");
  CHECK(code_of(c.say(4, "contact.say", R"({"contact":"X","from":"agent","text":"no"})"))
        == "routing.unknown_contact");
  c.say(5, "contact.abandon", R"({"contact":"C"})");
  CHECK(c.line(6, "agent", "no") == "routing.contact_ended");
  CHECK(c.count("contact.wording_refused") == 0);
}

TEST_CASE("the forbidden words of a text that goes another way can be asked for", "[R2.2.4]") {
  story c;
  c.say(0, "wording.forbid", R"({"words":["不知道","no way"]})");
  CHECK(to_json(c.ask(1, "wording.check", R"({"text":"NoWay, 我不知道"})"))
        == R"({"words":["不知道","no way"]})");
  CHECK(to_json(c.ask(1, "wording.check", R"({"text":"好的"})")) == R"({"words":[]})");
  CHECK(to_json(*c.ask(1, "wording.list", "{}").find("forbidden")) == R"(["不知道","no way"])");
}

TEST_CASE("a greeting whose word was forbidden afterwards greets nobody until it is put otherwise",
          "[R2.2.4]") {
  story c;
  c.wording(0, "greeting", "zh", "亲, 您好");
  c.wording(0, "goodbye", "zh", "再见");
  const auto told = c.say(1, "wording.forbid", R"({"words":["亲"]})").data;
  const auto named = R"([{"wording":"greeting","language":"zh"}])";
  CHECK(to_json(*told.find("wordings")) == named);
  const auto again = c.say(1, "wording.forbid", R"({"words":["亲"]})").data;
  CHECK(to_json(*again.find("wordings")) == named);
  const auto source = GENERATE(centre::back_from::snapshot, centre::back_from::log);
  c.restart(source);
  CHECK(greeting_in(c.comes(2, "C1", R"("channel":"chat","language":"zh")")).empty());
  CHECK(c.count("contact.greeted") == 0);
  const auto shown = c.ask(3, "wording.show", R"({"wording":"greeting"})");
  CHECK(to_json(*shown.find("texts")->as<value::list>()->front().find("forbidden"))
        == R"(["亲"])");
  c.wording(4, "greeting", "zh", "您好");
  CHECK(greeting_in(c.comes(5, "C2", R"("channel":"chat","language":"zh")")) == "您好");
}

TEST_CASE("a wording that nobody could use is refused") {
  story c;
  c.say(0, "wording.forbid", R"({"words":["不知道"]})");
  c.say(0, "wording.forbid", R"({"words":["不知道"]})");
  CHECK(c.count("wording.forbidden") == 1);
  CHECK(code_of(c.wording(1, "greeting", "zh", "")) == "command.field_invalid");
  CHECK(code_of(c.wording(1, "greeting", "zh", std::string(2001, 'a'))) == "command.field_invalid");
  CHECK(code_of(c.wording(1, "greeting", "zh", "您好 {name}")) == "command.field_invalid");
  CHECK(code_of(c.wording(1, "greeting", "zh", "还要等 {wait_s 秒")) == "command.field_invalid");
  CHECK(code_of(c.wording(1, "greeting", "zh", "还要等 {wait_s} 秒, {queue}")) == "accepted");
  CHECK(code_of(c.wording(1, "answer", "zh", "我不知道")) == "reception.forbidden_word");
  CHECK(code_of(c.wording(1, "a greeting", "zh", "x")) == "command.field_invalid");
  CHECK(code_of(c.say(1, "wording.forbid", R"({"words":[" 　"]})")) == "command.field_invalid");
}
