#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <map>
#include <set>

#include "messages/json.hpp"
#include "tests/program/real_engine.hpp"
#include "tools/careline/load_plan.hpp"

// `careline load`: many gateways and agents through the real bus.

using namespace careline;
using namespace careline::program;

TEST_CASE("a load is pushed through the bus, and every answer is counted from when it was due") {
  const real::data_folder folder;
  real::engine engine{folder.path, {"--speed", "20"}};
  const auto told = real::run({"load", "--commands", engine.address("commands"), "--events",
                               engine.address("events"), "--rate", "2", "--for", "60", "--agents",
                               "60", "--queues", "6", "--talk", "10", "--surge", "5", "--repeats",
                               "40", "--for-help", "10", "--json"});
  INFO(told.err);
  REQUIRE(told.code == 0);
  const auto said = from_json(told.out);
  REQUIRE(said);
  const auto contacts = said->int_or("contacts", 0);
  CHECK(contacts > 100);
  CHECK(said->int_or("ended", 0) == contacts);
  const auto helped = said->find("commands")->find("contact.open, for help")->int_or("count", 0);
  CHECK(helped > 5);
  CHECK(said->int_or("answered", 0) + said->int_or("abandoned", 0) + helped == contacts);
  const auto& all = *said->find("all_commands");
  CHECK(all.number_or("p50_ms", -1) > 0);
  CHECK(all.number_or("p99.99_ms", 0) >= all.number_or("p50_ms", 1));
  CHECK(said->find("commands")->find("contact.open")->int_or("count", 0) + helped == contacts);
  real::desk by{engine, "look"};
  const auto status = by.ask("queue.list", "{}");
  CHECK(status.data.find("queues")->as<value::list>()->size() == 6);
  CHECK(engine.end(SIGTERM) == 0);
}

TEST_CASE("a load is the same for the same seed, and a surge is in its middle") {
  load_wish wish;
  wish.per_s = 20;
  wish.lasts = 100s;
  wish.surge = 10;
  const auto one = cues_of(wish, from_ms(0), "x");
  const auto two = cues_of(wish, from_ms(0), "x");
  REQUIRE(one.size() == two.size());
  std::map<std::int64_t, int> by_fifth;
  std::set<std::string> queues;
  for (std::size_t i = 0; i < one.size(); ++i) {
    CHECK(one[i].at == two[i].at);
    if (const auto* open = std::get_if<reception::contact_open>(&one[i].what)) {
      ++by_fifth[to_ms(one[i].at) / 20'000];
      queues.insert(open->queue.text());
    }
  }
  CHECK(queues.size() == 20);
  CHECK(by_fifth[2] > 8 * by_fifth[1]);
  CHECK(by_fifth[0] == Approx(400).epsilon(0.2));
}

TEST_CASE("a load's plan is a scenario that simulate plays") {
  const auto plan = real::run({"load", "--plan", "--rate", "2", "--for", "60", "--agents", "30",
                               "--queues", "5", "--talk", "20", "--surge", "5", "--repeats", "40",
                               "--for-help", "5"});
  REQUIRE(plan.code == 0);
  const auto lines = real::json_lines(plan.out);
  const auto planned = std::count_if(lines.begin(), lines.end(), [](const value& line) {
    return line.text_or("type") == "contact.open";
  });
  CHECK(planned > 100);
  const real::text_file file{plan.out};
  const auto told = real::run({"simulate", file.path, "--summary", "--json"});
  INFO(told.err);
  REQUIRE(told.code == 0);
  const auto said = from_json(told.out);
  REQUIRE(said);
  const auto& figures = *said->find("metrics");
  CHECK(figures.int_or("offered", 0) >= planned);  // some come again
  CHECK(figures.int_or("diverted", 0) > 0);        // calls for help
  CHECK(figures.int_or("waiting", 1) == 0);
  CHECK(figures.int_or("in_progress", 1) == 0);
}

TEST_CASE("a load says what is missing") {
  CHECK(real::run({"load", "--call-log", "a.csv"}).code == 2);
  CHECK(real::run({"load", "--times", "3"}).code == 2);
  CHECK(real::run({"load", "--from", "10:20"}).code == 2);
  const std::vector<std::string> of_log{"load", "--call-log", "a.csv", "--day", "1999-08-03"};
  for (const auto& [flag, given] : {std::pair{"--from", "10"}, std::pair{"--surge", "10"}}) {
    auto words = of_log;
    words.insert(words.end(), {flag, given});
    CHECK(real::run(std::move(words)).code == 2);
  }
  const auto nobody = real::run({"load", "--commands", "tcp://nowhere", "--events", "tcp://x:1"});
  CHECK(nobody.code == 2);
}
