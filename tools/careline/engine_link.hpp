#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/bus/bus_client.hpp"
#include "gateway/ingress.hpp"
#include "messages/vocabulary.hpp"

namespace careline::program {

/// What a capability outside the engine asks it: any query, from any thread, over one connection
/// that one thread of its own uses. Once a second it asks how the engine is, so that its time is
/// known and its silence noticed.
class engine_link {
public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds answer_within{5};  ///< then the asker is told engine.busy
  static constexpr std::chrono::seconds ask_status_each{1};

  /// Connects in the background; an engine that is not there yet is waited for.
  static result<std::unique_ptr<engine_link>, std::string>
  open(const std::string& commands_address, std::string source,
       const gateway::bus::client_key& key = {});
  ~engine_link();
  engine_link(const engine_link&) = delete;
  engine_link& operator=(const engine_link&) = delete;

  /// Hands one query on; `answer` is called once, on the link's thread.
  void submit(command_envelope query, gateway::respond answer);

  /// Engine time now, by its last answer and its speed; `otherwise` before the first one.
  instant now(instant otherwise) const;
  /// How fast engine time runs; 1 before the first answer.
  double speed() const;
  /// The engine's last position, as of its last answer; nothing before the first one.
  std::optional<position> head() const;
  /// How long the engine has said nothing; nothing when it never has.
  std::optional<std::chrono::milliseconds> silent_for() const;

private:
  struct pending {
    gateway::respond answer;
    clock::time_point until;
  };
  struct heard {
    instant time{};
    double speed = 1;
    position head = 0;
    clock::time_point at;
  };

  engine_link() = default;
  void run();
  void send_waiting();
  void ask_status();
  void take(reply got);
  void give_up_late();

  std::unique_ptr<gateway::bus::bus_client> client_;  ///< the thread's own
  std::map<std::string, pending> pending_;            ///< the thread's own
  std::string status_id_;
  clock::time_point status_next_{};
  clock::time_point status_sent_{};
  std::string source_;
  bool has_key_ = false;

  mutable std::mutex mutex_;
  std::vector<std::pair<command_envelope, gateway::respond>> waiting_;
  std::optional<heard> heard_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

} // namespace careline::program
