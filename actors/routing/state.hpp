#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/routing/state_hall.hpp"
#include "actors/routing/state_said.hpp"
#include "messages/fields.hpp"
#include "messages/routing_commands.hpp"
#include "messages/seldom.hpp"

namespace careline::routing {

/// What routing knows: contacts in hand, agents, queues. A fold of events, so everything here can
/// be saved and read back; the indexes (index/) are derived from it and never saved.

/// Where a contact stands.
///
///   waiting <-> offered -> connected <-> held
///      ^           |           |
///      |           v           v
///      +------- dialing      ended      (each phase but held may end)
///
enum class phase { waiting, offered, dialing, connected, held, ended };
constexpr auto names(phase) {
  using enum phase;
  return std::to_array<std::pair<phase, std::string_view>>(
      {{waiting, "waiting"}, {offered, "offered"}, {dialing, "dialing"},
       {connected, "connected"}, {held, "held"}, {ended, "ended"}});
}

/// Place among the waiting, as a key that never has to be recomputed (design §3.2): more urgent
/// first, then older, then by id (or that of the neighbour beside whom a place was granted), then
/// `nudge`: a granted place goes just before its neighbour.
struct place {
  using has_field_list = void;
  int urgency = 0;
  std::int64_t age_key = 0;  ///< ms since 1970 of opening, less the credit
  std::int64_t nudge = 0;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("urgency", x.urgency);
    v.must("age_key", x.age_key);
    v.must("nudge", x.nudge);
  }
};

/// How long a gateway may take to report what became of a dial (decision 8).
inline constexpr span dial_report_max = std::chrono::seconds{90};

/// An offer that is open: a lease.
struct open_offer {
  using has_field_list = void;
  agent_id agent;
  instant expires{};

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("agent", x.agent);
    v.must("expires", x.expires);
  }
};

/// When a rule of this contact is tested next; `rule` counts the queue's rules, then the added
/// ones.
struct rule_clock {
  int rule = 0;
  instant next{};
  bool is_new = false;  ///< set by what was decided here, not by what was read back
};

/// Where the index has a contact; derived, never saved.
struct contact_slot {
  place key;                     ///< as it stands in the sets
  int requirement = -1;          ///< the requirement it waits under; -1: not matchable now
  int line = -1;                 ///< the line it stands in; -1: in none
  maybe_instant wakes;           ///< its deadline
  instant seen{};                ///< matching knows how it stood then
  bool dirty = false;
  bool rings = false;            ///< matchable though offered

  bool in_line() const noexcept { return line >= 0; }
};

/// By what order the ready agents are kept, so that the next one is found without looking at all.
enum class ready_order { idle, finished, sign_in, last_ended, load };
inline constexpr std::size_t ready_orders = 5;

/// Where the index has an agent; derived, never saved.
struct agent_slot {
  int kind = -1;                 ///< the agents that can do the same
  bool kind_is_known = false;    ///< as its abilities are now
  bool dirty = false;
  std::vector<channel_id> ready_on;
  std::vector<channel_id> busy_on;  ///< no room, but one more may be offered (offer_when_busy)
  std::array<std::int64_t, ready_orders> keys{};
  bool counted = false;
  agent_state counted_as = agent_state::signed_out;
  bool counted_eligible = false;
  std::vector<channel_id> counted_free;  ///< with room for one more, were its rest over
  std::optional<instant> wakes;
  instant seen{};
};

/// A supervisor in a talk, until the agent's leg ends.
struct supervision {
  using has_field_list = void;
  agent_id by;
  supervision_mode mode = supervision_mode::monitor;
  std::string client{};  ///< which said so; empty in logs of before it was kept

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("by", x.by);
    v.must("mode", x.mode);
    v.may("client", x.client);
  }
};

/// An agent in a talk beside the one who has it.
struct party {
  using has_field_list = void;
  agent_id agent;
  contact_id consult;                    ///< by which it came
  queue_id delivered_by;                 ///< whose wrap-up applies

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("agent", x.agent);
    v.must("consult", x.consult);
    v.must("delivered_by", x.delivered_by);
  }
};

/// All of a contact but its id, by which it is found: that never moves.
struct contact_facts {
  channel_id channel;
  std::string gateway;
  person_id person;
  personal<std::string> address;
  std::string fingerprint;
  queue_id queue;
  phase at = phase::waiting;
  bool own_skills = false;               ///< given with the contact: they stay across transfers
  bool callback = false;
  int tier_raise = 0;
  int offer_number = 0;
  int misses = 0;                        ///< offers of it that ended unanswered
  int attempts = 0;
  place where;
  seldom<contact_id> beside;             ///< before whom its place was granted
  span credit{};                         ///< waiting that it was given (age_s)
  std::vector<skill_id> skills;          ///< what is asked for now, sorted
  std::optional<int> own_tier_min;       ///< given with the contact: they stay across queues
  std::optional<int> own_tier_max;
  std::optional<int> tier_min;           ///< what holds now: its own, or what a rule said
  std::optional<int> tier_max;
  std::optional<int> asked_place;        ///< of contact.open, until it is queued
  seldom<std::vector<agent_id>> exclude; ///< sorted
  seldom<std::vector<agent_id>> only;    ///< a transfer to an agent, or the preferred ones; sorted
  maybe_instant only_until;              ///< the preferred ones' time; absent: no end
  instant opened{};
  instant queued{};
  seldom<std::vector<open_offer>> offers;
  seldom<std::vector<agent_id>> missed_by;  ///< those come last (sorted)
  maybe_instant paused_until;
  maybe_instant parked_until;            ///< in whatever queue: put back until then
  maybe_instant dial_until;              ///< while dialing: no report by then is a failed dial
  seldom<agent_id> agent;                ///< who has it in talk
  seldom<queue_id> delivered_by;         ///< whose wrap-up applies
  maybe_instant connected;               ///< to the agent who has it
  maybe_instant answered;                ///< this wait, by whoever had it first
  seldom<personal<std::string>> number;  ///< to call back
  seldom<std::vector<rule>> added_rules;
  seldom<std::vector<int>> rules_done;   ///< fired for good; sorted
  maybe_instant moved_by_rule;           ///< when last: one move of that kind in an instant
  int moves_in_haste = 0;                ///< of that kind, each soon after the one before
  seldom<std::vector<said_line>> lines;  ///< in the order they were said
  seldom<std::vector<supervision>> supervisors;  ///< in its talk
  seldom<std::vector<party>> parties;    ///< in its talk too, in the order they joined
  seldom<contact_id> consult;            ///< by which a colleague is asked about it now
  seldom<contact_id> consults;           ///< what it asks a colleague about
  seldom<ticket_of> ticket;
  seldom<told_wait> told;                ///< while it waits in a queue that tells again
  bool live = true;                      ///< somebody is on the line
  maybe_instant gateway_lapses;          ///< its gateway is gone: ends then
  maybe_instant agent_lapses;            ///< the client of the agent who has it in talk is
  std::string_view ended_as;             ///< event type of its end: the type's own text
  std::string caller;                    ///< keyed hash of its address, where resume_s asks for it
  seldom<std::string> disposition;       ///< of a finished one; of one sent outside, where to
  maybe_instant ended;
  seldom<std::vector<rule_clock>> clocks;  ///< derived: not saved
  contact_slot slot;

  bool in_queue() const noexcept {
    return at == phase::waiting || at == phase::offered || at == phase::dialing;
  }
  bool in_talk() const noexcept { return at == phase::connected || at == phase::held; }
};

struct contact : contact_facts {
  using has_field_list = void;
  contact_id id;

  /// Of one that has not ended; a stub is saved as a row.
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("id", x.id);
    v.must("channel", x.channel);
    v.may("gateway", x.gateway);
    v.may("person", x.person);
    v.may("address", x.address);
    v.may("fingerprint", x.fingerprint);
    v.may("queue", x.queue);
    v.must("at", x.at);
    v.must("where", x.where);
    may_seldom(v, "beside", x.beside);
    v.may("credit", x.credit);
    v.may("own_skills", x.own_skills);
    v.may("skills", x.skills);
    v.may("own_tier_min", x.own_tier_min);
    v.may("own_tier_max", x.own_tier_max);
    v.may("tier_min", x.tier_min);
    v.may("tier_max", x.tier_max);
    v.may("tier_raise", x.tier_raise);
    may_seldom(v, "exclude", x.exclude);
    may_seldom(v, "only", x.only);
    may_seldom(v, "only_until", x.only_until);
    v.must("opened", x.opened);
    v.must("queued", x.queued);
    may_seldom(v, "offers", x.offers);
    v.may("offer_number", x.offer_number);
    v.may("misses", x.misses);
    may_seldom(v, "missed_by", x.missed_by);
    may_seldom(v, "paused_until", x.paused_until);
    may_seldom(v, "parked_until", x.parked_until);
    may_seldom(v, "dial_until", x.dial_until);
    may_seldom(v, "agent", x.agent);
    may_seldom(v, "delivered_by", x.delivered_by);
    may_seldom(v, "connected", x.connected);
    may_seldom(v, "answered", x.answered);
    v.may("callback", x.callback);
    may_seldom(v, "number", x.number);
    v.may("attempts", x.attempts);
    may_seldom(v, "added_rules", x.added_rules);
    may_seldom(v, "rules_done", x.rules_done);
    may_seldom(v, "moved_by_rule", x.moved_by_rule);
    v.may("moves_in_haste", x.moves_in_haste);
    may_seldom(v, "lines", x.lines);
    may_seldom(v, "supervisors", x.supervisors);
    may_seldom(v, "parties", x.parties);
    may_seldom(v, "consult", x.consult);
    may_seldom(v, "consults", x.consults);
    may_seldom(v, "ticket", x.ticket);
    may_seldom(v, "told", x.told);
    v.may("live", x.live);
    may_seldom(v, "gateway_lapses", x.gateway_lapses);
    may_seldom(v, "agent_lapses", x.agent_lapses);
    v.may("caller", x.caller);
  }
};

/// What is left of a contact that has ended, for a day: the same id opened again is known, and what
/// became of it is told (design §5.13). There are a day's of them, so it is small.
struct ended_contact {
  contact_id id;
  channel_id channel;
  std::string gateway;
  std::string fingerprint;
  queue_id queue;
  agent_id agent;
  std::string_view as;            ///< event type of its end: the type's own text
  seldom<std::string> disposition;
  seldom<std::string> caller;     ///< of one that may be resumed
  seldom<contact_id> beside;
  place where;
  instant opened{};
  instant queued{};
  maybe_instant answered;         ///< its last wait
  instant ended{};
  int offer_number = 0;
  bool callback = false;
  bool consult = false;           ///< an agent's question: nobody went unserved
};

/// The same as a contact, for who asks about either.
contact as_contact(const ended_contact& e);

/// A contact that an agent is on, dials for, or is offered.
struct engagement {
  using has_field_list = void;
  contact_id contact;
  channel_id channel;
  bool offered = false;
  friend bool operator==(const engagement&, const engagement&) = default;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("channel", x.channel);
    v.must("offered", x.offered);
  }
};

/// The part of an agent that its shown state follows from; copied to look one step ahead.
struct agent_load {
  using has_field_list = void;
  bool signed_in = false;
  bool ready = true;       ///< the person's own word
  bool wrapping_up = false;
  std::string reason;
  std::vector<engagement> on;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("signed_in", x.signed_in);
    v.must("ready", x.ready);
    v.must("wrapping_up", x.wrapping_up);
    v.may("reason", x.reason);
    v.may("on", x.on);
  }
};

struct agent {
  using has_field_list = void;
  agent_id id;
  abilities can;
  std::string client;                    ///< who signed it in; its session keeps the agent
  std::uint64_t order = 0;               ///< of signing in
  agent_load load;
  std::optional<instant> wrap_up_until;
  instant wrap_up_since{};
  queue_id last_queue;                   ///< of the last leg: wrap-up is part of its handling
  instant idle_since{};
  std::optional<instant> last_ended;     ///< the last contact's end
  std::int64_t finished = 0;
  int misses = 0;                        ///< in a row, across queues
  std::optional<instant> rests_until;
  std::optional<instant> lapses;         ///< its session is gone: not_ready then
  bool client_gone = false;              ///< who signed it in was lost, and is not back
  /// When it accepted offers of queues with a fair share, the last few, in order.
  std::map<queue_id, std::vector<instant>> accepted;
  /// What was said in the contacts that it writes up now.
  seldom<std::vector<kept_talk>> writes_up;
  agent_slot slot;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("id", x.id);
    v.must("can", x.can);
    v.may("client", x.client);
    v.must("order", x.order);
    v.must("load", x.load);
    v.may("wrap_up_until", x.wrap_up_until);
    v.must("wrap_up_since", x.wrap_up_since);
    v.may("last_queue", x.last_queue);
    v.must("idle_since", x.idle_since);
    v.may("last_ended", x.last_ended);
    v.must("finished", x.finished);
    v.must("misses", x.misses);
    v.may("rests_until", x.rests_until);
    v.may("lapses", x.lapses);
    v.may("client_gone", x.client_gone);
    v.may("accepted", x.accepted);
    may_seldom(v, "writes_up", x.writes_up);
  }
};

struct queue {
  using has_field_list = void;
  queue_policy policy;
  std::uint64_t last_offered = 0;        ///< sign-in order of the agent offered last (round robin)
  std::int64_t handled = 0;              ///< legs that ended
  std::int64_t handle_ms = 0;            ///< of them: talk, hold and wrap-up, as it was
  std::optional<std::int64_t> smoothed_wait_s;
  std::optional<span> recent_wait_s;
  std::size_t told_of = 0;               ///< derived: of its line in this round of telling waits
  maybe_instant tells;                   ///< derived: when it looks at them next

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("policy", x.policy);
    v.must("last_offered", x.last_offered);
    v.must("handled", x.handled);
    v.must("handle_ms", x.handle_ms);
    v.may("smoothed_wait_s", x.smoothed_wait_s);
    v.may("recent_wait_s", x.recent_wait_s);
  }
};

/// The state an agent shows: the first that holds (contract §2).
agent_state shown(const agent_load& load) noexcept;
/// Signed in and not not_ready: it may be in wrap-up, or have no room.
bool is_eligible(const agent_load& load) noexcept;
/// The predicate *ready* (contract §2): signed in, not not_ready, not in wrap-up.
bool is_ready(const agent_load& load) noexcept;
/// How many more contacts of `channel` an agent with that load could take, were it ready.
int free_slots(const abilities& can, const agent_load& load, const channel_id& channel);
/// Whether one more may be offered though there is no room (`offer_when_busy`): the agent is ready,
/// nothing is offered to it, and it has no more in hand than its slots on the channel.
bool takes_one_more(const abilities& can, const agent_load& load, const channel_id& channel);
/// How many contacts of a channel an agent could have at once, were it on nothing else.
int slots_of(const abilities& can, const channel_id& channel);
/// `agent.channels`, or {phone: 1} when it names none. Requires: no capacity.
const std::map<channel_id, int>& channels_of(const abilities& can);
/// Calls `f` with each channel that an agent names, in order, and `slots_of` it.
template <class F>
void each_channel(const abilities& can, F f) {
  if (!can.capacity) {
    for (const auto& [channel, slots] : channels_of(can))
      f(channel, slots);
    return;
  }
  for (const auto& [channel, takes] : can.costs)
    f(channel, takes.all ? 1 : *can.capacity / std::max(takes.n, 1));
}
/// How much of its room an agent uses, from 0 to 1,000.
int load_share(const abilities& can, const agent_load& load);
/// When an agent may be offered another contact of the queue by its `fair_share`: at once where it
/// is `now` or before.
instant share_is_free_at(const agent& a, const queue_policy& policy);
/// Where a queue's overflow and rules send people on to: queues, and places outside.
std::set<queue_id> ways_on(const queue_policy& policy);
/// Whether work after the contact follows in that queue (contract §2 `wrap_up`).
bool wraps_up(const queue_policy& policy) noexcept;
/// Until when such work lasts that begins at `from`; nothing when only the agent ends it.
std::optional<instant> wrap_up_end(const queue_policy& policy, instant from);
/// How an agent serves a queue: its tier, priority and delay; nothing when it does not serve it.
std::optional<membership> serves(const abilities& can, const queue_policy& policy);
/// True when the agent's skills cover what is asked for ("ALL" covers everything).
bool covers(const std::map<skill_id, int>& has, const std::vector<skill_id>& asked);
/// What `agent.change` says of an agent's room: a capacity stands instead of channels, and the
/// other way.
template <class Change>
void change_room(abilities& can, const Change& to) {
  if (to.channels) {
    can.channels = to.channels;
    can.capacity.reset();
    can.costs.clear();
  }
  if (to.capacity) {
    can.capacity = to.capacity;
    can.channels.reset();
  }
  can.costs = to.costs.value_or(can.costs);
}
/// Remembers an accepted offer of a queue with a fair share.
void take_share(agent& a, const queue_policy& policy, instant at);
/// What becomes of an urgency by an action of a rule: as much as it may be at most.
int urgency_after(const rule_action& act, int urgency) noexcept;
/// Whether a rule fires at most once for a contact (contract §2: the default without `every_s`).
bool is_once(const rule& r) noexcept;

/// True of a place outside the engine: "external:…" (contract §2).
inline bool is_outside(std::string_view to) noexcept {
  return to.starts_with("external:");
}
/// The reason of an agent who turned not ready because it left offers unanswered.
inline constexpr std::string_view missed_offers = "missed_offers";
/// The reason of an agent whose client has gone, and of what that agent had to leave.
inline constexpr std::string_view session_lost = "session_lost";
/// The reason of a queue that takes nobody because its site is closed.
inline constexpr std::string_view site_closed = "site_closed";
/// How a consult ends whose agent has joined the talk it was about.
inline constexpr std::string_view joined = "joined";
/// Agents in one talk beside the one who has the contact.
inline constexpr std::size_t parties_max = 5;
/// Rules that rules may add to one contact.
inline constexpr std::size_t added_rules_max = 64;
/// Said in one contact: what is saved of more could not be read again.
inline constexpr std::size_t lines_max = list_items_max;
/// Supervisors in one talk.
inline constexpr std::size_t supervisors_max = 16;
/// Rules that pass a contact on after less than this may do so a few times in a row; then it waits
/// where it is, or they would write events without end.
inline constexpr span haste = 1s;
inline constexpr int moves_in_haste_max = 8;

/// Whether a queue tells waits again (R2.1.6), and when it looks at them next after a moment.
bool tells_again(const queue_policy& policy) noexcept;
instant next_look(const queue_policy& policy, instant after);

/// Adds to a sorted list what is not in it yet.
template <class T>
void insert_sorted(std::vector<T>& into, const T& item) {
  const auto at = std::lower_bound(into.begin(), into.end(), item);
  if (at == into.end() || *at != item)
    into.insert(at, item);
}

} // namespace careline::routing
