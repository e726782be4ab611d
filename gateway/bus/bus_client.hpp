#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/bus/client_key.hpp"
#include "messages/envelope.hpp"
#include "messages/result.hpp"

namespace careline::gateway::bus {

/// A client of the command socket (DEALER, many in flight). For the subcommands, capabilities
/// outside the engine, simulated gateways and tests. One thread uses it.
class bus_client {
public:
  /// Connects; ZeroMQ goes on trying in the background. `context` null: its own. With a key, what
  /// names no source goes out under the key's client.
  static result<std::unique_ptr<bus_client>, std::string>
  connect(const std::string& commands_address, void* context = nullptr,
          const client_key& key = {});
  ~bus_client();

  /// Sends one command; does not wait. A command without `id` gets a fresh UUIDv7 (returned). While
  /// there is no connection it is kept here, and goes out in `receive` or `ask` once there is one.
  std::string send(command_envelope command);
  /// Something is kept back because there is no connection.
  bool is_away() const;
  /// The next reply, or nothing when `timeout` passes first.
  std::optional<reply> receive(std::chrono::milliseconds timeout);
  /// Sends and waits for that command's reply; sends the same id again each `retry_after` (no reply
  /// = unknown) and after `busy` as it says. What was not sent by then never is. Other replies that
  /// arrive meanwhile are kept for receive.
  std::optional<reply> ask(command_envelope command, std::chrono::milliseconds timeout,
                           std::chrono::milliseconds retry_after = std::chrono::seconds{2});

private:
  bus_client();
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// Whom to follow, and from where.
struct subscriber_options {
  std::string events_address;    ///< tcp, ipc or inproc
  std::string commands_address;  ///< for log.read
  void* context = nullptr;       ///< needed for inproc
  std::vector<std::string> types;  ///< exact types, or prefixes that end in "."; empty = all
  position after = 0;            ///< start behind this position
  bool from_head = false;        ///< start at the head instead
  std::string source = "subscriber";  ///< who asks `log.read`; with a key, the key's client does
  client_key key{};              ///< for an engine that asks for one
  std::chrono::milliseconds silence_max{3000};  ///< with no beat for so long the log is asked
  /// Called on the subscriber's thread when the engine turns out to have another log, one that does
  /// not reach `was`; the events of that log follow from its first. Throw away what was folded.
  std::function<void(position was)> on_reset;
  /// Called on the subscriber's thread, once for each event of the log that cannot be read, with a
  /// sentence for a person. It is left aside, and what comes after it is handed on.
  std::function<void(const std::string& sentence)> on_unreadable;
  /// Called on the subscriber's thread when the engine says that the key's client may not see what
  /// begins with `topic`: nothing of it comes.
  std::function<void(const std::string& topic)> on_refused{};
};

/// Follows the log over the event socket: subscribes first, fills every gap by `log.read` (seen by
/// position, `previous`, the `log.head` beat, or its absence), hands on each event once, in the
/// log's order. With `types`, an event that ZeroMQ lost comes after younger ones of other types;
/// inside one type the order always holds.
class bus_subscriber {
public:
  /// Called on the subscriber's thread: a run of events in order (at most 1,000), and the head
  /// known.
  using on_events = std::function<void(const std::vector<event_record>&, position head)>;

  /// Starts the thread; it reconnects and catches up by itself until destroyed. Throws
  /// std::runtime_error, with a sentence, for an address that ZeroMQ does not take.
  bus_subscriber(subscriber_options options, on_events to);
  ~bus_subscriber();
  bus_subscriber(const bus_subscriber&) = delete;
  bus_subscriber& operator=(const bus_subscriber&) = delete;

  /// Everything asked for up to here was handed on: where to begin again after a restart. With
  /// `types`, events after it may have been handed on too.
  position at() const;
  /// A beat came on the event socket within `silence_max`. Without, events are read from the log,
  /// late.
  bool hears() const;
  /// Gaps that had to be filled from the log.
  std::uint64_t gaps() const;
  /// Events of the log that could not be read and were left aside.
  std::uint64_t unreadable() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace careline::gateway::bus
