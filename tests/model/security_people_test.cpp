#include "messages/codec.hpp"
#include "tests/model/security_desk.hpp"

using namespace careline;
using namespace std::chrono_literals;
using security_story::desk;

namespace {

std::string state_of(desk& d, const std::string& name) {
  const auto told = d.ask("user.list", R"({"client":")" + name + "\"}");
  return std::string{told.find("users")->as<value::list>()->front().text_or("state")};
}

bool may(const desk& d, const std::string& name, std::string_view type) {
  return !d.book().role_that_sends(client_id{name}, type).empty();
}

std::string violation(desk& d, const std::string& name, int points) {
  return d.say("access.record_violation", R"({"client":")" + name
                                              + R"(","kind":"looked_up","points":)"
                                              + std::to_string(points) + "}");
}

} // namespace

TEST_CASE("nobody signs in before he was vetted, nor after that has run out", "[R9.1.1a]") {
  desk d;
  d.has_an_administrator();
  REQUIRE(d.say("user.set_password", R"({"client":"li","reason":"new","hash":")"
                                         + std::string{desk::strong} + "\"}")
          == "1 event");
  CHECK(d.sign_in("li", "s1") == "security.not_vetted");
  CHECK(state_of(d, "li") == "not_vetted");
  CHECK(d.say("user.vet", R"({"client":"li","reason":"new","until":"2020-01-01T00:00:00Z"})")
        == "command.field_invalid");
  CHECK(d.say("user.vet", R"({"client":"li","reason":"new","until":"2026-09-01T00:00:00Z"})")
        == "1 event");
  CHECK(d.sign_in("li", "s1") == "1 event");
  CHECK(d.book().client_in("s1", d.now) == client_id{"li"});
  d.wait_until(d.now + 24h * 365);
  CHECK(d.sign_in("li", "s2") == "security.not_vetted");
}

TEST_CASE("a role counts for a person as it does for a key", "[security]") {
  desk d;
  d.has_an_administrator();
  d.has_a_person("li", "agents");
  CHECK(may(d, "li", "offer.accept"));
  CHECK_FALSE(may(d, "li", "queue.define"));
  CHECK(d.revoke("li") == "1 event");
  CHECK_FALSE(may(d, "li", "offer.accept"));
  CHECK(d.sign_in("li", "s1") == "security.unknown_user");
}

TEST_CASE("a session ends with the day, the password, or the access", "[security]") {
  desk d;
  d.has_an_administrator();
  d.has_a_person("li", "agents");
  REQUIRE(d.sign_in("li", "s1") == "1 event");
  d.wait_until(d.now + 12h);
  CHECK(d.book().client_in("s1", d.now).empty());
  CHECK(type_of(d.happened.back()) == "user.signed_out");
  REQUIRE(d.sign_in("li", "s2") == "1 event");
  SECTION("another password") {
    d.say("user.set_password", R"({"client":"li","reason":"lost","hash":")"
                                   + std::string{desk::strong} + "\"}");
  }
  SECTION("all of the access") { d.revoke("li"); }
  SECTION("a suspension") { violation(d, "li", 12); }
  SECTION("by himself") {
    d.say("user.sign_out", R"({"client":"li","session":"s2","reason":"signed_out"})");
    CHECK(d.say("user.sign_out", R"({"client":"li","session":"s2","reason":"signed_out"})")
          == "0 event");
  }
  CHECK(d.book().client_in("s2", d.now).empty());
}

TEST_CASE("who guesses is locked out, and with the right password too", "[security]") {
  desk d;
  d.has_an_administrator();
  d.has_a_person("li", "agents");
  for (int i = 0; i < 4; ++i)
    CHECK(d.fail("li") == "1 event");
  CHECK(d.sign_in("li", "s1") == "1 event");  // who remembers in time begins anew
  for (int i = 0; i < 4; ++i)
    CHECK(d.fail("li") == "1 event");
  CHECK(d.fail("li", "code") == "2 event");
  CHECK(state_of(d, "li") == "locked");
  CHECK(d.sign_in("li", "s2") == "security.locked");
  CHECK(d.fail("li") == "security.locked");
  d.wait_until(d.now + 15min);
  CHECK(d.fail("li") == "2 event");  // one guess in a quarter of an hour
  CHECK(d.sign_in("li", "s2") == "security.locked");
  CHECK(d.say("user.unlock", R"({"client":"li","reason":"asked"})") == "1 event");
  CHECK(d.sign_in("li", "s2") == "1 event");
}

TEST_CASE("a code of the second factor is asked for, and taken once", "[security]") {
  desk d;
  d.has_an_administrator();
  d.has_a_person("li", "agents");
  const std::string set = R"({"client":"li","reason":"new","secret":")";
  CHECK(d.say("user.set_second_factor", set + "GEZDGNBV\"}") == "command.field_invalid");
  CHECK(d.say("user.set_second_factor", set + "gezdgnbvgy3tqojqgezdgnbvgy3tqojq\"}")
        == "command.field_invalid");
  CHECK(d.say("user.set_second_factor", set + "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\"}")
        == "1 event");
  CHECK(d.sign_in("li", "s1") == "security.code_needed");
  CHECK(d.sign_in("li", "s1", 100) == "1 event");
  CHECK(d.sign_in("li", "s2", 100) == "security.code_used");
  CHECK(d.sign_in("li", "s2", 99) == "security.code_used");
  CHECK(d.sign_in("li", "s2", 101) == "1 event");
}

TEST_CASE("a weak hash is no password, and none of it is told", "[security]") {
  desk d;
  d.has_an_administrator();
  for (const auto* weak : {"secret", "$argon2i$v=19$m=65536,t=2,p=1$a$b",
                           "$argon2id$v=19$m=1024,t=2,p=1$a$b",
                           "$argon2id$v=19$m=65536,t=1,p=1$a$b"})
    CHECK(d.say("user.set_password",
                R"({"client":"li","reason":"new","hash":")" + std::string{weak} + "\"}")
          == "security.hash_weak");
  d.has_a_person("li", "agents");
  CHECK(to_json(d.ask("user.list", "{}")).find("argon2") == std::string::npos);
  const auto& set = std::get<security::user_password_set>(d.happened.at(2));
  CHECK(set.hash.is_sealed());  // when it was decided, so that nothing holds it in clear
}

TEST_CASE("who was thrown out and comes again begins anew", "[R9.1.1a]") {
  desk d;
  d.has_an_administrator();
  d.has_a_person("li", "agents");
  d.has_a_person("wang", "agents");
  d.say("user.bind", R"({"client":"li","agent":"A17"})");
  REQUIRE(d.revoke("li") == "1 event");
  CHECK(d.say("user.bind", R"({"client":"wang","agent":"A17"})") == "1 event");
  REQUIRE(d.say("user.set_password", R"({"client":"li","reason":"back","hash":")"
                                         + std::string{desk::strong} + "\"}")
          == "1 event");
  CHECK(d.sign_in("li", "s1") == "security.not_vetted");
}

TEST_CASE("one person is one agent, and an agent is one person", "[security]") {
  desk d;
  d.has_an_administrator();
  d.has_a_person("li", "agents");
  d.has_a_person("wang", "agents");
  CHECK(d.say("user.bind", R"({"client":"li","agent":"A17"})") == "1 event");
  CHECK(d.say("user.bind", R"({"client":"li","agent":"A17"})") == "0 event");
  CHECK(d.say("user.bind", R"({"client":"wang","agent":"A17"})") == "security.agent_taken");
  CHECK(d.say("user.bind", R"({"client":"li"})") == "1 event");
  CHECK(d.say("user.bind", R"({"client":"wang","agent":"A17"})") == "1 event");
  CHECK(d.say("user.bind", R"({"client":"zhao","agent":"A18"})") == "security.unknown_user");
}

TEST_CASE("in an emergency two persons open a door, for an hour", "[security]") {
  desk d;
  d.has_an_administrator();
  d.has_a_person("li", "agents");
  d.has_a_person("chen", "supervisor");
  const std::string ask = R"({"role":"fault","reason":"flood"})";
  const std::string allow = R"({"client":"li","role":"fault","reason":"flood"})";
  CHECK(d.say("access.allow_more", allow, "chen") == "security.not_asked");
  for (const auto* never : {"administrator", "security_officer", "actor", "gateway", "cook"})
    CHECK(d.say("access.ask_more", R"({"reason":"x","role":")" + std::string{never} + "\"}", "li")
          == "security.unknown_role");
  CHECK(d.say("access.ask_more", ask, "nobody") == "security.unknown_client");
  REQUIRE(d.say("access.ask_more", ask, "li") == "1 event");
  CHECK_FALSE(may(d, "li", "site.set_state"));
  CHECK(d.say("access.allow_more", allow, "li") == "security.second_person");
  d.has_a_person("wang", "agents");
  CHECK(d.say("access.allow_more", allow, "wang") == "security.second_person");
  REQUIRE(d.say("access.allow_more", allow, "chen") == "1 event");
  CHECK(may(d, "li", "site.set_state"));
  d.wait_until(d.now + 1h);
  CHECK_FALSE(may(d, "li", "site.set_state"));
  CHECK(type_of(d.happened.back()) == "access.more_ended");
  // What nobody allows in time was never asked.
  REQUIRE(d.say("access.ask_more", ask, "li") == "1 event");
  d.wait_until(d.now + 15min);
  CHECK(d.say("access.allow_more", allow, "chen") == "security.not_asked");
}

TEST_CASE("who is granted anew keeps no role for an hour that is not among the new ones",
          "[security]") {
  desk d;
  d.has_an_administrator();
  d.has_a_person("li", "agents");
  d.has_a_person("chen", "supervisor");
  const auto ask = [&](const std::string& role) {
    return d.say("access.ask_more", R"({"role":")" + role + R"(","reason":"flood"})", "li");
  };
  const auto allow = [&](const std::string& role) {
    return d.say("access.allow_more",
                 R"({"client":"li","reason":"flood","role":")" + role + "\"}", "chen");
  };
  REQUIRE(ask("fault") == "1 event");
  REQUIRE(allow("fault") == "1 event");
  REQUIRE(ask("care") == "1 event");
  SECTION("the same roles again take away what is held and what is asked for") {
    CHECK(d.grant("li", R"("agents")") == "2 event");
    CHECK(type_of(d.happened.back()) == "access.more_ended");
    CHECK_FALSE(may(d, "li", "site.set_state"));
    CHECK(may(d, "li", "offer.accept"));
    CHECK(allow("care") == "security.not_asked");
    CHECK(d.grant("li", R"("agents")") == "0 event");
  }
  SECTION("so do others, and one that is among them stays") {
    CHECK(d.grant("li", R"("board","fault")") == "2 event");
    CHECK(may(d, "li", "site.set_state"));
    CHECK(allow("care") == "security.not_asked");
    d.wait_until(d.now + 1h);
    CHECK(may(d, "li", "site.set_state"));
  }
}

TEST_CASE("what was done wrong adds up, and at twelve points the access is off", "[R9.1.1c]") {
  desk d;
  d.has_an_administrator();
  d.has_a_person("li", "agents");
  REQUIRE(d.sign_in("li", "s1") == "1 event");
  CHECK(violation(d, "li", 0) == "command.field_invalid");
  CHECK(violation(d, "li", 6) == "1 event");
  CHECK(violation(d, "li", 5) == "1 event");
  CHECK(may(d, "li", "offer.accept"));
  SECTION("after a year they no longer count") {
    d.wait_until(d.now + 24h * 365);
    CHECK(violation(d, "li", 1) == "1 event");
    CHECK(may(d, "li", "offer.accept"));
  }
  SECTION("the twelfth suspends, until somebody takes that back") {
    CHECK(violation(d, "li", 1) == "2 event");
    CHECK_FALSE(may(d, "li", "offer.accept"));
    CHECK(d.book().client_in("s1", d.now).empty());
    CHECK(d.sign_in("li", "s2") == "security.suspended");
    CHECK(state_of(d, "li") == "suspended");
    CHECK(d.say("access.reinstate", R"({"client":"li","reason":"appeal"})") == "1 event");
    CHECK(may(d, "li", "offer.accept"));
    CHECK(violation(d, "li", 11) == "1 event");
  }
}

TEST_CASE("the last who may grant cannot be suspended", "[security]") {
  desk d;
  d.has_an_administrator();
  CHECK(violation(d, "admin", 12) == "security.last_administrator");
  // A person's account lapses by itself, and is none to count on.
  d.has_a_person("zhou", "administrator");
  CHECK(violation(d, "admin", 12) == "security.last_administrator");
  CHECK(d.revoke_key("admin", 'a') == "security.last_administrator");
  REQUIRE(d.accept("zhou", 'z') == "1 event");
  CHECK(violation(d, "admin", 12) == "2 event");
}

TEST_CASE("a program has two keys for HTTP at most, and none comes back", "[security]") {
  desk d;
  d.has_an_administrator();
  const auto accept = [&](const std::string& client, char digit) {
    return d.say("api_key.accept", R"({"client":")" + client + R"(","id":")"
                                       + std::string(8, digit) + R"(","digest":")"
                                       + std::string(64, digit)
                                       + R"(","expires":"2026-09-01T00:00:00Z"})");
  };
  CHECK(d.say("api_key.accept",
              R"({"client":"shop","id":"1","digest":"2","expires":"2026-09-01T00:00:00Z"})")
        == "security.key_malformed");
  CHECK(accept("shop", '1') == "1 event");
  CHECK(accept("shop", '1') == "0 event");
  CHECK(accept("other", '1') == "security.key_taken");
  CHECK(accept("shop", '2') == "1 event");
  CHECK(accept("shop", '3') == "security.too_many_keys");
  const std::string revoke = R"({"client":"shop","reason":"old","id":"11111111"})";
  CHECK(d.say("api_key.revoke", revoke) == "1 event");
  CHECK(d.say("api_key.revoke", revoke) == "0 event");
  CHECK(accept("shop", '1') == "security.key_revoked");
  CHECK(accept("shop", '3') == "1 event");
  REQUIRE(d.grant("shop", R"("gateway")") == "1 event");
  CHECK(may(d, "shop", "contact.open"));
}

TEST_CASE("who is where with what is the same after a save", "[security]") {
  desk d;
  d.has_an_administrator();
  d.has_a_person("li", "agents");
  d.has_a_person("chen", "supervisor");
  d.say("user.bind", R"({"client":"li","agent":"A17"})");
  d.say("user.set_second_factor", R"({"client":"chen","reason":"new","secret":")"
                                      + std::string(32, 'G') + "\"}");
  d.sign_in("li", "s1");
  d.sign_in("chen", "s2", 7);
  d.fail("li");
  d.say("access.ask_more", R"({"role":"fault","reason":"flood"})", "li");
  d.say("access.ask_more", R"({"role":"care","reason":"flood"})", "li");
  d.say("access.allow_more", R"({"client":"li","role":"fault","reason":"flood"})", "chen");
  violation(d, "li", 3);
  d.say("api_key.accept", R"({"client":"shop","id":"11111111","digest":")" + std::string(64, '1')
                              + R"(","scopes":["contact."],"expires":"2026-09-01T00:00:00Z"})");
  for (int i = 0; i < 5; ++i)
    d.fail("chen");
  d.accept("phone-1", 'p');
  d.revoke_key("phone-1", 'p');
  d.has_a_person("wang", "agents");
  violation(d, "wang", 12);
  const auto saved = d.model().save();
  security::security_model other;
  REQUIRE(other.load(*unpack(pack(saved))));
  CHECK(other.save() == saved);
  CHECK(other.book().client_in("s1", d.now) == client_id{"li"});
  CHECK(other.book().owner_of_api_key("11111111") == client_id{"shop"});
  CHECK(other.wakes_at() == d.model().wakes_at());
  CHECK(other.book().role_that_sends(client_id{"li"}, "site.set_state") == "fault");
}

TEST_CASE("who sets a password of his own keeps the session that he sets it in, and no other",
          "[security]") {
  desk d;
  d.has_an_administrator();
  d.has_a_person("li", "agents");
  REQUIRE(d.sign_in("li", "s1") == "1 event");
  const auto own = [&](const std::string& session, const std::string& hash) {
    return d.say("user.sign_in", R"({"client":"li","session":")" + session + R"(","hash":")" + hash
                                     + "\"}");
  };
  CHECK(own("s2", "$argon2i$v=19$m=8,t=1,p=1$weak") == "security.hash_weak");
  CHECK(d.book().client_in("s1", d.now) == client_id{"li"});
  const auto before_hash = d.book().find(client_id{"li"})->hash;
  CHECK(own("s2", std::string{desk::strong} + "another") == "2 event");
  const auto* set = std::get_if<security::user_password_set>(&*(d.happened.end() - 2));
  REQUIRE(set);
  CHECK(set->hash.is_sealed());
  CHECK(set->reason == code_word{"own"});
  CHECK(d.book().find(client_id{"li"})->hash != before_hash);
  CHECK(d.book().client_in("s1", d.now).empty());
  CHECK(d.book().client_in("s2", d.now) == client_id{"li"});
  // Of one who may not come in, the password stays too.
  violation(d, "li", 12);
  const auto before = d.happened.size();
  CHECK(own("s3", std::string{desk::strong}) == "security.suspended");
  CHECK(d.happened.size() == before);
}
