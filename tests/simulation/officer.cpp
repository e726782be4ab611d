#include "tests/simulation/officer.hpp"

#include <array>

#include "messages/z85.hpp"

namespace careline::simulation {

namespace {

/// One of few, so that two people claim the same.
std::string key_of(std::uint64_t which) {
  return to_z85(std::string(32, static_cast<char>('a' + which)));
}

std::string digits(std::size_t n, std::uint64_t which) {
  return std::string(n, static_cast<char>('a' + which));
}

/// As libsodium writes one; the engine never opens it.
std::string hash_of(std::uint64_t which) {
  return "$argon2id$v=19$m=65536,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g" + std::to_string(which);
}

} // namespace

void officer::work() {
  if (all_.is_calm || !all_.draw.one_in(8))
    return;
  switch (all_.draw.below(4)) {
    case 0: return about_keys();
    case 1: return about_people();
    case 2: return about_sessions();
    default: return about_more();
  }
}

std::string officer::whom() {
  constexpr std::array people{"officer-0", "officer-1", "li", "wang"};
  return people.at(all_.draw.below(people.size()));
}

void officer::about_keys() {
  auto& draw = all_.draw;
  const auto key = draw.below(6);
  switch (draw.below(6)) {
    case 0:
    case 1: return ask("key.accept", {{"client", whom()}, {"key", key_of(key)}});
    case 2:
      return ask("key.revoke", {{"client", whom()}, {"key", key_of(key)}, {"reason", "lost"}});
    case 3:
      return ask("api_key.accept", {{"client", whom()},
                                    {"id", digits(8, key)},
                                    {"digest", digits(64, key)},
                                    {"expires", to_rfc3339(all_.now() + span{20'000})}});
    case 4:
      return ask("api_key.revoke",
                 {{"client", whom()}, {"id", digits(8, key)}, {"reason", "lost"}});
    default: {
      value::list roles;
      for (const auto* role : {"administrator", "supervisor", "quality", "nobody_has_this"})
        if (draw.one_in(role[0] == 'n' ? 20 : 2))
          roles.emplace_back(role);
      return ask("access.grant",
                 {{"client", whom()}, {"roles", std::move(roles)}, {"reason", "new"}});
    }
  }
}

void officer::about_people() {
  auto& draw = all_.draw;
  switch (draw.below(6)) {
    case 0:
    case 1:
      return ask("user.set_password", {{"client", whom()},
                                       {"hash", hash_of(draw.below(3))},
                                       {"reason", "new"}});
    case 2:
      return ask("user.vet", {{"client", whom()},
                              {"until", to_rfc3339(all_.now() + span{60'000})},
                              {"reason", "vetted"}});
    case 3:
      return ask("user.bind",
                 {{"client", whom()}, {"agent", "agent-" + std::to_string(draw.below(3))}});
    case 4:
      return ask("user.set_second_factor",
                 {{"client", whom()},
                  {"secret", draw.one_in(2) ? std::string(32, 'A') : std::string{}},
                  {"reason", "new"}});
    default: return ask("user.unlock", {{"client", whom()}, {"reason", "asked"}});
  }
}

/// What the door of the pages says.
void officer::about_sessions() {
  auto& draw = all_.draw;
  const auto session = digits(64, draw.below(6));
  switch (draw.below(4)) {
    case 0:
    case 1: {
      value::map data{{"client", whom()},
                      {"session", session},
                      {"step", static_cast<std::int64_t>(draw.below(40))},
                      {"host", "127.0.0.1"}};
      if (draw.one_in(6))
        data.emplace_back("hash", hash_of(draw.below(3)));
      return ask("user.sign_in", std::move(data));
    }
    case 2:
      return ask("user.fail_sign_in", {{"client", whom()},
                                       {"wrong", draw.one_in(2) ? "password" : "code"},
                                       {"host", "127.0.0.1"}});
    default:
      return ask("user.sign_out",
                 {{"client", whom()}, {"session", session}, {"reason", "signed_out"}});
  }
}

void officer::about_more() {
  auto& draw = all_.draw;
  const auto* role = draw.one_in(2) ? "quality" : "supervisor";
  switch (draw.below(7)) {
    case 0:
    case 1: return ask("access.ask_more", {{"role", role}, {"reason", "drill"}});
    case 2:
    case 3:
      return ask("access.allow_more", {{"client", whom()}, {"role", role}, {"reason", "drill"}});
    case 4:
      return ask("access.record_violation", {{"client", whom()},
                                             {"points", draw.between(1, 8)},
                                             {"kind", "looked_up_without_need"}});
    case 5: return ask("access.reinstate", {{"client", whom()}, {"reason", "heard"}});
    default: return ask("access.revoke", {{"client", whom()}, {"reason", "left"}});
  }
}

} // namespace careline::simulation
