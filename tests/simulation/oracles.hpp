#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/event_log.hpp"
#include "tests/simulation/engine_life.hpp"
#include "tests/simulation/inspector.hpp"

namespace careline::simulation {

/// What must hold whatever goes wrong. Sees three things: what became durable on the disk, what was
/// said to the engine and by it, and a living engine at moments when nothing is under way in it.
class oracles {
public:
  explicit oracles(machine*& on) : on_(on) {}

  /// Of the disk, whichever engine wrote it and whether anybody was told. Throws `broken`.
  void became_durable(std::uint64_t epoch, const std::vector<store::batch>& group,
                      const std::vector<store::committed>& places);
  /// Before a command's first sending.
  void sent(const command_envelope& e);
  /// The engine answers; called in the middle of its work, so it throws nothing. `stale`: an engine
  /// that has been replaced, whose answers to questions may be old.
  void answered(const command_envelope& e, const reply& r, bool stale);
  /// The engine publishes: only what is durable, and in one life each position after the other.
  /// `stale`: an engine that has been replaced.
  void published(const std::vector<event_record>& events, bool stale);
  /// Something of that client came in.
  void heard(const std::string& client) { heard_at_[client] = on_->all.at; }
  /// One serves, from there on in the log.
  void engine_began(position head);

  /// Each queue has its end.
  void look_at_bounds(engine_life& life);
  /// Nothing is under way in `life`. Throws `broken`.
  void look_at(engine_life& life);
  /// Live equals replayed, byte for byte; `with_followers`: also those who hear of others' events
  /// from the log alone, once they have heard all. Throws `broken`.
  void compare(engine_life& life, bool with_followers);
  /// Faults have stopped long ago. Throws `broken`.
  void look_at_end();

  bool all_ended() const;
  std::uint64_t events() const noexcept { return events_; }
  const std::set<std::string>& types() const noexcept { return types_; }
  std::uint64_t answers() const noexcept { return answers_; }
  /// Timelines that were looked at.
  std::uint64_t shown() const noexcept { return shown_; }
  const inspector& looks() const noexcept { return inspector_; }

private:
  struct effect {
    std::size_t group = 0;  ///< batch that carried it
    position first = 0;
    position last = 0;
    bool is_trace = false;  ///< it says that something was refused, and nothing else
  };
  struct asked {
    std::string type;
    bool is_query = false;
    position told = 0;          ///< up to where anybody had been told when it was sent first
    std::optional<reply> answer;
    store::chain_hash hash{};   ///< of the log at its position, when it was told
  };
  /// An agent's work as this oracle keeps it, from events alone.
  struct agent_row {
    std::map<std::string, int> slots;
    std::map<std::string, std::string> on;  ///< contact to channel
    std::optional<instant> rests_until;
  };
  struct contact_row {
    std::string channel;
    std::string queue;
    std::string agent;             ///< in talk
    std::set<std::string> parties; ///< in it too
    std::string dialled_by;        ///< the agent for whom it is called back
    std::set<std::string> offers;  ///< agents
    bool has_ended = false;
  };
  struct rests {
    span reject{};
    span busy{};
    span no_answer{};
  };

  void look_at_effect(const command_envelope& e, const reply& r, asked& row);
  void look_at_timeline(const command_envelope& e, const reply& r, position told);
  std::optional<event_record> durable(position at) const;
  void take(const event_record& r, std::size_t batch);
  void take_effect(const event_record& r, std::size_t batch);
  void follow(const event& e, instant at);
  void follow_offer(const event& e, instant at);
  void follow_agent(const event& e);
  void follow_parties(const event& e);
  void end(const contact_id& id, std::string_view how);
  void rest(const agent_id& agent, const contact_id& contact, span rests::*cause, instant at);
  void take_on(const agent_id& agent, const contact_id& contact);
  void let_go_all(contact_row& c, const contact_id& id);
  void let_go(const std::string& agent, const std::string& contact);
  void look_at_leases(engine_life& life) const;
  contact_row& row(const contact_id& id);

  machine*& on_;
  kernel::engine_models replayed_ = newborn();
  inspector inspector_;
  std::uint64_t events_ = 0;
  std::set<std::string> types_;  ///< of them
  std::uint64_t answers_ = 0;
  std::uint64_t shown_ = 0;
  std::size_t batches_ = 0;
  instant last_time_{};
  position looked_at_ = 0;
  position last_session_event_ = 0;
  std::uint64_t epoch_ = 0;     ///< of the engine that wrote last
  position told_ = 0;           ///< acknowledged or published, by whichever engine
  position published_ = 0;      ///< by the engine that serves
  span alive_since_{};
  std::unordered_map<std::string, std::vector<position>> events_of_;  ///< by subject
  std::unordered_map<std::string, effect> effects_;  ///< by causation
  std::unordered_map<std::string, asked> asked_;     ///< by command id
  std::map<std::string, position> checkpoints_;
  std::map<std::string, agent_row> agents_;
  std::map<std::string, contact_row> contacts_;
  std::map<std::string, rests> rests_;               ///< by queue
  std::map<std::string, bool> rings_all_;            ///< by queue
  std::map<std::string, span> heard_at_;
  std::map<std::string, std::pair<std::optional<instant>, span>> overdue_;  ///< by capability
};

} // namespace careline::simulation
