#include <catch2/catch.hpp>

#include <map>

#include "actors/routing/strategies/strategies.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

/// A queue "care" by one strategy, and people who come, are served for a second, and go.
class desk {
public:
  explicit desk(const std::string& strategy, const std::string& more = {}) {
    c.queue(R"({"queue":"care","strategy":")" + strategy + "\"" + more + "}");
  }
  void sign_in(const std::string& agent, const std::string& more = {}) {
    c.say(at_, "agent.sign_in", R"({"agent":")" + agent + "\"" + more + "}");
  }
  /// Who is offered a new contact.
  std::string open(const std::string& more = {}, const std::string& channel = "phone") {
    at_ += 1;
    last_ = "C" + std::to_string(++opened_);
    c.say(at_, "contact.open", R"({"contact":")" + last_ + R"(","channel":")" + channel
                                   + R"(","queue":"care")" + more + "}");
    const auto made = c.last("offer.made");
    return made.text_or("contact") == last_ ? std::string{made.text_or("agent")} : "nobody";
  }
  std::string accept(const std::string& agent) { return tell("offer.accept", agent); }
  std::string finish(const std::string& agent) { return tell("contact.finish", agent); }
  std::string serve(const std::string& more = {}) {
    const auto who = open(more);
    accept(who);
    at_ += 1;
    finish(who);
    return who;
  }
  std::string serve_three() {
    std::string all;
    for (int i = 0; i < 3; ++i)
      all += serve();
    return all;
  }
  const std::string& last() const { return last_; }
  double at() const { return at_; }

  centre c;

private:
  std::string tell(const char* type, const std::string& agent) {
    const auto r = c.say(at_, type, R"({"contact":")" + last_ + R"(","agent":")" + agent + "\"}");
    return r.why ? r.why->type : "accepted";
  }

  double at_ = 0;
  int opened_ = 0;
  std::string last_;
};

} // namespace

TEST_CASE("each strategy of the contract is there under its own name") {
  for (const auto& [which, name] : routing::names(routing::strategy{})) {
    INFO(name);
    CHECK(routing::row_of(which).which == which);
    centre c;
    const auto r = c.say(0, "queue.define",
                         R"({"queue":"care","strategy":")" + std::string{name} + "\"}");
    CHECK(r.outcome == outcome_kind::accepted);
  }
}

TEST_CASE("least recent goes by the end of the last contact, and who had none comes first") {
  desk d{"least_recent"};
  for (const auto* a : {"A", "B", "C"})
    d.sign_in(a);
  CHECK(d.serve_three() == "ABC");
  // Ready again late is idle for a short time only; when the last contact ended stays what it was.
  d.c.say(d.at() + 10, "agent.set_state", R"({"agent":"A","state":"not_ready"})");
  d.c.say(d.at() + 20, "agent.set_state", R"({"agent":"A","state":"ready"})");
  d.c.wait_until(d.at() + 30);
  desk again{"least_recent"};
  for (const auto* a : {"A", "B"})
    again.sign_in(a);
  again.serve();
  again.c.say(again.at() + 1, "agent.set_state", R"({"agent":"B","state":"not_ready"})");
  again.c.say(again.at() + 2, "agent.set_state", R"({"agent":"B","state":"ready"})");
  again.c.wait_until(again.at() + 3);
  CHECK(again.c.say(again.at() + 4, "contact.open",
                    R"({"contact":"X","channel":"phone","queue":"care"})").outcome
        == outcome_kind::accepted);
  CHECK(again.c.last("offer.made").text_or("agent") == "B");
}

TEST_CASE("fixed order begins at the same end each time") {
  desk d{"fixed_order"};
  for (const auto* a : {"A", "B", "C"})
    d.sign_in(a);
  CHECK(d.serve_three() == "AAA");
  const auto first = d.open();
  CHECK(d.accept(first) == "accepted");
  CHECK(d.open() == "B");
}

TEST_CASE("random lets each have as many, and the same seed the same ones") {
  const auto day = [] {
    desk d{"random"};
    std::string all;
    for (const auto* a : {"A", "B", "C", "D"})
      d.sign_in(a);
    for (int i = 0; i < 400; ++i)
      all += d.serve();
    return all;
  };
  const auto first = day();
  CHECK(day() == first);
  for (const char a : {'A', 'B', 'C', 'D'}) {
    INFO(a);
    // Of 400 draws of one in four, 100 and four times the spread of 8.7.
    CHECK(std::abs(std::count(first.begin(), first.end(), a) - 100) <= 35);
  }
}

TEST_CASE("random passes over who is excluded, and takes who missed the contact last") {
  desk d{"random"};
  for (const auto* a : {"A", "B", "C", "D"})
    d.sign_in(a);
  for (int i = 0; i < 40; ++i)
    CHECK(d.serve(R"(,"exclude":["A","B","D"])") == "C");
  const auto who = d.open();
  std::map<std::string, int> offered;
  ++offered[who];
  std::string next = who;
  for (int i = 0; i < 3; ++i) {
    d.c.say(d.at(), "offer.decline",
            R"({"contact":")" + d.last() + R"(","agent":")" + next + "\"}");
    next = d.c.last("offer.made").text_or("agent");
    ++offered[next];
  }
  CHECK(offered.size() == 4);
}

TEST_CASE("weighted random lets a tier have half as much as the one before") {
  desk d{"weighted_random"};
  d.sign_in("A", R"(,"queues":{"care":0})");
  d.sign_in("B", R"(,"queues":{"care":1})");
  std::string all;
  for (int i = 0; i < 300; ++i)
    all += d.serve();
  CHECK(std::abs(std::count(all.begin(), all.end(), 'A') - 200) <= 33);
  CHECK(d.serve(R"(,"tier_max":0)") == "A");
}

TEST_CASE("a tier that was only a weight is not said to have decided") {
  desk d{"weighted_random"};
  d.sign_in("A", R"(,"queues":{"care":0})");
  d.sign_in("B", R"(,"queues":{"care":1})");
  d.open();
  CHECK(d.c.last("offer.made").find("decision")->text_or("tie_break") == "strategy");
}

TEST_CASE("the specialist comes first where a queue goes by the fewest skills") {
  desk d{"fewest_skills"};
  d.sign_in("A", R"(,"skills":{"ALL":9})");
  d.sign_in("B", R"(,"skills":{"fibre":3,"billing":3})");
  d.sign_in("C", R"(,"skills":{"fibre":1})");
  const std::string fibre = R"(,"skills":["fibre"])";
  const auto first = d.open(fibre);
  d.accept(first);
  const auto second = d.open(fibre);
  d.accept(second);
  const auto third = d.open(fibre);
  CHECK(first + second + third == "CBA");
}

TEST_CASE("who is best at what is asked for comes first where a queue goes by the highest level") {
  desk d{"highest_level"};
  d.sign_in("A", R"(,"skills":{"fibre":3,"zh":9})");
  d.sign_in("B", R"(,"skills":{"fibre":7,"zh":6})");
  d.sign_in("C", R"(,"skills":{"ALL":6})");
  CHECK(d.serve(R"(,"skills":["fibre"])") == "B");
  CHECK(d.serve(R"(,"skills":["zh"])") == "A");
  CHECK(d.serve(R"(,"skills":["fibre","zh"])") == "B");
  // Levels change while people work.
  d.c.say(d.at(), "agent.change", R"({"agent":"A","skills":{"fibre":10,"zh":9}})");
  CHECK(d.serve(R"(,"skills":["fibre"])") == "A");
}

TEST_CASE("levels count for agents who were there before a queue went by them") {
  centre c;
  c.say(0, "agent.sign_in", R"({"agent":"A","skills":{"fibre":2}})");
  c.say(0, "agent.sign_in", R"({"agent":"B","skills":{"fibre":8}})");
  c.queue(R"({"queue":"care","strategy":"highest_level"})");
  c.say(1, "contact.open",
        R"({"contact":"C1","channel":"phone","queue":"care","skills":["fibre"]})");
  CHECK(c.last("offer.made").text_or("agent") == "B");
}

TEST_CASE("least loaded goes by the share of the room that is used") {
  desk d{"least_loaded"};
  d.sign_in("A", R"(,"channels":{"chat":4})");
  d.sign_in("B", R"(,"channels":{"chat":2})");
  std::string got;
  for (int i = 0; i < 6; ++i)
    got += d.open({}, "chat");
  CHECK(got == "ABAABA");
  CHECK(d.open({}, "chat") == "nobody");
}

TEST_CASE("where all are rung the first to answer has it, and the others missed nothing") {
  desk d{"ring_all", R"(,"ring_s":20)"};
  for (const auto* a : {"A", "B", "C"})
    d.sign_in(a);
  d.sign_in("Z", R"(,"queues":{"care":1})");
  d.c.news();
  d.open();
  CHECK(d.c.contact_news()
        == lines{"contact.opened C1", "contact.triaged C1", "contact.queued C1", "offer.made C1 A",
                 "offer.made C1 B", "offer.made C1 C"});
  CHECK(d.accept("B") == "accepted");
  CHECK(d.c.contact_news()
        == lines{"offer.accepted C1 B", "contact.connected C1 B",
                 "offer.rescinded C1 A answered_elsewhere",
                 "offer.rescinded C1 C answered_elsewhere"});
  CHECK(d.accept("A") == "routing.no_offer");
  CHECK(d.c.ask(d.at(), "agent.show", R"({"agent":"A"})").int_or("misses", -1) == 0);
}

TEST_CASE("who comes free while all are rung is rung too, and who let it pass is not again") {
  desk d{"ring_all", R"(,"ring_s":20,"misses_max":9)"};
  d.sign_in("A");
  d.sign_in("B");
  d.sign_in("Z", R"(,"queues":{"care":1})");
  d.open();
  d.c.news();
  d.c.say(d.at() + 1, "offer.decline", R"({"contact":"C1","agent":"A"})");
  CHECK(d.c.contact_news() == lines{"offer.declined C1 A reject"});
  d.c.say(d.at() + 2, "agent.sign_in", R"({"agent":"C"})");
  CHECK(d.c.contact_news() == lines{"offer.made C1 C"});
  // Twenty seconds each. Then all of the tier are rung anew, whoever let it pass before.
  d.c.wait_until(d.at() + 21);
  CHECK(d.c.contact_news() == lines{"offer.expired C1 B"});
  d.c.wait_until(d.at() + 22);
  CHECK(d.c.contact_news()
        == lines{"offer.expired C1 C", "offer.made C1 A", "offer.made C1 B", "offer.made C1 C"});
  d.c.restart(GENERATE(centre::back_from::snapshot, centre::back_from::log));
  CHECK(d.accept("C") == "accepted");
}

TEST_CASE("who let a ringing contact pass and stayed ready is rung when the ring is over") {
  desk d{"ring_all", R"(,"ring_s":20)"};
  d.sign_in("A");
  d.sign_in("B");
  d.open();
  d.c.say(d.at() + 1, "offer.decline", R"({"contact":"C1","agent":"A"})");
  d.c.news();
  d.c.wait_until(d.at() + 20);
  CHECK(d.c.contact_news() == lines{"offer.expired C1 B", "offer.made C1 A"});
}

TEST_CASE("an agent who is named twice is rung once") {
  desk d{"ring_all"};
  d.sign_in("A", R"(,"channels":{"chat":4})");
  d.c.news();
  d.open(R"(,"prefer":["A","A"],"prefer_s":9)", "chat");
  CHECK(d.c.contact_news() == lines{"contact.opened C1", "contact.triaged C1", "contact.queued C1",
                                    "offer.made C1 A"});
}

TEST_CASE("somebody who has a more urgent contact to take is not rung for another") {
  centre c;
  c.queue(R"({"queue":"care","strategy":"ring_all"})");
  c.queue(R"({"queue":"fault"})");
  c.say(0, "agent.sign_in", R"({"agent":"A","ready":false})");
  c.say(0, "agent.sign_in", R"({"agent":"B","ready":false,
    "queues":{"care":{"priority":2},"fault":{"priority":1}}})");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.say(2, "contact.open", R"({"contact":"F1","channel":"phone","queue":"fault"})");
  c.say(3, "agent.set_state", R"({"agent":"B","state":"ready"})");
  CHECK(c.last("offer.made").text_or("contact") == "F1");
  c.say(4, "agent.set_state", R"({"agent":"A","state":"ready"})");
  CHECK(c.last("offer.made").text_or("contact") == "C1");
  CHECK(c.last("offer.made").text_or("agent") == "A");
}

TEST_CASE("a contact rings a hundred at most, and the next when one of them lets it pass") {
  desk d{"ring_all", R"(,"ring_s":900,"misses_max":9)"};
  for (int i = 0; i < 120; ++i)
    d.sign_in("A" + std::to_string(i));
  d.open();
  CHECK(d.c.count("offer.made") == 100);
  d.c.say(d.at() + 1, "offer.decline", R"({"contact":"C1","agent":"A7"})");
  CHECK(d.c.count("offer.made") == 101);
  CHECK(d.c.last("offer.made").text_or("agent") == "A100");
}

TEST_CASE("an agent without room is not rung beside those who have some") {
  desk d{"ring_all", R"(,"ring_s":900,"offer_when_busy":true)"};
  d.sign_in("A");
  d.open();
  d.accept("A");
  d.sign_in("B");
  CHECK(d.open() == "B");
  CHECK(d.c.count("offer.made") == 2);
}
