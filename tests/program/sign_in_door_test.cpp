#include "tools/careline/sign_in_door.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "messages/personal.hpp"
#include "store/keys/passwords.hpp"

using namespace careline;
using namespace std::chrono_literals;
using careline::program::access_door;
using careline::program::sign_in_door;

namespace {

const instant morning = from_ms(1'772'413'200'000);

/// A door with two people signed in, a clock that is turned by hand, and no engine behind it.
struct hall {
  hall() {
    security::access_book book;
    for (const auto* who : {"wang", "li"}) {
      security::user_password_set account;
      account.client = client_id{who};
      account.hash = personal<std::string>{"sealed"};
      security::user_signed_in session;
      session.client = client_id{who};
      session.session = store::digest_of_token(who, "session");
      session.expires = morning + 12h;
      book.take(account, morning);
      book.take(session, morning);
    }
    doors.begin(std::move(book));
  }

  bool is_let_in(const std::string& who) { return door.visitor_of({who, {}}).has_value(); }

  access_door doors;
  clear_sealer keys;
  std::chrono::steady_clock::time_point now{100h};
  std::vector<command_envelope> told;
  sign_in_door door{{doors, doors, keys, [] { return morning; }, [] { return morning; },
                     [] { return morning; }, [this] { return now; },
                     [this](command_envelope what, const gateway::respond&) {
                       told.push_back(std::move(what));
                     }}};
};

} // namespace

TEST_CASE("a session that nobody used for half an hour is over, however long it was",
          "[security]") {
  // Others are at their pages all the time.
  const auto away = GENERATE(31min, 61min, 119min, 300min);
  hall h;
  REQUIRE(h.is_let_in("wang"));
  for (auto passed = 0min; passed < away; ++passed) {
    h.now += 1min;
    REQUIRE(h.is_let_in("li"));
  }
  CHECK_FALSE(h.is_let_in("wang"));
  REQUIRE(h.told.size() == 1);
  CHECK(h.told[0].type == "user.sign_out");
  CHECK(h.told[0].data.text_or("client") == "wang");
  CHECK(h.told[0].data.text_or("reason") == "idle");
}

TEST_CASE("who is back within half an hour goes on", "[security]") {
  hall h;
  for (int i = 0; i < 10; ++i) {
    REQUIRE(h.is_let_in("wang"));
    h.now += 29min;
  }
  CHECK(h.told.empty());
}
