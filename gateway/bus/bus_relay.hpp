#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/bus/client_key.hpp"
#include "messages/result.hpp"
#include "messages/value.hpp"

namespace careline::gateway::bus {

/// What becomes of a message that the relay holds.
enum class relayed {
  as_it_came,  ///< goes on, byte for byte
  changed,     ///< goes on as its body is now
  withheld     ///< goes nowhere
};

/// Who decides what a relay lets pass. Called on the relay's thread, one message at a time; must
/// not wait.
class go_between {
public:
  virtual ~go_between() = default;

  /// A command that came by `connection`. What is put into `answers` goes back to it at once.
  virtual relayed on_command(const std::string& connection, value& body,
                             std::vector<value>& answers) = 0;
  /// The engine's reply, or the relay's own to what cannot be read.
  virtual relayed on_reply(const std::string& connection, value& body) = 0;
  /// An event that somebody has subscribed to, `log.head` not among them. What is put into `after`
  /// is told right after it.
  virtual relayed on_event(value& body, std::vector<value>& after) = 0;
  virtual void on_subscription(const std::string& topic, bool taken_back) = 0;
};

struct relay_options {
  std::string commands;         ///< bound here; port 0 or * takes a free one
  std::string events;
  std::string engine_commands;  ///< of the engine behind
  std::string engine_events;
  /// The key of the gateway in front, where the engine behind asks for keys. Whoever connects in
  /// front proves that it has it, and the relay speaks by it behind. Empty: no keys on either side.
  client_key key{};
  std::string secret_key{};  ///< with a key: by which the relay is the engine in front, as Z85
};

/// Stands between gateways and an engine, as an engine to the former, and shows a go_between all
/// that passes. Each connection in front has one of its own behind, so that the engine can tell
/// them apart as if nobody stood there.
class bus_relay {
public:
  /// Binds and starts the thread. Fails with a sentence that names the address. `by` outlives the
  /// relay.
  static result<std::unique_ptr<bus_relay>, std::string> open(relay_options options,
                                                              go_between& by);
  /// Ends all connections; what was on its way is lost.
  ~bus_relay();
  bus_relay(const bus_relay&) = delete;
  bus_relay& operator=(const bus_relay&) = delete;

  /// The addresses really bound.
  std::string commands_address() const;
  std::string events_address() const;

private:
  bus_relay();
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace careline::gateway::bus
