#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/door_keeper.hpp"
#include "gateway/egress.hpp"
#include "gateway/ingress.hpp"
#include "messages/result.hpp"

namespace careline::gateway::bus {

/// Limits of the bus; what happens at each is said beside it (contract §2, design §5.19).
struct bus_options {
  std::string commands = "tcp://127.0.0.1:5570";  ///< port 0 or * takes a free one
  std::string events = "tcp://127.0.0.1:5571";
  std::string inproc_events = "inproc://careline-events";  ///< the same events inside the process
  /// Whom it asks who may connect, send and see; outlives the server. Null: it takes everybody, and
  /// nobody needs a key.
  door_keeper* keeper = nullptr;
  std::string secret_key;                          ///< with a keeper: the engine's, as Z85
  std::string inproc_commands = "inproc://careline-commands";  ///< with a keeper: for this process,
                                                               ///< which needs no key
  std::function<void(const std::string&)> alarm;   ///< with a keeper: it failed, nobody can connect
  position head = 0;                               ///< where the log stands when the bus opens
  std::vector<std::pair<std::string, position>> last_of_types;  ///< for `log.head`
  std::int64_t frame_bytes_max = 1024 * 1024;      ///< above: the connection is dropped and counted
  int commands_waiting_max = 4096;                 ///< ROUTER marks; above the credit limit, so
                                                   ///< that no reply is dropped
  std::uint64_t replies_bytes_max = 16 * 1024 * 1024;  ///< that a client has yet to take; beyond,
                                                       ///< its replies are dropped and counted
  int events_waiting_max = 100'000;                ///< a subscriber behind by more loses events
                                                   ///< and catches up
  std::uint64_t events_bytes_max = 64 * 1024 * 1024;  ///< that may wait for a subscriber: beyond,
                                                   ///< it is disconnected, and catches up
};

/// What the bus counts (`/metrics`). All since the start.
struct bus_figures {
  std::uint64_t commands = 0;
  std::uint64_t replies = 0;
  std::uint64_t malformed = 0;       ///< answered `invalid`
  std::uint64_t too_large = 0;       ///< answered `command.too_large`
  std::uint64_t dropped_connections = 0;  ///< for frames above frame_bytes_max or broken ZeroMQ
  std::uint64_t unroutable = 0;      ///< replies whose client had gone
  std::uint64_t unread = 0;          ///< replies dropped: their client does not take what it asked
  std::uint64_t events = 0;
  std::uint64_t events_skipped = 0;  ///< left out for want of room: to be read from the log
  std::uint64_t slow_subscribers = 0;  ///< connections ended because too much waited for them
  std::uint64_t refused_connections = 0;  ///< not let in: without a key, or with one of nobody
  std::uint64_t refused_commands = 0;     ///< for want of a right, or under another's name
  std::uint64_t refused_topics = 0;       ///< subscriptions to what the client may not see
  std::uint64_t key_turns = 0;       ///< of the handler of keys: at least one a second
  bool lets_in = true;               ///< false: the handler of keys has ended
  position published_at = 0;         ///< handed to the sockets, or skipped, up to here
  std::uint64_t turns = 0;           ///< of the socket thread: at least one a second
  std::uint64_t command_connections = 0;  ///< open now, over the network
  std::uint64_t event_connections = 0;
  std::uint64_t outbound_queued = 0; ///< replies and events waiting for the socket thread now
};

/// The only owner of the engine's ZeroMQ sockets: one thread polls ROUTER and XPUB; everything else
/// hands it messages over a queue and a wake-up. Decides nothing.
class bus_server final : public egress {
public:
  /// Binds and starts the thread. Fails with a sentence that names the address.
  /// `to` outlives the server. In-process subscribers end before it, as they use its context.
  static result<std::unique_ptr<bus_server>, std::string> open(bus_options options, ingress& to);
  ~bus_server() override;

  /// The addresses really bound: "tcp://127.0.0.1:5570".
  std::string commands_address() const;
  std::string events_address() const;

  void publish(const published& events) override;

  /// Commands that arrive from now on are answered `engine.stopping`; replies still go out.
  void stop_taking();
  /// Sends what is queued (at most 2 s), closes the sockets, ends the thread.
  void close();

  bus_figures figures() const;
  /// The ZeroMQ context as void*, for the in-process subscriber only.
  void* context() const;

private:
  bus_server();
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace careline::gateway::bus
