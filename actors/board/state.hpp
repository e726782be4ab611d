#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/board/figures.hpp"
#include "actors/board/figures_hall.hpp"
#include "actors/board/figures_promises.hpp"
#include "messages/envelope.hpp"
#include "messages/ids.hpp"
#include "messages/seldom.hpp"
#include "messages/vocabulary.hpp"

namespace careline::board {

// Rows kept by interval: a week of the centre, a day of each queue and channel.
inline constexpr std::size_t centre_intervals_max = 7 * 96;
inline constexpr std::size_t part_intervals_max = 96;
/// Channel names are free; what comes after so many is counted together as "other".
inline constexpr std::size_t channels_max = 64;

inline constexpr std::size_t agent_states = 6;
/// How many agents are in each state, by the order of routing::agent_state.
using state_counts = std::array<int, agent_states>;

/// Where a contact stands, as the board sees it.
///
///   arrived -> waiting -> talk -> (arrived, after a transfer) -> waiting …
///                 |         ^
///                 v         |
///              callback ----+        each may end; an ended contact is forgotten
///
enum class stage : std::uint8_t { arrived, waiting, callback, talk };

struct contact {
  std::uint64_t number = 0;       ///< in order of arrival
  stage at = stage::arrived;
  bool greeted = false;
  bool answered = false;
  bool consult = false;           ///< an agent's question to a colleague: nobody's wait
  int channel = -1;
  int queue = -1;
  instant opened{};
  instant queued{};               ///< present `contact.queued`: the wait in this queue
  instant waits_since{};          ///< the person's present wait, which goes on over moves
  maybe_instant chose;    ///< first `contact.queued`: when a person was asked for
  instant talk_since{};
  seldom<agent_id> agent; ///< who has it in talk
};

/// What an agent's wall clock counts for. `out`: neither, as when not ready.
enum class phase : std::uint8_t { out, idle, on_contact };

/// The queues that an agent serves; all agents who serve the same are a team, so that one change of
/// an agent is one step, whatever the number of its queues.
struct team_key {
  bool everywhere = false;        ///< all queues but those with `members`
  std::vector<int> queues;        ///< sorted
  friend auto operator<=>(const team_key&, const team_key&) = default;
};
struct team {
  team_key serves;
  state_counts states{};
  int signed_in = 0;
  int members = 0;                ///< agents in it, signed in or about to leave
  work_clock clock;
  std::uint64_t changes = 0;
  instant touched{};
};

/// Where queues and agents are (R1.1.3). Its figures are those of its queues.
struct site {
  site_id id;
  bool closed = false;
  state_counts agents{};
};

struct agent {
  team* in = nullptr;
  int site = -1;
  routing::agent_state state = routing::agent_state::signed_out;
  phase clock = phase::out;
  instant clock_since{};
  instant wrap_up_since{};
  int talking = 0;                ///< contacts connected, held ones too
  int last_queue = -1;            ///< of the contact whose wrap-up it is
  int last_channel = -1;
};

struct queue {
  queue_id id;
  span service_level_s = 15s;
  routing::wait_estimate_kind wait_estimate = routing::wait_estimate_kind::staffed;
  bool members = false;
  bool removed = false;           ///< not shown live; its figures of the past stay
  int weight = 1;
  int site = -1;
  int consults = 0;               ///< agents' questions that wait in it; derived
  std::optional<std::int64_t> smoothed_s;  ///< (3*old + wait) >> 2, whole seconds
  std::optional<std::int64_t> recent_ms;   ///< wait of the last to enter service
  std::uint32_t handled_before = 0;        ///< by the queues that were removed under the name:
  std::int64_t handle_ms_before = 0;       ///< they say nothing about a wait in this one
  std::int64_t gone_on_ms = 0;             ///< worked by teams that are no more
  std::int64_t gone_idle_ms = 0;
  scope figures;
  std::vector<const team*> teams;          ///< those that name it; derived
};

struct channel {
  channel_id id;
  scope figures;
};

/// Everything the board knows: a fold of the log. Queues and channels keep their order of arrival;
/// nothing in here grows with the contacts that have ended. Can be moved, not copied: agents and
/// queues point to their teams.
struct state {
  state() = default;
  state(state&&) = default;
  state& operator=(state&&) = default;

  position events = 0;                     ///< taken in: the position, when fed from the first on
  instant last{};                          ///< time of the last event
  int offset_minutes = 480;
  std::string time_zone;
  double speed = 1;
  std::optional<instant> day_start;        ///< local midnight that the day's figures begin at
  std::optional<instant> interval_end;     ///< of the interval that `last` is in
  std::int64_t interval_on_ms = 0;         ///< the centre's clock at the interval's beginning
  std::int64_t interval_idle_ms = 0;

  scope centre;
  work_clock clock;
  state_counts agents_by_state{};
  std::uint64_t contacts_seen = 0;

  std::deque<queue> queues;
  std::unordered_map<queue_id, int> queue_at;
  std::deque<channel> channels;
  std::unordered_map<channel_id, int> channel_at;
  std::vector<site> sites;                 ///< few: looked for one by one
  promise_figures promises;
  hall_figures hall;
  std::map<team_key, team> teams;
  std::unordered_map<agent_id, agent> agents;
  std::unordered_map<contact_id, contact> contacts;
  std::map<session_name, std::string> sessions;  ///< connected, with their kind

  /// The team that serves every queue; null while there is none.
  const team* everywhere() const;
  /// True when `now` is in a later day than the figures.
  bool is_new_day(instant now) const;
};

/// Ends the intervals and the day that ended before `at`. Requires: not before the last event.
void roll(state& s, instant at);
/// What an event counted for, in the figures of a queue, or of the centre and a channel. Pointers
/// and views hold while it is told.
struct booking {
  instant at{};
  bool of_queue = false;           ///< else of the centre and the channel: the person's waits
  const queue* in = nullptr;       ///< the contact's; null while it has none
  const channel* through = nullptr;
  agent_id agent{};                ///< whose doing it was; empty for none
  contact_id contact{};            ///< empty for a wrap-up: its contact has ended
  counters did;
};
/// Is told of each booking, and of each stretch of an agent's wall clock once it is over: a report
/// keeps other groups and periods by the same counts.
class book_keeper {
public:
  virtual ~book_keeper() = default;
  virtual void booked(const booking& one) = 0;
  virtual void worked(const agent_id& who, phase what, instant from, instant to) = 0;
};
/// Takes one event into the state. `books` may be null.
void evolve(state& s, const event& e, instant at, book_keeper* books = nullptr);
/// The row of a queue or channel, made when it is new.
int queue_row(state& s, const queue_id& id);
int channel_row(state& s, const channel_id& id);
/// The row of a site, likewise; -1 for no name.
int site_row(state& s, const site_id& id);
/// The team that serves `serves`, made and made known to its queues when it is new.
team& team_of(state& s, team_key serves);
/// Counts an agent into its team, its site and the centre, or out of it (`by` −1).
void count_agent(state& s, const agent& a, int by);

value save(const state& s);
value part(const state& s, std::string_view subject);
bool load(state& s, const value& from);

} // namespace careline::board
