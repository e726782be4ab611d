#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/kernel/capability.hpp"
#include "actors/security/access_book.hpp"

namespace careline::security {

/// What it works by. NIST SP 800-63B asks for a limit of failures below 100 and for a new sign-in
/// after 12 hours at the latest; the points are the operator's own rule (R9.1.1c).
struct access_policy {
  int failures_max = 5;                      ///< from so many in a row on each one locks
  span locked_for = std::chrono::minutes{15};
  span session_for = std::chrono::hours{12};
  std::size_t sessions_max = 8;              ///< of one person; the oldest ends for a ninth
  span asked_for = std::chrono::minutes{15}; ///< to allow somebody more within
  span more_for = std::chrono::hours{1};
  int points_max = 12;                       ///< within 365 days: suspended
};

/// The most that one client may have of them.
inline constexpr std::size_t api_keys_max = 2;

/// Decides about keys, accounts and roles (R9.1.1a, R9.1.1c, R9.1.2b, R2.3.3). It lets nobody in
/// and turns nobody away: doors do, by the book that the same events give (gateway/door_keeper.hpp,
/// gateway/people_keeper.hpp).
///
///   key.accept, user.set_password -> client known -> access.grant -> it may send and see
///                     |  key.revoke (one key), access.revoke (all of it), violations (suspended)
///                     v
///                 known still, let in no more
class security_model final : public kernel::capability {
  using command = careline::command;
  using event = careline::event;
  using events = std::vector<event>;

public:
  explicit security_model(access_policy policy = {}) : policy_(policy) {}

  std::string_view name() const noexcept override { return "security"; }
  answer<kernel::decision> decide(const command& c, const kernel::turn_context& in) const override;
  answer<kernel::decision> take_over(const command& c, const kernel::decision& from,
                                     const kernel::turn_context& in) const override;
  void evolve(const event& e, instant at) override { book_.take(e, at); }
  std::optional<instant> wakes_at() const override;
  events due(const kernel::turn_context& in) override;
  events settle(const kernel::turn_context&) override { return {}; }
  events react(const event&, const kernel::turn_context&) const override { return {}; }
  answer<value> ask(const command& query, const kernel::turn_context& in) const override;
  value save() const override { return book_.save(); }
  bool load(const value& state) override { return book_.load(state); }

  const access_book& book() const noexcept { return book_; }

private:
  using verdict = answer<kernel::decision>;
  using context = kernel::turn_context;
  verdict on(const key_accept& c, const context&) const;
  verdict on(const key_revoke& c, const context&) const;
  verdict on(const key_rotate_master& c, const context& in) const;
  verdict on(const access_grant& c, const context&) const;
  verdict on(const access_revoke& c, const context&) const;
  verdict on(const user_set_password& c, const context& in) const;
  verdict on(const user_vet& c, const context& in) const;
  verdict on(const user_bind& c, const context&) const;
  verdict on(const user_set_second_factor& c, const context& in) const;
  verdict on(const user_unlock& c, const context&) const;
  verdict on(const user_sign_in& c, const context& in) const;
  verdict on(const user_fail_sign_in& c, const context& in) const;
  verdict on(const user_sign_out& c, const context&) const;
  verdict on(const api_key_accept& c, const context& in) const;
  verdict on(const api_key_revoke& c, const context&) const;
  verdict on(const access_ask_more& c, const context& in) const;
  verdict on(const access_allow_more& c, const context& in) const;
  verdict on(const access_record_violation& c, const context& in) const;
  verdict on(const access_reinstate& c, const context&) const;
  /// The client's access, or why there is none.
  answer<const client_access*> known(const client_id& client) const;
  /// Likewise of somebody with an account.
  answer<const client_access*> person(const client_id& client) const;
  /// Why a client may not lose what makes it an administrator, if so.
  std::optional<problem> is_last(const client_id& client) const;
  value shown(const client_id& client, const client_access& of, bool with_keys) const;
  answer<value> list(const client_id& only, bool with_keys) const;
  answer<value> users(const client_id& only, instant now) const;
  answer<value> explain(const query::access_explain& asked) const;

  access_policy policy_;
  access_book book_;
};

} // namespace careline::security
