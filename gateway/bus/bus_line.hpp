#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gateway/bus/client_key.hpp"
#include "messages/envelope.hpp"
#include "messages/result.hpp"

namespace careline::gateway::bus {

/// What a client of the command socket is made of (DEALER): sends commands and takes replies, and
/// asks nothing again by itself. For bus_client, and for who waits for more than replies. One
/// thread uses it.
class bus_line {
public:
  /// Connects; ZeroMQ goes on trying in the background. `context` null: its own.
  static result<std::unique_ptr<bus_line>, std::string>
  connect(const std::string& address, void* context = nullptr, const client_key& key = {});
  ~bus_line();

  /// Called with the id of each command that goes out, also of one that was kept back.
  void listen(std::function<void(const std::string& id)> on_sent);
  /// Sends a packed command, or keeps it, once, until there is a connection: `receive` sends it.
  void send(const std::string& id, const std::string& body);
  /// What was not sent of it by now never is: its sender has given it up.
  void forget(const std::string& id);
  /// Something is kept back because there is no connection.
  bool is_away() const;
  /// The next sound reply; nothing when `timeout` passes first, or `bell` can be read: a file
  /// descriptor by which another thread ends the wait (wake_up).
  std::optional<reply> receive(std::chrono::milliseconds timeout, int bell = -1);

private:
  bus_line();
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace careline::gateway::bus
