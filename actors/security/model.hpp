#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/kernel/capability.hpp"
#include "actors/security/access_book.hpp"

namespace careline::security {

/// Decides about keys and roles (R9.1.2b, R2.3.3). It lets nobody in and turns nobody away: doors
/// do, by the book that the same events give (gateway/door_keeper.hpp).
///
///   key.accept -> client known -> access.grant -> it may send and see
///                     |  key.revoke (one key), access.revoke (all of it)
///                     v
///                 known still, let in no more
class security_model final : public kernel::capability {
  using command = careline::command;
  using event = careline::event;
  using events = std::vector<event>;

public:
  std::string_view name() const noexcept override { return "security"; }
  answer<kernel::decision> decide(const command& c, const kernel::turn_context& in) const override;
  answer<kernel::decision> take_over(const command& c, const kernel::decision& from,
                                     const kernel::turn_context& in) const override;
  void evolve(const event& e, instant) override { book_.take(e); }
  std::optional<instant> wakes_at() const override { return std::nullopt; }
  events due(const kernel::turn_context&) override { return {}; }
  events settle(const kernel::turn_context&) override { return {}; }
  events react(const event&, const kernel::turn_context&) const override { return {}; }
  answer<value> ask(const command& query, const kernel::turn_context& in) const override;
  value save() const override { return book_.save(); }
  bool load(const value& state) override { return book_.load(state); }

  const access_book& book() const noexcept { return book_; }

private:
  using verdict = answer<kernel::decision>;
  verdict on(const key_accept& c) const;
  verdict on(const key_revoke& c) const;
  verdict on(const access_grant& c) const;
  verdict on(const access_revoke& c) const;
  /// Why a client may not lose what makes it an administrator, if so.
  std::optional<problem> is_last(const client_id& client) const;
  value shown(const client_id& client, const client_access& of, bool with_keys) const;
  answer<value> list(const client_id& only, bool with_keys) const;
  answer<value> explain(const query::access_explain& asked) const;

  access_book book_;
};

} // namespace careline::security
