#pragma once

#include <array>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "messages/fields.hpp"
#include "messages/security_people.hpp"

namespace careline::security {

/// Who may do what over the bus (R2.3.3, docs/security.md): a client's name comes from its key, and
/// a table says what the roles that it was granted may send and see.

/// The most that one client may have at once: during a rotation the old one and the new one.
inline constexpr std::size_t keys_max = 2;

/// A public key is accepted from now on, and names its client.
struct key_accept {
  using has_field_list = void;
  static constexpr std::string_view type = "key.accept";
  client_id client;
  std::string key;  ///< public half, 40 characters of Z85

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("key", x.key);
  }
};

/// One key is accepted no more, and never again.
struct key_revoke {
  using has_field_list = void;
  static constexpr std::string_view type = "key.revoke";
  client_id client;
  std::string key;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("key", x.key);
    v.must("reason", x.reason);
  }
};

/// The roles that a client has from now on, in place of those that it had.
struct access_grant {
  using has_field_list = void;
  static constexpr std::string_view type = "access.grant";
  client_id client;
  std::vector<code_word> roles;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("roles", x.roles);
    v.must("reason", x.reason);
  }
};

/// All keys and all roles of a client, at once.
struct access_revoke {
  using has_field_list = void;
  static constexpr std::string_view type = "access.revoke";
  client_id client;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("reason", x.reason);
  }
};

/// Another master key takes the place of the one in force, which seals all keys of persons.
struct key_rotate_master {
  using has_field_list = void;
  static constexpr std::string_view type = "key.rotate_master";
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("reason", x.reason);
  }
};

struct key_rotation_asked : key_rotate_master {
  static constexpr std::string_view type = "key.rotation_asked";
  client_id client;  ///< who asked

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    key_rotate_master::fields(v, x);
    v.must("client", x.client);
  }
};

/// It is done: so many keys are sealed under the new one. Where `why` says something it is not.
struct key_master_rotated {
  using has_field_list = void;
  static constexpr std::string_view type = "key.master_rotated";
  client_id client;
  std::uint64_t keys = 0;
  std::string why;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("client", x.client);
    v.must("keys", x.keys);
    v.may("why", x.why);
  }
};

struct key_accepted : key_accept {
  static constexpr std::string_view type = "key.accepted";
};
struct key_revoked : key_revoke {
  static constexpr std::string_view type = "key.revoked";
};
struct access_granted : access_grant {
  static constexpr std::string_view type = "access.granted";
};
struct access_revoked : access_revoke {
  static constexpr std::string_view type = "access.revoked";
};

/// What was turned away at a door.
enum class refusal { connection, command, source, topic, page };
constexpr auto names(refusal) {
  using enum refusal;
  return std::to_array<std::pair<refusal, std::string_view>>({{connection, "connection"},
                                                              {command, "command"},
                                                              {source, "source"},
                                                              {topic, "topic"},
                                                              {page, "page"}});
}

/// A door turned somebody away, `count` times since it last said so. Only doors say it: there is no
/// command for it. Without `client` nobody is known by the key, or there was none.
struct access_refused {
  using has_field_list = void;
  static constexpr std::string_view type = "access.refused";
  client_id client;
  refusal what = refusal::connection;
  std::string word;         ///< command type, topic or source of the last one
  std::string reason;       ///< its problem's code
  std::string fingerprint;  ///< of the key that was shown, if any
  std::string host;         ///< whence the last one came, as an IP address
  std::uint64_t count = 1;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("client", x.client);
    v.must("what", x.what);
    v.may("word", x.word);
    v.must("reason", x.reason);
    v.may("fingerprint", x.fingerprint);
    v.may("host", x.host);
    v.must("count", x.count);
  }
};

/// Connections that were opened with a key, `count` since a door last said so.
struct key_used {
  using has_field_list = void;
  static constexpr std::string_view type = "key.used";
  client_id client;
  std::string fingerprint;
  std::string host;
  std::uint64_t count = 1;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("fingerprint", x.fingerprint);
    v.may("host", x.host);
    v.must("count", x.count);
  }
};

using command =
    std::variant<key_accept, key_revoke, key_rotate_master, access_grant, access_revoke,
                 user_set_password, user_vet, user_bind, user_set_second_factor, user_unlock,
                 user_sign_in, user_fail_sign_in, user_sign_out, api_key_accept, api_key_revoke,
                 access_ask_more, access_allow_more, access_record_violation, access_reinstate>;
using event =
    std::variant<key_accepted, key_revoked, access_granted, access_revoked, access_refused,
                 key_used, key_rotation_asked, key_master_rotated, user_password_set, user_vetted,
                 user_bound, user_second_factor_set, user_unlocked, user_signed_in,
                 user_sign_in_failed, user_locked, user_signed_out, api_key_accepted,
                 api_key_revoked, access_more_asked, access_more_allowed, access_more_ended,
                 access_violation_recorded, access_suspended, access_reinstated>;

} // namespace careline::security
