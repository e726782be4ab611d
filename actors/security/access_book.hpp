#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "messages/vocabulary.hpp"

namespace careline::security {

/// What one client is let in by, and the roles that it was granted.
struct client_access {
  std::set<std::string> keys;     ///< public halves that are accepted
  std::set<std::string> revoked;  ///< never accepted again
  std::set<std::string> roles;
};

/// Who is let in and who may do what: the fold of `key.*` and `access.*`. A role counts for a
/// client that has a key.
class access_book {
public:
  /// Takes in one event of any kind.
  void take(const careline::event& e);

  /// The client that a key names; empty where it is nobody's, or is accepted no more.
  client_id client_of(const std::string& key) const;
  /// The same of a key that may have been revoked.
  client_id owner_of(const std::string& key) const;
  /// Null for one that never had a key.
  const client_access* find(const client_id& client) const;
  const std::map<client_id, client_access>& clients() const noexcept { return clients_; }

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
  /// Its roles, while it has a key.
  const std::set<std::string>& roles_of(const client_id& client) const;

  std::map<client_id, client_access> clients_;
  std::map<std::string, client_id, std::less<>> keys_;  ///< derived: all there ever were
};

} // namespace careline::security
