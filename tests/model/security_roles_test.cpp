#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

#include "actors/security/tables/roles.hpp"
#include "messages/vocabulary.hpp"

using namespace careline;

namespace {

/// A letter for each role, so that who may do what fits on a line.
const std::map<char, std::string_view> letters{
    {'A', "administrator"}, {'G', "gateway"}, {'D', "agents"},    {'S', "supervisor"},
    {'B', "board"},         {'H', "hall_display"}, {'Q', "quality"}, {'C', "care"},
    {'P', "complaint"},     {'F', "fault"},   {'O', "security_officer"}, {'X', "actor"}};

constexpr std::string_view all = "AGDSBHQCPFOX";

/// Who may send what: written down word by word, apart from the table with its prefixes.
const std::map<std::string_view, std::string_view> senders{
    {"contact.open", "AGDSCPF"},
    {"contact.rate", "AGC"},
    {"contact.classify", "ADS"},
    {"contact.issue_materials", "AD"},
    {"contact.present_materials", "AGD"},
    {"contact.remind", "AD"},
    {"triage.define", "AS"},
    {"triage.show", "ADSB"},
    {"area.define", "AS"},
    {"area.remove", "AS"},
    {"area.show", "AGDSB"},
    {"area.list", "AGDSB"},
    {"wording.define", "AS"},
    {"wording.forbid", "AS"},
    {"wording.show", "AGDS"},
    {"wording.list", "AGDS"},
    {"wording.check", "AGDS"},
    {"materials.define", "AS"},
    {"materials.show", "AGDS"},
    {"self_service.open", "AG"},
    {"self_service.end", "AG"},
    {"self_service.show", "ASB"},
    {"queue.define", "AS"},
    {"agent.sign_in", "ADS"},
    {"agent.set_state", "ADS"},
    {"agent.sign_out", "ADS"},
    {"agent.change", "ADS"},
    {"agent.finish_wrap_up", "ADS"},
    {"agent.force_state", "AS"},
    {"offer.accept", "ADS"},
    {"offer.decline", "ADS"},
    {"offer.pull_back", "AS"},
    {"contact.change", "AGDSP"},
    {"contact.abandon", "AG"},
    {"contact.request_callback", "AGDC"},
    {"contact.hold", "AGD"},
    {"contact.resume", "AGD"},
    {"contact.transfer", "ADS"},
    {"contact.finish", "AGDS"},
    {"contact.say", "AGD"},
    {"contact.deliver", "AG"},
    {"contact.answer", "AGD"},
    {"contact.supervise", "ASQ"},
    {"contact.join", "ADS"},
    {"contact.leave", "ADS"},
    {"contact.park", "ADS"},
    {"dial.report", "AG"},
    {"site.set_state", "ASF"},
    {"session.hello", all},
    {"session.beat", all},
    {"session.close", all},
    {"customer.register", "ADS"},
    {"customer.amend", "ADS"},
    {"customer.link", "ADS"},
    {"customer.unlink", "ADS"},
    {"customer.merge", "AS"},
    {"customer.split", "AS"},
    {"customer.find", "ADSCPF"},
    {"customer.reveal", "ADSCPF"},
    {"customer.erase", "AS"},
    {"customer.show", "ADSCPF"},
    {"customer.timeline", "ADSP"},
    {"identity.verify", "AD"},
    {"identity.check", "ADSP"},
    {"consent.give", "ADSC"},
    {"consent.withdraw", "AGDSC"},
    {"right.request", "ADSP"},
    {"right.fulfil", "ASP"},
    {"right.refuse", "ASP"},
    {"promise.make", "ADSCPF"},
    {"promise.keep", "ADSCPF"},
    {"promise.move", "ADSCPF"},
    {"promise.list", "ADSBCPF"},
    {"promise.show", "ADSBCPF"},
    {"queue.remove", "AS"},
    {"agent.call_next", "ADS"},
    {"ticket.recall", "ADS"},
    {"ticket.miss", "ADS"},
    {"key.accept", "A"},
    {"key.revoke", "AO"},
    {"key.rotate_master", "AO"},
    {"access.grant", "A"},
    {"access.revoke", "AO"},
    {"user.set_password", "A"},
    {"user.vet", "AO"},
    {"user.bind", "A"},
    {"user.set_second_factor", "A"},
    {"user.unlock", "AO"},
    {"user.sign_in", "A"},
    {"user.fail_sign_in", "A"},
    {"user.sign_out", "AO"},
    {"api_key.accept", "A"},
    {"api_key.revoke", "AO"},
    {"access.ask_more", "ADSQCPFO"},
    {"access.allow_more", "ASO"},
    {"access.record_violation", "AO"},
    {"access.reinstate", "AO"},
    {"queue.show", "AGDSBHQCPF"},
    {"queue.list", "AGDSBHQCPF"},
    {"agent.show", "ADSBQ"},
    {"agent.list", "ADSBQ"},
    {"contact.show", "AGDSBQCPF"},
    {"why.contact", "ADSBQP"},
    {"why.agent", "ADSBQ"},
    {"contact.address", "AGC"},
    {"contact.read", "AGDSQ"},
    {"hall.show", "AGSBH"},
    {"board.show", "ASBHQX"},
    {"log.read", all},
    {"engine.status", all},
    {"key.list", "AO"},
    {"access.list", "AO"},
    {"access.explain", "AO"},
    {"user.list", "AO"}};

std::string viewers_of(std::string_view type) {
  const auto is = [&](std::string_view start) { return type.starts_with(start); };
  if (is("key.") || is("access.") || is("user.") || is("api_key."))
    return "AOX";
  if (is("engine.") || is("log.") || is("reaction."))
    return "ASBOX";
  if (is("session."))
    return "AGDSBOX";
  if (is("queue."))
    return "AGDSBHQPFX";
  if (is("site."))
    return "AGDSBHFX";
  if (is("ticket."))
    return "AGDSBHX";
  if (is("dial."))
    return "AGDSBCX";
  if (is("offer."))
    return "AGDSBQX";
  if (is("agent."))
    return type == "agent.state_forced" ? "ADSBQOX" : "ADSBQX";
  if (is("triage."))
    return "ASBX";
  if (is("self_service."))
    return "AGSBX";
  if (is("area.") || is("wording.") || is("materials."))
    return "AGDSBX";
  if (is("promise."))
    return "ADSBCPFX";
  if (is("right."))
    return "ASBPOX";
  if (is("identity."))
    return "ADOX";
  if (is("consent."))
    return "ACX";
  for (const auto* seen : {"customer.revealed", "customer.reveal_limited", "customer.looked_up",
                           "customer.disclosure_denied", "customer.erased"})
    if (type == seen)
      return "AOX";
  if (is("customer."))
    return "AX";
  std::string who{is("contact.") ? "AGDSBQCPFX" : ""};
  if (type == "contact.address_read" || type == "contact.supervised")
    who += 'O';
  for (const auto* shown : {"contact.queued", "contact.refused", "contact.abandoned",
                            "contact.timed_out", "contact.diverted"})
    if (type == shown)
      who += 'H';
  return who;
}

} // namespace

TEST_CASE("each role may send what it needs and nothing else", "[security]") {
  for (const auto type : command_types()) {
    const auto row = senders.find(type);
    INFO(type << " is a new word: say here, and in actors/security/tables/roles.cpp, who has it");
    REQUIRE(row != senders.end());
    for (const auto& [letter, name] : letters) {
      INFO(type << " by " << name);
      const auto* role = security::find_role(name);
      REQUIRE(role);
      CHECK(security::may_send(*role, type) == (row->second.find(letter) != row->second.npos));
    }
  }
  CHECK(senders.size() == command_types().size());
  CHECK(security::roles().size() == letters.size());
}

TEST_CASE("each role sees what it needs and nothing else", "[security][R2.3.3]") {
  for (const auto type : event_types()) {
    const auto who = viewers_of(type);
    INFO(type << " is a new word: say here, and in actors/security/tables/roles.cpp, who has it");
    REQUIRE_FALSE(who.empty());
    for (const auto& [letter, name] : letters) {
      INFO(type << " by " << name);
      CHECK(security::may_see(*security::find_role(name), type)
            == (who.find(letter) != who.npos));
    }
  }
}

TEST_CASE("what a role is subscribed to brings it no event that it may not see",
          "[security][R2.3.3]") {
  // A subscription takes all that begins with it: "contact.refused" would take a longer word too.
  for (const auto& role : security::roles())
    for (const auto* asked : {"", "c", "contact.", "contact.q", "contact.queued", "agent.", "key."})
      for (const auto& part : security::visible_under(role, asked))
        for (const auto type : event_types()) {
          if (part != "*" && !type.starts_with(part))
            continue;
          INFO(role.name << " asks for " << asked << ", has " << part << ", gets " << type);
          CHECK(security::may_see(role, type));
        }
  const auto* hall = security::find_role("hall_display");
  CHECK(security::visible_under(*hall, "agent.").empty());
  CHECK(security::visible_under(*hall, "contact.opened").empty());
  CHECK(security::visible_under(*hall, "contact.")
        == std::vector<std::string>{"contact.queued", "contact.refused", "contact.abandoned",
                                    "contact.timed_out", "contact.diverted"});
  CHECK(security::visible_under(*security::find_role("board"), "contact.q")
        == std::vector<std::string>{"contact.q"});
  CHECK(security::visible_under(*security::find_role("actor"), "") == std::vector<std::string>{""});
}

TEST_CASE("the book shows the roles as they are", "[security]") {
  std::ifstream file{CARELINE_SOURCE_DIR "/docs/security.md"};
  std::ostringstream book;
  book << file.rdbuf();
  const auto listed = [](const auto& words) {
    std::string out;
    for (const auto word : words)
      out += (out.empty() ? "" : " ") + std::string{word};
    return out;
  };
  for (const auto& role : security::roles()) {
    const auto row = "| `" + std::string{role.name} + "` | " + std::string{role.what} + " | `"
                     + listed(role.sends) + "` | `" + listed(role.sees) + "` |\n";
    INFO(row);
    CHECK(book.str().find(row) != std::string::npos);
  }
}
