#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/routing/index/line.hpp"
#include "actors/routing/state.hpp"
#include "actors/routing/strategies/strategies.hpp"

namespace careline::routing {

/// What a waiting contact asks for. Contacts that ask for the same wait in one set, so a decision
/// costs the same with ten of them or a million (performance.md "cost of one decision").
struct requirement_key {
  queue_id queue;
  channel_id channel;
  std::vector<skill_id> skills;
  int tier_min = 0;
  int tier_max = 0;
  int tier_raise = 0;
  std::vector<agent_id> exclude;
  std::vector<agent_id> only;
  friend auto operator<=>(const requirement_key&, const requirement_key&) = default;
};

requirement_key key_for(const contact& c, instant now);

/// An agent that could take a contact, and by what it was ranked.
struct candidate {
  const agent* who = nullptr;
  int tier = 0;
  bool busy = false;         ///< has no room, and is offered one more
  bool missed = false;       ///< missed or declined this contact before
  std::int64_t score = 0;    ///< the strategy's
};

/// Tier; who has room first; who missed this contact last; the strategy's order; who signed in
/// first.
bool ranks_before(const candidate& a, const candidate& b);

/// The best agent for a contact, and the record of why (design §5.17).
struct match {
  const agent* who = nullptr;
  value decision;
  std::vector<const agent*> also{};  ///< of a strategy that rings all, the others
};

/// Whom an agent at a counter calls: people with a ticket, of one queue or of any.
struct called_only {
  const queue_id& queue;
  bool fits(const contact& c) const {
    return !c.ticket.empty() && !c.callback && (queue.empty() || c.queue == queue);
  }
};

/// How many agents match a contact on queue, skills, channel and exclusions (not on tiers).
struct agent_counts {
  int signed_in = 0;
  int eligible = 0;  ///< signed in and not not_ready, whatever state is shown
  int ready = 0;     ///< ready, with room on the contact's channel
};

/// Finds the pairs of ready agents and waiting contacts without looking at what they do not
/// concern. Derived from the state; holds pointers into it, which stay valid until `forget`.
class matching_index {
public:
  /// A queue was made or its policy replaced. Contacts and agents that it concerns are looked at
  /// again.
  void define(const queue& q);
  /// It is no more; nobody waits in it.
  void remove(const queue_id& q);
  /// Takes in how a contact stands now. Cheap when nothing changed that matching depends on.
  void update(contact& c, instant now);
  void forget(contact& c);
  /// It can be found by its id from now on.
  void know(agent& a) { agents_[a.id] = &a; }
  void update(agent& a, instant now);
  void forget(agent& a);
  /// Looks at one again in the next decision step (a wait has passed a delay, a share is free).
  void look_again(contact& c);
  void look_again(agent& a);

  /// The next contact or agent that may find a partner now; null when there is none.
  const contact* next_contact() const;
  const agent* next_agent() const;
  /// Found nobody: not looked at again until something changes.
  void settle(const contact& c);
  void settle(const agent& a);

  /// The agent that a waiting contact goes to now, if any. `seed`: of strategies that draw.
  std::optional<match> best_agent(const contact& c, instant now, std::uint64_t seed) const;
  /// The waiting contact that an agent gets next, if any; with `only`, of those that fit it and
  /// ring nowhere.
  const contact* best_contact(const agent& a, instant now, const called_only* only = nullptr) const;

  /// What keeps a waiting contact from being offered to that agent now: the first filter that does,
  /// by its word ("skills", "no_room", …, docs/routing.md); empty when nothing does. Found without
  /// the index, so that the two can be compared.
  std::string_view barred(const agent& a, const contact& c, instant now) const;
  /// How an agent that nothing bars is ranked for it.
  candidate ranked(const agent& a, const contact& c, instant now) const;

  /// The line of a queue, in order; those offered keep their place in it.
  const line& line_of(const queue_id& q) const;
  /// Those that match a contact in hand, wherever it stands.
  agent_counts count(const contact& c) const;
  int signed_in(const queue_policy& policy) const;
  /// The queue and the agent of that id; null when the index was never told of it.
  const queue* queue_of(const queue_id& q) const;
  agent* agent_of(const agent_id& id) const;
  /// Agents of the queue in one of the states.
  int in_states(const queue_policy& policy, const std::vector<agent_state>& states) const;
  /// Delays after which more agents may have a contact of the queue; sorted.
  std::vector<span> delays(const queue_id& q) const;

private:
  struct ready_entry {
    std::int64_t score = 0;
    std::uint64_t order = 0;
    const agent* who = nullptr;
    friend auto operator<=>(const ready_entry& a, const ready_entry& b) noexcept {
      return std::pair{a.score, a.order} <=> std::pair{b.score, b.order};
    }
    friend bool operator==(const ready_entry& a, const ready_entry& b) noexcept {
      return a.score == b.score && a.order == b.order;
    }
  };
  /// Finds the n-th as quickly as the first, for who draws one.
  using ready_set =
      __gnu_pbds::tree<ready_entry, __gnu_pbds::null_type, std::less<ready_entry>,
                       __gnu_pbds::rb_tree_tag, __gnu_pbds::tree_order_statistics_node_update>;
  using ready_sets = std::array<ready_set, ready_orders>;
  using ready_keys = std::array<std::int64_t, ready_orders>;
  /// Agents that could take a contact, by one kind of room.
  struct pool {
    const ready_set* agents = nullptr;
    int tier = 0;
    bool busy = false;
  };

  /// One end of "these agents can serve that requirement".
  struct link {
    int other = -1;
    membership as;
  };
  struct requirement {
    requirement_key key;
    line_set waiting;
    std::vector<link> kinds;
  };
  struct queue_line {
    queue_id of;
    line standing;
  };
  struct kind_key {
    std::vector<skill_id> skills;
    std::vector<int> levels;  ///< where a strategy counts them
    std::vector<channel_id> channels;
    std::optional<std::vector<std::pair<queue_id, membership>>> queues;
    friend auto operator<=>(const kind_key&, const kind_key&) = default;
  };
  struct agent_kind {
    abilities can;  ///< of any one of them; levels and slots may differ
    std::vector<link> requirements;
    std::map<channel_id, ready_sets> ready;
    std::map<channel_id, ready_sets> busy;  ///< no room, but one more may be offered
    std::map<std::vector<channel_id>, int> ready_on;  ///< how many are ready on just these
    std::map<kind_key, int>::iterator entry{};
    int members = 0;
    int counted = 0;              ///< those that are signed in
    int eligible = 0;
    std::map<channel_id, int> free;  ///< ready with room on it, at rest or not
  };

  /// Calls `f` with each kind of agents that may serve a queue.
  template <class F>
  void each_kind_for(const queue_id& q, F f) const {
    if (const auto named = kinds_of_.find(q); named != kinds_of_.end())
      for (const int k : named->second)
        f(k);
    for (const int k : kinds_everywhere_)
      f(k);
  }
  /// Calls `f` with each requirement in use of a queue.
  template <class F>
  void each_requirement_of(const queue_id& q, F f) const {
    if (const auto known = requirements_of_.find(q); known != requirements_of_.end())
      for (const int r : known->second)
        f(r);
  }
  int new_requirement(requirement_key key);
  void link_requirement(int r);
  void release_requirement(int r);
  int kind_of(const agent& a);
  kind_key key_of(const agent& a) const;
  void link_kind(int k);
  void unlink(int k);
  void take_out(contact& c);
  void leave_line(contact& c);
  int number_of_line(const queue_id& q);
  queue_line& line_at(int n) { return lines_[static_cast<std::size_t>(n)]; }
  const queue_line& line_at(int n) const { return lines_[static_cast<std::size_t>(n)]; }
  void take_out(agent& a);
  ready_keys keys_of(const agent& a) const;
  void put_in(agent& a, std::vector<channel_id> ready_on, std::vector<channel_id> busy_on,
              const ready_keys& keys);
  bool assign_kind(agent& a);
  void count(agent& a, int n);
  void look_again(const queue_id& q);
  void look_at_tiers();
  bool some_count_levels() const;
  void sort_agents_anew();
  bool matches(const abilities& can, const requirement_key& key, membership& as) const;
  std::optional<candidate> as_named(const agent& a, const contact& c, instant now) const;
  int tier_for(const requirement_key& key, const membership& as) const;
  std::vector<pool> pools_for(const contact& c, const strategy_row& by, instant now) const;
  int tier_rung(const contact& c) const;
  bool is_open_to(const contact& c, const queue& q, const agent& a, int tier, instant now) const;
  void collect(const contact& c, const pool& from, const strategy_row& by, instant now,
               std::vector<candidate>& into) const;
  void collect_only(const contact& c, instant now, std::vector<candidate>& into) const;
  void draw(const contact& c, std::vector<pool> pools, const strategy_row& by, instant now,
            std::uint64_t seed, std::vector<candidate>& into) const;
  void draw_from(const contact& c, const std::vector<pool>& pools, instant now, std::uint64_t seed,
                 std::vector<candidate>& into) const;
  const contact* first_waiting(const requirement& r, const link& from, const agent& a, instant now,
                               const called_only* only) const;
  bool is_scarce(const std::vector<const requirement*>& among) const;
  std::size_t ready_for(const std::vector<const requirement*>& among) const;
  bool ignores_tiers(const queue_policy& policy) const;

  std::unordered_map<queue_id, const queue*> queues_;
  std::unordered_map<queue_id, int> line_ids_;
  std::deque<queue_line> lines_;  ///< by their numbers; none ever goes
  std::map<requirement_key, int> requirement_ids_;
  std::vector<requirement> requirements_;
  std::vector<int> free_requirements_;
  std::unordered_map<queue_id, std::set<int>> requirements_of_;
  std::map<agent_id, std::vector<int>> direct_;  ///< requirements that name an agent
  std::map<kind_key, int> kind_ids_;
  std::deque<agent_kind> kinds_;  ///< its sets are dear to move
  std::vector<int> free_kinds_;
  std::unordered_map<queue_id, std::set<int>> kinds_of_;  ///< those that name the queue
  std::set<int> kinds_everywhere_;                        ///< those that serve all
  std::unordered_map<agent_id, agent*> agents_;
  std::map<queue_id, bool> tiers_ignored_;  ///< queues that may ignore tiers: whether they do
  std::array<bool, ready_orders> order_used_{true};
  bool levels_count_ = false;     ///< some queue's strategy goes by the levels of skills
  bool busy_counts_ = false;      ///< some queue offers to agents without room
  line_set dirty_contacts_;
  std::set<ready_entry> dirty_agents_;
  std::array<int, 6> all_queue_states_{};  ///< agents that serve all queues, by shown state
  std::unordered_map<queue_id, std::array<int, 6>> queue_states_;
};

/// The MessagePack form of a decision record has at most 512 bytes: `best` lists the first few.
value decision_record(const std::vector<candidate>& ranked, strategy by, agent_counts counts);

} // namespace careline::routing
