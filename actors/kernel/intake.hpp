#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "messages/envelope.hpp"
#include "messages/owners.hpp"
#include "messages/vocabulary.hpp"

namespace careline::kernel {

using command_digest = std::array<unsigned char, 16>;
/// Answers one command; called once.
using respond = std::function<void(reply)>;

/// The answer that a command got in the last 24 h (design §5.5).
struct known_reply {
  command_digest digest{};
  reply answer;
};

/// Where answers are remembered: the log, seen through a port. Called from the intake's thread.
class command_memory {
public:
  virtual ~command_memory() = default;
  virtual std::optional<known_reply> find(const std::string& client,
                                          const std::string& id) const = 0;
};

/// Over type and data as re-encoded: equal content is equal, whatever the client's encoder does.
using digest_function = std::function<command_digest(std::string_view type, const value& data)>;

/// Where a person goes whom the engine does not take in, so that a gateway never stands without an
/// answer for somebody (contract §2).
struct outside_places {
  std::string safety = "external:emergency";      ///< of a call for help
  std::string fallback = "announcement:try_later";  ///< with `busy`, where the queue names none
};

/// At each limit the client hears `engine.busy` with `retry_ms` (design §5.19).
struct intake_options {
  std::size_t in_flight_max = 256;
  std::size_t in_flight_per_client_max = 64;
  span window = std::chrono::hours{24};
  span skew = std::chrono::minutes{5};
  outside_places places{};
  bool any_id = false;  ///< scenario files: any string is an id, and the window does not apply
};

/// What is known when a command comes in.
struct intake_moment {
  instant now{};                      ///< what the time in an id is compared with
  std::chrono::nanoseconds steady{};  ///< for the drain rate
  bool stopping = false;              ///< `engine.stopping` for all
  position head = 0;                  ///< of the log
  /// Bytes left in the log; at 0 the reserve begins, and opening is `engine.disk_full` (§5.21).
  std::int64_t room_bytes = 1;
  std::int64_t reserve_bytes = std::int64_t{256} * 1024 * 1024;

  /// With half of the reserve gone only what ends or takes up what is open goes on.
  bool is_for_ends() const noexcept { return room_bytes <= -reserve_bytes / 2; }
  /// The log takes nothing; a call for help is passed on all the same, without an event.
  bool is_full() const noexcept { return room_bytes <= reserve_bytes / 64 - reserve_bytes; }
};

/// A command or query on its way through the engine.
struct admitted {
  std::uint64_t ticket = 0;      ///< names it until `finish`
  command_envelope envelope;     ///< without its data; a UUID in lower case
  command what;
  owner to = owner::engine;
  bool query = false;
  bool safety = false;
  position min_position = 0;     ///< of a query
  command_digest digest{};       ///< of a command
  std::string contact;           ///< the contact it names, or empty
};

/// What became of commands since the start, by outcome and problem code.
using outcome_counts = std::map<std::pair<std::string, std::string>, std::uint64_t>;

/// Admission (design §5.5, §5.7, §5.19): understands a command, sees to it that it happens once,
/// and keeps what is in flight within limits. Decides nothing else. One thread uses it.
class intake {
public:
  /// `memory` outlives the intake.
  intake(intake_options options, const command_memory& memory, digest_function digest);

  /// Answers at once (`invalid`, `busy`, remembered), or lets a copy wait with the one in flight,
  /// or returns the command for its owner; then `finish` must follow, once.
  std::optional<admitted> admit(command_envelope e, const std::string& connection,
                                const intake_moment& at, respond answer);
  /// Answers the command and all its copies. `at`: steady time.
  void finish(std::uint64_t ticket, reply with, std::chrono::nanoseconds at);

  std::size_t in_flight() const noexcept { return tickets_.size(); }
  std::size_t in_flight_of(std::string_view client) const;
  /// A command of reception about this contact is in flight: what else names it must go behind.
  bool is_opening(const std::string& contact) const { return opening_.contains(contact); }
  /// What a busy client is told: the time in which half of what is in flight will be done.
  std::int64_t retry_ms(std::chrono::nanoseconds now) const;
  outcome_counts counts() const;
  /// Calls for help that were passed on without an event.
  std::uint64_t safety_handed_over() const noexcept { return safety_handed_over_; }

  /// A queue's outside place, told when opening towards it is busy.
  void set_fallback(const std::string& queue, const std::string& place);

private:
  struct ticket_row {
    std::string id;
    std::string client;
    std::string key;      ///< in in_flight_; empty for a query
    std::string opening;  ///< contact
    std::string fallback; ///< of an opening: told with busy
    std::optional<reply> help;  ///< of a call for help: told whatever else goes wrong
    std::vector<respond> waiting;
    command_digest digest{};
  };

  std::optional<problem> check_id(const command_envelope& e, const intake_moment& at,
                                  bool query) const;
  /// True when it was answered or waits.
  bool asked_before(admitted& a, const respond& answer, const intake_moment& at);
  std::optional<problem> check_room(const admitted& a, const intake_moment& at) const;
  void take(admitted& a, respond answer);
  void say(const respond& to, reply what);
  void say_no(const respond& to, const command_envelope& e, problem why,
              const intake_moment& at);
  std::string fallback_of(const command_envelope& e) const;

  intake_options options_;
  const command_memory& memory_;
  digest_function digest_;
  std::unordered_map<std::uint64_t, ticket_row> tickets_;
  std::unordered_map<std::string, std::uint64_t> in_flight_;  ///< by client and id
  std::unordered_map<std::string, std::size_t> by_client_;
  std::unordered_map<std::string, int> opening_;
  std::unordered_map<std::string, std::string> fallbacks_;
  std::deque<std::chrono::nanoseconds> finished_;  ///< the latest, for the drain rate
  outcome_counts counts_;  ///< of those with a problem
  std::array<std::uint64_t, 5> plain_counts_{};  ///< of the others, by outcome
  std::uint64_t last_ticket_ = 0;
  std::uint64_t safety_handed_over_ = 0;
};

/// True for what begins something new: turned away first when the disk fills up.
bool is_beginning(const command& c) noexcept;
/// True for what ends something, or takes up what is open so that it can end: turned away last.
bool is_ending(const command& c) noexcept;

/// The answer to a call for help that the log cannot take: passed on all the same (contract §2).
reply hand_over_unlogged(const command_envelope& e, const std::string& place);
bool is_handed_over_unlogged(const reply& r) noexcept;

/// The answer to a command that nobody looks at: `why`, and for a person where to go; a call for
/// help is handed over instead.
reply turn_away(const command_envelope& e, problem why, const outside_places& to);

} // namespace careline::kernel
