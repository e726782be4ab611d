#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <set>

#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

/// A centre where anything may happen in any order, from one seed; after each step it must hold
/// together.
class busy_hour {
public:
  explicit busy_hour(std::uint32_t seed) : draw_(seed) {
    c_.queue(R"({"queue":"q0","ring_s":5,"rest_s":{"reject":7,"no_answer":3},"retry_s":2,
      "rules":[{"after_s":9,"do":[{"drop_skills":["s1"]}]},
               {"every_s":11,"do":[{"urgency_add":1}]}]})");
    c_.queue(R"({"queue":"q1","strategy":"round_robin","wrap_up_s":4,"wait_s_max":40,"weight":3})");
    c_.queue(R"({"queue":"q2","strategy":"fewest_finished","length_max":6,"overflow_to":"q0",
      "misses_then":"ready","wrap_up":"manual",
      "rules":[{"after_misses":2,"do":[{"divert":"q1"}]}]})");
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      at_ += n(3) * 0.5;
      step();
      holds_together();
    }
  }

private:
  int n(int below) { return static_cast<int>(draw_() % static_cast<unsigned>(below)); }
  std::string agent() { return "A" + std::to_string(n(6)); }
  std::string contact() { return "C" + std::to_string(n(opened_ + 1)); }
  std::string queue() { return "q" + std::to_string(n(3)); }

  void step() {
    const auto of = [](std::string_view a, const std::string& b) {
      return "\"" + std::string{a} + "\":\"" + b + "\"";
    };
    const auto a = of("agent", agent());
    const auto c = of("contact", contact());
    switch (n(14)) {
    case 0: c_.say(at_, "agent.sign_in", sign_in(a)); break;
    case 1: c_.say(at_, "agent.sign_out", "{" + a + "}"); break;
    case 2:
      c_.say(at_, "agent.set_state", "{" + a + R"(,"state":"not_ready","reason":"tea"})");
      break;
    case 3: c_.say(at_, "agent.set_state", "{" + a + R"(,"state":"ready"})"); break;
    case 4: c_.say(at_, "contact.abandon", "{" + c + "}"); break;
    case 5: c_.say(at_, "contact.change", "{" + c + "," + of("queue", queue()) + "}"); break;
    case 6: c_.say(at_, "agent.finish_wrap_up", "{" + a + "}"); break;
    case 7: talk("contact.transfer", "," + of("to_queue", queue())); break;
    case 8: talk("contact.finish", ""); break;
    case 9: decline(); break;
    case 10:
    case 11: accept(); break;
    default: open(); break;
    }
  }

  std::string sign_in(const std::string& a) {
    std::string skills = n(2) ? R"(,"skills":{"s1":5})" : "";
    std::string queues =
        n(3) ? "" : R"(,"queues":{"q0":{"tier":1,"delay_s":6},"q2":{"priority":2}})";
    return "{" + a + skills + queues + R"(,"channels":{"phone":1,"chat":2}})";
  }
  void open() {
    ++opened_;
    c_.say(at_, "contact.open",
           R"({"contact":"C)" + std::to_string(opened_) + R"(","channel":")"
               + (n(2) ? "phone" : "chat") + R"(","queue":")" + queue() + R"(","urgency":)"
               + std::to_string(n(3)) + (n(3) ? "" : R"(,"skills":["s1"])") + "}");
  }
  /// Some contact that is in the state, with its agent, as two fields of JSON; else nothing.
  std::string some(std::string_view state) {
    for (int i = 0; i <= opened_; ++i) {
      const auto shown =
          c_.ask(at_, "contact.show", R"({"contact":"C)" + std::to_string(i) + "\"}");
      if (shown.text_or("state") != state || n(2))
        continue;
      std::string who{shown.text_or("agent")};
      if (const auto* to = shown.find("offered_to"))
        who = to->as<value::list>()->front().text_or("agent");
      return R"("contact":"C)" + std::to_string(i) + R"(","agent":")" + who + "\"";
    }
    return {};
  }
  void talk(std::string_view type, const std::string& more) {
    if (const auto both = some("connected"); !both.empty())
      c_.say(at_, type, "{" + both + more + "}");
  }
  void accept() {
    if (const auto both = some("offered"); !both.empty())
      c_.say(at_, "offer.accept", "{" + both + "}");
  }
  void decline() {
    if (const auto both = some("offered"); !both.empty())
      c_.say(at_, "offer.decline", "{" + both + "}");
  }

  void holds_together() {
    const auto agents = c_.ask(at_, "agent.list", "{}");
    std::map<std::string, int> has;
    for (const auto& a : *agents.find("agents")->as<value::list>()) {
      std::map<std::string, int> on;
      for (const auto& e : *a.find("contacts")->as<value::list>()) {
        ++has[std::string{e.text_or("contact")}];
        ++on[std::string{e.text_or("channel")}];
      }
      REQUIRE(on["phone"] <= 1);
      REQUIRE(on["chat"] <= 2);
      REQUIRE((on["phone"] == 0 || on["chat"] == 0));
    }
    for (const auto& [id, agents_on_it] : has)
      REQUIRE(agents_on_it == 1);
    for (const auto* q : {"q0", "q1", "q2"})
      work_is_conserved(q, *agents.find("agents")->as<value::list>());
  }

  /// No ready agent without a rest beside a waiting contact that any agent may have.
  void work_is_conserved(const std::string& q, const value::list& agents) {
    const auto shown = c_.ask(at_, "queue.show", R"({"queue":")" + q + "\"}");
    for (const auto& w : *shown.find("waiting")->as<value::list>()) {
      if (w.text_or("state") != "waiting")
        continue;
      const auto c = c_.ask(at_, "contact.show",
                            R"({"contact":")" + std::string{w.text_or("contact")} + "\"}");
      if (!c.find("skills")->as<value::list>()->empty() || c.int_or("offers", 0) > 0)
        continue; // needs a skill, or may pause after a miss
      for (const auto& a : agents) {
        const bool free =
            a.text_or("state") == "ready" && !a.find("rests_until") && !a.find("queues");
        INFO(w.text_or("contact") << " waits in " << q << " beside " << a.text_or("agent"));
        REQUIRE_FALSE(free);
      }
    }
  }

  std::mt19937 draw_;
  centre c_;
  double at_ = 1;
  int opened_ = 0;
};

} // namespace

TEST_CASE("whatever happens in whatever order, the centre holds together") {
  const auto seeds = std::getenv("CARELINE_LONG") && *std::getenv("CARELINE_LONG") ? 400u : 12u;
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    busy_hour hour{seed};
    hour.run(250);
  }
}
