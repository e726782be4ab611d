#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "messages/vocabulary.hpp"

namespace careline::security {

/// A program's key for HTTP: the digest of its secret, and what it may be used for.
struct api_key {
  std::string digest;
  std::vector<std::string> scopes;  ///< none: all that the client's roles let it send
  instant expires{};
};

/// What one client is let in by, and the roles that it was granted.
struct client_access {
  std::set<std::string> keys;     ///< public halves that are accepted
  std::set<std::string> revoked;  ///< never accepted again
  std::set<std::string> roles;

  std::map<std::string, api_key> api_keys;  ///< by id
  std::set<std::string> revoked_api_keys;

  // Of a person.
  person_id person;                  ///< whose key seals the two that follow
  std::string hash;                  ///< of the password, sealed; empty: there is no account
  std::string second_factor;         ///< its secret, sealed; empty: none is asked for
  agent_id agent;
  std::optional<instant> vetted_until;
  std::uint64_t last_step = 0;       ///< of the newest code that was taken: none is taken twice
  int failures = 0;                  ///< to sign in, in a row
  std::optional<instant> locked_until;
  std::map<std::string, instant> sessions;  ///< digest -> end

  std::map<std::string, instant> asked;  ///< roles asked for by another's leave -> until when
  std::map<std::string, instant> more;   ///< roles held so -> until when
  std::deque<std::pair<instant, int>> violations;  ///< of the last 365 days, with their points
  bool is_suspended = false;
};

/// Who is let in and who may do what: the fold of `key.*`, `access.*`, `user.*` and `api_key.*`. A
/// role counts for a client that has a key or an account, as long as it is not suspended.
class access_book {
public:
  /// Takes in one event of any kind.
  void take(const careline::event& e, instant at);

  /// The client that a key names; empty where it is nobody's, or is accepted no more.
  client_id client_of(const std::string& key) const;
  /// The same of a key that may have been revoked.
  client_id owner_of(const std::string& key) const;
  /// The client that an id of a key for HTTP names, accepted or revoked; empty: nobody's.
  client_id owner_of_api_key(const std::string& id) const;
  /// The person whose open session it is; empty: nobody's, or it has ended.
  client_id client_in(const std::string& session, instant now) const;
  /// Null for one that never had a key or an account.
  const client_access* find(const client_id& client) const;
  const std::map<client_id, client_access>& clients() const noexcept { return clients_; }

  /// Its roles that count: granted ones and those that it holds for an hour.
  std::vector<std::string_view> roles_of(const client_id& client) const;
  /// The first of the client's roles by which it may send a command or query; empty: it may not.
  std::string_view role_that_sends(const client_id& client, std::string_view type) const;
  std::string_view role_that_sees(const client_id& client, std::string_view event_type) const;
  /// What of the events whose types begin with `prefix` it may see, as prefixes; none: nothing.
  std::vector<std::string> visible_under(const client_id& client, std::string_view prefix) const;

  /// It is let in and may grant.
  bool is_administrator(const client_id& client) const;
  bool has_administrator_beside(const client_id& client) const;
  bool has_administrator() const { return has_administrator_beside({}); }

  value save() const;
  bool load(const value& state);

private:
  void took(const key_accepted& e, instant);
  void took(const key_revoked& e, instant);
  void took(const access_granted& e, instant);
  void took(const access_revoked& e, instant);
  void took(const access_refused&, instant) {}
  void took(const key_used&, instant) {}
  void took(const key_rotation_asked&, instant) {}
  void took(const key_master_rotated&, instant) {}
  void took(const user_password_set& e, instant);
  void took(const user_vetted& e, instant) { clients_[e.client].vetted_until = e.until; }
  void took(const user_bound& e, instant) { clients_[e.client].agent = e.agent; }
  void took(const user_second_factor_set& e, instant);
  void took(const user_unlocked& e, instant);
  void took(const user_signed_in& e, instant);
  void took(const user_sign_in_failed& e, instant) { clients_[e.client].failures = e.failures; }
  void took(const user_locked& e, instant) { clients_[e.client].locked_until = e.until; }
  void took(const user_signed_out& e, instant);
  void took(const api_key_accepted& e, instant);
  void took(const api_key_revoked& e, instant);
  void took(const access_more_asked& e, instant);
  void took(const access_more_allowed& e, instant);
  void took(const access_more_ended& e, instant);
  void took(const access_violation_recorded& e, instant at);
  void took(const access_suspended& e, instant);
  void took(const access_reinstated& e, instant);
  void end_session(client_access& of, const std::string& session);
  void end_sessions(client_access& of);
  bool load_row(const value& from);

  std::map<client_id, client_access> clients_;
  std::map<std::string, client_id, std::less<>> keys_;  ///< derived: all there ever were
  std::map<std::string, client_id, std::less<>> api_keys_;  ///< derived: likewise, by id
  std::map<std::string, client_id, std::less<>> sessions_;  ///< derived: open ones
};

/// It has something that lets it in.
bool has_way_in(const client_access& of) noexcept;

} // namespace careline::security
