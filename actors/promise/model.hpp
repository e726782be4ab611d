#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/kernel/capability.hpp"

namespace careline::promise {

/// When whom a promise concerns is told (R2.3.4); comes from the configuration.
struct promise_policy {
  int warned_percent = 80;      ///< of its time, when its owner is warned
  span lead_after = 1h;         ///< a broken one's lead is told so much later
};

/// What the centre has promised, until it is kept (R1.2.1): no promise is lost over a restart, a
/// shift or a transfer, and one that is let pass is told first to its owner, then to the lead.
///
///     open --(80 %)--> warned --(due)--> broken --(an hour)--> escalated
///       |                 |                 |                       |
///       +--------------- kept, or moved to another moment: open ----+
class promise_model final : public kernel::capability {
  using command = careline::command;
  using event = careline::event;
  using events = std::vector<event>;
  using verdict = answer<kernel::decision>;
  using context = kernel::turn_context;

public:
  explicit promise_model(promise_policy policy = {}) : policy_(policy) {}
  // What is due points into the promises.
  promise_model(const promise_model&) = delete;
  promise_model& operator=(const promise_model&) = delete;

  std::string_view name() const noexcept override { return "promise"; }
  verdict decide(const command& c, const context& in) const override;
  verdict take_over(const command& c, const kernel::decision& from,
                    const context& in) const override;
  void evolve(const event& e, instant at) override;
  std::optional<instant> wakes_at() const override;
  events due(const context& in) override;
  events settle(const context&) override { return {}; }
  events react(const event&, const context&) const override { return {}; }
  answer<value> ask(const command& query, const context& in) const override;
  value save() const override;
  bool load(const value& state) override;
  value part(std::string_view subject) const override;

private:
  /// What it waits for next.
  enum class step : std::uint8_t { warning, due, lead, nothing };
  struct given_promise {
    contact_id contact;
    code_word kind;
    agent_id owner;
    agent_id lead;
    instant since{};               ///< given, or moved, then
    instant due{};
    step next = step::warning;
    std::optional<instant> kept;
  };
  using promise_map = std::map<promise_id, given_promise>;
  using entry = promise_map::value_type;
  using dated = std::pair<instant, const entry*>;
  struct earlier {
    bool operator()(const dated& a, const dated& b) const noexcept {
      return a.first != b.first ? a.first < b.first : a.second->first < b.second->first;
    }
  };
  using by_time = std::set<dated, earlier>;

  verdict on(const promise_make& c, const context& in) const;
  verdict on(const promise_keep& c, const context& in) const;
  verdict on(const promise_move& c, const context& in) const;
  answer<const entry*> known(const promise_id& id) const;
  promise_id fresh_id() const;

  void took(const promise_made& e, instant at);
  void took(const promise_due_soon& e, instant) { go_on(e.promise, step::due); }
  void took(const promise_broken& e, instant at);
  void took(const promise_escalated& e, instant) { go_on(e.promise, step::nothing); }
  void took(const promise_kept& e, instant at);
  void took(const promise_moved& e, instant at);
  void go_on(const promise_id& id, step next);
  void arm(const entry& e);
  void disarm(const entry& e);
  void forget_kept(instant at);
  std::optional<instant> moment_of_next(const given_promise& p) const;

  static promise_state state_of(const given_promise& p);
  static value row_of(const entry& e);
  bool load_row(const value& from);
  value show(const entry& e, instant now) const;
  value list(const query::promise_list& q, instant now) const;

  promise_policy policy_;
  promise_map promises_;
  std::uint64_t made_ = 0;
  std::uint64_t broken_ = 0;                 ///< of those that are not kept
  // Derived.
  by_time wakes_;
  by_time by_due_;                           ///< not kept yet
  std::deque<std::pair<instant, const entry*>> kept_;
};

} // namespace careline::promise
