#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/kernel/capability.hpp"
#include "actors/reception/tables/triage.hpp"

namespace careline::reception {

/// What reception works by; comes from the configuration.
struct reception_policy {
  queue_id default_queue{"default"};                 ///< for no need, or one it is not sure of
  std::vector<triage_row> triage;
  std::string safety_place = "external:emergency";   ///< where safety contacts go at once
};

/// The front desk (R1.1.1, R2.1.2 - R2.1.4, R2.1.8): takes contacts in, finds out what they are
/// about, and hands them to routing in the same turn; takes the customer's verdict afterwards.
/// Whether a contact of that id exists already is routing's to say.
class reception_model final : public kernel::capability {
  using command = careline::command;
  using event = careline::event;
  using events = std::vector<event>;

public:
  explicit reception_model(reception_policy policy = {}) : policy_(std::move(policy)) {}
  // What has ended points into the visits.
  reception_model(const reception_model&) = delete;
  reception_model& operator=(const reception_model&) = delete;

  std::string_view name() const noexcept override { return "reception"; }
  answer<kernel::decision> decide(const command& c, const kernel::turn_context& in) const override;
  answer<kernel::decision> take_over(const command& c, const kernel::decision& from,
                                     const kernel::turn_context& in) const override;
  void evolve(const event& e, instant at) override;
  std::optional<instant> wakes_at() const override { return std::nullopt; }
  events due(const kernel::turn_context&) override { return {}; }
  events settle(const kernel::turn_context&) override { return {}; }
  events react(const event&, const kernel::turn_context&) const override { return {}; }
  answer<value> ask(const command& query, const kernel::turn_context& in) const override;
  value save() const override;
  bool load(const value& state) override;

private:
  /// A contact that was opened; forgotten a day after its end.
  struct visit {
    std::optional<int> score;
    std::optional<instant> ended;
  };
  using visit_map = std::map<contact_id, visit>;

  answer<kernel::decision> open(const contact_open& c, const kernel::turn_context& in) const;
  answer<kernel::decision> rate(const contact_rate& c) const;
  contact_triaged triaged(const contact_open& c, const contact_id& id) const;
  contact_id fresh_id() const;
  void end(const contact_id& id, instant at);
  void forget_ended(instant at);
  bool load_visit(const value& from);

  reception_policy policy_;
  visit_map visits_;
  std::uint64_t opened_ = 0;
  std::deque<std::pair<instant, visit_map::iterator>> ended_;  ///< derived
};

} // namespace careline::reception
