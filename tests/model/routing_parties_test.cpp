#include <catch2/catch.hpp>

#include "messages/json.hpp"
#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

/// A has C1 in talk; B and D are there too.
void one_in_talk(centre& c, const std::string& more = {}) {
  c.queue(R"({"queue":"care")" + more + "}");
  for (const auto* a : {"A", "B", "D"})
    c.say(0, "agent.sign_in", R"({"agent":")" + std::string{a} + "\"}");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.say(2, "offer.accept", R"({"contact":"C1","agent":"A"})");
  c.news();
}

/// A asks about C1, as K, and B takes the question.
void colleague_asked(centre& c) {
  c.say(3, "contact.hold", R"({"contact":"C1","agent":"A"})");
  c.say(4, "contact.open",
        R"({"contact":"K","channel":"phone","consults":"C1","agent":"A","to_agent":"B"})");
  c.say(5, "offer.accept", R"({"contact":"K","agent":"B"})");
  c.news();
}

const std::string join = R"({"contact":"C1","agent":"A","consult":"K"})";

std::string state_of(centre& c, double at, const std::string& agent) {
  return std::string{c.ask(at, "agent.show", R"({"agent":")" + agent + "\"}").text_or("state")};
}

std::vector<std::string> parties_of(centre& c, double at) {
  std::vector<std::string> out;
  const auto shown = c.ask(at, "contact.show", R"({"contact":"C1"})");
  if (const auto* there = shown.find("parties"))
    for (const auto& one : *there->as<value::list>())
      out.push_back(*one.as<std::string>());
  return out;
}

} // namespace

TEST_CASE("an agent asks a colleague first, and hands the person over without a wait",
          "[R2.1.7]") {
  centre c;
  one_in_talk(c);
  c.say(3, "contact.hold", R"({"contact":"C1","agent":"A"})");
  c.say(4, "contact.open", R"({"contact":"K","channel":"phone","consults":"C1","agent":"A"})");
  CHECK(c.contact_news() == lines{"contact.held C1 A", "contact.opened K A", "contact.queued K",
                                  "offer.made K B"});
  CHECK(code_of(c.say(5, "contact.transfer", R"({"contact":"C1","agent":"A","to_consult":"K"})"))
        == "routing.not_in_talk");
  c.say(6, "offer.accept", R"({"contact":"K","agent":"B"})");
  c.news();
  const auto did =
      c.say(20, "contact.transfer", R"({"contact":"C1","agent":"A","to_consult":"K"})");
  CHECK(did.data.text_or("agent") == "B");
  CHECK(c.news() == lines{"contact.resumed C1 A", "contact.joined C1 B", "contact.finished K B",
                          "agent.state_changed B busy", "contact.left C1 A B",
                          "agent.state_changed A ready"});
  CHECK(c.last("contact.left").text_or("to") == "B");
  CHECK(c.ask(21, "contact.show", R"({"contact":"C1"})").text_or("agent") == "B");
  CHECK(code_of(c.say(22, "contact.finish", R"({"contact":"C1","agent":"B"})")) == "accepted");
  CHECK(state_of(c, 23, "B") == "ready");
}

TEST_CASE("several agents are in one talk, each leaves it, and the last one finishes it",
          "[R2.1.7]") {
  centre c;
  one_in_talk(c, R"(,"wrap_up":"manual")");
  colleague_asked(c);
  CHECK(code_of(c.say(6, "contact.join", join)) == "accepted");
  CHECK(c.contact_news() == lines{"contact.resumed C1 A", "contact.joined C1 B",
                                  "contact.finished K B"});
  CHECK(code_of(c.say(7, "contact.join", join)) == "accepted");  // as it is already
  CHECK(c.news().empty());
  c.say(8, "contact.open", R"({"contact":"K2","channel":"phone","consults":"C1","agent":"A"})");
  CHECK(c.last("offer.made").text_or("agent") == "D");
  c.say(9, "offer.accept", R"({"contact":"K2","agent":"D"})");
  c.say(10, "contact.join", R"({"contact":"C1","agent":"A","consult":"K2"})");
  CHECK(parties_of(c, 11) == std::vector<std::string>{"B", "D"});
  CHECK(code_of(c.say(12, "contact.finish", R"({"contact":"C1","agent":"B"})"))
        == "routing.not_connected");
  c.news();
  c.say(13, "contact.leave", R"({"contact":"C1","agent":"A"})");
  CHECK(c.news() == lines{"contact.left C1 A B", "agent.state_changed A wrap_up"});
  c.say(14, "contact.leave", R"({"contact":"C1","agent":"D"})");
  CHECK(parties_of(c, 15).empty());
  CHECK(c.ask(15, "contact.show", R"({"contact":"C1"})").text_or("agent") == "B");
  CHECK(code_of(c.say(16, "contact.leave", R"({"contact":"C1","agent":"B"})"))
        == "routing.alone_in_talk");
  CHECK(code_of(c.say(17, "contact.leave", R"({"contact":"C1","agent":"D"})"))
        == "routing.not_connected");
  c.say(18, "contact.finish", R"({"contact":"C1","agent":"B"})");
  CHECK(state_of(c, 19, "D") == "wrap_up");
}

TEST_CASE("when the person hangs up every agent of the talk is free, and who is asked is asked no "
          "longer", "[R2.1.7]") {
  centre c;
  one_in_talk(c);
  colleague_asked(c);
  c.say(6, "contact.join", join);
  c.say(7, "contact.open", R"({"contact":"K2","channel":"phone","consults":"C1","agent":"A"})");
  c.news();
  SECTION("hung up") {
    c.say(8, "contact.abandon", R"({"contact":"C1"})");
    CHECK(c.contact_news() == lines{"contact.left C1 B", "contact.timed_out K2 consult_over",
                                    "offer.rescinded K2 D timed_out",
                                    "contact.finished C1 A"});
  }
  SECTION("finished") {
    c.say(8, "contact.finish", R"({"contact":"C1","agent":"A"})");
    CHECK(c.contact_news().front() == "contact.left C1 B");
  }
  SECTION("transferred to a queue: the talk of several is over") {
    c.say(8, "contact.transfer", R"({"contact":"C1","agent":"A","to_queue":"care"})");
    CHECK(c.contact_news().front() == "contact.left C1 B");
    CHECK(c.last("contact.timed_out").text_or("contact") == "K2");
  }
  for (const auto* a : {"A", "B", "D"})
    CHECK(state_of(c, 9, a) != "busy");
}

TEST_CASE("whom an agent may not ask, and about what") {
  centre c;
  one_in_talk(c);
  const auto ask = [&](const std::string& more) {
    return code_of(c.say(3, "contact.open", R"({"channel":"phone","contact":"K",)" + more + "}"));
  };
  CHECK(ask(R"("consults":"C1")") == "command.field_missing");
  CHECK(ask(R"("queue":"care","agent":"A")") == "command.field_invalid");
  CHECK(ask(R"("consults":"C9","agent":"A")") == "routing.unknown_contact");
  CHECK(ask(R"("consults":"C1","agent":"B")") == "routing.not_connected");
  CHECK(ask(R"("consults":"C1","agent":"A","to_agent":"A")") == "command.field_invalid");
  CHECK(ask(R"("consults":"C1","agent":"A","to_agent":"Z")") == "routing.unknown_agent");
  CHECK(ask(R"("consults":"C1","agent":"A","queue":"none")") == "routing.unknown_queue");
  CHECK(ask(R"("consults":"C1","agent":"A")") == "accepted");
  CHECK(code_of(c.say(4, "contact.open",
                      R"({"channel":"phone","contact":"K2","consults":"C1","agent":"A"})"))
        == "routing.consult_open");
  CHECK(code_of(c.say(5, "contact.request_callback", R"({"contact":"K","number":"138"})"))
        == "command.field_invalid");
  c.say(6, "offer.accept", R"({"contact":"K","agent":"B"})");
  CHECK(code_of(c.say(7, "contact.open",
                      R"({"channel":"phone","contact":"K3","consults":"K","agent":"B"})"))
        == "command.field_invalid");
  CHECK(code_of(c.say(8, "contact.join", R"({"contact":"C1","agent":"A","consult":"C9"})"))
        == "routing.unknown_contact");
  c.say(9, "contact.finish", R"({"contact":"K","agent":"B","disposition":"answered"})");
  CHECK(code_of(c.say(10, "contact.join", join)) == "routing.contact_ended");
  CHECK(c.ask(11, "contact.show", R"({"contact":"C1"})").find("consult") == nullptr);
}

TEST_CASE("whom the person is never to have is not asked either") {
  centre c;
  c.queue(R"({"queue":"care"})");
  for (const auto* a : {"A", "B", "D"})
    c.say(0, "agent.sign_in", R"({"agent":")" + std::string{a} + "\"}");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care","exclude":["B"]})");
  c.say(2, "offer.accept", R"({"contact":"C1","agent":"A"})");
  c.say(3, "contact.open", R"({"contact":"K","channel":"phone","consults":"C1","agent":"A"})");
  CHECK(c.last("offer.made").text_or("agent") == "D");
}

TEST_CASE("a question between agents is nobody's wait, and its time is work") {
  centre c;
  one_in_talk(c);
  colleague_asked(c);
  const auto figures = [&](double at) {
    return *c.ask(at, "board.show", "{}").find("centre");
  };
  CHECK(figures(6).int_or("offered", -1) == 1);
  CHECK(figures(6).int_or("answered", -1) == 1);
  CHECK(figures(6).int_or("in_progress", -1) == 1);
  c.say(10, "contact.join", join);
  c.say(20, "contact.leave", R"({"contact":"C1","agent":"A"})");
  c.say(30, "contact.finish", R"({"contact":"C1","agent":"B"})");
  const auto after = figures(30);
  CHECK(after.int_or("transferred", -1) == 1);
  CHECK(after.int_or("finished", -1) == 1);
  CHECK(after.int_or("answered", -1) == 1);
  CHECK(after.int_or("in_progress", -1) == 0);
  // 28 s of the person's talk are two agents' handling, as with any transfer; A was on it for 18 s,
  // B for 25 s, of 90 s of three agents.
  CHECK(after.number_or("aht_s", 0) == Approx(14));
  CHECK(after.number_or("occupancy", 0) == Approx(43.0 / 90));
}

TEST_CASE("work that nobody waits for on a line outlives its gateway and is parked") {
  centre c;
  c.queue(R"({"queue":"mail"})");
  c.say(0, "agent.sign_in", R"({"agent":"A","channels":{"mail":2}})", "desk-1");
  c.say(1, "contact.open", R"({"contact":"M1","channel":"mail","queue":"mail","live":false})",
        "mail-1");
  c.say(2, "contact.open", R"({"contact":"M2","channel":"mail","queue":"mail"})", "mail-1");
  SECTION("the gateway is lost: only who is on its line goes") {
    session::session_lost lost;
    lost.session = session_name{"mail-1"};
    c.happened(3, lost);
    c.wait_until(14);
    CHECK(c.count("contact.timed_out") == 1);
    CHECK(c.ask(14, "contact.show", R"({"contact":"M1"})").text_or("state") == "offered");
  }
  SECTION("an agent parks it: it keeps its place and comes again in time") {
    c.say(3, "offer.accept", R"({"contact":"M1","agent":"A"})");
    c.say(4, "offer.accept", R"({"contact":"M2","agent":"A"})");
    c.news();
    CHECK(code_of(c.say(5, "contact.park", R"({"contact":"M2","agent":"A"})"))
          == "routing.is_live");
    c.say(6, "contact.park",
          R"({"contact":"M1","agent":"A","pause_s":60,"reason":"awaits_customer"})");
    CHECK(c.contact_news() == lines{"contact.parked M1 A awaits_customer", "contact.queued M1"});
    c.wait_until(65.9);
    CHECK(c.contact_news().empty());
    c.wait_until(66);
    CHECK(c.contact_news() == lines{"offer.made M1 A"});
    CHECK(c.ask(67, "contact.show", R"({"contact":"M1"})").number_or("age_s", 0) == Approx(66));
  }
  SECTION("the client of its agent is lost: it goes back to its queue") {
    c.say(3, "offer.accept", R"({"contact":"M1","agent":"A"})");
    c.news();
    session::session_lost lost;
    lost.session = session_name{"desk-1"};
    c.happened(4, lost);
    c.wait_until(14);
    CHECK(c.last("contact.parked").text_or("reason") == "session_lost");
    CHECK(c.ask(15, "contact.show", R"({"contact":"M1"})").text_or("state") == "waiting");
  }
}

TEST_CASE("a closed site takes nobody, and who waits there goes on to the next", "[R1.1.3]") {
  centre c;
  c.queue(R"({"queue":"care-north","site":"north","overflow_to":"care-south"})");
  c.queue(R"({"queue":"care-south","site":"south","overflow_to":"care-west","length_max":3})");
  c.queue(R"({"queue":"care-west","site":"west"})");
  c.queue(R"({"queue":"vip-north","site":"north"})");
  c.say(0, "agent.sign_in", R"({"agent":"W","site":"west","queues":{"care-west":0}})");
  const auto open = [&](double at, const std::string& contact, const std::string& queue) {
    return c.say(at, "contact.open", R"({"channel":"phone","contact":")" + contact
                                         + R"(","queue":")" + queue + "\"}");
  };
  const auto set = [&](double at, const std::string& site, const std::string& state) {
    return code_of(c.say(at, "site.set_state", R"({"site":")" + site + R"(","state":")" + state
                                                   + R"(","by":"S","reason":"flood"})"));
  };
  open(1, "C1", "care-north");
  open(2, "V1", "vip-north");
  c.news();
  CHECK(set(3, "east", "closed") == "routing.unknown_site");
  CHECK(set(4, "north", "closed") == "accepted");
  CHECK(c.contact_news() == lines{"site.state_changed closed flood",
                                  "contact.diverted C1 site_closed care-south",
                                  "contact.queued C1"});
  CHECK(set(5, "north", "closed") == "accepted");
  CHECK(c.news().empty());
  SECTION("who comes goes on too; without a way on it is refused, and who waits keeps the place") {
    open(6, "C2", "care-north");
    CHECK(c.contact_news() == lines{"contact.opened C2", "contact.triaged C2",
                                    "contact.diverted C2 site_closed care-south",
                                    "contact.queued C2"});
    CHECK(open(7, "V2", "vip-north").data.text_or("refused") == "site_closed");
    CHECK(c.ask(8, "contact.show", R"({"contact":"V1"})").text_or("queue") == "vip-north");
    CHECK(code_of(c.say(9, "contact.change", R"({"contact":"C2","queue":"vip-north"})"))
          == "routing.site_closed");
  }
  SECTION("from one closed site over another to the third, and no further than two") {
    CHECK(set(6, "south", "closed") == "accepted");
    CHECK(c.ask(7, "contact.show", R"({"contact":"C1"})").text_or("queue") == "care-west");
    open(8, "C3", "care-north");
    CHECK(c.ask(9, "contact.show", R"({"contact":"C3"})").text_or("queue") == "care-west");
  }
  SECTION("opened again it takes people as before") {
    CHECK(set(6, "north", "open") == "accepted");
    open(7, "C4", "care-north");
    CHECK(c.last("contact.queued").text_or("queue") == "care-north");
  }
  SECTION("the board shows each site") {
    const auto sites = *c.ask(9, "board.show", "{}").find("sites");
    CHECK(sites.find("north")->text_or("state") == "closed");
    CHECK(sites.find("north")->int_or("waiting", -1) == 1);
    CHECK(sites.find("south")->int_or("waiting", -1) == 1);
    CHECK(sites.find("west")->find("agents")->int_or("ready", -1) == 1);
  }
}

TEST_CASE("a call for help that says it asks a colleague is a call for help, and nothing else") {
  centre c;
  one_in_talk(c);
  c.say(3, "contact.open", R"({"contact":"K","channel":"phone","consults":"C1","agent":"A"})");
  c.say(4, "contact.open", R"({"contact":"S1","channel":"phone","safety":true,"consults":"C1"})");
  CHECK(c.last("contact.diverted").text_or("contact") == "S1");
  CHECK(c.ask(5, "contact.show", R"({"contact":"C1"})").text_or("consult") == "K");
  c.say(6, "contact.open", R"({"contact":"S2","channel":"phone","safety":true,"consults":"C7"})");
  CHECK(code_of(c.say(7, "contact.open", R"({"contact":"C7","channel":"phone","queue":"care"})"))
        == "accepted");
}

TEST_CASE("a question for one colleague is for that one wherever it is moved") {
  centre c;
  one_in_talk(c);
  c.queue(R"({"queue":"tech"})");
  c.say(3, "contact.open",
        R"({"contact":"K","channel":"phone","consults":"C1","agent":"A","to_agent":"B"})");
  c.say(4, "agent.set_state", R"({"agent":"B","state":"not_ready","reason":"tea"})");
  c.say(5, "contact.change", R"({"contact":"K","queue":"tech"})");
  CHECK(c.ask(6, "contact.show", R"({"contact":"K"})").text_or("state") == "waiting");
  c.say(7, "agent.set_state", R"({"agent":"B","state":"ready"})");
  CHECK(c.last("offer.made").text_or("agent") == "B");
  c.say(8, "offer.accept", R"({"contact":"K","agent":"B"})");
  CHECK(code_of(c.say(9, "contact.transfer", R"({"contact":"K","agent":"B","to_queue":"care"})"))
        == "command.field_invalid");
}

TEST_CASE("after a hand-over the figures are those of the person's queue, here and on the board") {
  centre c;
  one_in_talk(c);
  c.queue(R"({"queue":"experts"})");
  c.say(3, "contact.open",
        R"({"contact":"K","channel":"phone","queue":"experts","consults":"C1","agent":"A"})");
  c.say(4, "offer.accept", R"({"contact":"K","agent":"B"})");
  c.say(10, "contact.transfer", R"({"contact":"C1","agent":"A","to_consult":"K"})");
  c.say(40, "contact.finish", R"({"contact":"C1","agent":"B"})");
  for (const auto* q : {"care", "experts"}) {
    c.say(41, "contact.open", R"({"channel":"chat","queue":")" + std::string{q} + "\"}");
    const auto shown = c.ask(42, "queue.show", R"({"queue":")" + std::string{q} + "\"}");
    const auto board = c.ask(42, "board.show", "{}");
    INFO(q);
    CHECK(board.find("queues")->find(q)->number_or("wait_estimate_s", -1)
          == Approx(shown.number_or("wait_s", -1)));
  }
}

TEST_CASE("who is handed a talk while connected keeps it, and who is gone does not for ever") {
  centre c;
  c.queue(R"({"queue":"care","talk_s_max":30})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})", "desk-1");
  c.say(0, "agent.sign_in", R"({"agent":"B"})", "desk-2");
  c.say(1, "contact.open", R"({"contact":"C1","channel":"phone","queue":"care"})");
  c.say(2, "offer.accept", R"({"contact":"C1","agent":"A"})");
  colleague_asked(c);
  c.say(6, "contact.join", join);
  session::session_lost lost;
  lost.session = session_name{"desk-2"};
  c.happened(7, lost);
  c.wait_until(20);
  SECTION("its client is back") {
    session::session_resumed back;
    back.session = session_name{"desk-2"};
    c.happened(21, back);
    c.say(22, "contact.leave", R"({"contact":"C1","agent":"A"})");
    c.wait_until(200);
    CHECK(c.ask(200, "contact.show", R"({"contact":"C1"})").text_or("state") == "connected");
  }
  SECTION("its client is gone") {
    c.say(22, "contact.leave", R"({"contact":"C1","agent":"A"})");
    c.wait_until(200);
    CHECK(c.last("contact.timed_out").text_or("reason") == "talk_s_max");
  }
}

TEST_CASE("parked work stays parked wherever it is moved, and leaves a closed site") {
  centre c;
  c.queue(R"({"queue":"mail","site":"north","overflow_to":"post","wait_s_max":50})");
  c.queue(R"({"queue":"post","wait_s_max":50})");
  c.say(0, "agent.sign_in", R"({"agent":"A","channels":{"mail":1}})");
  c.say(1, "contact.open", R"({"contact":"M1","channel":"mail","queue":"mail","live":false})");
  c.say(2, "offer.accept", R"({"contact":"M1","agent":"A"})");
  c.say(3, "site.set_state", R"({"site":"north","state":"closed","by":"S","reason":"flood"})");
  c.say(4, "contact.park", R"({"contact":"M1","agent":"A","pause_s":100})");
  CHECK(c.last("contact.queued").text_or("queue") == "post");
  c.wait_until(103.9);
  CHECK(c.ask(103.9, "contact.show", R"({"contact":"M1"})").text_or("state") == "waiting");
  c.wait_until(104);
  CHECK(c.last("offer.made").text_or("contact") == "M1");
  CHECK(c.count("contact.timed_out") == 0);
}

TEST_CASE("a talk of several is one line among those in progress") {
  centre c;
  one_in_talk(c);
  colleague_asked(c);
  c.say(6, "contact.join", join);
  const auto shown = c.ask(7, "queue.show", R"({"queue":"care"})");
  CHECK(shown.find("in_progress")->as<value::list>()->size() == 1);
}

TEST_CASE("a person who was answered at once is not told as answered late after a hand-over") {
  const auto from = GENERATE(centre::back_from::snapshot, centre::back_from::log);
  // given a talk that was answered after a second, and handed on after a while
  centre c;
  one_in_talk(c, R"(,"service_level_s":10)");
  colleague_asked(c);
  c.say(30, "contact.transfer", R"({"contact":"C1","agent":"A","to_consult":"K"})");
  // when a supervisor looks at the queue, then and behind its end
  const auto listed = [&](double at, const char* list) {
    const auto shown = c.ask(at, "queue.show", R"({"queue":"care"})");
    return to_json(*shown.find(list));
  };
  c.restart(from);
  const auto talk = c.ask(31, "queue.show", R"({"queue":"care"})");
  const auto& row = talk.find("in_progress")->as<value::list>()->front();
  c.say(40, "contact.finish", R"({"contact":"C1","agent":"B"})");
  c.restart(from);
  // then the wait is the second, and the talk is the second agent's
  CHECK(row.int_or("wait_s", -1) == 1);
  CHECK(row.text_or("since") == "2026-03-02T01:00:30.000Z");
  CHECK(listed(41, "recent") == "[]");
}
