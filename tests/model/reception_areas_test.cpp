#include <catch2/catch.hpp>

#include "messages/json.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

constexpr double hour = 3600;
constexpr double day = 24 * hour;

/// A counter that is open on weekdays from half past eight to half past five, closed on a Wednesday
/// and open on a Saturday morning; the story begins on a Monday at nine.
const std::string counter = R"({"area":"counter","kind":"counter","queue":"care",
  "open":[{"weekdays":[1,2,3,4,5],"from":"08:30","to":"12:00"},
          {"weekdays":[1,2,3,4,5],"from":"13:30","to":"17:30"}],
  "closed_on":["2026-03-04"],
  "open_on":[{"date":"2026-03-07","from":"09:00","to":"12:00"}])";

struct story : centre {
  story() {
    for (const auto* name : {"care", "net", "help", "night"})
      queue(R"({"queue":")" + std::string{name} + "\"}");
  }
  void define(const std::string& area) { defined(code_of(say(0, "area.define", area))); }
  void rows() {
    defined(code_of(say(0, "triage.define",
                        R"({"rows":[{"need":"sim","area":"counter","duty":"business"}]})")));
  }
  value comes(double at, const std::string& id) {
    return say(at, "contact.open",
               R"({"contact":")" + id + R"(","channel":"kiosk","need":"sim"})")
        .data;
  }
  value shown(double at) { return ask(at, "area.show", R"({"area":"counter"})"); }
  bool is_open(double at) { return *shown(at).find("open_now")->as<bool>(); }

private:
  static void defined(const std::string& outcome) { REQUIRE(outcome == "accepted"); }
};

std::string refused_of(centre& c, const std::string& area) {
  const auto got = c.say(1, "area.define", area);
  return code_of(got) + (got.why ? " " + got.why->field : "");
}

} // namespace

TEST_CASE("a need leads to an area while it is open, and says so", "[R2.1.4]") {
  story c;
  c.define(counter + "}");
  c.rows();
  const auto told = c.comes(1, "C1");
  CHECK(told.text_or("queue") == "care");
  CHECK(told.text_or("area") == "counter");
  CHECK_FALSE(told.find("closed"));
  CHECK(c.last("contact.triaged").text_or("area") == "counter");
  CHECK_FALSE(c.last("contact.triaged").find("closed"));
}

TEST_CASE("a closed area sends people where it says, and tells when it opens", "[R2.1.4]") {
  story c;
  c.define(counter + R"(,"otherwise":"night"})");
  c.rows();
  const auto told = c.comes(3.5 * hour, "C1");  // half past twelve
  CHECK(told.text_or("queue") == "night");
  CHECK(*told.find("closed")->as<bool>());
  CHECK(told.text_or("opens") == "2026-03-02T05:30:00.000Z");
  const auto said = c.last("contact.triaged");
  CHECK(said.text_or("queue") == "night");
  CHECK(said.text_or("area") == "counter");
  CHECK(*said.find("closed")->as<bool>());
  CHECK(c.last("contact.queued").text_or("queue") == "night");
}

TEST_CASE("a closed area that says nothing sends people to the default queue", "[R2.1.4]") {
  story c;
  c.define(counter + "}");
  c.rows();
  CHECK(c.comes(10 * hour, "C1").text_or("queue") == "help");
}

TEST_CASE("a closed area may send people outside, and nobody waits for nothing", "[R2.1.4]") {
  story c;
  c.define(counter + R"(,"otherwise":"external:branch"})");
  c.rows();
  c.news();
  const auto told = c.comes(10 * hour, "C1");
  CHECK(*told.find("diverted")->as<bool>());
  CHECK(told.text_or("to") == "external:branch");
  CHECK(*told.find("closed")->as<bool>());
  CHECK(c.news() == lines{"contact.opened C1", "contact.triaged C1",
                          "contact.diverted C1 closed external:branch"});
  CHECK(c.ask(10 * hour, "contact.show", R"({"contact":"C1"})").text_or("state") == "ended");
  // Asked again, it is the same person outside.
  const auto again = c.comes(10 * hour + 1, "C1");
  CHECK(again.text_or("to") == "external:branch");
  CHECK(c.news().empty());
}

TEST_CASE("closed areas send people on to the first that is open", "[R2.1.4]") {
  story c;
  c.define(R"({"area":"lobby","kind":"self_service","queue":"net"})");  // it never closes
  c.define(R"({"area":"desk","kind":"specialist","queue":"help","otherwise":"lobby",
               "open":[{"weekdays":[1],"from":"00:00","to":"09:00"}]})");
  c.define(counter + R"(,"otherwise":"desk"})");
  c.rows();
  CHECK(c.comes(4 * hour, "C1").text_or("queue") == "net");
  CHECK(c.comes(5 * hour, "C2").text_or("queue") == "care");  // two o'clock: open again
}

TEST_CASE("an area opens and closes by the local clock, the week and the dates", "[R2.1.4]") {
  story c;
  c.define(counter + "}");
  CHECK(c.is_open(0));
  CHECK(c.is_open(3 * hour - 0.001));
  CHECK_FALSE(c.is_open(3 * hour));  // noon
  CHECK(c.is_open(4.5 * hour));
  CHECK_FALSE(c.is_open(8.5 * hour));
  CHECK(c.shown(9 * hour).text_or("opens") == "2026-03-03T00:30:00.000Z");
  CHECK(c.shown(1.5 * day).text_or("opens") == "2026-03-05T00:30:00.000Z");
  CHECK_FALSE(c.is_open(2 * day));  // the Wednesday
  CHECK(c.is_open(5 * day));  // the Saturday, from nine
  CHECK_FALSE(c.is_open(5 * day + 3 * hour));
  CHECK(c.shown(5 * day + 4 * hour).text_or("opens") == "2026-03-09T00:30:00.000Z");
}

TEST_CASE("an area is closed with its site", "[R2.1.4]") {
  story c;
  c.queue(R"({"queue":"care","site":"north"})");
  c.define(counter + R"(,"site":"north","otherwise":"night"})");
  c.rows();
  c.say(1, "site.set_state", R"({"site":"north","state":"closed","by":"S","reason":"flood"})");
  CHECK_FALSE(c.is_open(2));
  CHECK(*c.shown(2).find("site_closed")->as<bool>());
  CHECK(c.comes(3, "C1").text_or("queue") == "night");
  c.say(4, "site.set_state", R"({"site":"north","state":"open","by":"S","reason":"over"})");
  CHECK(c.is_open(5));
}

TEST_CASE("a contact with a queue of its own, and a call for help, are not led about",
          "[R2.1.4][R9.3.3f]") {
  story c;
  c.define(counter + R"(,"otherwise":"external:branch"})");
  c.rows();
  c.say(10 * hour, "contact.open",
        R"({"contact":"C1","channel":"kiosk","need":"sim","queue":"care"})");
  CHECK(c.last("contact.triaged").text_or("method") == "given");
  CHECK(c.last("contact.queued").text_or("queue") == "care");
  const auto told =
      c.say(10 * hour, "contact.open",
            R"({"contact":"S1","channel":"kiosk","need":"sim","safety":true})");
  CHECK(told.data.text_or("to") == "external:emergency");
  CHECK_FALSE(told.data.find("closed"));
}

TEST_CASE("areas are listed, changed and removed, and one that is led to stays", "[R2.1.4]") {
  story c;
  c.define(counter + "}");
  c.define(counter + "}");
  CHECK(c.count("area.defined") == 1);
  c.define(R"({"area":"lobby","kind":"self_service","queue":"net","otherwise":"counter"})");
  CHECK(c.ask(1, "area.list", "{}").find("areas")->as<value::list>()->size() == 2);
  const auto removed = [&](const char* area) {
    return code_of(c.say(1, "area.remove", R"({"area":")" + std::string{area} + "\"}"));
  };
  CHECK(removed("counter") == "reception.area_in_use");
  CHECK(removed("lobby") == "accepted");
  c.rows();
  CHECK(removed("counter") == "reception.area_in_use");
  c.say(2, "triage.define", R"({"rows":[]})");
  CHECK(removed("counter") == "accepted");
  CHECK(removed("counter") == "reception.unknown_area");
  CHECK(c.ask(3, "area.show", R"({"area":"counter"})").is_nil());
}

TEST_CASE("areas that would send people round, or nowhere, are refused", "[R2.1.4]") {
  story c;
  const auto area = [](const std::string& name, const std::string& more) {
    return R"({"area":")" + name + R"(","kind":"counter","queue":"care")" + more + "}";
  };
  CHECK(refused_of(c, area("a", R"(,"otherwise":"a")")) == "reception.area_chain otherwise");
  CHECK(refused_of(c, area("a", R"(,"otherwise":"b")")) == "routing.unknown_queue otherwise");
  CHECK(refused_of(c, R"({"area":"a","kind":"counter","queue":"none"})")
        == "routing.unknown_queue queue");
  CHECK(refused_of(c, R"({"area":"a","kind":"bar","queue":"care"})")
        == "command.field_invalid kind");
  c.define(area("a1", ""));
  for (int n = 2; n <= 8; ++n)
    c.define(area("a" + std::to_string(n), R"(,"otherwise":"a)" + std::to_string(n - 1) + "\""));
  CHECK(refused_of(c, area("a9", R"(,"otherwise":"a8")")) == "reception.area_chain otherwise");
  CHECK(refused_of(c, area("a1", R"(,"otherwise":"a8")")) == "reception.area_chain otherwise");
  CHECK(refused_of(c, area("a1", R"(,"otherwise":"net")")) == "accepted");
}

TEST_CASE("hours and dates that are none are refused, each with its place", "[R2.1.4]") {
  story c;
  const auto refused = [&](const std::string& more) {
    return refused_of(c, R"({"area":"a","kind":"counter","queue":"care",)" + more + "}");
  };
  const auto hours = [&](const char* days, const char* from, const char* to) {
    return refused(R"("open":[{"weekdays":)" + std::string{days} + R"(,"from":")" + from
                   + R"(","to":")" + to + R"("}])");
  };
  CHECK(hours("[8]", "08:00", "09:00") == "command.field_invalid open[0].weekdays");
  CHECK(hours("[]", "08:00", "09:00") == "command.field_invalid open[0].weekdays");
  CHECK(hours("[1]", "8:00", "09:00") == "command.field_invalid open[0].from");
  CHECK(hours("[1]", "09:00", "09:00") == "command.field_invalid open[0].from");
  CHECK(hours("[1]", "22:00", "06:00") == "command.field_invalid open[0].from");
  CHECK(hours("[1]", "22:00", "24:01") == "command.field_invalid open[0].from");
  CHECK(hours("[1]", "22:60", "23:59") == "command.field_invalid open[0].from");
  CHECK(refused(R"("closed_on":["2026-02-29"])") == "command.field_invalid closed_on[0]");
  CHECK(refused(R"("closed_on":["1.5.2026"])") == "command.field_invalid closed_on[0]");
  CHECK(refused(R"("open_on":[{"date":"2026-13-01"}])") == "command.field_invalid open_on[0].date");
  CHECK(refused(R"("open_on":[{"date":"2026-05-01","from":"09:00"}])")
        == "command.field_invalid open_on[0].from");
  CHECK(refused(R"("open_on":[{"date":"2026-05-01"}],"closed_on":["2026-05-01"])")
        == "command.field_invalid open_on[0].date");
  CHECK(hours("[7]", "22:00", "24:00") == "accepted");
}
