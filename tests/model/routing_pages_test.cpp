#include <catch2/catch.hpp>

#include <set>

#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

TEST_CASE("a list that is asked for in one piece comes in pages of a thousand") {
  centre c;
  c.queue(R"({"queue":"care"})");
  for (int n = 0; n < 1'001; ++n)
    c.say(0, "agent.sign_in", R"({"ready":false,"agent":"A)" + std::to_string(n) + "\"}");
  const auto page = c.ask(1, "agent.list", R"({"limit":10000})");
  const auto& agents = *page.find("agents")->as<value::list>();
  REQUIRE(agents.size() == 1'000);
  const std::string last{agents.back().text_or("agent")};
  const auto rest = c.ask(1, "agent.list", R"({"limit":10000,"after":")" + last + "\"}");
  CHECK(rest.find("agents")->as<value::list>()->size() == 1);
  CHECK_FALSE(rest.find("next"));
}

TEST_CASE("who asks for a page of nothing is told of one, not that nobody is there") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.queue(R"({"queue":"tech"})");
  c.say(0, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  for (const auto* limit : {"0", "-3"}) {
    const auto asked = std::string{R"({"queue":"care","limit":)"} + limit + "}";
    const auto queues = c.ask(1, "queue.list", asked.substr(0, 1) + asked.substr(16));
    CHECK(queues.find("queues")->as<value::list>()->size() == 1);
    CHECK(queues.find("next"));
    const auto line = c.ask(1, "queue.show", asked);
    CHECK(line.find("waiting")->as<value::list>()->size() == 1);
  }
}

TEST_CASE("many queues are listed page by page, each once") {
  centre c;
  std::set<std::string> defined;
  for (int n = 0; n < 25; ++n) {
    defined.insert("Q" + std::to_string(n));
    c.queue(R"({"queue":"Q)" + std::to_string(n) + "\"}");
  }
  std::set<std::string> listed;
  std::string after;
  for (int pages = 1;; ++pages) {
    const auto page = c.ask(1, "queue.list", R"({"limit":10)" + after + "}");
    const auto& queues = *page.find("queues")->as<value::list>();
    REQUIRE(queues.size() == (pages < 3 ? 10 : 5));
    for (const auto& q : queues)
      CHECK(listed.emplace(q.text_or("queue")).second);
    if (!page.find("next"))
      break;
    after = R"(,"after":")" + std::string{page.text_or("next")} + "\"";
  }
  CHECK(listed == defined);
}
