#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "messages/fields.hpp"

namespace careline::security {

/// People at pages, and programs that speak HTTP (R2.3.3, R9.1.1, docs/security.md). A person is a
/// client like any other: roles are granted by `access.grant`; what lets him in is a password
/// instead of a key.

/// A password from now on, and an account where there was none. All sessions end.
struct user_set_password {
  using has_field_list = void;
  static constexpr std::string_view type = "user.set_password";
  client_id client;
  personal<std::string> hash;  ///< of argon2id, as libsodium writes it; never the password
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("hash", x.hash);
    v.must("reason", x.reason);
  }
};

/// The person was vetted, and until when that holds (R9.1.1a). Nobody signs in without it.
struct user_vet {
  using has_field_list = void;
  static constexpr std::string_view type = "user.vet";
  client_id client;
  instant until{};
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("until", x.until);
    v.must("reason", x.reason);
  }
};

/// Which agent the person is at a desk; none: no longer one.
struct user_bind {
  using has_field_list = void;
  static constexpr std::string_view type = "user.bind";
  client_id client;
  agent_id agent;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.may("agent", x.agent);
  }
};

/// A second factor (TOTP, RFC 6238) from now on; without `secret` no longer.
struct user_set_second_factor {
  using has_field_list = void;
  static constexpr std::string_view type = "user.set_second_factor";
  client_id client;
  personal<std::string> secret;  ///< base32, at least 26 characters (128 bits)
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.may("secret", x.secret);
    v.must("reason", x.reason);
  }
};

/// Failed sign-ins are forgotten and the lock that came of them is off.
struct user_unlock {
  using has_field_list = void;
  static constexpr std::string_view type = "user.unlock";
  client_id client;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("reason", x.reason);
  }
};

/// A session and what was shown for it.
struct session_begun {
  using has_field_list = void;
  client_id client;
  std::string session;     ///< digest of what the browser shows: of no use to who reads it
  std::uint64_t step = 0;  ///< of the code that was given, counted in 30 s since 1970; 0: none was
  std::string host;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("session", x.session);
    v.may("step", x.step);
    v.may("host", x.host);
  }
};

/// What the door of the pages found right. It alone says it, never a client.
struct user_sign_in : session_begun {
  static constexpr std::string_view type = "user.sign_in";
  personal<std::string> hash;  ///< as in user.set_password: one of the person's own; none: it stays

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    session_begun::fields(v, x);
    v.may("hash", x.hash);
  }
};

/// What was wrong at the door.
enum class wrong_proof { password, code };
constexpr auto names(wrong_proof) {
  using enum wrong_proof;
  return std::to_array<std::pair<wrong_proof, std::string_view>>(
      {{password, "password"}, {code, "code"}});
}

/// Likewise: somebody did not prove to be who he says.
struct user_fail_sign_in {
  using has_field_list = void;
  static constexpr std::string_view type = "user.fail_sign_in";
  client_id client;
  wrong_proof wrong = wrong_proof::password;
  std::string host;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("wrong", x.wrong);
    v.may("host", x.host);
  }
};

/// One session ends, or without `session` all of the person's.
struct user_sign_out {
  using has_field_list = void;
  static constexpr std::string_view type = "user.sign_out";
  client_id client;
  std::string session;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.may("session", x.session);
    v.must("reason", x.reason);
  }
};

/// A program may speak HTTP as this client, with `clk_<id>_<secret>`; two at most at once.
struct api_key_accept {
  using has_field_list = void;
  static constexpr std::string_view type = "api_key.accept";
  client_id client;
  std::string id;                  ///< 8 hexadecimal digits
  std::string digest;              ///< of the secret, 64 hexadecimal digits
  std::vector<std::string> scopes; ///< of what its roles let it send, only this; none: all of it
  instant expires{};

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("id", x.id);
    v.must("digest", x.digest);
    v.may("scopes", x.scopes);
    v.must("expires", x.expires);
  }
};

struct api_key_revoke {
  using has_field_list = void;
  static constexpr std::string_view type = "api_key.revoke";
  client_id client;
  std::string id;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("id", x.id);
    v.must("reason", x.reason);
  }
};

/// The sender asks for a role that he has not, for an hour, in an emergency: another must allow it.
struct access_ask_more {
  using has_field_list = void;
  static constexpr std::string_view type = "access.ask_more";
  code_word role;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("role", x.role);
    v.must("reason", x.reason);
  }
};

/// The second of the two persons.
struct access_allow_more {
  using has_field_list = void;
  static constexpr std::string_view type = "access.allow_more";
  client_id client;
  code_word role;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("role", x.role);
    v.must("reason", x.reason);
  }
};

/// A violation of the rules, with points (R9.1.1c). At 12 within 365 days the access is suspended.
struct access_record_violation {
  using has_field_list = void;
  static constexpr std::string_view type = "access.record_violation";
  client_id client;
  int points = 0;          ///< 1 to 12
  code_word kind;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("points", x.points);
    v.must("kind", x.kind);
  }
};

/// A suspension ends; points that were counted no longer count.
struct access_reinstate {
  using has_field_list = void;
  static constexpr std::string_view type = "access.reinstate";
  client_id client;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("reason", x.reason);
  }
};

struct user_password_set : user_set_password {
  static constexpr std::string_view type = "user.password_set";
  person_id person;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    user_set_password::fields(v, x);
    v.must("person", x.person);
  }
};
struct user_vetted : user_vet {
  static constexpr std::string_view type = "user.vetted";
};
struct user_bound : user_bind {
  static constexpr std::string_view type = "user.bound";
};
struct user_second_factor_set : user_set_second_factor {
  static constexpr std::string_view type = "user.second_factor_set";
  person_id person;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    user_set_second_factor::fields(v, x);
    v.must("person", x.person);
  }
};
struct user_unlocked : user_unlock {
  static constexpr std::string_view type = "user.unlocked";
};
struct user_signed_in : session_begun {
  static constexpr std::string_view type = "user.signed_in";
  instant expires{};

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    session_begun::fields(v, x);
    v.must("expires", x.expires);
  }
};
struct user_sign_in_failed : user_fail_sign_in {
  static constexpr std::string_view type = "user.sign_in_failed";
  int failures = 0;  ///< in a row

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    user_fail_sign_in::fields(v, x);
    v.must("failures", x.failures);
  }
};
/// Too many failed: nobody signs in as this person before `until`, with the right password either.
struct user_locked {
  using has_field_list = void;
  static constexpr std::string_view type = "user.locked";
  client_id client;
  instant until{};

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("until", x.until);
  }
};
struct user_signed_out : user_sign_out {
  static constexpr std::string_view type = "user.signed_out";
};
struct api_key_accepted : api_key_accept {
  static constexpr std::string_view type = "api_key.accepted";
};
struct api_key_revoked : api_key_revoke {
  static constexpr std::string_view type = "api_key.revoked";
};
struct access_more_asked : access_ask_more {
  static constexpr std::string_view type = "access.more_asked";
  client_id client;
  instant until{};  ///< to be allowed before

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    access_ask_more::fields(v, x);
    v.must("client", x.client);
    v.must("until", x.until);
  }
};
struct access_more_allowed : access_allow_more {
  static constexpr std::string_view type = "access.more_allowed";
  client_id by;
  instant until{};  ///< and is over then

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    access_allow_more::fields(v, x);
    v.must("by", x.by);
    v.must("until", x.until);
  }
};
struct access_more_ended {
  using has_field_list = void;
  static constexpr std::string_view type = "access.more_ended";
  client_id client;
  code_word role;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("role", x.role);
  }
};
struct access_violation_recorded : access_record_violation {
  static constexpr std::string_view type = "access.violation_recorded";
};
/// The client may send and see nothing until it is reinstated.
struct access_suspended {
  using has_field_list = void;
  static constexpr std::string_view type = "access.suspended";
  client_id client;
  int points = 0;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("client", x.client);
    v.must("points", x.points);
  }
};
struct access_reinstated : access_reinstate {
  static constexpr std::string_view type = "access.reinstated";
};

} // namespace careline::security
