#include <algorithm>

#include "actors/security/model.hpp"
#include "actors/security/telling.hpp"

namespace careline::security {

using kernel::decision;

namespace {

constexpr std::size_t digest_digits = 64;
constexpr std::size_t secret_digits_min = 26;
/// As libsodium writes argon2id; what is weaker than OWASP's least (19 MiB, 2 passes) is refused.
constexpr std::string_view hash_begin = "$argon2id$v=19$m=";
constexpr int memory_kib_min = 19'456;
constexpr int passes_min = 2;

/// The number that stands there, 0 where none does.
int number_at(std::string_view text) {
  int n = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || n > 100'000'000)
      break;
    n = n * 10 + (c - '0');
  }
  return n;
}

bool is_strong(std::string_view hash) {
  const auto passes = hash.find(",t=");
  return hash.starts_with(hash_begin) && passes != hash.npos
         && number_at(hash.substr(hash_begin.size())) >= memory_kib_min
         && number_at(hash.substr(passes + 3)) >= passes_min;
}

bool is_base32(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7'); });
}

/// What a person's own values are sealed for: nobody that an id could name, so that no erasure of a
/// party reaches it.
person_id self_of(const client_id& client, const sealer& keys) {
  return keys.person_of("\x1fuser/" + client.text());
}

/// Seals one field of an event now, so that what lives and what is replayed are the same.
std::optional<problem> seal_now(personal<std::string>& field, const person_id& person,
                                sealer& keys) {
  if (!field.is_clear())
    return std::nullopt;
  auto sealed = keys.seal(person, field.reveal());
  if (!sealed)
    return sealed.error();
  field = personal<std::string>::sealed(std::move(*sealed));
  return std::nullopt;
}

answer<user_password_set> password_set(const user_set_password& c, const kernel::turn_context& in) {
  if (!c.hash.is_clear() || !is_strong(c.hash.reveal()))
    return no(because("security.hash_weak", "hash"));
  auto e = said_by<user_password_set>(c);
  e.person = self_of(c.client, *in.keys);
  if (auto wrong = seal_now(e.hash, e.person, *in.keys))
    return no(std::move(*wrong));
  return e;
}

} // namespace

answer<const client_access*> security_model::known(const client_id& client) const {
  if (const auto* of = book_.find(client))
    return of;
  return no(because("security.unknown_client", "client"));
}

answer<const client_access*> security_model::person(const client_id& client) const {
  const auto* of = book_.find(client);
  if (of && !of->hash.empty())
    return of;
  return no(because("security.unknown_user", "client"));
}

security_model::verdict security_model::on(const user_set_password& c, const context& in) const {
  auto e = password_set(c, in);
  if (!e)
    return no(std::move(e.error()));
  decision d;
  d.events.push_back(std::move(*e));
  return d;
}

security_model::verdict security_model::on(const user_vet& c, const context& in) const {
  const auto of = person(c.client);
  if (!of)
    return no(of.error());
  if (c.until <= in.now)
    return no(because("command.field_invalid", "until", "a time to come"));
  if ((*of)->vetted_until == c.until)
    return nothing_new();
  return told<user_vetted>(c);
}

security_model::verdict security_model::on(const user_bind& c, const context&) const {
  const auto of = person(c.client);
  if (!of)
    return no(of.error());
  if ((*of)->agent == c.agent)
    return nothing_new();
  for (const auto& [client, other] : book_.clients())
    if (!c.agent.empty() && client != c.client && other.agent == c.agent)
      return no(because("security.agent_taken", "agent", client.text()));
  return told<user_bound>(c);
}

security_model::verdict security_model::on(const user_set_second_factor& c,
                                           const context& in) const {
  const auto of = person(c.client);
  if (!of)
    return no(of.error());
  if (c.secret.empty() && (*of)->second_factor.empty())
    return nothing_new();
  if (!c.secret.empty()
      && (!c.secret.is_clear() || c.secret.reveal().size() < secret_digits_min
          || !is_base32(c.secret.reveal())))
    return no(because("command.field_invalid", "secret", "26 or more digits of base32"));
  auto e = said_by<user_second_factor_set>(c);
  e.person = self_of(c.client, *in.keys);
  if (auto wrong = seal_now(e.secret, e.person, *in.keys))
    return no(std::move(*wrong));
  decision d;
  d.events.push_back(std::move(e));
  return d;
}

security_model::verdict security_model::on(const user_unlock& c, const context&) const {
  const auto of = person(c.client);
  if (!of)
    return no(of.error());
  if ((*of)->failures == 0 && !(*of)->locked_until)
    return nothing_new();
  return told<user_unlocked>(c);
}

/// The order is what is told: somebody who is suspended learns that before he is asked for a code.
security_model::verdict security_model::on(const user_sign_in& c, const context& in) const {
  const auto found = person(c.client);
  if (!found)
    return no(found.error());
  const auto& of = **found;
  if (of.is_suspended)
    return no(because("security.suspended"));
  if (of.locked_until && in.now < *of.locked_until)
    return no(because("security.locked", {}, "until " + to_rfc3339(*of.locked_until)));
  if (!of.vetted_until || in.now >= *of.vetted_until)
    return no(because("security.not_vetted"));
  if (!of.second_factor.empty() && c.step == 0)
    return no(because("security.code_needed", "code"));
  if (c.step != 0 && c.step <= of.last_step)
    return no(because("security.code_used", "code"));
  decision d;
  if (!c.hash.empty()) {
    auto own = password_set({c.client, c.hash, code_word{"own"}}, in);
    if (!own)
      return no(std::move(own.error()));
    d.events.push_back(std::move(*own));
  } else if (of.sessions.size() >= policy_.sessions_max) {
    const auto oldest = std::ranges::min_element(of.sessions, {}, [](const auto& s) {
      return s.second;
    });
    user_signed_out e;
    e.client = c.client;
    e.session = oldest->first;
    e.reason = code_word{"too_many"};
    d.events.push_back(std::move(e));
  }
  user_signed_in e;
  static_cast<session_begun&>(e) = c;
  e.expires = in.now + policy_.session_for;
  d.reply.set("expires", to_rfc3339(e.expires));
  d.events.push_back(std::move(e));
  return d;
}

security_model::verdict security_model::on(const user_fail_sign_in& c, const context& in) const {
  const auto of = person(c.client);
  if (!of)
    return no(of.error());
  if ((*of)->locked_until && in.now < *(*of)->locked_until)
    return no(because("security.locked", {}, "until " + to_rfc3339(*(*of)->locked_until)));
  auto failed = said_by<user_sign_in_failed>(c);
  failed.failures = (*of)->failures + 1;
  decision d;
  const bool locks = failed.failures >= policy_.failures_max;
  d.events.push_back(std::move(failed));
  if (locks)
    d.events.push_back(user_locked{c.client, in.now + policy_.locked_for});
  return d;
}

security_model::verdict security_model::on(const user_sign_out& c, const context&) const {
  const auto of = known(c.client);
  if (!of)
    return no(of.error());
  const auto& sessions = (*of)->sessions;
  if (c.session.empty() ? sessions.empty() : !sessions.contains(c.session))
    return nothing_new();
  return told<user_signed_out>(c);
}

security_model::verdict security_model::on(const api_key_accept& c, const context& in) const {
  const auto is_hex = [](const std::string& text, std::size_t digits) {
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == text.npos;
  };
  if (!is_hex(c.id, 8) || !is_hex(c.digest, digest_digits))
    return no(because("security.key_malformed", is_hex(c.id, 8) ? "digest" : "id"));
  if (c.expires <= in.now)
    return no(because("command.field_invalid", "expires", "a time to come"));
  const auto owner = book_.owner_of_api_key(c.id);
  const auto* of = book_.find(c.client);
  if (!owner.empty() && owner != c.client)
    return no(because("security.key_taken", "id"));
  if (of && of->revoked_api_keys.contains(c.id))
    return no(because("security.key_revoked", "id"));
  if (of && of->api_keys.contains(c.id))
    return of->api_keys.at(c.id).digest == c.digest
               ? verdict{nothing_new()}
               : no(because("security.key_taken", "id"));
  const auto in_force = [&](const auto& one) { return in.now < one.second.expires; };
  if (of && std::ranges::count_if(of->api_keys, in_force) >= api_keys_max)
    return no(because("security.too_many_keys", "client",
                      of->api_keys.begin()->first + ", " + of->api_keys.rbegin()->first));
  return told<api_key_accepted>(c);
}

security_model::verdict security_model::on(const api_key_revoke& c, const context&) const {
  const auto of = known(c.client);
  if (!of)
    return no(of.error());
  if ((*of)->revoked_api_keys.contains(c.id))
    return nothing_new();
  if (!(*of)->api_keys.contains(c.id))
    return no(because("security.unknown_key", "id"));
  return told<api_key_revoked>(c);
}

} // namespace careline::security
