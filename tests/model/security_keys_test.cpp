#include <catch2/catch.hpp>

#include "tests/model/security_desk.hpp"

using namespace careline;

using security_story::desk;
using security_story::key;

TEST_CASE("a key names one client, and a client has two at most", "[security]") {
  desk d;
  CHECK(d.accept("phone-1", 'a') == "1 event");
  CHECK(d.book().client_of(key('a')) == client_id{"phone-1"});
  CHECK(d.accept("phone-1", 'a') == "0 event");  // asked again
  CHECK(d.accept("phone-2", 'a') == "security.key_taken");
  CHECK(d.accept("phone-1", 'b') == "1 event");
  CHECK(d.accept("phone-1", 'c') == "security.too_many_keys");
  CHECK(d.say("key.accept", R"({"client":"phone-3","key":"short"})") == "security.key_malformed");
}

TEST_CASE("a rotation has both keys accepted, and the old one never again", "[security]") {
  desk d;
  d.accept("phone-1", 'a');
  d.accept("phone-1", 'b');
  CHECK(d.book().client_of(key('a')) == d.book().client_of(key('b')));
  CHECK(d.revoke_key("phone-1", 'a') == "1 event");
  CHECK(d.book().client_of(key('a')).empty());
  CHECK(d.book().owner_of(key('a')) == client_id{"phone-1"});
  CHECK(d.book().client_of(key('b')) == client_id{"phone-1"});
  CHECK(d.revoke_key("phone-1", 'a') == "0 event");
  CHECK(d.accept("phone-1", 'a') == "security.key_revoked");
  CHECK(d.accept("phone-2", 'a') == "security.key_taken");
  CHECK(d.accept("phone-1", 'c') == "1 event");
  CHECK(d.revoke_key("phone-1", 'd') == "security.unknown_key");
  CHECK(d.revoke_key("phone-9", 'a') == "security.unknown_client");
}

TEST_CASE("roles are granted as a whole, to who has a key, by their names", "[security]") {
  desk d;
  CHECK(d.grant("phone-1", R"("gateway")") == "security.unknown_client");
  d.accept("phone-1", 'a');
  CHECK(d.book().role_that_sends(client_id{"phone-1"}, "contact.open").empty());
  CHECK(d.grant("phone-1", R"("gateway","board")") == "1 event");
  CHECK(d.book().role_that_sends(client_id{"phone-1"}, "contact.open") == "gateway");
  CHECK(d.book().role_that_sees(client_id{"phone-1"}, "agent.signed_in") == "board");
  CHECK(d.grant("phone-1", R"("board","gateway","board")") == "0 event");
  CHECK(d.grant("phone-1", R"("hall_display")") == "1 event");
  CHECK(d.book().role_that_sends(client_id{"phone-1"}, "contact.open").empty());
  CHECK(d.grant("phone-1", R"("king")") == "security.unknown_role");
  CHECK(d.grant("phone-1", "") == "1 event");
  CHECK(d.book().visible_under(client_id{"phone-1"}, "").empty());
}

TEST_CASE("what is revoked is gone at once, keys and roles", "[security][R9.1.2b]") {
  desk d;
  d.has_an_administrator();
  d.accept("phone-1", 'b');
  d.accept("phone-1", 'c');
  d.grant("phone-1", R"("gateway")");
  CHECK(d.revoke("phone-1") == "1 event");
  CHECK(d.book().client_of(key('b')).empty());
  CHECK(d.book().client_of(key('c')).empty());
  CHECK(d.book().role_that_sends(client_id{"phone-1"}, "contact.open").empty());
  CHECK(d.revoke("phone-1") == "0 event");
  CHECK(d.revoke("phone-9") == "security.unknown_client");
  CHECK(d.accept("phone-1", 'd') == "1 event");
  CHECK(d.book().find(client_id{"phone-1"})->roles.empty());  // a new key brings no old roles
}

TEST_CASE("somebody who may grant is always left", "[security][R9.1.2b]") {
  desk d;
  d.has_an_administrator();
  const std::string last = "security.last_administrator";
  CHECK(d.revoke("admin") == last);
  CHECK(d.grant("admin", R"("board")") == last);
  CHECK(d.revoke_key("admin", 'a') == last);
  SECTION("another's role alone is not enough: it needs a key") {
    d.accept("second", 'b');
    d.grant("second", R"("administrator")");
    CHECK(d.revoke_key("second", 'b') == "1 event");
    CHECK(d.revoke("admin") == last);
  }
  SECTION("with a second one the first may go") {
    d.accept("second", 'b');
    d.grant("second", R"("administrator")");
    CHECK(d.revoke("admin") == "1 event");
    CHECK(d.revoke("second") == last);
  }
  SECTION("a key too many is no danger") {
    d.accept("admin", 'b');
    CHECK(d.revoke_key("admin", 'a') == "1 event");
    CHECK(d.revoke_key("admin", 'b') == last);
  }
}

TEST_CASE("the desk says by which role a client may do a thing, or why not", "[security]") {
  desk d;
  d.accept("phone-1", 'a');
  const auto explained = [&](const std::string& more) {
    return d.ask("access.explain", R"({"client":"phone-1",)" + more + "}");
  };
  CHECK(explained(R"("command":"contact.open")").text_or("why") == "no_role");
  d.grant("phone-1", R"("gateway")");
  auto told = explained(R"("command":"contact.open")");
  CHECK(*told.find("allowed")->as<bool>());
  CHECK(told.text_or("role") == "gateway");
  told = explained(R"("command":"queue.define")");
  CHECK_FALSE(*told.find("allowed")->as<bool>());
  CHECK(told.text_or("why") == "not_in_roles");
  CHECK(told.find("roles_that_may")->as<value::list>()->size() == 2);
  CHECK(*explained(R"("event":"contact.queued")").find("allowed")->as<bool>());
  d.revoke_key("phone-1", 'a');
  CHECK(explained(R"("command":"contact.open")").text_or("why") == "no_key");
  CHECK(d.refused_ask("access.explain", R"({"client":"phone-1"})") == "command.field_missing");
  CHECK(d.refused_ask("access.explain", R"({"client":"phone-1","command":"a.b"})")
        == "command.field_invalid");
  CHECK(d.refused_ask("access.explain", R"({"client":"x","event":"contact.queued"})")
        == "security.unknown_client");
  CHECK(d.refused_ask("key.list", R"({"client":"x"})") == "security.unknown_client");
}

TEST_CASE("a book that was saved is the same when it is read again", "[security]") {
  desk d;
  d.has_an_administrator();
  d.accept("phone-1", 'b');
  d.accept("phone-1", 'c');
  d.revoke_key("phone-1", 'b');
  d.grant("phone-1", R"("gateway","board")");
  security::security_model again;
  REQUIRE(again.load(d.model().save()));
  CHECK(again.save() == d.model().save());
  CHECK(again.book().client_of(key('c')) == client_id{"phone-1"});
  CHECK(again.book().client_of(key('b')).empty());
  CHECK(again.book().owner_of(key('b')) == client_id{"phone-1"});
  CHECK_FALSE(again.load(value{value::map{{"form", 2}}}));
  CHECK(again.book().clients().empty());
}

TEST_CASE("a key's text stands for its bytes and for no other", "[security]") {
  // RFC 32's own example, and its neighbours.
  const std::string bytes{"\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B", 8};
  CHECK(to_z85(bytes) == "HelloWorld");
  CHECK(from_z85("HelloWorld") == bytes);
  CHECK_FALSE(from_z85("HelloWorl"));
  CHECK_FALSE(from_z85("Hello~orld"));
  CHECK_FALSE(from_z85("#####"));  // more than four bytes hold
  CHECK(is_z85_key(key('x')));
  CHECK_FALSE(is_z85_key(key('x').substr(5)));
}
