#include <catch2/catch.hpp>

#include <array>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "messages/json.hpp"
#include "tests/model/centre.hpp"
#include "tests/simulation/inspector.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

/// A centre where anything may happen in any order, from one seed; after each step it must hold
/// together.
class busy_hour {
public:
  busy_hour(std::uint32_t seed, bool restarts)
      : draw_(seed), chance_(seed), restarts_(restarts), one_more_(seed % 2 == 0 ? 1 : 0) {
    c_.queue(R"({"queue":"q0","site":"north","ticket":"A","overflow_to":"q2",
      "tell_step_s":2,"callback_above_s":9,"ring_s":5,"retry_s":9,
      "rest_s":{"reject":7,"no_answer":3},
      "misses_max":2,"tiers_ignored_up_to":2,"fair_share":{"contacts":3,"per_s":20},"resume_s":20,
      "rules":[{"after_s":9,"do":[{"drop_skills":["s1"]}]},
               {"every_s":11,"do":[{"urgency_add":1}]},
               {"after_s":14,"do":[{"divert":"q1"}]}]})");
    define_q1();
    const std::string when_busy = one_more_ == 1 ? R"("offer_when_busy":true,)" : "";
    c_.queue(R"({"queue":"q2","site":"south",)" + when_busy
             + R"("strategy":"fewest_finished","length_max":6,
      "overflow_to":"q0","misses_then":"ready","wrap_up":"manual","callback_spacing_s":6,
      "leave_when":["ready","busy","offered","wrap_up"],
      "rules":[{"after_misses":2,"do":[{"divert":"q1"}]},
               {"after_s":0,"when":{"ready_max":0},"do":[{"tier_max":2}]},
               {"after_s":8,"do":[{"add_rule":{"every_s":4,"do":[{"tier_raise":1}]}},
                                  {"divert":"q0"}]}]})");
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      at_ += n(3) * 0.5;
      step();
      c_.wait_until(at_);  // it may have found nothing to say
      for (; inspected_ < c_.log().size(); ++inspected_)
        inspector_.take(c_.log()[inspected_].second, c_.log()[inspected_].first);
      inspector_.look_at_all(now());
      holds_together();
      if (restarts_ && chance_() % 3 == 0)
        restart();
    }
  }

  const centre& told() const { return c_; }

private:
  int n(int below) { return static_cast<int>(draw_() % static_cast<unsigned>(below)); }
  instant now() const { return nine + from_seconds(at_); }
  std::string agent() { return "A" + std::to_string(n(6)); }
  std::string contact() { return "C" + std::to_string(n(opened_ + 1)); }
  std::string queue() { return "q" + std::to_string(n(3)); }
  std::string client() { return "client-" + std::to_string(n(3)); }
  static std::string of(std::string_view a, const std::string& b) {
    return "\"" + std::string{a} + "\":\"" + b + "\"";
  }

  /// Comes back as it was at the last event, which is all that a log can promise.
  void restart() {
    const auto& [at, e] = c_.log().back();
    if (at == now() && !type_of(e).starts_with("session.") && !is_of_desk(e)
        && !std::visit([](const auto& x) { return one_of<decltype(x), reception::event>; }, e))
      c_.restart(chance_() % 2 ? centre::back_from::log : centre::back_from::snapshot);
  }

  void step() {
    const auto a = of("agent", agent());
    const auto c = of("contact", contact());
    switch (n(26)) {
    case 0: c_.say(at_, "agent.sign_in", sign_in(a), client()); break;
    case 1: c_.say(at_, "agent.sign_out", "{" + a + "}"); break;
    case 2:
      c_.say(at_, "agent.set_state", "{" + a + R"(,"state":"not_ready","reason":"tea"})");
      break;
    case 3: c_.say(at_, "agent.set_state", "{" + a + R"(,"state":"ready"})"); break;
    case 4: c_.say(at_, "contact.abandon", "{" + c + "}"); break;
    case 5: c_.say(at_, "contact.change", "{" + c + "," + of("queue", queue()) + "}"); break;
    case 6: c_.say(at_, "agent.finish_wrap_up", "{" + a + "}"); break;
    case 7:
      talk("contact.transfer", "," + (n(4) ? of("to_queue", queue()) : of("to_agent", agent())));
      break;
    case 8: talk("contact.finish", ""); break;
    case 9: decline(); break;
    case 10:
    case 11: accept(); break;
    case 12: c_.say(at_, "agent.change", "{" + a + queues() + "}"); break;
    case 13: c_.say(at_, "contact.request_callback", "{" + c + R"(,"number":"138"})"); break;
    case 14: dial(); break;
    case 15: come_and_go(); break;
    case 16: n(4) ? open() : define_q1(); break;
    case 17: supervise(a); break;
    case 18: with_others(); break;
    case 19: about_people(c); break;
    case 20: at_the_desk(c); break;
    case 21: at_counter(a); break;
    case 22: say_something(c); break;
    default: open(); break;
    }
  }

  /// Now and then anew, where nobody is in it.
  void define_q1() {
    if (n(2))
      c_.say(at_, "queue.remove", R"({"queue":"q1"})");
    const std::string first = n(2) ? R"({"after_s":3,"do":[{"announce":"soon"}]},)" : "";
    const auto all = routing::names(routing::strategy{});
    const std::string by{all[static_cast<std::size_t>(n(static_cast<int>(all.size())))].second};
    c_.say(at_, "queue.define",
           R"({"queue":"q1","strategy":")" + by + R"(","wrap_up_s":4,"wait_s_max":40,"weight":3,
             "ticket":"A","ticket_misses":2,"miss_back":1,"tell_step_s":4,"tell_every_s":5,
             "rules":[)" + first + R"({"every_s":6,"once":true,"do":[{"add_skills":["s1"]}]},
             {"after_s":14,"do":[{"divert":"q0"}]}]})");
  }
  std::string queues() {
    const auto one = [&](const char* q) {
      return "\"" + std::string{q} + R"(":{"tier":)" + std::to_string(n(3)) + R"(,"priority":)"
             + std::to_string(1 + n(2)) + R"(,"delay_s":)" + std::to_string(n(2) * 6) + "}";
    };
    const auto* const last = n(2) ? "q1" : "q2";
    return R"(,"queues":{)" + one("q0") + "," + one(last) + "}";
  }
  std::string sign_in(const std::string& a) {
    const std::string skills = n(2) ? R"(,"skills":{"s1":5})" : "";
    const std::string channels = n(3) ? R"(,"channels":{"phone":1,"chat":2})"
                                      : R"(,"capacity":4,"costs":{"phone":"all","chat":2})";
    return "{" + a + skills + (n(3) ? "" : queues()) + channels + "}";
  }
  void open() {
    ++opened_;
    std::string more = n(3) ? "" : R"(,"skills":["s1"])";
    more += n(4) ? "" : R"(,"tier_max":)" + std::to_string(n(2));
    more += n(6) ? "" : R"(,"exclude":[")" + agent() + R"("])";
    more += n(2) ? "" : R"(,"address":"138-)" + std::to_string(n(4)) + "\"";
    more += n(8) ? "" : R"(,"live":false)";
    more += n(6) ? "" : R"(,"prefer":[")" + agent() + R"(",")" + agent() + R"("],"prefer_s":7)";
    c_.say(at_, "contact.open",
           R"({"contact":"C)" + std::to_string(opened_) + R"(","channel":")"
               + (n(2) ? "phone" : "chat") + R"(","queue":")" + queue() + R"(","urgency":)"
               + std::to_string(n(3)) + more + "}",
           client());
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
  /// A supervisor's day, now and then.
  void supervise(const std::string& a) {
    constexpr std::array states{"ready", "not_ready", "signed_out"};
    constexpr std::array modes{"monitor", "whisper", "barge", "end"};
    const std::string why = R"(,"by":"S)" + std::to_string(n(2)) + R"(","reason":"r")";
    if (n(2)) {
      const auto* const state = states[static_cast<std::size_t>(n(3))];
      c_.say(at_, "agent.force_state", "{" + a + "," + of("state", state) + why + "}");
    } else if (const auto open = some("offered"); n(2) && !open.empty()) {
      c_.say(at_, "offer.pull_back", "{" + open + why + "}");
    } else if (const auto talk = some("connected"); !talk.empty()) {
      const auto* const mode = modes[static_cast<std::size_t>(n(4))];
      c_.say(at_, "contact.supervise",
             "{" + talk.substr(0, talk.find(',')) + "," + of("mode", mode) + why + "}");
    }
  }
  /// The next ticket is called, called again, or nobody comes.
  void at_counter(const std::string& a) {
    switch (n(4)) {
    case 0: c_.say(at_, "ticket.recall", "{" + a + "}"); break;
    case 1: c_.say(at_, "ticket.miss", "{" + a + "}"); break;
    default:
      c_.say(at_, "agent.call_next",
             "{" + a + R"(,"counter":"1")" + (n(2) ? "," + of("queue", queue()) : "") + "}");
      break;
    }
  }
  void say_something(const std::string& contact) {
    const std::string from = n(2) ? "customer" : "agent";
    c_.say(at_, "contact.say", "{" + contact + "," + of("from", from) + R"(,"text":"hm"})");
  }
  /// Somebody is registered, linked to a contact, verified in it, amended, merged or forgotten.
  void about_people(const std::string& contact) {
    const auto who = of("party", "P" + std::to_string(n(4)));
    const std::string form = R"(,"purpose":"consult","read_back":true,"fields":{"name":"N)"
                             + std::to_string(n(3)) + R"(","phone":"1380000000)"
                             + std::to_string(n(3)) + R"("})";
    switch (n(7)) {
    case 0: c_.say(at_, "customer.amend", "{" + who + form + "," + contact + "}"); break;
    case 1: c_.say(at_, "customer.link", "{" + who + "," + contact + "}"); break;
    case 2:
      c_.say(at_, "identity.verify",
             "{" + who + "," + contact + R"(,"level":2,"method":"sms_code"})");
      break;
    case 3: c_.say(at_, "customer.merge", "{" + who + R"(,"into":"P0","reason":"same"})"); break;
    case 4: c_.say(at_, "customer.split", "{" + who + R"(,"reason":"mistake"})"); break;
    case 5:
      if (!n(4))
        c_.say(at_, "customer.erase", "{" + who + R"(,"reason":"asked_for"})");
      break;
    default: c_.say(at_, "customer.register", "{" + who + form + "," + contact + "}"); break;
    }
  }
  /// Tables change, and people come with a need.
  void at_the_desk(const std::string& contact) {
    switch (n(7)) {
    case 0:
      c_.say(at_, "triage.define",
             R"({"rows":[{"need":"a","queue":")" + queue() + R"(","duty":"fault","urgency":)"
                 + std::to_string(n(3)) + R"(},{"need":"b","duty":"consult",)"
                 + (n(2) ? R"("area":"hall")" : of("queue", queue())) + "}]}");
      break;
    case 1:
      c_.say(at_, "area.define",
             R"({"area":"hall","kind":"counter","queue":")" + queue() + R"(","open":[{"weekdays":[)"
                 + (n(2) ? "1" : "2") + R"(],"from":"09:00","to":"09:01"}],)"
                 + of("otherwise", n(2) ? "external:branch" : queue()) + "}");
      break;
    case 2:
      c_.say(at_, "contact.classify",
             "{" + contact + R"(,"by":"S0","duty":")" + (n(2) ? "fault" : "consult") + R"("})");
      break;
    case 3: c_.say(at_, "wording.forbid", n(2) ? R"({"words":["no"]})" : R"({"words":[]})"); break;
    case 4: c_.say(at_, "contact.say", "{" + contact + R"(,"from":"agent","text":"no"})"); break;
    default:
      ++opened_;
      c_.say(at_, "contact.open",
             R"({"contact":"C)" + std::to_string(opened_) + R"(","channel":"phone","need":")"
                 + (n(2) ? "a" : "b") + R"("})",
             client());
      break;
    }
  }
  /// Agents ask each other, join, hand over and leave; work is parked; a site closes and opens.
  void with_others() {
    const auto talk = some("connected");
    switch (talk.empty() ? 3 : n(5)) {
    case 0:
    case 1: {
      ++opened_;
      const std::string to = n(3) ? of("queue", queue()) : of("to_agent", agent());
      c_.say(at_, "contact.open",
             R"({"channel":"phone","contact":"C)" + std::to_string(opened_) + R"(","consults")"
                 + talk.substr(sizeof("\"contact\"") - 1) + "," + to + "}",
             client());
      break;
    }
    case 2: c_.say(at_, "contact.park", "{" + talk + R"(,"pause_s":)" + std::to_string(n(9)) + "}");
      break;
    case 3: c_.say(at_, "site.set_state",
                   R"({"site":")" + std::string{n(2) ? "north" : "south"} + R"(","state":")"
                       + (n(3) ? "open" : "closed") + R"(","by":"S0","reason":"r"})");
      break;
    default: c_.say(at_, "contact.leave", "{" + talk + "}"); break;
    }
    bring_in();
  }
  /// A colleague who has answered joins, or has the contact at once.
  void bring_in() {
    for (int i = 0; i <= opened_; ++i) {
      const auto shown =
          c_.ask(at_, "contact.show", R"({"contact":"C)" + std::to_string(i) + "\"}");
      const auto consult = shown.text_or("consult");
      if (consult.empty() || n(2))
        continue;
      const auto both = of("contact", "C" + std::to_string(i)) + ","
                        + of("agent", std::string{shown.text_or("agent")}) + ",";
      if (n(2))
        c_.say(at_, "contact.join", "{" + both + of("consult", std::string{consult}) + "}");
      else
        c_.say(at_, "contact.transfer", "{" + both + of("to_consult", std::string{consult}) + "}");
    }
  }
  void dial() {
    const auto* const result = n(2) ? "answered" : "no_answer";
    if (const auto both = some("dialing"); !both.empty())
      for (int i = 0; i < 3; ++i)
        c_.say(at_, "dial.report", "{" + both + "," + of("result", result) + "}",
               "client-" + std::to_string(i));
  }
  /// A client's session is lost, or is there again.
  void come_and_go() {
    session::session_lost lost;
    session::session_resumed back;
    lost.session = back.session = session_name{client()};
    if (n(2))
      c_.happened(at_, lost);
    else
      c_.happened(at_, back);
  }

  /// Something keeps each agent from each contact that waits: found without the index that matches
  /// them.
  void nobody_stands_beside(const value& queue) {
    for (const auto& one : *queue.find("waiting")->as<value::list>()) {
      if (one.text_or("state") != "waiting")
        continue;
      const auto who = of("contact", std::string{one.text_or("contact")});
      const auto told = c_.ask(at_, "why.contact", R"({"full":true,)" + who + "}");
      INFO(to_json(told));
      REQUIRE((told.find("paused_until") || told.find("now")->int_or("may_have_it", 1) == 0));
    }
  }

  /// What the contract promises can also be seen from outside.
  void holds_together() {
    const auto agents = c_.ask(at_, "agent.list", "{}");
    for (const auto& a : *agents.find("agents")->as<value::list>()) {
      std::map<std::string, int> on;
      for (const auto& e : *a.find("contacts")->as<value::list>())
        ++on[std::string{e.text_or("channel")}];
      REQUIRE(on["phone"] <= 1 + one_more_);
      REQUIRE(on["chat"] <= 2 + one_more_);
      REQUIRE((on["phone"] == 0 || on["chat"] == 0 || one_more_ == 1));
    }
    const auto board = c_.ask(at_, "board.show", "{}");
    for (const auto* q : {"q0", "q1", "q2"}) {
      const auto shown = c_.ask(at_, "queue.show", R"({"queue":")" + std::string{q} + "\"}");
      INFO("what a newcomer to " << q << " is told");
      REQUIRE(board.find("queues")->find(q)->number_or("wait_estimate_s", -1)
              == Approx(shown.number_or("wait_s", -1)));
      nobody_stands_beside(shown);
    }
  }

  std::mt19937 draw_;
  std::mt19937 chance_;
  bool restarts_;
  int one_more_;  ///< an agent without room may be offered so many
  centre c_;
  simulation::inspector inspector_;
  std::size_t inspected_ = 0;
  double at_ = 1;
  int opened_ = 0;
};

std::string line_of(const std::pair<instant, event>& one) {
  return to_rfc3339(one.first) + " " + std::string{type_of(one.second)} + " "
         + to_json(data_of(one.second, true));
}

unsigned seeds() {
  return std::getenv("TESTS_LONG") && *std::getenv("TESTS_LONG") ? 400u : 12u;
}

} // namespace

TEST_CASE("whatever happens in whatever order, the centre holds together", "[R2.1.7]") {
  for (std::uint32_t seed = 1; seed <= seeds(); ++seed) {
    INFO("seed " << seed);
    busy_hour hour{seed, false};
    hour.run(250);
  }
}

TEST_CASE("an engine that dies and comes back decides as one that lived on", "[R2.3.5]") {
  for (std::uint32_t seed = 1; seed <= seeds() / 4; ++seed) {
    INFO("seed " << seed);
    busy_hour lives{seed, false};
    busy_hour dies{seed, true};
    lives.run(250);
    dies.run(250);
    const auto& one = lives.told().log();
    const auto& other = dies.told().log();
    for (std::size_t i = 0; i < std::min(one.size(), other.size()); ++i)
      REQUIRE(line_of(one[i]) == line_of(other[i]));
    REQUIRE(one.size() == other.size());
  }
}
