#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/ids.hpp"
#include "messages/problem.hpp"
#include "messages/time.hpp"

namespace careline::gateway {

/// What somebody at the door of HTTP shows: one of the two, or nothing.
struct credential {
  std::string token;    ///< of a session, from the browser's cookie
  std::string api_key;  ///< clk_<id>_<secret>, of a program

  bool empty() const noexcept { return token.empty() && api_key.empty(); }
};

/// Who that is.
struct visitor {
  client_id client;
  bool is_person = false;           ///< by a session; else a program, by its key
  agent_id agent;                   ///< who he is at a desk; empty: nobody
  std::vector<std::string> roles;
  std::vector<std::string> sends;   ///< what the roles let him send, as words and prefixes
  std::vector<std::string> scopes;  ///< of a program's key: only this of it; none: all of it
  instant expires{};
};

struct sign_in_request {
  client_id client;
  std::string password;
  std::string code;  ///< of the second factor; empty: none was given
  std::optional<std::string> new_password{};  ///< the person's own from now on; none: it stays
  std::string host;  ///< whence it came, as an IP address
};

struct signed_in {
  std::string token;
  visitor who;
};

/// Whom HTTP asks who somebody is and what he may do (R2.3.3). Asked for each request, and once a
/// second for each open stream, so that a change is in force at once. Implemented by tools/careline
/// over the log's events. Any thread; only `sign_in` takes long, and it answers later.
class people_keeper {
public:
  virtual ~people_keeper() = default;

  /// Refusals: security.sign_in_needed (nothing was shown, or nobody's), key_expired, suspended.
  virtual answer<visitor> visitor_of(const credential& shown) = 0;
  virtual bool may_send(const visitor& who, std::string_view type) const = 0;
  virtual bool may_see(const visitor& who, std::string_view event_type) const = 0;
  /// As door_keeper's.
  virtual std::vector<std::string> visible_under(const visitor& who,
                                                 std::string_view prefix) const = 0;
  /// Checks password and code, one person after the other. `then` is called once, on any thread.
  /// Who signs in with a new password has proven the old one; all sessions but this one end.
  /// Refusals: security.sign_in_failed, code_needed, code_used, locked, not_vetted, suspended,
  /// password_weak, and engine.busy when too many want in at once.
  virtual void sign_in(sign_in_request asked, std::function<void(answer<signed_in>)> then) = 0;
  virtual void sign_out(const credential& shown) = 0;
  /// What a page has to say along with a change, to prove that it is the session's own: another
  /// site's page may send the cookie, but cannot read this.
  virtual std::string page_token(const credential& shown) const = 0;
  /// Somebody was turned away from `word`, for the reason `code`; written down in time.
  virtual void note_refused(const client_id& client, std::string_view word, std::string_view code,
                            const std::string& host) = 0;
};

} // namespace careline::gateway
