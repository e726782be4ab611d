#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "actors/security/model.hpp"
#include "messages/json.hpp"
#include "messages/z85.hpp"

namespace careline::security_story {

/// A key that looks like one: `letter` in each place that may differ.
inline std::string key(char letter) {
  return to_z85(std::string(32, letter));
}

/// The desk, told one sentence at a time; each thing that is decided has happened.
class desk {
public:
  /// The code of a refusal, or how many events there were. `by`: who says it.
  std::string say(std::string_view type, const std::string& json, const std::string& by = "admin") {
    const auto c = read_command(type, *from_json(json));
    REQUIRE(c);
    auto decided = model_.decide(*c, turn(by));
    if (!decided)
      return decided.error().type;
    for (const auto& e : decided->events) {
      model_.evolve(e, now);
      happened.push_back(e);
    }
    return std::to_string(decided->events.size()) + " event";
  }
  std::string accept(const std::string& client, char letter) {
    return say("key.accept", R"({"client":")" + client + R"(","key":")" + key(letter) + "\"}");
  }
  std::string revoke_key(const std::string& client, char letter) {
    return say("key.revoke", R"({"client":")" + client + R"(","reason":"lost","key":")"
                                 + key(letter) + "\"}");
  }
  std::string grant(const std::string& client, const std::string& roles) {
    return say("access.grant",
               R"({"client":")" + client + R"(","reason":"new","roles":[)" + roles + "]}");
  }
  std::string revoke(const std::string& client) {
    return say("access.revoke", R"({"client":")" + client + R"(","reason":"left"})");
  }
  value ask(std::string_view type, const std::string& json) {
    const auto told = model_.ask(*read_command(type, *from_json(json)), turn({}));
    REQUIRE(told);
    return *told;
  }
  std::string refused_ask(std::string_view type, const std::string& json) {
    return model_.ask(*read_command(type, *from_json(json)), {}).error().type;
  }
  /// Time goes by, and what is due happens.
  void wait_until(instant at) {
    while (model_.wakes_at() && *model_.wakes_at() <= at) {
      now = *model_.wakes_at();
      for (const auto& e : model_.due(turn({}))) {
        model_.evolve(e, now);
        happened.push_back(e);
      }
    }
    now = at;
  }
  /// A person who may sign in.
  void has_a_person(const std::string& name, const std::string& role) {
    REQUIRE(say("user.set_password", R"({"client":")" + name + R"(","reason":"new","hash":")"
                                         + std::string{strong} + "\"}") == "1 event");
    REQUIRE(say("user.vet", R"({"client":")" + name
                                + R"(","reason":"new","until":"2027-03-02T00:00:00Z"})")
            == "1 event");
    REQUIRE(grant(name, '"' + role + '"') == "1 event");
  }
  std::string sign_in(const std::string& name, const std::string& session, int step = 0) {
    return say("user.sign_in", R"({"client":")" + name + R"(","session":")" + session
                                   + R"(","step":)" + std::to_string(step) + "}", "pages");
  }
  std::string fail(const std::string& name, const std::string& wrong = "password") {
    return say("user.fail_sign_in",
               R"({"client":")" + name + R"(","wrong":")" + wrong + "\"}", "pages");
  }
  /// As the engine's first start makes it.
  void has_an_administrator() {
    REQUIRE(accept("admin", 'a') == "1 event");
    REQUIRE(grant("admin", R"("administrator")") == "1 event");
  }
  security::security_model& model() { return model_; }
  const security::access_book& book() const { return model_.book(); }

  static constexpr std::string_view strong = "$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA";
  instant now = from_ms(1'772'413'200'000);  ///< 2026-03-02, nine o'clock in Shanghai
  std::vector<event> happened;

private:
  kernel::turn_context turn(const std::string& by) {
    kernel::turn_context in;
    in.now = now;
    in.client = by;
    in.keys = &keys_;
    return in;
  }

  clear_sealer keys_;
  security::security_model model_;
};

} // namespace careline::security_story
