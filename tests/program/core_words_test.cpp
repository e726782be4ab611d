#include <catch2/catch.hpp>
#include <csignal>
#include <set>
#include <tuple>

#include "messages/json.hpp"
#include "messages/vocabulary.hpp"
#include "tests/program/real_engine.hpp"

using namespace careline;

namespace {

/// A word of the contract, said over the real bus, and the events it must lead to.
struct said_word {
  const char* by;
  const char* type;
  const char* json;
  const char* events;
};

constexpr said_word day[] = {
    {"phone-1", "session.hello", R"({"name":"phone-1","kind":"gateway"})", "session.opened "},
    {"phone-1", "session.beat", R"({})", ""},
    {"desks", "queue.define", R"({"queue":"care","wrap_up":"manual"})", "queue.defined "},
    {"desks", "queue.define", R"({"queue":"tech","members":true})", "queue.defined "},
    {"desks", "agent.sign_in", R"({"agent":"A","skills":{"zh":5},"channels":{"phone":1,"chat":2}})",
     "agent.signed_in agent.state_changed "},
    {"desks", "agent.set_state", R"({"agent":"A","state":"not_ready","reason":"tea"})",
     "agent.state_changed "},
    {"phone-1", "contact.open",
     R"({"contact":"C1","channel":"chat","queue":"care","address":"+8613800000000"})",
     "contact.opened contact.triaged contact.queued "},
    {"phone-1", "contact.change", R"({"contact":"C1","urgency":2})", "contact.changed "},
    {"phone-1", "contact.say", R"({"contact":"C1","from":"customer","text":"你好"})",
     "contact.said "},
    {"phone-1", "contact.read", R"({"contact":"C1"})", ""},
    {"phone-1", "contact.deliver", R"({"contact":"C1","line":1})", "contact.delivered "},
    {"phone-1", "contact.answer", R"({"contact":"C1","form":"f","fields":{"a":1}})",
     "contact.answered_form "},
    {"phone-1", "contact.address", R"({"contact":"C1","purpose":"dial"})", "contact.address_read "},
    {"desks", "agent.set_state", R"({"agent":"A","state":"ready"})",
     "agent.state_changed offer.made agent.state_changed "},
    {"desks", "offer.decline", R"({"contact":"C1","agent":"A","reason":"busy"})",
     "offer.declined agent.state_changed offer.made agent.state_changed "},
    {"desks", "offer.accept", R"({"contact":"C1","agent":"A"})",
     "offer.accepted contact.connected agent.state_changed "},
    {"desks", "contact.hold", R"({"contact":"C1","agent":"A"})", "contact.held "},
    {"desks", "contact.resume", R"({"contact":"C1","agent":"A"})", "contact.resumed "},
    {"desks", "contact.transfer", R"({"contact":"C1","agent":"A","to_queue":"tech"})",
     "contact.transferred agent.state_changed contact.queued "},
    {"desks", "agent.finish_wrap_up", R"({"agent":"A"})", "agent.state_changed "},
    {"desks", "agent.change", R"({"agent":"A","queues":{"tech":0,"care":1}})",
     "agent.changed offer.made agent.state_changed "},
    {"desks", "offer.accept", R"({"contact":"C1","agent":"A"})",
     "offer.accepted contact.connected agent.state_changed "},
    {"desks", "contact.finish", R"({"contact":"C1","agent":"A","disposition":"solved"})",
     "contact.finished agent.state_changed "},
    {"phone-1", "contact.rate", R"({"contact":"C1","score":9})", "contact.rated "},
    {"phone-1", "contact.open", R"({"contact":"C2","channel":"phone","queue":"care"})",
     "contact.opened contact.triaged contact.queued offer.made agent.state_changed "},
    {"phone-1", "contact.request_callback", R"({"contact":"C2","number":"13800000000"})",
     "contact.callback_requested "},
    {"desks", "offer.accept", R"({"contact":"C2","agent":"A"})",
     "offer.accepted dial.requested agent.state_changed "},
    {"phone-1", "dial.report", R"({"contact":"C2","result":"answered"})",
     "dial.reported contact.connected "},
    {"desks", "contact.finish", R"({"contact":"C2","agent":"A"})",
     "contact.finished agent.state_changed "},
    {"desks", "agent.finish_wrap_up", R"({"agent":"A"})", "agent.state_changed "},
    {"phone-1", "contact.open", R"({"contact":"C3","channel":"phone","queue":"care"})",
     "contact.opened contact.triaged contact.queued offer.made agent.state_changed "},
    {"desks", "offer.pull_back", R"({"contact":"C3","agent":"A","by":"S","reason":"test"})",
     "offer.pulled_back offer.rescinded agent.state_changed "},
    {"phone-1", "contact.abandon", R"({"contact":"C3"})", "contact.abandoned "},
    {"phone-1", "contact.open", R"({"contact":"C4","channel":"phone","queue":"care"})",
     "contact.opened contact.triaged contact.queued offer.made agent.state_changed "},
    {"desks", "offer.accept", R"({"contact":"C4","agent":"A"})",
     "offer.accepted contact.connected agent.state_changed "},
    {"desks", "contact.supervise",
     R"({"contact":"C4","by":"S","mode":"whisper","reason":"coaching"})", "contact.supervised "},
    {"phone-1", "contact.abandon", R"({"contact":"C4"})",
     "contact.finished agent.state_changed "},
    {"desks", "agent.force_state",
     R"({"agent":"A","state":"ready","by":"S","reason":"forgot_wrap_up"})",
     "agent.state_forced agent.state_changed "},
    {"desks", "queue.define", R"({"queue":"mail","site":"north"})", "queue.defined "},
    {"desks", "agent.sign_in",
     R"({"agent":"B","site":"north","queues":{"mail":0},"channels":{"phone":1,"mail":1}})",
     "agent.signed_in agent.state_changed "},
    {"phone-1", "contact.open", R"({"contact":"C5","channel":"phone","queue":"care"})",
     "contact.opened contact.triaged contact.queued offer.made agent.state_changed "},
    {"desks", "offer.accept", R"({"contact":"C5","agent":"A"})",
     "offer.accepted contact.connected agent.state_changed "},
    {"desks", "contact.open",
     R"({"contact":"K1","channel":"phone","consults":"C5","agent":"A","to_agent":"B"})",
     "contact.opened contact.queued offer.made agent.state_changed "},
    {"desks", "offer.accept", R"({"contact":"K1","agent":"B"})",
     "offer.accepted contact.connected agent.state_changed "},
    {"desks", "contact.join", R"({"contact":"C5","agent":"A","consult":"K1"})",
     "contact.joined contact.finished agent.state_changed "},
    {"desks", "contact.leave", R"({"contact":"C5","agent":"A"})",
     "contact.left agent.state_changed "},
    {"desks", "contact.finish", R"({"contact":"C5","agent":"B"})",
     "contact.finished agent.state_changed "},
    {"desks", "agent.finish_wrap_up", R"({"agent":"A"})", "agent.state_changed "},
    {"desks", "agent.finish_wrap_up", R"({"agent":"B"})", "agent.state_changed "},
    {"phone-1", "contact.open",
     R"({"contact":"M1","channel":"mail","queue":"mail","live":false})",
     "contact.opened contact.triaged contact.queued offer.made agent.state_changed "},
    {"desks", "offer.accept", R"({"contact":"M1","agent":"B"})",
     "offer.accepted contact.connected agent.state_changed "},
    {"desks", "contact.park", R"({"contact":"M1","agent":"B","pause_s":600})",
     "contact.parked agent.state_changed contact.queued "},
    {"desks", "site.set_state",
     R"({"site":"north","state":"closed","by":"S","reason":"flood"})", "site.state_changed "},
    {"desks", "site.set_state", R"({"site":"north","state":"open","by":"S","reason":"over"})",
     "site.state_changed "},
    {"desks", "agent.sign_out", R"({"agent":"B"})", "agent.signed_out "},
    {"phone-1", "contact.open", R"({"contact":"S1","channel":"phone","safety":true})",
     "contact.opened contact.diverted "},
    {"desks", "agent.sign_out", R"({"agent":"A"})", "agent.signed_out "},
    {"desks", "queue.define", R"({"queue":"spare"})", "queue.defined "},
    {"desks", "queue.remove", R"({"queue":"spare","reason":"drill"})", "queue.removed "},
    {"desks", "queue.define", R"({"queue":"hall","ticket":"A","members":true})", "queue.defined "},
    {"desks", "agent.sign_in",
     R"({"agent":"W","channels":{"counter":1},"queues":{"hall":0},"ready":false})",
     "agent.signed_in agent.state_changed "},
    {"phone-1", "contact.open", R"({"contact":"T1","channel":"counter","queue":"hall"})",
     "contact.opened contact.triaged contact.queued "},
    {"desks", "agent.call_next", R"({"agent":"W","counter":"3"})",
     "agent.state_changed offer.made agent.state_changed offer.accepted contact.connected "
     "agent.state_changed ticket.called "},
    {"desks", "ticket.recall", R"({"agent":"W"})", "ticket.called "},
    {"desks", "ticket.miss", R"({"agent":"W"})",
     "ticket.missed agent.state_changed contact.timed_out "},
    {"desks", "agent.sign_out", R"({"agent":"W"})", "agent.signed_out "},
    {"desks", "customer.register",
     R"({"party":"zhang","purpose":"callback","read_back":true,"contact":"R1",
         "fields":{"name":"张三","phone":"13812345678"}})",
     "customer.registered customer.linked "},
    {"desks", "customer.register",
     R"({"party":"zhang-2","purpose":"consult","fields":{"name":"张三"}})",
     "customer.registered "},
    {"desks", "customer.find", R"({"purpose":"dial","phone":"13812345678"})",
     "customer.looked_up "},
    {"desks", "customer.merge", R"({"party":"zhang-2","into":"zhang","reason":"same"})",
     "customer.merged "},
    {"desks", "customer.split", R"({"party":"zhang-2","reason":"mistake"})",
     "customer.split_off "},
    {"desks", "customer.link", R"({"party":"zhang","contact":"R2"})", "customer.linked "},
    {"desks", "customer.unlink", R"({"party":"zhang","contact":"R2"})", "customer.unlinked "},
    {"desks", "identity.verify",
     R"({"party":"zhang","contact":"R1","level":2,"method":"sms_code"})", "identity.verified "},
    {"desks", "customer.amend",
     R"({"party":"zhang","purpose":"callback","read_back":true,"contact":"R1",
         "fields":{"phone":"13700000001"}})",
     "customer.amended "},
    {"desks", "customer.reveal", R"({"party":"zhang","fields":["phone"],"purpose":"dial"})",
     "customer.revealed "},
    {"desks", "consent.give",
     R"({"party":"zhang","purpose":"care","channel":"phone","proof":"rec-1"})",
     "consent.given "},
    {"desks", "consent.withdraw", R"({"party":"zhang","purpose":"care"})",
     "consent.withdrawn "},
    {"desks", "right.request", R"({"party":"zhang","kind":"access","contact":"R1"})",
     "right.requested "},
    {"desks", "right.fulfil", R"({"right":"right-1","proof":"mail-1"})", "right.fulfilled "},
    {"desks", "right.request", R"({"party":"zhang","kind":"copy","contact":"R1"})",
     "right.requested "},
    {"desks", "right.refuse", R"({"right":"right-2","reason":"given_before"})",
     "right.refused "},
    {"desks", "customer.erase", R"({"party":"zhang","reason":"asked_for"})",
     "customer.erased "},
    {"desks", "promise.make",
     R"({"promise":"P","contact":"C1","kind":"callback","in_s":3600,"owner":"A"})",
     "promise.made "},
    {"desks", "promise.move", R"({"promise":"P","owner":"B","by":"A","reason":"shift_over"})",
     "promise.moved "},
    {"desks", "promise.keep", R"({"promise":"P","by":"B"})", "promise.kept "},
    {"desks", "triage.define", R"({"rows":[{"need":"sim","queue":"care","duty":"business"}]})",
     "triage.defined "},
    {"desks", "area.define", R"({"area":"hall","kind":"counter","queue":"care"})",
     "area.defined "},
    {"desks", "area.define", R"({"area":"spare","kind":"specialist","queue":"tech"})",
     "area.defined "},
    {"desks", "area.remove", R"({"area":"spare"})", "area.removed "},
    {"desks", "materials.define",
     R"({"business":"sim","documents":[{"document":"id_card","note":"original"}]})",
     "materials.defined "},
    {"desks", "contact.issue_materials", R"({"contact":"C1","business":"sim"})",
     "contact.materials_issued "},
    {"phone-1", "contact.present_materials", R"({"contact":"C1","documents":["id_card"]})",
     "contact.materials_presented "},
    {"desks", "contact.classify", R"({"contact":"C1","by":"A","duty":"fault"})",
     "contact.classified "},
    {"desks", "wording.define",
     R"({"wording":"password","language":"zh","text":"请保管好您的密码"})", "wording.defined "},
    {"desks", "wording.forbid", R"({"words":["不知道"]})", "wording.forbidden "},
    {"desks", "contact.remind", R"({"contact":"C1","wordings":["password"]})",
     "contact.reminded "},
    {"phone-1", "self_service.open", R"({"episode":"E","channel":"kiosk","business":"sim"})",
     "self_service.opened "},
    {"phone-1", "self_service.end", R"({"episode":"E","outcome":"solved"})",
     "self_service.ended "},
    {"phone-1", "session.close", R"({})", "session.closed "},
};

struct asked_word {
  std::string_view type;
  std::string_view json;
};
constexpr asked_word questions[] = {
    {"queue.show", R"({"queue":"care"})"},
    {"queue.list", "{}"},
    {"agent.show", R"({"agent":"A"})"},
    {"agent.list", "{}"},
    {"contact.show", R"({"contact":"C1"})"},
    {"why.contact", R"({"contact":"C1","full":true})"},
    {"why.agent", R"({"agent":"A"})"},
    {"hall.show", "{}"},
    {"board.show", "{}"},
    {"log.read", R"({"after":0})"},
    {"engine.status", "{}"},
    {"customer.show", R"({"party":"zhang"})"},
    {"customer.timeline", R"({"party":"zhang"})"},
    {"identity.check", R"({"party":"zhang","contact":"R1"})"},
    {"promise.list", "{}"},
    {"promise.show", R"({"promise":"P"})"},
    {"triage.show", "{}"},
    {"area.show", R"({"area":"hall"})"},
    {"area.list", "{}"},
    {"wording.show", R"({"wording":"password"})"},
    {"wording.list", "{}"},
    {"wording.check", R"({"text":"我 不知道"})"},
    {"materials.show", R"({"business":"sim"})"},
    {"self_service.show", "{}"},
    {"key.list", "{}"},
    {"access.list", "{}"},
    {"user.list", "{}"},
};

/// The types of the events after a position, one word each.
std::string types_after(real::desk& by, position after) {
  const auto page = by.ask("log.read", R"({"after":)" + std::to_string(after) + "}");
  std::string out;
  for (const auto& e : *page.data.find("events")->as<value::list>())
    out += std::string{e.text_or("type")} + " ";
  return out;
}

} // namespace

TEST_CASE("every word of the contract is understood over the real bus and leads to its events",
          "[R1.1.2]") {
  const real::data_folder folder;
  real::engine engine{folder.path};
  real::desk phone{engine, "phone-1"};
  real::desk desks{engine, "desks"};
  position at = 2; // log.created, engine.speed_set
  std::set<std::string> used;
  for (const auto& word : day) {
    auto& by = std::string_view{word.by} == "phone-1" ? phone : desks;
    const auto got = by.ask(word.type, word.json);
    INFO(word.type << " " << word.json << " " << (got.why ? got.why->type : ""));
    CHECK(got.outcome == outcome_kind::accepted);
    CHECK(types_after(desks, at) == word.events);
    at = got.at != 0 ? got.at : at;
    used.insert(word.type);
  }
  for (const auto& [type, json] : questions) {
    INFO(type);
    CHECK(desks.ask(type, json).outcome == outcome_kind::accepted);
    used.emplace(type);
  }
  // Those that change who may do what need an engine with keys (tests/program/access_test.py,
  // people_access_test.py).
  for (const auto* type :
       {"key.accept", "key.revoke", "access.grant", "access.revoke", "access.ask_more",
        "access.allow_more", "access.record_violation", "access.reinstate", "user.set_password",
        "user.vet", "user.bind", "user.set_second_factor", "user.unlock", "user.sign_in",
        "user.fail_sign_in", "user.sign_out", "api_key.accept", "api_key.revoke",
        "key.rotate_master"}) {
    const auto got = desks.ask(type, R"({"client":"c","reason":"r"})");
    INFO(type);
    REQUIRE(got.why);
    CHECK(got.why->type == "security.keys_off");
    used.insert(type);
  }
  const auto nobody = desks.ask("access.explain", R"({"client":"c","command":"queue.list"})");
  REQUIRE(nobody.why);
  CHECK(nobody.why->type == "security.unknown_client");
  used.insert("access.explain");
  for (const auto type : command_types()) {
    INFO(type << " is in the vocabulary and was not said");
    CHECK(used.contains(std::string{type}));
  }
  const auto shown = desks.ask("contact.show", R"({"contact":"C1"})").data;
  CHECK(shown.find("timeline")->as<value::list>()->size() > 15);
  CHECK(desks.ask("why.contact", R"({"contact":"C1"})")
            .data.find("decisions")
            ->as<value::list>()
            ->size()
        == 3);
  CHECK(engine.end(SIGTERM) == 0);
}

TEST_CASE("what is wrong is answered with a code, and nothing of it stays") {
  const real::data_folder folder;
  real::engine engine{folder.path};
  real::desk by{engine, "phone-1"};
  const auto code = [&](std::string_view type, std::string_view json, std::string id = {}) {
    const auto got = by.ask(type, json, std::move(id));
    return got.why ? got.why->type : std::string{word_of(got.outcome)};
  };
  CHECK(code("contact.opne", "{}") == "command.type_unknown");
  CHECK(code("contact.open", "{}") == "command.field_missing");
  CHECK(code("contact.open", R"({"channel":5})") == "command.field_invalid");
  CHECK(code("contact.open", R"({"channel":"phone","queue":"none"})") == "routing.unknown_queue");
  CHECK(code("contact.open", R"({"channel":"phone","customer":"Li"})") == "command.field_invalid");
  CHECK(code("offer.accept", R"({"contact":"C9","agent":"A"})") == "routing.unknown_contact");
  CHECK(code("agent.sign_in", R"({"agent":"A","skills":{"zh":11}})") == "command.field_invalid");
  CHECK(code("queue.define", R"({"queue":"q","rules":[{"do":[]}]})") == "command.field_invalid");
  CHECK(code("contact.rate", R"({"contact":"C9","score":3})") == "reception.unknown_contact");
  CHECK(code("queue.list", "{}", "not-a-uuid") == "command.id_invalid");
  CHECK(types_after(by, 2).empty());
}
