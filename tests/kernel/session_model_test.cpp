#include <catch2/catch.hpp>

#include "actors/kernel/session_model.hpp"
#include "actors/kernel/turn.hpp"

using namespace careline;
using namespace careline::kernel;

namespace {

/// A front desk of sessions with a steady clock in the hand.
class front_desk {
public:
  std::vector<std::string> tell(const command& c, const std::string& client = "phone-1") {
    auto done = turn_.handle(c, context(client));
    last = done.outcome;
    happened = done.events;
    return words(done.before, done.events);
  }
  std::vector<std::string> hello(const std::string& name, const std::string& instance = "one",
                                 span lease = 3s) {
    session::session_hello x;
    x.name = session_name{name};
    x.kind = "gateway";
    x.instance = instance;
    x.lease_s = lease;
    return tell(x, name);
  }
  std::vector<std::string> after(span by) {
    now += by;
    return words(turn_.wake(context("")), {});
  }

  session_model model;
  instant now{1000s};
  answer<decision> last{decision{}};
  std::vector<dated_event> happened;

private:
  turn_context context(const std::string& client) {
    turn_context in;
    in.now = now;
    in.client = client;
    in.keys = &keys_;
    return in;
  }
  static std::vector<std::string> words(const std::vector<dated_event>& a,
                                        const std::vector<dated_event>& b) {
    std::vector<std::string> out;
    for (const auto* some : {&a, &b})
      for (const auto& e : *some)
        out.emplace_back(type_of(e.what));
    return out;
  }

  clear_sealer keys_;
  turn turn_{model};
};

using words = std::vector<std::string>;

} // namespace

TEST_CASE("a gateway takes a lease, and silence ends it") {
  front_desk d;
  CHECK(d.hello("phone-1") == words{"session.opened"});
  CHECK(d.last->reply.text_or("session") == "phone-1");
  CHECK(*d.last->reply.find("resumed") == value{false});
  CHECK(d.after(2999ms).empty());
  CHECK(d.after(1ms) == words{"session.lost"});
  CHECK(d.after(1h).empty());
}

TEST_CASE("anything that is heard from a client keeps its lease") {
  front_desk d;
  d.hello("phone-1");
  for (int i = 0; i < 10; ++i) {
    CHECK(d.after(2s).empty());
    d.model.touch("phone-1", d.now);
  }
  CHECK(d.after(2999ms).empty());
  CHECK(d.after(1ms) == words{"session.lost"});
}

TEST_CASE("a beat is no event and is not remembered; without a session it is refused") {
  front_desk d;
  CHECK(d.tell(session::session_beat{}).empty());
  CHECK(d.last.error().type == "session.unknown");
  d.hello("phone-1");
  CHECK(d.tell(session::session_beat{}).empty());
  REQUIRE(d.last);
  CHECK_FALSE(d.last->remember);
}

TEST_CASE("a client that was lost and comes back resumes its session") {
  front_desk d;
  d.hello("phone-1");
  d.after(3s);
  CHECK(d.tell(session::session_beat{}).empty());
  CHECK(d.last.error().type == "session.unknown");
  CHECK(d.hello("phone-1") == words{"session.resumed"});
  CHECK(*d.last->reply.find("resumed") == value{true});
  CHECK(d.after(3s) == words{"session.lost"});
}

TEST_CASE("hello asked again by the same instance changes nothing") {
  front_desk d;
  d.hello("phone-1");
  CHECK(d.hello("phone-1").empty());
  CHECK(*d.last->reply.find("resumed") == value{true});
}

TEST_CASE("another process under the same name takes over, and the older one is told") {
  front_desk d;
  d.hello("phone-1", "one");
  const auto told = d.hello("phone-1", "two");
  CHECK(told == words{"session.replaced", "session.resumed"});
  const auto& older = std::get<session::session_replaced>(d.happened[0].what);
  CHECK(older.instance == "one");
  CHECK(std::get<session::session_resumed>(d.happened[1].what).instance == "two");
  CHECK(d.model.open_count() == 1);
}

TEST_CASE("a closed session does not lapse, and a later hello opens a new one") {
  front_desk d;
  d.hello("phone-1");
  CHECK(d.tell(session::session_close{}) == words{"session.closed"});
  CHECK(d.after(1h).empty());
  CHECK(d.tell(session::session_close{}).empty());
  CHECK(d.last.error().type == "session.unknown");
  CHECK(d.hello("phone-1") == words{"session.opened"});
}

TEST_CASE("each session lapses on its own") {
  front_desk d;
  d.hello("slow", "one", 10s);
  d.hello("quick", "one", 1s);
  CHECK(d.after(1s) == words{"session.lost"});
  CHECK(d.after(8s).empty());
  CHECK(d.after(1s) == words{"session.lost"});
  CHECK(d.model.open_count() == 0);
}

TEST_CASE("after a restart every lease gets its time again and the grace besides") {
  front_desk d;
  d.hello("phone-1");
  front_desk again;
  REQUIRE(again.model.load(d.model.save()));
  again.now = instant{50s};  // another boot, another steady clock
  again.model.restart(again.now, 10s);
  CHECK(again.after(12999ms).empty());
  CHECK(again.after(1ms) == words{"session.lost"});
}

TEST_CASE("what was saved is what is loaded, lost sessions too") {
  front_desk d;
  d.hello("a");
  d.hello("b");
  d.after(3s);
  d.hello("b");
  session_model other;
  REQUIRE(other.load(d.model.save()));
  CHECK(other.save() == d.model.save());
  CHECK(other.open_count() == 1);
  CHECK_FALSE(other.load(value{value::map{}}));
}

TEST_CASE("lost sessions are forgotten beyond a limit, the oldest first") {
  front_desk d;
  for (std::size_t i = 0; i <= session_model::lost_max; ++i)
    d.hello("kiosk-" + std::to_string(i), "one", 1s);
  CHECK(d.after(1s).size() == session_model::lost_max + 1);
  CHECK(d.hello("kiosk-1") == words{"session.resumed"});
  const auto saved = d.model.save();
  const auto& sessions = *saved.find("sessions")->as<value::list>();
  CHECK(sessions.size() == session_model::lost_max);
}
