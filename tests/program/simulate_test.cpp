#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "messages/json.hpp"
#include "tests/program/real_engine.hpp"

// `careline simulate` as people run it: files in, lines out.

using namespace careline;

namespace {

/// Two queues, three callers, one who hangs up and one who is refused.
const std::string two_queues = CARELINE_SOURCE_DIR "/tests/program/scenarios/two_queues.jsonl";
/// What a desk says from sign-in to sign-out, with mistakes in between; all in one instant.
const std::string a_talk = CARELINE_SOURCE_DIR "/tests/program/scenarios/a_talk.jsonl";

std::string text_of(const std::string& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// "6.5 contact.finished C1 A", for all events of contacts and offers.
std::vector<std::string> story(const std::string& out) {
  std::vector<std::string> all;
  for (const auto& line : real::json_lines(out)) {
    const auto type = std::string{line.text_or("type")};
    if (!type.starts_with("contact.") && !type.starts_with("offer."))
      continue;
    const auto& data = *line.find("data");
    auto said = to_json(*line.find("at")) + " " + type + " " + std::string{data.text_or("contact")};
    if (const auto agent = data.text_or("agent"); !agent.empty())
      said += " " + std::string{agent};
    all.push_back(said);
  }
  return all;
}

/// The same keys in the same places; of what stands there only words that say what happened.
value outline(const value& v) {
  if (const auto* items = v.as<value::list>()) {
    value::list out;
    for (const auto& item : *items)
      out.push_back(outline(item));
    return out;
  }
  const auto* entries = v.as<value::map>();
  if (!entries)
    return "…";
  value out{value::map{}};
  for (const auto& [key, item] : *entries) {
    const bool is_word = key == "type" || key == "subject" || key == "agent" || key == "state"
                         || key == "contact" || key == "actor";
    out.add(key, is_word ? item : outline(item));
  }
  return out;
}

} // namespace

TEST_CASE("a scenario prints what the rules say, and the same bytes each time",
          "[simulate][R2.1.7]") {
  const auto first = real::run({"simulate", two_queues});
  CHECK(first.code == 0);
  CHECK(first.err.empty());
  CHECK(story(first.out)
        == std::vector<std::string>{
            "1.5 contact.opened C1", "1.5 contact.triaged C1", "1.5 contact.queued C1",
            "1.5 offer.made C1 A", "1.5 offer.accepted C1 A", "1.5 contact.connected C1 A",
            "2 contact.opened C2", "2 contact.triaged C2", "2 contact.queued C2",
            "3 contact.opened C3", "3 contact.triaged C3", "3 contact.queued C3",
            "6.5 contact.finished C1 A", "16.5 offer.made C2 A", "16.5 offer.accepted C2 A",
            "16.5 contact.connected C2 A", "23 contact.abandoned C3",
            "46.5 contact.finished C2 A"});
  position at = 0;
  for (const auto& line : real::json_lines(first.out))
    if (line.find("position"))
      CHECK(static_cast<position>(line.int_or("position", 0)) == ++at);
  const auto refused = real::json_lines(first.out);
  const auto one = std::find_if(refused.begin(), refused.end(),
                                [](const value& v) { return v.find("refused") != nullptr; });
  REQUIRE(one != refused.end());
  CHECK(one->find("refused")->text_or("type") == "routing.unknown_queue");
  CHECK(one->find("command")->find("data")->text_or("contact") == "C4");
  CHECK(real::run({"simulate", two_queues}).out == first.out);
}

TEST_CASE("a summary has the metrics by name, and per queue", "[simulate][R1.2.4]") {
  const auto told = real::run({"simulate", two_queues, "--summary", "--json"});
  REQUIRE(told.code == 0);
  const auto out = from_json(told.out);
  REQUIRE(out);
  const auto& all = *out->find("metrics");
  CHECK(all.int_or("queued", 0) == 3);
  CHECK(all.int_or("answered", 0) == 2);
  CHECK(all.int_or("abandoned", 0) == 1);
  CHECK(all.number_or("asa_s", -1) == Approx(14.5 / 2));
  CHECK(all.number_or("aht_s", -1) == Approx((5 + 10 + 30 + 10) / 2.0));
  CHECK(all.number_or("sl_answered", -1) == Approx(1.0));  // 0 and 14.5 s, both within 15
  CHECK(all.number_or("sl_strict", -1) == Approx(2.0 / 3));
  CHECK(all.number_or("abandon_rate", -1) == Approx(1.0 / 3));
  CHECK(all.number_or("longest_wait_s", -1) == Approx(20.0));
  CHECK(out->find("queues")->find("tech")->int_or("abandoned", 0) == 1);
  CHECK(out->find("queues")->find("care")->int_or("abandoned", -1) == 0);
}

TEST_CASE("another policy is a what-if over the same callers", "[simulate]") {
  const real::text_file policy{R"({"type":"queue.define","data":{"queue":"care","skills":["zh"]}})",
                    "policy.jsonl"};
  const auto out = real::run({"simulate", two_queues, "--policy", policy.path}).out;
  const auto told = story(out);
  // Without wrap-up the second caller is answered as soon as the first is done.
  CHECK(std::find(told.begin(), told.end(), "6.5 contact.connected C2 A") != told.end());
  const auto until = story(real::run({"simulate", two_queues, "--until", "3"}).out);
  CHECK(until.back() == "3 contact.queued C3");
}

TEST_CASE("agents of a scenario end their contacts as the queue wants them to end", "[simulate]") {
  const real::text_file listed{
      R"({"type":"queue.define","data":{"queue":"care","skills":["zh"],"wrap_up_s":10,)"
      R"("dispositions":["solved","passed_on"]}})",
      "policy.jsonl"};
  const auto out = real::run({"simulate", two_queues, "--policy", listed.path}).out;
  CHECK(story(out) == story(real::run({"simulate", two_queues}).out));
  CHECK(out.find(R"("disposition":"solved")") != std::string::npos);
}

TEST_CASE("a file that is wrong is refused with its line and what was meant", "[simulate]") {
  struct wrong_file {
    const char* text;
    const char* said;
  };
  for (const auto& [text, said] : {
           wrong_file{"nonsense\n", ":1: this is no JSON"},
           wrong_file{"{\"at\":0,\"type\":\"end\"}\n", ":1: the first line must be the header"},
           wrong_file{"{\"scenario\":\"x\"}\n{\"type\":\"end\"}\n", ":2: \"at\" is missing"},
           wrong_file{"{\"scenario\":\"x\"}\n{\"at\":-1,\"type\":\"end\"}\n", ":2: \"at\" must be"},
           wrong_file{"{\"scenario\":\"x\"}\n{\"at\":0,\"type\":\"contact.open\",\"sim\":"
                      "{\"patence_s\":1}}\n", "Did you mean \"patience_s\"?"},
       }) {
    const real::text_file f{text};
    const auto told = real::run({"simulate", f.path});
    INFO(told.err);
    CHECK(told.code == 2);
    CHECK(told.err.find(said) != std::string::npos);
    CHECK(told.out.empty());
  }
  CHECK(real::run({"simulate", "/no/such/file"}).code == 2);
}

TEST_CASE("a scenario's questions are answered as the engine answers them", "[simulate][serve]") {
  const std::string story_so_far =
      R"({"scenario":"questions","start":"2026-03-02T09:00:00+08:00"}
{"at":0,"id":"1","type":"queue.define","data":{"queue":"care","ring_s":60}}
{"at":0,"id":"2","type":"agent.sign_in","data":{"agent":"A"},"sim":{"answer_after_s":null}}
{"at":0,"id":"3","type":"agent.sign_in","data":{"agent":"B"},"sim":{"answer_after_s":null}}
{"at":1,"id":"4","type":"contact.open","data":{"contact":"C1","channel":"phone","queue":"care"}}
{"at":2,"id":"5","type":"offer.accept","data":{"contact":"C1","agent":"A"}}
{"at":2,"id":"6","type":"session.hello","data":{"name":"phone-1"}}
)";
  // Behind the engine's own first events: a served log has one more of them.
  const std::vector<std::pair<std::string, std::string>> questions{
      {"why.contact", R"({"contact":"C1"})"},    {"contact.show", R"({"contact":"C1"})"},
      {"queue.show", R"({"queue":"care"})"},     {"queue.list", "{}"},
      {"agent.show", R"({"agent":"A"})"},        {"agent.list", "{}"},
      {"board.show", "{}"},                      {"log.read", R"({"types":["contact."]})"},
      {"why.contact", R"({"contact":"nobody"})"}};
  std::string asked;
  for (const auto& [type, data] : questions)
    asked += R"({"at":3,"type":")" + type + R"(","data":)" + data + "}\n";
  const real::text_file file{story_so_far + asked};
  const auto printed = real::run({"simulate", file.path});
  REQUIRE(printed.code == 0);
  std::vector<std::string> simulated;
  for (const auto& line : real::json_lines(printed.out)) {
    if (const auto* told = line.find("answer"))
      simulated.push_back(to_json(outline(*told)));
    if (const auto* no = line.find("refused"))
      simulated.emplace_back(no->text_or("type"));
  }
  const real::data_folder data;
  real::engine e{data.path};
  real::desk d{e, "scenario"};
  for (const auto& line : real::json_lines(story_so_far))
    if (line.find("data"))
      d.ask(line.text_or("type"), to_json(*line.find("data")));
  std::vector<std::string> served;
  for (const auto& [type, data_json] : questions) {
    const auto told = d.ask(type, data_json);
    served.push_back(told.why ? told.why->type : to_json(outline(told.data)));
  }
  REQUIRE(simulated.size() == served.size());
  for (std::size_t i = 0; i < served.size(); ++i) {
    INFO(questions[i].first);
    CHECK(simulated[i] == served[i]);
  }
  const auto why = real::json_lines(printed.out);
  const auto first = std::find_if(why.begin(), why.end(),
                                  [](const value& line) { return line.find("answer"); });
  REQUIRE(first != why.end());
  const auto& decisions = *first->find("answer")->find("decisions")->as<value::list>();
  REQUIRE(decisions.size() == 1);
  CHECK(decisions[0].text_or("agent") == "A");
  CHECK(decisions[0].find("decision")->text_or("strategy") == "longest_idle");
}

TEST_CASE("what is simulated is what is served", "[simulate][serve]") {
  // The same words to both, one at a time: types, subjects and data are equal.
  const auto facts = [](const std::vector<value>& events, auto is_wanted) {
    std::vector<std::string> all;
    for (const auto& e : events)
      if (is_wanted(e)) {
        auto data = *e.find("data");
        if (data.find("expires"))
          data.set("expires", "then"); // of their own clocks
        if (data.find("decision"))
          data.set("decision", "of its own instants");
        for (const auto* key : {"person", "fingerprint"})
          if (data.find(key))
            data.set(key, "under a key of their own");
        all.push_back(std::string{e.text_or("type")} + " " + std::string{e.text_or("subject")} + " "
                      + to_json(data));
      }
    return all;
  };
  const auto printed = real::json_lines(real::run({"simulate", a_talk}).out);
  const auto simulated = facts(printed, [](const value& e) {
    return e.find("position") && e.text_or("type") != "log.created";
  });
  const real::data_folder data;
  real::engine e{data.path};
  real::desk d{e, "scenario"};
  for (const auto& line : real::json_lines(text_of(a_talk)))
    if (line.find("data"))
      d.ask(line.text_or("type"), to_json(*line.find("data")));
  const auto page = d.ask("log.read", R"({"after":2})");
  const auto served = facts(*page.data.find("events")->as<value::list>(),
                            [](const value&) { return true; });
  CHECK(served.size() > 20);
  CHECK(served == simulated);
}
