#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gateway/bus/bus_line.hpp"
#include "gateway/bus/wake_up.hpp"
#include "messages/time.hpp"

namespace careline_gateway {

/// Carries commands to the engine and the answers back: one thread owns the socket, any may ask.
/// Each command is sent again, with the same id, until it is answered: after silence, after `busy`
/// as long as that asks for, and after the engine came back.
class courier {
public:
  /// Called once, on the courier's thread, and must not wait: the reply, or nothing where none came
  /// in time.
  using answered = std::function<void(std::optional<careline::reply>)>;

  /// Calls `on_silence` on its thread whenever nothing was sent for `beat_every`. Throws
  /// std::runtime_error for an address that ZeroMQ does not take.
  courier(const std::string& address, careline::span beat_every, std::function<void()> on_silence,
          const careline::gateway::bus::client_key& key);
  ~courier() { close(); }
  courier(const courier&) = delete;
  courier& operator=(const courier&) = delete;

  /// Any thread. Requires: the command has an id. Throws too_large and closed.
  void start(careline::command_envelope what, careline::span patience, answered then);
  /// What is still open is unknown; what is asked from now on is `closed`.
  void close();
  /// Something waits for a connection. For what is called on the courier's thread.
  bool is_away() const;

private:
  struct open_command {
    std::string id;
    std::string body;
    careline::span until{};
    careline::span again{};
    std::optional<careline::reply> busy{};  ///< the latest
    std::vector<answered> then;
  };

  void run();
  void take_in();
  void take(careline::reply r);
  void send_due();
  void give_up(open_command of);
  careline::span wait() const;

  std::unique_ptr<careline::gateway::bus::bus_line> line_;  ///< the thread's own
  std::map<std::string, open_command> open_;                    ///< likewise, by id
  careline::span sent_at_{};
  const careline::span beat_every_;
  const std::function<void()> on_silence_;
  careline::gateway::bus::wake_up bell_;
  std::mutex guard_;
  std::vector<open_command> asked_;
  bool is_closed_ = false;
  std::atomic<bool> is_ending_{false};
  std::mutex closing_;
  std::thread thread_;
};

} // namespace careline_gateway
