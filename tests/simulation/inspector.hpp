#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "actors/routing/model.hpp"
#include "tests/simulation/setting.hpp"

namespace careline::simulation {

/// Routing's state without its indexes: what the rules of the contract are looked up in, one pair
/// at a time. Valid until the model's next event.
class open_book {
public:
  open_book(const routing::routing_model& model, instant now)
      : queues(model.queues()), agents(model.agents()), contacts(model.open_contacts()),
        now_(now) {}

  const std::map<queue_id, routing::queue>& queues;
  const std::map<agent_id, routing::agent>& agents;
  const std::map<contact_id, const routing::contact*> contacts;

  const routing::queue_policy& policy(const routing::contact& c) const {
    return queues.at(c.queue).policy;
  }
  bool is_named(const routing::contact& c) const {
    return !c.only.empty() && (!c.only_until || now_ < *c.only_until);
  }
  bool has_room(const routing::agent& a, const channel_id& channel) const;
  /// Has no room, and may be offered one more.
  bool is_busy(const routing::agent& a, const routing::contact& c) const;
  /// Its gateway is gone for good: it ends in this moment.
  bool is_lost(const routing::contact& c) const {
    return c.gateway_lapses && *c.gateway_lapses <= now_;
  }
  /// Waits, or rings all of a tier that is no better than this agent's, who is not rung yet.
  /// `begins`: its ring is just beginning, and rings those too who let it pass elsewhere.
  bool is_to_be_had(const routing::contact& c, const routing::agent& a, bool begins = false) const;
  bool rings_all(const routing::contact& c) const {
    return policy(c).by == routing::strategy::ring_all;
  }
  /// The tier that an agent has for a contact; nothing when it may not have it.
  std::optional<int> tier(const routing::agent& a, const routing::contact& c) const;
  int priority(const routing::agent& a, const routing::contact& c) const;
  instant now() const noexcept { return now_; }
  /// Agents that could take something, whatever it is.
  int ready() const;

private:
  /// Whether or not it may have it. Requires: it serves the queue.
  int tier_among(const routing::agent& a, const routing::contact& c) const;
  bool tiers_count(const routing::queue_policy& p) const;

  instant now_;
};

/// Follows the log, and says of each offer and of each quiet moment whether the contract allows it.
/// Throws `broken` where it does not.
class inspector {
public:
  void take(const event& e, instant at);
  /// Nobody waits beside an agent who may have them; who has whom is the same on both sides.
  void look_at_all(instant now) const;
  const routing::routing_model& model() const noexcept { return model_; }

private:
  /// A contact's place among others as this inspector keeps it, from events alone.
  struct seniority {
    int urgency = 0;
    instant opened{};
    span credit{};           ///< waiting that it was given
    bool is_asking = false;  ///< for a place beside another, or is put behind others
    bool was_asked = false;  ///< for where it stands now
  };

  void follow_seniority(const event& e, instant at);
  const seniority& seniority_of(const contact_id& id) const;
  bool stands_before(const routing::contact& x, const routing::contact& y) const;
  void follow_pauses(const event& e, instant at);
  bool pauses(const contact_id& id, instant now) const;
  void look_at_offer(const routing::offer_made& made, instant at) const;
  void look_at_call(const open_book& book, const routing::agent& a,
                    const routing::contact& c) const;
  void look_at_move(const routing::contact_diverted& moved, instant at);
  void look_at_work(const open_book& book) const;

  routing::routing_model model_;
  std::map<contact_id, seniority> seniorities_;
  std::map<contact_id, instant> paused_until_;
  std::set<std::pair<contact_id, instant>> moved_;
  std::map<contact_id, instant> rings_since_;
};

} // namespace careline::simulation
