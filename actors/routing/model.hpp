#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <unordered_map>

#include "actors/kernel/capability.hpp"
#include "actors/routing/index/index.hpp"
#include "actors/routing/state.hpp"

namespace careline::routing {

/// Brings waiting contacts and agents together (R1.1.2, R2.1.2, R2.1.6): the one owner of queues,
/// agents, offers and contacts in hand, and the authority on whether a contact exists. Pure: every
/// rule is contract §2 "Rules of routing that are fixed". Not safe to call from two threads.
///
/// One function for each command (`on`) and each event (`took`), by the compiler's own check that
/// none is missing; they stand in decide_*.cpp and evolve_*.cpp by what they are about.
class routing_model final : public kernel::capability {
  using command = careline::command;
  using event = careline::event;
  using events = std::vector<event>;

public:
  /// `grace`: how long after a lost session what it held stays (contract §2 "Sessions").
  explicit routing_model(span grace = 10s) : grace_(grace) {}
  // The index holds pointers into the state.
  routing_model(const routing_model&) = delete;
  routing_model& operator=(const routing_model&) = delete;

  std::string_view name() const noexcept override { return "routing"; }
  answer<kernel::decision> decide(const command& c, const kernel::turn_context& in) const override;
  answer<kernel::decision> take_over(const command& c, const kernel::decision& from,
                                     const kernel::turn_context& in) const override;
  void evolve(const event& e, instant at) override;
  std::optional<instant> wakes_at() const override;
  events due(const kernel::turn_context& in) override;
  events settle(const kernel::turn_context& in) override;
  events react(const event& e, const kernel::turn_context& in) const override;
  answer<value> ask(const command& query, const kernel::turn_context& in) const override;
  value save() const override;
  bool load(const value& state) override;
  value part(std::string_view subject) const override;
  /// The engine is there again: whoever was lost has the grace anew, as nobody could come back
  /// while it was away. In no event; what then ends is one.
  void restart(instant now);

  // The state as it stands, for who checks it against the rules.

  const std::map<queue_id, queue>& queues() const noexcept { return queues_; }
  const std::map<agent_id, agent>& agents() const noexcept { return agents_; }
  /// Those that have not ended, by id; valid until the next event.
  std::map<contact_id, const contact*> open_contacts() const;

private:
  using context = kernel::turn_context;
  using verdict = answer<kernel::decision>;

  /// What a client brought, which lapses with its session: points into the state. In no order that
  /// matters: what is done to one says nothing about the others.
  struct holdings {
    std::set<contact*> contacts;
    std::set<agent*> agents;
  };

  // Commands (decide_*.cpp).
  verdict on(const queue_define& c, const context& in) const;
  verdict on(const queue_remove& c, const context& in) const;
  verdict on(const agent_sign_in& c, const context& in) const;
  verdict on(const agent_set_state& c, const context& in) const;
  verdict on(const agent_sign_out& c, const context& in) const;
  verdict on(const agent_change& c, const context& in) const;
  verdict on(const agent_finish_wrap_up& c, const context& in) const;
  verdict on(const offer_accept& c, const context& in) const;
  verdict on(const offer_decline& c, const context& in) const;
  verdict on(const contact_change& c, const context& in) const;
  verdict on(const contact_abandon& c, const context& in) const;
  verdict on(const contact_request_callback& c, const context& in) const;
  verdict on(const contact_hold& c, const context& in) const;
  verdict on(const contact_resume& c, const context& in) const;
  verdict on(const contact_transfer& c, const context& in) const;
  verdict on(const contact_finish& c, const context& in) const;
  verdict on(const contact_say& c, const context& in) const;
  verdict on(const contact_deliver& c, const context& in) const;
  verdict on(const contact_answer& c, const context& in) const;
  verdict on(const dial_report& c, const context& in) const;
  verdict on(const offer_pull_back& c, const context& in) const;
  verdict on(const agent_force_state& c, const context& in) const;
  verdict on(const contact_supervise& c, const context& in) const;
  verdict on(const contact_join& c, const context& in) const;
  verdict on(const contact_leave& c, const context& in) const;
  verdict on(const contact_park& c, const context& in) const;
  verdict on(const site_set_state& c, const context& in) const;
  verdict on(const agent_call_next& c, const context& in) const;
  verdict on(const ticket_recall& c, const context& in) const;
  verdict on(const ticket_miss& c, const context& in) const;
  verdict on(const query::contact_address& c, const context& in) const;
  verdict opened_before(const reception::contact_opened& asked) const;
  kernel::decision divert_known(const reception::contact_opened& asked,
                                const contact_diverted& to) const;
  kernel::decision join(const reception::contact_opened& o, const queue_id& wanted,
                        const std::string& address, const context& in) const;
  void resume(contact_queued& as, const queue& q, const std::string& address,
              const context& in) const;
  answer<const contact*> may_consult(const reception::contact_opened& asked) const;
  answer<const contact*> answered_consult(const contact& about, const contact_id& id) const;
  void bring_in(const contact& about, const contact& consult, events& out) const;
  verdict hand_over(const contact& about, const contact_id& consult) const;

  // Events (evolve_*.cpp).
  void took(const queue_defined& e, instant at);
  void took(const queue_removed& e, instant at);
  void took(const agent_signed_in& e, instant at);
  void took(const agent_changed& e, instant at);
  void took(const agent_state_changed& e, instant at);
  void took(const agent_signed_out& e, instant at);
  void took(const reception::contact_opened& e, instant at);
  void took(const reception::contact_triaged& e, instant) { in_hand(e.contact).queue = e.queue; }
  void took(const contact_queued& e, instant at);
  void took(const contact_refused& e, instant at);
  void took(const contact_changed& e, instant at);
  void took(const contact_abandoned& e, instant at);
  void took(const contact_timed_out& e, instant at);
  void took(const contact_diverted& e, instant at);
  void took(const contact_callback_requested& e, instant at);
  void took(const contact_connected& e, instant at);
  void took(const contact_held& e, instant at);
  void took(const contact_resumed& e, instant at);
  void took(const contact_transferred& e, instant at);
  void took(const contact_finished& e, instant at);
  void took(const contact_said& e, instant at);
  void took(const contact_delivered& e, instant at);
  void took(const contact_rule_applied& e, instant at);
  void took(const offer_made& e, instant at);
  void took(const offer_accepted& e, instant at);
  void took(const offer_declined& e, instant at);
  void took(const offer_expired& e, instant at);
  void took(const offer_rescinded& e, instant at);
  void took(const offer_pulled_back& e, instant at);
  void took(const contact_supervised& e, instant at);
  void took(const contact_joined& e, instant at);
  void took(const contact_left& e, instant at);
  void took(const contact_parked& e, instant at);
  void took(const site_state_changed& e, instant at);
  void took(const ticket_called& e, instant at);
  void took(const ticket_missed& e, instant at);
  void took(const contact_wait_told& e, instant at);
  void took(const dial_requested& e, instant at);
  void took(const dial_reported& e, instant at);
  void took(const session::session_lost& e, instant at);
  void took(const session::session_opened& e, instant) { back(e.session); }
  void took(const session::session_resumed& e, instant) { back(e.session); }
  void took(const session::session_replaced& e, instant) { back(e.session); }
  void back(const session_name& s);
  template <class F>
  void each_in_talk(const holdings& of, F f);
  template <class Event>
  void took(const Event&, instant) {}  // says nothing about queues, agents or contacts in hand

  // What decisions are made of (decide.cpp).
  /// One that has ended is there until the next is looked for.
  const contact* find(const contact_id& id) const;
  const ended_contact* find_ended(const contact_id& id) const;
  const agent* find(const agent_id& id) const;
  const queue* find(const queue_id& id) const;
  answer<const contact*> known(const contact_id& id) const;
  answer<const agent*> signed_in(const agent_id& id) const;
  answer<const contact*> in_talk(const contact_id& id, const agent_id& with) const;
  answer<const agent*> offered(const contact_id& id, const agent_id& to) const;
  void tell(const agent& a, const agent_load& after, events& out) const;
  void rescind(const contact& c, std::string_view reason, events& out) const;
  void rescind(const agent& a, agent_load& after, std::string_view reason, events& out) const;
  void leave(const contact& c, std::string_view reason, events& out) const;
  agent_load after_leg(const contact& c) const;
  agent_load after_part(const agent_id& of, const contact_id& in, const queue_id& by) const;
  std::optional<problem> check_disposition(const contact_finish& c, const contact& of) const;
  void dismiss(const contact& c, events& out) const;
  void end_consult(const contact& c, events& out) const;
  events park(const contact& c, span pause, std::string reason, const context& in) const;
  events dialled(const contact& c, dial_result result) const;
  contact_queued place_in(contact c, const queue& q, const context& in) const;
  std::string ticket_for(const contact& c, const queue& q, const context& in) const;
  bool is_given(const std::string& prefix) const;
  const contact* called_by(const agent& a, const contact_id& only) const;
  events take_to_counter(const agent& a, const agent& then, const contact& who,
                         const counter_id& counter, const context& in) const;
  std::optional<span> estimate(const queue& q, int ahead) const;
  std::optional<std::string_view> limit_of(const queue& q) const;
  /// Where who a queue does not take goes on to: a queue, a place outside, or neither.
  struct way_on {
    const queue* to = nullptr;
    std::string outside{};
  };
  way_on overflow_of(const queue& q) const;
  bool is_closed(const queue& q) const;
  int length(const queue_id& q) const;
  std::size_t in_use(const queue_id& q) const;
  value::list named_by(const queue_id& q) const;

  // Deadlines and rules (settle_timers.cpp, settle_rules.cpp).
  std::optional<instant> deadline(const contact& c) const;
  std::optional<instant> deadline(const agent& a) const;
  void refresh(contact& c, instant at);
  void refresh_wake(contact& c, maybe_instant next);
  void refresh(agent& a, instant at);
  events due(contact& c, const context& in);
  events due(agent& a, const context& in);
  void start_clocks(contact& c, instant from) const;
  void start_clock(contact& c, int n, instant from) const;
  const rule* rule_of(const contact& c, int n) const;
  void test_moves_again(const std::function<bool(const queue_id&)>& opens, instant at);
  std::optional<int> next_rule(const contact& c, instant now) const;
  events test_rule(contact& c, int n, const context& in);
  bool holds(const rule_condition& when, const contact& c, const context& in) const;
  events apply(const contact& c, int n, const rule& r, const context& in) const;
  std::vector<rule_action> doable(const contact& c, const rule& r, instant now) const;
  bool is_place(std::string_view to) const;
  bool may_go_to(const contact& c, const queue_id& to) const;
  void carry_over_rules(contact& c, const std::vector<rule>& before) const;
  events rules_after_miss(const context& in);
  events nobody_there();
  events leave_closed_sites(const context& in);
  events match(const context& in);
  events offer(const contact& c, const routing::match& to, const context& in) const;
  // Waits told again (settle_told.cpp).
  void plan_telling(queue& q, maybe_instant next);
  void plan_telling_anew(queue& q, instant at);
  void pass_tellings(instant at);
  events tell_waits(queue& q, const context& in);
  std::optional<contact_wait_told> news_of_wait(const contact& c, const queue& q, int ahead) const;

  // What events are made of (evolve.cpp).
  contact& in_hand(const contact_id& id);
  contact& add(contact c);
  agent& staff(const agent_id& id);
  void end(contact& c, std::string_view as, instant at, std::string disposition = {});
  ended_contact& add(ended_contact e);
  void free_agent(contact& c, instant at);
  void end_leg(contact& c, instant at);
  void leave_talk(contact& c, instant at);
  void ask_about(contact& consult, const agent_id& only);
  void end_part(const agent_id& of, const contact_id& in, const queue_id& by, instant at);
  void end_wrap_up(agent& a, instant at);
  void end_offer(contact& c, const agent_id& of, instant at);
  void let_go_of_offer(const contact_id& c, const agent_id& of, instant at);
  static void let_go_of_agent(contact& c);
  void forget_ended(instant at);
  void take_place_of(contact& c, const contact_id& dropped);
  void keep_lines(contact& c);
  void take_ticket(contact& c, const contact_queued& e, instant at);
  static void leave_counter(contact& c);
  void begin_telling(contact& c, const contact_queued& e, instant at);
  void remember_unserved(const ended_contact& e);
  void remember_dropped(const ended_contact& e);
  void look_at_delays(const abilities& can, instant at);
  void forget_all();
  bool load_ended(const value& state);
  void reindex();
  const kept_talk* written_up(const contact& c) const;
  answer<value> show_said(const query::contact_read& asked, const context& in) const;
  value show_hall(const query::hall_show& asked, const context& in) const;
  value::list show_serving(const std::function<bool(const std::string&)>& is_of_area,
                           const std::function<bool(const queue_id&)>& is_at_site) const;
  value::list show_areas(const std::function<bool(const std::string&)>& is_of_area,
                         const std::function<bool(const queue_id&)>& is_at_site) const;
  value show_contact(const contact& c, instant now) const;
  value show_agent(const agent& a) const;
  value show_agents_for(const contact& c, instant now) const;
  value show_contacts_for(const agent& a, int limit, instant now) const;
  value show_queue(const queue& q, instant now) const;
  value::list unknown_queues(const queue_policy& p) const;
  value show_line(const queue& q, int limit, const contact_id& after, instant now) const;
  value show_talks(const queue& q, int limit) const;
  value show_unserved(const queue& q) const;

  /// Of a contact whose offers expired in this step, together where all are rung.
  struct just_missed {
    int before = 0;     ///< its misses until then
    int next_rule = 0;  ///< which one is looked at next
  };

  struct wake {
    instant at{};
    bool of_contact = false;  ///< agents first
    std::string_view id;      ///< into the entity, which outlives this
    friend auto operator<=>(const wake&, const wake&) = default;
  };

  span grace_;
  std::map<queue_id, queue> queues_;
  std::map<agent_id, agent> agents_;
  /// Those that have not ended, by the text of their own ids.
  std::unordered_map<std::string_view, std::unique_ptr<contact>> contacts_;
  std::unordered_map<std::string_view, std::unique_ptr<ended_contact>> ended_;
  std::set<site_id> closed_;
  std::map<std::string, hall> halls_;                 ///< by the prefix of their tickets
  std::uint64_t sign_ins_ = 0;
  instant last_{};                                    ///< of the last event of its own

  // Derived.
  std::deque<const ended_contact*> by_end_;
  mutable contact seen_;                              ///< an ended one that was asked for
  std::unordered_map<std::string, holdings> held_by_;
  matching_index index_;
  std::set<wake> wakes_;
  std::set<std::pair<instant, queue_id>> tells_;      ///< queues that tell waits again
  std::map<contact_id, just_missed> missed_now_;      ///< offers of it just expired
  std::set<queue_id> leaving_;                        ///< queues that have a leave_when
  std::set<queue_id> look_who_is_there_;
  std::set<queue_id> closing_;                        ///< of a site just closed: who waits leaves
  std::map<queue_id, std::vector<span>> delays_;
  /// The last stubs of a queue that ended unserved or were answered late, by their end.
  std::map<queue_id, std::set<std::pair<instant, contact_id>>> unserved_;
  /// Contacts that were dropped, by queue and caller (`resume_s`).
  std::map<std::pair<queue_id, std::string>, contact_id> dropped_;
  mutable bool live_ = false;                         ///< false while a log is folded
  instant replayed_until_{};                          ///< rules up to then were tested then
};

} // namespace careline::routing
