#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/bus/bus_client.hpp"
#include "tools/careline/engine_link.hpp"
#include "tools/careline/people.hpp"

namespace careline::program {

struct demo_stage_options {
  std::string commands;
  std::string events;
  /// The sessions that bring contacts, and those of the agents; at least one of each. Whose a
  /// contact or an agent is, its id says.
  std::vector<std::string> gateways{"demo-gateway"};
  std::vector<std::string> desks{"demo-desk"};
  /// For an engine that asks for one; then its client is the only session of either kind.
  gateway::bus::client_key key{};
};

/// How a command fared, counted from when it was due, however late it was sent.
struct told_reply {
  std::string_view type;
  bool for_help = false;  ///< a contact that is somebody in danger
  outcome_kind outcome = outcome_kind::accepted;
  std::string_view problem{};  ///< its code, where it was not accepted
  std::chrono::microseconds took{};
};

/// Plays simulated people against a running engine: two sessions on the real bus, cues at the
/// engine's own time, answers to what its events say. An engine that goes away and comes back is
/// waited for; a command without a reply is sent again under its id. One thread uses it.
class demo_stage {
public:
  using clock = std::chrono::steady_clock;
  /// Told of each event before the people are.
  using on_event = std::function<void(const event&, instant)>;
  /// Whether a cue still makes sense now.
  using is_wanted = std::function<bool(const cue&)>;

  static result<std::unique_ptr<demo_stage>, std::string> open(demo_stage_options options);
  ~demo_stage();

  people& folk() noexcept { return folk_; }
  void listen(on_event to) { listener_ = std::move(to); }
  void filter(is_wanted by) { wanted_ = std::move(by); }
  /// Told of each reply but `busy` and those to beats.
  void hear(std::function<void(const told_reply&)> to) { hearer_ = std::move(to); }

  /// Engine time; nothing before the engine was heard.
  std::optional<instant> now() const;
  /// Waits until the engine was heard; false when it was not, and nobody asked to stop.
  bool is_heard_within(std::chrono::seconds longest, const std::function<bool()>& stops);
  /// How fast it runs; 1 before the engine was heard.
  double speed() const { return link_->speed(); }
  void plan(cue what);
  /// One round: what happened, what is due, what was answered. Waits a little for more.
  void step();
  /// Nothing is planned by cue, nobody plans anything, and every command but beats was answered.
  bool is_over();
  /// Asks and waits for the answer.
  std::optional<reply> ask(std::string_view type, value data);

  std::uint64_t sent() const noexcept { return sent_; }
  std::uint64_t refused() const noexcept { return refused_; }
  std::uint64_t busy() const noexcept { return busy_; }
  /// Cues that wait for their time or their turn.
  std::size_t planned() const noexcept { return cues_.size(); }

private:
  struct in_flight {
    command_envelope what;
    clock::time_point again;
    clock::time_point due;
    std::string of;  ///< whose order it is part of
  };
  struct held {
    command_envelope what;
    clock::time_point due;
  };
  struct later {
    bool operator()(const cue& a, const cue& b) const noexcept { return a.at < b.at; }
  };

  explicit demo_stage(demo_stage_options options) : options_(std::move(options)) {}
  void take_events();
  void do_due(instant now);
  void play(cue what, clock::time_point due);
  void send(const command& c, clock::time_point due);
  void send(command_envelope e, clock::time_point due, std::string of = {});
  void send_next(const std::string& of);
  std::size_t in_flight_max() const noexcept;
  const std::string& session_of(const command& c) const;
  void take_replies();
  void send_again();
  void keep_sessions();
  void beat(const std::string& session);
  void hello(const std::string& session, std::string_view kind);

  demo_stage_options options_;
  std::unique_ptr<gateway::bus::bus_client> client_;
  std::unique_ptr<engine_link> link_;
  people folk_;
  on_event listener_;
  is_wanted wanted_;
  std::function<void(const told_reply&)> hearer_;
  std::multiset<cue, later> cues_;
  std::unordered_map<std::string, in_flight> flying_;
  /// What one agent or contact says waits until what it said before is answered, however often
  /// that had to be sent; a key while something of it is on its way.
  std::unordered_map<std::string, std::deque<held>> behind_;
  std::size_t held_ = 0;
  clock::time_point beat_next_{};
  std::uint64_t sent_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t busy_ = 0;
  std::mutex mutex_;
  std::vector<event_record> arrived_;  ///< by the subscriber's thread
  std::unique_ptr<gateway::bus::bus_subscriber> subscriber_;
};

} // namespace careline::program
