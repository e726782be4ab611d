#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "messages/json.hpp"
#include "tests/program/real_engine.hpp"

// The people of `careline simulate`, and the desk that receives them.

using namespace careline;

namespace {

/// The types of what happened to contacts, offers and dials, in order.
std::vector<std::string> types_of(const std::string& out) {
  std::vector<std::string> all;
  for (const auto& line : real::json_lines(out))
    if (const auto type = line.text_or("type"); !type.empty() && !type.starts_with("agent."))
      all.emplace_back(type);
  return all;
}

} // namespace

TEST_CASE("a simulated person who asked to be called back is reached", "[simulate][R2.1.6]") {
  const real::text_file day{R"({"scenario":"callback","start":"2026-03-02T09:00:00+08:00"}
{"at":0,"type":"queue.define","data":{"queue":"care"}}
{"at":1,"source":"phone-1","type":"contact.open","data":{"contact":"C1","channel":"phone",)"
                 R"("queue":"care"},"sim":{"talk_s":30}}
{"at":2,"source":"phone-1","type":"contact.request_callback","data":{"contact":"C1","number":"1"}}
{"at":3,"source":"desk-1","type":"agent.sign_in","data":{"agent":"A"},"sim":{"answer_after_s":1}}
{"at":120,"type":"end"}
)",
                 "callback.jsonl"};
  const auto told = real::run({"simulate", day.path});
  REQUIRE(told.code == 0);
  CHECK(types_of(told.out)
        == std::vector<std::string>{"log.created", "queue.defined", "contact.opened",
                                    "contact.triaged", "contact.queued",
                                    "contact.callback_requested", "offer.made", "offer.accepted",
                                    "dial.requested", "dial.reported", "contact.connected",
                                    "contact.finished"});
}

TEST_CASE("a callback that a rule offers is taken, and reached, by whoever says yes",
          "[simulate][R2.1.6]") {
  const real::text_file day{R"({"scenario":"offered","start":"2026-03-02T09:00:00+08:00"}
{"at":0,"type":"queue.define","data":{"queue":"care",)"
                            R"("rules":[{"after_s":5,"do":[{"offer_callback":true}]}]}}
{"at":1,"type":"contact.open","data":{"contact":"C1","channel":"phone","queue":"care"},)"
                            R"("sim":{"patience_s":20,"talk_s":30,"takes_callback":true}}
{"at":2,"type":"contact.open","data":{"contact":"C2","channel":"phone","queue":"care"},)"
                            R"("sim":{"patience_s":20,"talk_s":30}}
{"at":60,"type":"agent.sign_in","data":{"agent":"A"}}
)",
                            "offered.jsonl"};
  const auto told = real::run({"simulate", day.path, "--summary", "--json"});
  REQUIRE(told.code == 0);
  const auto out = from_json(told.out);
  REQUIRE(out);
  const auto& figures = *out->find("metrics");
  CHECK(figures.int_or("callbacks", 0) == 1);
  CHECK(figures.int_or("callbacks_answered", 0) == 1);
  CHECK(figures.int_or("abandoned", 0) == 1);
  CHECK(figures.int_or("answered", 1) == 0);
}

TEST_CASE("what a simulated person is refused stands in the output like a line's refusal",
          "[simulate]") {
  const real::text_file day{R"({"scenario":"again","start":"2026-03-02T09:00:00+08:00"}
{"at":0,"type":"queue.define","data":{"queue":"care"}}
{"at":1,"source":"phone-1","type":"contact.open","data":{"contact":"C1","channel":"phone",)"
                 R"("queue":"care"},"sim":{"patience_s":2,"returns_after_s":5}}
{"at":2,"source":"phone-1","type":"contact.open","data":{"contact":"C1.2","channel":"chat",)"
                 R"("queue":"care"}}
{"at":60,"type":"end"}
)",
                 "again.jsonl"};
  const auto told = real::run({"simulate", day.path});
  REQUIRE(told.code == 0);
  const auto lines = real::json_lines(told.out);
  const auto one = std::find_if(lines.begin(), lines.end(),
                                [](const value& v) { return v.find("refused") != nullptr; });
  REQUIRE(one != lines.end());
  CHECK(one->int_or("at", 0) == 8);
  CHECK(one->find("refused")->text_or("type") == "reception.contact_exists");
  CHECK(one->find("command")->text_or("source") == "phone-1");
  CHECK(one->find("command")->find("data")->text_or("contact") == "C1.2");
}

TEST_CASE("a simulated desk works by the configuration that the real one has",
          "[simulate][R2.1.3]") {
  const real::text_file config{R"([reception]
default_queue = "help"

[safety]
divert_to = "external:police"

[[triage]]
need = "bill"
queue = "care"
)",
                    "careline.toml"};
  const real::text_file day{R"({"scenario":"needs","start":"2026-03-02T09:00:00+08:00"}
{"at":0,"type":"queue.define","data":{"queue":"care"}}
{"at":0,"type":"queue.define","data":{"queue":"help"}}
{"at":1,"type":"contact.open","data":{"contact":"C1","channel":"phone","need":"my bill"}}
{"at":2,"type":"contact.open","data":{"contact":"C2","channel":"phone","need":"hello"}}
{"at":3,"type":"contact.open","data":{"contact":"C3","channel":"phone","need":"119"}}
{"at":4,"type":"end"}
)",
                 "needs.jsonl"};
  const auto told = real::run({"simulate", "--config", config.path, day.path});
  CHECK(told.err.empty());
  REQUIRE(told.code == 0);
  std::vector<std::string> places;
  for (const auto& line : real::json_lines(told.out)) {
    const auto* data = line.find("data");
    if (line.text_or("type") == "contact.queued")
      places.emplace_back(data->text_or("queue"));
    if (line.text_or("type") == "contact.diverted")
      places.emplace_back(data->text_or("to"));
  }
  CHECK(places == std::vector<std::string>{"care", "help", "external:police"});
}
