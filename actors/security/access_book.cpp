#include "actors/security/access_book.hpp"

#include <algorithm>

#include "actors/security/tables/roles.hpp"

namespace careline::security {

namespace {

/// How long a violation counts.
constexpr span violation_kept = std::chrono::hours{365 * 24};

/// A narrower one is no use beside a wider one.
void drop_covered(std::vector<std::string>& prefixes) {
  std::ranges::sort(prefixes);
  std::vector<std::string> kept;
  for (auto& one : prefixes) {
    const bool covered =
        !kept.empty() && one.starts_with(kept.back())
        && (kept.back().empty() || kept.back().ends_with('.') || one == kept.back());
    if (!covered)
      kept.push_back(std::move(one));
  }
  prefixes = std::move(kept);
}

client_id found_in(const std::map<std::string, client_id, std::less<>>& among,
                   const std::string& name) {
  const auto found = among.find(name);
  return found == among.end() ? client_id{} : found->second;
}

} // namespace

bool has_way_in(const client_access& of) noexcept {
  return !of.keys.empty() || !of.api_keys.empty() || !of.hash.empty();
}

void access_book::take(const careline::event& e, instant at) {
  std::visit(
      [&](const auto& x) {
        if constexpr (one_of<decltype(x), security::event>)
          took(x, at);
      },
      e);
}

void access_book::took(const key_accepted& e, instant) {
  clients_[e.client].keys.insert(e.key);
  keys_[e.key] = e.client;
}

void access_book::took(const key_revoked& e, instant) {
  auto& of = clients_[e.client];
  of.keys.erase(e.key);
  of.revoked.insert(e.key);
  keys_[e.key] = e.client;
}

void access_book::took(const access_granted& e, instant) {
  auto& roles = clients_[e.client].roles;
  roles.clear();
  for (const auto& role : e.roles)
    roles.insert(role.text());
}

void access_book::took(const access_revoked& e, instant) {
  auto& of = clients_[e.client];
  of.roles.clear();
  of.asked.clear();
  of.more.clear();
  of.revoked.merge(of.keys);
  of.keys.clear();
  for (const auto& [id, key] : of.api_keys)
    of.revoked_api_keys.insert(id);
  of.api_keys.clear();
  end_sessions(of);
  of.hash.clear();
  of.second_factor.clear();
}

void access_book::took(const user_password_set& e, instant) {
  auto& of = clients_[e.client];
  of.person = e.person;
  of.hash = e.hash.is_sealed() ? e.hash.sealed_form() : std::string{};
  end_sessions(of);
}

void access_book::took(const user_second_factor_set& e, instant) {
  auto& of = clients_[e.client];
  of.person = e.person;
  of.second_factor = e.secret.is_sealed() ? e.secret.sealed_form() : std::string{};
  of.last_step = 0;
}

void access_book::took(const user_unlocked& e, instant) {
  auto& of = clients_[e.client];
  of.failures = 0;
  of.locked_until.reset();
}

void access_book::took(const user_signed_in& e, instant) {
  auto& of = clients_[e.client];
  of.failures = 0;
  of.locked_until.reset();
  of.last_step = std::max(of.last_step, e.step);
  of.sessions[e.session] = e.expires;
  sessions_[e.session] = e.client;
}

void access_book::took(const user_signed_out& e, instant) {
  auto& of = clients_[e.client];
  if (e.session.empty())
    end_sessions(of);
  else
    end_session(of, e.session);
}

void access_book::end_session(client_access& of, const std::string& session) {
  of.sessions.erase(session);
  sessions_.erase(session);
}

void access_book::end_sessions(client_access& of) {
  for (const auto& [session, until] : of.sessions)
    sessions_.erase(session);
  of.sessions.clear();
}

void access_book::took(const api_key_accepted& e, instant) {
  clients_[e.client].api_keys[e.id] = {e.digest, e.scopes, e.expires};
  api_keys_[e.id] = e.client;
}

void access_book::took(const api_key_revoked& e, instant) {
  auto& of = clients_[e.client];
  of.api_keys.erase(e.id);
  of.revoked_api_keys.insert(e.id);
  api_keys_[e.id] = e.client;
}

void access_book::took(const access_more_asked& e, instant) {
  clients_[e.client].asked[e.role.text()] = e.until;
}

void access_book::took(const access_more_allowed& e, instant) {
  auto& of = clients_[e.client];
  of.asked.erase(e.role.text());
  of.more[e.role.text()] = e.until;
}

void access_book::took(const access_more_ended& e, instant) {
  auto& of = clients_[e.client];
  of.asked.erase(e.role.text());
  of.more.erase(e.role.text());
}

void access_book::took(const access_violation_recorded& e, instant at) {
  auto& list = clients_[e.client].violations;
  list.emplace_back(at, e.points);
  while (list.front().first + violation_kept <= at)
    list.pop_front();
}

void access_book::took(const access_suspended& e, instant) {
  auto& of = clients_[e.client];
  of.is_suspended = true;
  of.asked.clear();
  of.more.clear();
  end_sessions(of);
}

void access_book::took(const access_reinstated& e, instant) {
  auto& of = clients_[e.client];
  of.is_suspended = false;
  of.violations.clear();
}

client_id access_book::owner_of(const std::string& key) const {
  return found_in(keys_, key);
}

client_id access_book::owner_of_api_key(const std::string& id) const {
  return found_in(api_keys_, id);
}

client_id access_book::client_of(const std::string& key) const {
  auto client = owner_of(key);
  const auto* of = find(client);
  return of && of->keys.contains(key) ? client : client_id{};
}

client_id access_book::client_in(const std::string& session, instant now) const {
  auto client = found_in(sessions_, session);
  const auto* of = find(client);
  const auto found = of ? of->sessions.find(session) : decltype(of->sessions.find(session)){};
  return of && found != of->sessions.end() && now < found->second ? client : client_id{};
}

const client_access* access_book::find(const client_id& client) const {
  const auto found = clients_.find(client);
  return found == clients_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> access_book::roles_of(const client_id& client) const {
  std::vector<std::string_view> out;
  const auto* of = find(client);
  if (!of || of->is_suspended || !has_way_in(*of))
    return out;
  out.assign(of->roles.begin(), of->roles.end());
  for (const auto& [role, until] : of->more)
    out.push_back(role);
  return out;
}

std::string_view access_book::role_that_sends(const client_id& client,
                                              std::string_view type) const {
  for (const auto name : roles_of(client))
    if (const auto* role = find_role(name); role && may_send(*role, type))
      return role->name;
  return {};
}

std::string_view access_book::role_that_sees(const client_id& client,
                                             std::string_view event_type) const {
  for (const auto name : roles_of(client))
    if (const auto* role = find_role(name); role && may_see(*role, event_type))
      return role->name;
  return {};
}

std::vector<std::string> access_book::visible_under(const client_id& client,
                                                    std::string_view prefix) const {
  std::vector<std::string> out;
  for (const auto name : roles_of(client))
    if (const auto* role = find_role(name))
      for (auto& part : security::visible_under(*role, prefix))
        out.push_back(std::move(part));
  drop_covered(out);
  return out;
}

/// Whoever may sign in no more, because nobody vetted him, grants nothing.
bool access_book::is_administrator(const client_id& client) const {
  const auto* of = find(client);
  const bool is_let_in = of && (!of->keys.empty() || (!of->hash.empty() && of->vetted_until));
  return is_let_in && !of->is_suspended && of->roles.contains(std::string{administrator});
}

bool access_book::has_administrator_beside(const client_id& client) const {
  return std::ranges::any_of(clients_, [&](const auto& one) {
    return one.first != client && is_administrator(one.first);
  });
}

} // namespace careline::security
