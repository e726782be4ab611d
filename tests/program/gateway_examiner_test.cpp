#include <catch2/catch.hpp>

#include "messages/codec.hpp"
#include "messages/uuid.hpp"
#include "tools/careline/gateway_examiner.hpp"

// What `careline gateway verify` makes of what passes, by the millisecond: no socket, and time is
// handed in.

using namespace careline;
using namespace careline::program;
using gateway::bus::relayed;

namespace {

/// A talk whose words and times a test says.
struct spoken {
  span now{};
  gateway_examiner examiner;
  uuid7_maker ids;
  position head = 0;
  std::string source = "phone-1";  ///< empty: it leaves out who it is

  explicit spoken(std::vector<std::string> only = {}, std::string by_key = {})
      : examiner([this] { return now; }, only, 20s, std::move(by_key)) {}

  struct said {
    std::string id;
    relayed what;
    std::vector<value> answers;
  };
  said say(std::string_view type, value data, std::string id = {}) {
    said out;
    out.id = id.empty() ? ids.make(from_ms(1'772'413'200'000)).text() : std::move(id);
    value body{value::map{{"id", out.id}, {"type", type}, {"data", std::move(data)}}};
    if (!source.empty())
      body.set("source", source);
    out.what = examiner.on_command("c", body, out.answers);
    return out;
  }
  relayed reply_to(const std::string& id, value data = value{value::map{}}) {
    reply r;
    r.id = id;
    r.data = std::move(data);
    auto body = to_value(r);
    return examiner.on_reply("c", body);
  }
  void refuse_to(const std::string& id, std::string_view code) {
    auto body = to_value(refuse(id, because(code)));
    examiner.on_reply("c", body);
  }
  event_record event_of(std::string_view type, value data, const std::string& cause = {}) {
    event_record e;
    e.at = ++head;
    e.type = type;
    e.causation = cause;
    e.correlation = data.text_or("contact");
    e.data = pack(data);
    return e;
  }
  /// It became true, and the gateway was told.
  void become(const event_record& e) {
    examiner.happened(e);
    auto body = *to_value(e);
    std::vector<value> after;
    examiner.on_event(body, after);
  }
  /// A session, and a contact of it.
  void begin(const std::string& contact) {
    reply_to(say("session.hello", value::map{{"name", "phone-1"}, {"kind", "gateway"}}).id);
    const auto id = say("contact.open", value::map{{"channel", "phone"}, {"queue", "care"}}).id;
    become(event_of("contact.opened", value::map{{"contact", contact}}, id));
    reply_to(id, value::map{{"contact", contact}});
  }
  gateway_examiner::finding found(std::string_view name) {
    for (const auto& one : examiner.findings())
      if (one.row->name == name)
        return one;
    FAIL("no such check: " << name);
    return {};
  }
};

} // namespace

TEST_CASE("a dial is reported within 90 seconds, and not a millisecond later") {
  const auto late_by = GENERATE(0ms, 1ms);
  spoken s;
  s.begin("C-1");
  s.become(s.event_of("dial.requested", value::map{{"contact", "C-1"}, {"agent", "A"}}));
  CHECK(s.examiner.is_waiting());
  s.now += 90s + late_by;
  CHECK(s.examiner.is_waiting() == (late_by == 0ms));
  s.say("dial.report", value::map{{"contact", "C-1"}, {"result", "answered"}});
  CHECK(s.found("dial_report").said == (late_by == 0ms ? verdict::passed : verdict::failed));
}

TEST_CASE("two messages that cross on their way are no fault of a gateway") {
  const auto after = GENERATE(known_after - 1ms, known_after);
  spoken s;
  s.begin("C-1");
  s.become(s.event_of("contact.finished", value::map{{"contact", "C-1"}, {"agent", "A"}}));
  s.now += after;
  s.say("contact.abandon", value::map{{"contact", "C-1"}});
  s.examiner.end();
  CHECK(s.found("ends_once").said == (after < known_after ? verdict::passed : verdict::failed));
}

TEST_CASE("who was told busy comes again at retry_ms, or not at all") {
  spoken s{{"busy"}};
  REQUIRE(s.examiner.next_trial());
  const value call{value::map{{"contact", "C-1"}, {"channel", "phone"}}};
  const auto first = s.say("contact.open", call);
  CHECK(first.what == relayed::withheld);
  REQUIRE(first.answers.size() == 1);
  CHECK(first.answers[0].text_or("outcome") == "busy");
  const span retry{first.answers[0].int_or("retry_ms", 0)};
  CHECK(retry > 0ms);
  SECTION("in time") {
    s.now += retry;
    CHECK(s.say("contact.open", call, first.id).what == relayed::as_it_came);
    CHECK(s.found("busy").said == verdict::passed);
  }
  SECTION("too early") {
    s.now += retry / 2;
    s.say("contact.open", call, first.id);
    CHECK(s.found("busy").said == verdict::failed);
  }
  SECTION("under another id") {
    s.now += retry;
    s.say("contact.open", call);
    CHECK(s.found("busy").said == verdict::failed);
  }
  SECTION("not at all: the person was sent elsewhere") {
    s.now += 20s;
    CHECK(s.examiner.is_trial_over());
    CHECK(s.found("busy").said == verdict::passed);
  }
}

TEST_CASE("an id for two commands is caught; the same fields in another order are one command") {
  spoken s;
  const auto id = s.say("contact.abandon", value::map{{"contact", "C-1"}}).id;
  s.say("contact.abandon", value::map{{"contact", "C-1"}}, id);
  const auto open = s.say("contact.open", value::map{{"channel", "phone"}, {"queue", "q"}}).id;
  s.say("contact.open", value::map{{"queue", "q"}, {"channel", "phone"}, {"urgency", 0}}, open);
  s.examiner.end();
  CHECK(s.found("ids").said == verdict::passed);
  s.say("contact.abandon", value::map{{"contact", "C-2"}}, id);
  CHECK(s.found("ids").said == verdict::failed);
  CHECK(s.found("ids").shown.find("data")->text_or("contact") == "C-2");
}

TEST_CASE("what is shown of a command has no personal value in it") {
  spoken s;
  s.say("contact.open", value::map{{"channel", "phone"}, {"address", "13800138000"}, {"odd", 1}});
  const auto found = s.found("known_keys");
  CHECK(found.said == verdict::failed);
  CHECK(found.shown.find("data")->text_or("channel") == "phone");
  CHECK_FALSE(found.shown.find("data")->find("address"));
}

TEST_CASE("by a key a gateway does what its role has; without one nobody looks") {
  const std::string by_key = GENERATE("phone-1", "");
  spoken s{{}, by_key};
  s.begin("C-1");
  const auto no = s.say("queue.define", value::map{{"queue", "mine"}}).id;
  const bool does_more = GENERATE(false, true);
  if (does_more)
    s.refuse_to(no, "security.not_allowed");
  else
    s.reply_to(no);
  s.examiner.end();
  const auto found = s.found("rights");
  CHECK(found.said == (by_key.empty() ? verdict::not_seen
                       : does_more    ? verdict::failed
                                      : verdict::passed));
  if (found.said == verdict::failed)
    CHECK(found.sentence.starts_with("queue.define was turned away"));
}

TEST_CASE("who has a key need not say who it is: the key does") {
  const std::string by_key = GENERATE("phone-1", "");
  spoken s{{}, by_key};
  s.source.clear();
  s.begin("C-1");
  CHECK(s.found("hello").said == (by_key.empty() ? verdict::failed : verdict::passed));
}

TEST_CASE("a gateway that follows nothing is not asked about lost events") {
  spoken s{{"lost_event"}};
  REQUIRE(s.examiner.next_trial());
  const auto id = s.say("contact.open", value::map{{"channel", "phone"}}).id;
  s.examiner.happened(s.event_of("contact.opened", value::map{{"contact", "C-1"}}, id));
  s.reply_to(id, value::map{{"contact", "C-1"}});
  s.examiner.happened(s.event_of("contact.finished", value::map{{"contact", "C-1"}}));
  s.now += 1s;
  CHECK(s.examiner.is_trial_over());
  CHECK(s.found("lost_event").said == verdict::not_seen);
}

TEST_CASE("each row of the table has a name of its own and says where it is required") {
  std::set<std::string_view> names;
  for (const auto& row : check_rows()) {
    CHECK(names.insert(row.name).second);
    CHECK_FALSE(row.required.empty());
    CHECK(row.source.starts_with("docs/"));
  }
}
