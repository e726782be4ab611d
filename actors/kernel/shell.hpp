#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/kernel/engine_clock.hpp"
#include "actors/kernel/intake.hpp"
#include "actors/kernel/log_check.hpp"
#include "actors/kernel/log_reader.hpp"
#include "actors/kernel/shell_batch.hpp"
#include "actors/kernel/turn.hpp"
#include "store/writer.hpp"

namespace careline::kernel {

enum class journal_level { info, warning, error };

/// What every shell borrows; all of it outlives them. The functions may be called on any thread.
struct shell_parts {
  store::event_log& log;
  store::log_writer& writer;
  sealer& keys;
  engine_clock& clock;
  log_reader& reader;
  std::uint64_t seed = 0;
  int offset_minutes = 480;
  std::function<void(journal_level, std::string)> journal;
  /// Ends the process with that code: what was decided cannot be made durable, or an actor died.
  std::function<void(int code, std::string sentence)> fatal;
  /// The last event that routing wrote, its own or one that it was entrusted with.
  std::atomic<position>* routed = nullptr;
};

using job = std::shared_ptr<admitted>;
using dated_events = std::shared_ptr<const std::vector<dated_event>>;

/// A command with the events another owner decided on, on the way to the next one in the same turn.
struct hand_over {
  job of;
  decision from;
  bool waits = true;  ///< the other owner does nothing else until it is handed back
};

/// A durable event as it came from the log.
struct durable_event {
  position at = 0;
  instant time{};
  int depth = 0;  ///< how long the chain of reactions is that led to it
  event what;
};
using delivery = std::shared_ptr<const std::vector<durable_event>>;

/// A batch that one shell gives to another to write. Where the two must agree on what came first,
/// only one of them may hand batches to the writer.
struct entrusted {
  dated_events events;
  event_cause cause;
  store::batch rest;  ///< without its events
  std::function<void(const store::committed&)> then;
};

/// Where a shell's words go. Set once, before anything is handled.
struct shell_ports {
  std::function<void(std::uint64_t ticket, reply)> finish;   ///< any thread
  std::function<void(hand_over)> hand_over_to_peer;
  std::function<void(dated_events)> hand_back;               ///< null: undone, nothing happened
  std::function<void(dated_events)> tell_follower;           ///< may be empty
  std::function<void(job)> relay;                            ///< to the peer, behind what was sent
  std::function<void(entrusted)> entrust;                    ///< empty: it writes its own batches
  std::function<void(std::chrono::nanoseconds)> wake_in;     ///< then `wake` is to be called
};

/// The one shell around a capability (design §1, §5.2, §5.3): runs its turns, makes one batch of
/// each, hands it to the writer and answers when it is durable. Knows nothing of actors or sockets;
/// one thread at a time calls it.
class shell {
public:
  struct role {
    owner who = owner::routing;
    bool on_leases = false;          ///< its `now` is the steady clock's; it entrusts its batches
    position reacted = 0;            ///< listener's checkpoint
    bool reacts = false;
    position followed = 0;           ///< a desk's models stand there
    bool follows = false;
    span patience = 1s;              ///< for `min_position`
  };

  shell(role as, capability& of, const shell_parts& parts, shell_ports ports);

  /// A command or query of this owner, or one to relay to its peer.
  void handle(job j);
  /// A command that another owner hands over with its events.
  void take_over(hand_over h);
  /// What became of the command that was handed over last.
  void handed_back(const dated_events& events);
  void follow(const dated_events& events);
  /// A batch of a peer whose events this one follows: they happen now, and are in the log where
  /// they were taken in, so that a replay meets them in the same order.
  void write_for(entrusted what);
  /// Durable events of others, in order, to be taken in or reacted to; those at or before where
  /// the role stands are left aside.
  void react(const delivery& events);
  /// The timer, or something to try again.
  void wake();
  /// Tells how those parts of the state are, once what they came from is durable (design §5.9).
  void show_parts(const parts_question& of);

  std::uint64_t slow_handlers() const noexcept { return slow_handlers_; }

private:
  class watch;
  struct parked {
    job what;
    std::chrono::nanoseconds until;
  };

  turn_context context(const std::string& client) const;
  void hold(job j);
  void run(job j);
  void decide(const job& j);
  void ask(const job& j);
  void tell(const job& j, answer<value> told);
  bool is_reached(const admitted& a) const;
  void try_parked();
  void conclude(const job& j, turn_result done, value before_reply, bool taken_over);
  void submit_plain(std::vector<dated_event> events);
  void submit(entrusted what);
  void write(entrusted what);
  void share(const dated_events& events);
  void take_in(const durable_event& e);
  void react_to(const durable_event& e);
  void go_on();
  void arm();
  void note_slow(std::string_view what, std::chrono::nanoseconds took);

  role role_;
  turn turn_;
  shell_parts parts_;
  shell_ports ports_;
  bool handing_over_ = false;
  std::deque<job> held_;        ///< behind the hand-over; bounded by the commands in flight
  std::deque<parked> parked_;   ///< queries that wait for their position
  std::unordered_map<std::string, std::chrono::nanoseconds> slow_told_;
  std::uint64_t slow_handlers_ = 0;
};

} // namespace careline::kernel
