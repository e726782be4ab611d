#include <catch2/catch.hpp>

#include "tests/model/centre.hpp"

using namespace careline;
using namespace careline::centre_story;

namespace {

std::string contact(const std::string& id, const std::string& channel,
                    const std::string& more = {}) {
  return R"({"contact":")" + id + R"(","channel":")" + channel + R"(","queue":"care")" + more + "}";
}

std::string both(const std::string& id, const std::string& agent) {
  return R"({"contact":")" + id + R"(","agent":")" + agent + "\"}";
}

/// Which field of a command is wrong; empty where nothing is.
std::string wrong_field(centre& c, std::string_view type, const std::string& json) {
  const auto told = c.say(0, type, json);
  CHECK((told.why == std::nullopt) == (told.outcome == outcome_kind::accepted));
  return told.why ? told.why->field : std::string{};
}

} // namespace

// --- one room for all channels -------------------------------------------------------------------

TEST_CASE("a capacity is shared by all channels, each contact taking its cost") {
  centre c;
  c.queue(R"({"queue":"care","ring_s":900})");
  c.say(0, "agent.sign_in",
        R"({"agent":"A","capacity":10,"costs":{"chat":3,"mail":1,"phone":"all"}})");
  for (const auto* id : {"T1", "T2", "T3", "T4"})
    c.say(1, "contact.open", contact(id, "chat"));
  CHECK(c.count("offer.made") == 3);
  c.say(2, "contact.open", contact("P1", "phone"));
  c.say(2, "contact.open", contact("M1", "mail"));
  c.say(2, "contact.open", contact("M2", "mail"));
  CHECK(c.last("offer.made").text_or("contact") == "M1");
  CHECK(c.ask(3, "agent.show", R"({"agent":"A"})").find("free")->int_or("mail", -1) == 0);
  // A call takes all of it, so it waits until nothing else is there.
  c.say(4, "contact.abandon", R"({"contact":"T4"})");
  c.say(4, "contact.abandon", R"({"contact":"M2"})");
  for (const auto* id : {"T1", "T2", "T3", "M1"})
    c.say(5, "offer.accept", both(id, "A"));
  c.say(6, "agent.set_state", R"({"agent":"A","state":"not_ready"})");
  for (const auto* id : {"T1", "T2", "T3"})
    c.say(7, "contact.finish", both(id, "A"));
  c.say(8, "agent.set_state", R"({"agent":"A","state":"ready"})");
  CHECK(c.last("offer.made").text_or("contact") == "M1");
  c.say(8, "contact.finish", both("M1", "A"));
  c.say(8, "agent.set_state", R"({"agent":"A","state":"ready"})");
  CHECK(c.last("offer.made").text_or("contact") == "P1");
  c.say(9, "offer.accept", both("P1", "A"));
  c.say(10, "contact.open", contact("M3", "mail"));
  CHECK(c.last("offer.made").text_or("contact") == "P1");
}

TEST_CASE("a capacity that contradicts itself is refused, and what an agent had stays") {
  centre c;
  const auto sign_in = [&](const std::string& more) {
    return wrong_field(c, "agent.sign_in", R"({"agent":"A",)" + more + "}");
  };
  CHECK(sign_in(R"("capacity":10,"costs":{"chat":3},"channels":{"chat":2})") == "channels");
  CHECK(sign_in(R"("capacity":0,"costs":{"chat":1})") == "capacity");
  CHECK(sign_in(R"("capacity":10)") == "costs");
  CHECK(sign_in(R"("costs":{"chat":1})") == "capacity");
  CHECK(sign_in(R"("capacity":4,"costs":{"chat":5})") == "costs.chat");
  CHECK(sign_in(R"("capacity":4,"costs":{"chat":0})") == "costs.chat");
  CHECK(sign_in(R"("capacity":4,"costs":{"chat":"most"})") == "costs.chat");
  CHECK(sign_in(R"("capacity":4,"costs":{"chat":2})").empty());
  CHECK(wrong_field(c, "agent.change", R"({"agent":"A","costs":{"chat":9}})") == "costs.chat");
  CHECK(wrong_field(c, "agent.change",
                    R"({"agent":"A","channels":{"chat":1},"capacity":3,"costs":{"chat":1}})")
        == "channels");
  CHECK(c.ask(1, "agent.show", R"({"agent":"A"})").find("free")->int_or("chat", -1) == 2);
}

TEST_CASE("an agent has no more room than its contacts can be told in one event") {
  centre c;
  const auto channels = [](int count, int slots) {
    std::string out;
    for (int i = 0; i < count; ++i)
      out += (i == 0 ? "" : ",") + ("\"c" + std::to_string(i)) + "\":" + std::to_string(slots);
    return "{" + out + "}";
  };
  const auto wrong = [&](std::string_view type, const std::string& more) {
    return wrong_field(c, type, R"({"agent":"A",)" + more + "}");
  };
  CHECK(wrong("agent.sign_in", R"("channels":)" + channels(41, 100)) == "channels");
  CHECK(wrong("agent.sign_in", R"("channels":)" + channels(11, 91)) == "channels");
  CHECK(wrong("agent.sign_in", R"("channels":)" + channels(65, 1)) == "channels");
  CHECK(wrong("agent.sign_in", R"("capacity":65,"costs":)" + channels(65, 1)) == "costs");
  CHECK(wrong("agent.sign_in", R"("channels":)" + channels(10, 100)).empty());
  CHECK(wrong("agent.change", R"("channels":)" + channels(41, 100)) == "channels");
  CHECK(wrong("agent.change", R"("channels":)" + channels(65, 0)) == "channels");
  CHECK(wrong("agent.change", R"("channels":)" + channels(64, 15)).empty());
  CHECK(wrong("agent.change", R"("capacity":64,"costs":)" + channels(64, 1)).empty());
}

TEST_CASE("an agent that changes its channels while it works is not offered contacts for ever") {
  using namespace careline::routing;
  abilities can;
  can.channels = std::map<channel_id, int>{{channel_id{"chat"}, 100}};
  agent_load load;
  load.signed_in = load.ready = true;
  for (int i = 0; i < 999; ++i)
    load.on.push_back({contact_id{"M" + std::to_string(i)}, channel_id{"mail"}});
  CHECK(free_slots(can, load, channel_id{"chat"}) == 100);
  load.on.push_back({contact_id{"M999"}, channel_id{"mail"}});
  CHECK(free_slots(can, load, channel_id{"chat"}) == 0);
}

TEST_CASE("an agent goes from slots to a capacity and back while it works") {
  centre c;
  c.queue(R"({"queue":"care"})");
  c.say(0, "agent.sign_in", R"({"agent":"A","channels":{"chat":1}})");
  c.say(1, "contact.open", contact("T1", "chat"));
  c.say(2, "offer.accept", both("T1", "A"));
  const auto free_chats = [&](double at) {
    return c.ask(at, "agent.show", R"({"agent":"A"})").find("free")->int_or("chat", -1);
  };
  CHECK(free_chats(2) == 0);
  c.say(3, "agent.change", R"({"agent":"A","capacity":6,"costs":{"chat":2}})");
  CHECK(free_chats(3) == 2);
  c.say(4, "agent.change", R"({"agent":"A","channels":{"chat":2}})");
  CHECK(free_chats(4) == 1);
  c.say(5, "agent.change", R"({"agent":"A","blocks":{"chat":"self"}})");
  CHECK(free_chats(5) == 0);
}

// --- a place kept --------------------------------------------------------------------------------

TEST_CASE("a caller who was dropped and comes back in time is where they were") {
  centre c;
  c.queue(R"({"queue":"care","resume_s":60})");
  const std::string first = R"(,"address":"138-0013-8000")";
  c.say(0, "contact.open", contact("C1", "phone", first));
  c.say(5, "contact.open", contact("C2", "phone", R"(,"address":"138-0013-8001")"));
  c.say(10, "contact.abandon", R"({"contact":"C1"})");
  const auto from = GENERATE(centre::back_from::snapshot, centre::back_from::log);
  c.restart(from);
  SECTION("in time: at its place, with its age, and once") {
    const auto r = c.say(70, "contact.open", contact("C3", "phone", first));
    CHECK(r.data.int_or("queue_position", 0) == 1);
    CHECK(r.data.text_or("resumes") == "C1");
    const auto line = c.ask(71, "queue.show", R"({"queue":"care"})");
    const auto& head = line.find("waiting")->as<value::list>()->front();
    CHECK(head.text_or("contact") == "C3");
    CHECK(head.number_or("age_s", 0) == 71);
    c.restart(from);
    const auto other = c.say(72, "contact.open", contact("C4", "phone", first));
    CHECK_FALSE(other.data.find("resumes"));
    CHECK(other.data.int_or("queue_position", 0) == 3);
  }
  SECTION("too late: behind the others") {
    const auto r = c.say(71, "contact.open", contact("C3", "phone", first));
    CHECK_FALSE(r.data.find("resumes"));
    CHECK(r.data.int_or("queue_position", 0) == 2);
  }
  SECTION("somebody else, or somebody who tells no address") {
    CHECK_FALSE(c.say(12, "contact.open", contact("C5", "phone", R"(,"address":"139")"))
                    .data.find("resumes"));
    CHECK_FALSE(c.say(12, "contact.open", contact("C6", "phone")).data.find("resumes"));
  }
}

TEST_CASE("who is back in time is taken though the queue is full by now") {
  centre c;
  c.queue(R"({"queue":"care","resume_s":60,"length_max":1})");
  const std::string address = R"(,"address":"138")";
  c.say(0, "contact.open", contact("C1", "phone", address));
  c.say(1, "contact.abandon", R"({"contact":"C1"})");
  c.say(2, "contact.open", contact("C2", "phone"));
  CHECK(c.say(3, "contact.open", contact("C3", "phone", address)).data.text_or("resumes") == "C1");
  CHECK(c.say(4, "contact.open", contact("C4", "phone")).data.text_or("refused") == "queue_full");
}

TEST_CASE("who comes back to a granted place is as old as they are, not as their neighbour") {
  centre c;
  c.queue(R"({"queue":"care","resume_s":60})");
  const std::string address = R"(,"address":"138")";
  c.say(0, "contact.open", contact("N", "phone"));
  c.say(100, "contact.open", contact("D", "phone", address + R"(,"queue_position":1)"));
  c.say(105, "contact.abandon", R"({"contact":"D"})");
  CHECK(c.say(110, "contact.open", contact("E", "phone", address)).data.int_or("queue_position", 0)
        == 1);
  CHECK(c.ask(110, "contact.show", R"({"contact":"E"})").number_or("age_s", 0) == 10);
}

TEST_CASE("where a queue keeps no places, nothing of an address is kept for it") {
  centre c;
  c.queue(R"({"queue":"care"})");
  const auto r = c.say(0, "contact.open", contact("C1", "phone", R"(,"address":"138")"));
  CHECK_FALSE(r.data.find("caller"));
}

// --- a fair share --------------------------------------------------------------------------------

TEST_CASE("an agent accepts no more in a window than its fair share, to the instant") {
  centre c;
  c.queue(R"({"queue":"care","ring_s":900,"fair_share":{"contacts":2,"per_s":60}})");
  c.queue(R"({"queue":"more","ring_s":900})");
  c.say(0, "agent.sign_in", R"({"agent":"A","channels":{"chat":9}})");
  for (int i = 0; i < 3; ++i)
    c.say(10 * i, "contact.open", contact("C" + std::to_string(i), "chat"));
  c.say(20, "offer.accept", both("C0", "A"));
  CHECK(c.count("offer.made") == 3);
  // What else it was offered of that queue is taken back with the last that it may accept.
  c.say(21, "offer.accept", both("C1", "A"));
  CHECK(c.last("offer.rescinded").text_or("contact") == "C2");
  CHECK(c.last("offer.rescinded").text_or("reason") == "fair_share");
  CHECK(c.say(22, "offer.accept", both("C2", "A")).why->type == "routing.no_offer");
  c.say(23, "contact.open", contact("C3", "chat"));
  CHECK(c.count("offer.made") == 3);
  // Another queue's contacts are not counted, and not held back.
  c.say(24, "contact.open", R"({"contact":"M","channel":"chat","queue":"more"})");
  CHECK(c.count("offer.made") == 4);
  c.restart(GENERATE(centre::back_from::snapshot, centre::back_from::log));
  c.wait_until(79.9);
  CHECK(c.count("offer.made") == 4);
  c.wait_until(80);
  CHECK(c.count("offer.made") == 6);
}

TEST_CASE("a share that is given a shorter time is free again by that time") {
  centre c;
  const auto share = [&](double at, int per_s) {
    c.say(at, "queue.define", R"({"queue":"care","ring_s":900,"fair_share":{"contacts":1,"per_s":)"
                                  + std::to_string(per_s) + "}}");
  };
  share(0, 600);
  c.say(0, "agent.sign_in", R"({"agent":"A","channels":{"chat":9}})");
  c.say(1, "contact.open", contact("C1", "chat"));
  c.say(2, "offer.accept", both("C1", "A"));
  c.say(3, "contact.open", contact("C2", "chat"));
  share(4, 60);
  c.wait_until(61.9);
  CHECK(c.count("offer.made") == 1);
  c.wait_until(62);
  CHECK(c.count("offer.made") == 2);
}

TEST_CASE("a share of nothing, or in no time, is refused") {
  centre c;
  const auto field = [&](const std::string& share) {
    return wrong_field(c, "queue.define", R"({"queue":"care","fair_share":)" + share + "}");
  };
  CHECK(field(R"({"contacts":0,"per_s":60})") == "fair_share.contacts");
  CHECK(field(R"({"contacts":1,"per_s":0})") == "fair_share.per_s");
  CHECK(field(R"({"per_s":60})") == "fair_share.contacts");
}

// --- one more ------------------------------------------------------------------------------------

TEST_CASE("where a queue says so, an agent on a call is offered one more, after who is free") {
  centre c;
  c.queue(R"({"queue":"care","offer_when_busy":true,"ring_s":900})");
  c.say(0, "agent.sign_in", R"({"agent":"A"})");
  c.say(1, "contact.open", contact("C1", "phone"));
  c.say(2, "offer.accept", both("C1", "A"));
  c.say(3, "agent.sign_in", R"({"agent":"B"})");
  c.say(4, "contact.open", contact("C2", "phone"));
  CHECK(c.last("offer.made").text_or("agent") == "B");
  c.say(5, "contact.open", contact("C3", "phone"));
  CHECK(c.last("offer.made").text_or("agent") == "A");
  const auto why = *c.last("offer.made").find("decision");
  CHECK(why.find("best")->as<value::list>()->front().find("busy"));
  c.say(6, "offer.accept", both("C3", "A"));
  c.say(7, "contact.open", contact("C4", "phone"));
  CHECK(c.last("offer.made").text_or("contact") == "C3");
  c.say(8, "contact.finish", both("C1", "A"));
  CHECK(c.last("offer.made").text_or("contact") == "C4");
}

TEST_CASE("a preferred agent needs a time for which it is") {
  centre c;
  c.queue(R"({"queue":"care"})");
  CHECK(wrong_field(c, "contact.open", contact("C1", "phone", R"(,"prefer":["A"])")) == "prefer_s");
}

TEST_CASE("an agent on a call is offered a chat as well where the queue says so") {
  centre c;
  c.queue(R"({"queue":"care","offer_when_busy":true,"ring_s":900,"strategy":"fewest_finished",
    "rules":[{"after_s":0,"when":{"ready_max":0},"do":[{"tier_max":2}]}]})");
  c.say(0, "agent.sign_in", R"({"agent":"A","channels":{"phone":1,"chat":2},
    "queues":{"care":{"tier":2,"priority":2}}})");
  c.say(1, "contact.open", contact("C1", "phone"));
  c.say(2, "offer.accept", both("C1", "A"));
  c.say(3, "contact.open", contact("C2", "chat"));
  CHECK(c.last("offer.made").text_or("contact") == "C2");
}
