#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "messages/problem.hpp"
#include "messages/time.hpp"
#include "messages/value.hpp"

namespace careline {

/// A place in a partition's log, from 1, without gaps; 0 is before the first.
using position = std::uint64_t;

inline constexpr std::string_view default_partition = "0";

/// What a client sends (contract §2 "Command"); `data` is still unread.
struct command_envelope {
  std::string id;      ///< UUIDv7
  std::string type;
  std::string source;  ///< who sends; "anonymous" when absent
  std::optional<instant> time;
  std::string traceparent;
  value data;
};
/// Reads the map of a command. On failure the caller may still find `id` in the map to reply to.
answer<command_envelope> read_command_envelope(const value& body);
value to_value(const command_envelope& e);

enum class outcome_kind : std::uint8_t { accepted = 1, refused = 2, busy = 3, invalid = 4 };
std::string_view word_of(outcome_kind o) noexcept;

/// Exactly one for each command (contract §2 "Reply").
struct reply {
  std::string id;
  outcome_kind outcome = outcome_kind::accepted;
  position at = 0;           ///< of the last event the command caused; 0: it caused none
  value data;                ///< nil when there is nothing to say
  std::optional<problem> why;
  std::optional<std::int64_t> retry_ms;     ///< with busy
  std::string fallback;                     ///< with busy, where the queue names one
  std::optional<instant> engine_time;       ///< with command.too_old and command.clock_ahead
};
value to_value(const reply& r);
/// Reads a reply's map, for clients.
answer<reply> read_reply(const value& body);
/// A reply that says no with the outcome that goes with the problem's code.
reply refuse(std::string id, problem why);

/// One event as the log keeps it and the bus tells it. `data` is the MessagePack map of its fields,
/// sealed, and is never decoded on the way from the log to the bus.
struct event_record {
  position at = 0;           ///< given by the log in commit order
  position previous = 0;     ///< of the event before of the same type; given by the log
  instant time{};
  std::optional<instant> occurred;  ///< the command's own time: kept, decides nothing
  std::string type;
  std::string subject;
  std::string actor;         ///< the client or capability
  std::string causation;     ///< the command's id, or "<partition>-<position>/<reaction>/<n>"
  std::string correlation;
  std::string traceparent;
  std::uint16_t dataversion = 1;
  std::string data;
  friend bool operator==(const event_record&, const event_record&) = default;
};

/// "<partition>-<position>"
std::string event_id(position at);

/// The bytes of a record as docs/log-format.md says; position and previous included.
void encode_record(const event_record& r, std::string& out);
/// Nothing when the bytes are no record of a known format version, or cut short.
std::optional<event_record> decode_record(std::string_view bytes);
/// The type of an encoded record without decoding the rest; empty when it is none.
std::string_view type_in_record(std::string_view bytes) noexcept;

/// The CloudEvents map of an event; `data` is unpacked into it. For JSON and for tests.
answer<value> to_value(const event_record& r);
/// The same map as MessagePack, the data's bytes taken over as they are. For the bus.
std::string to_bus_body(const event_record& r);
/// Reads the map of an event as it came over the bus or from `log.read`.
answer<event_record> read_event_record(const value& body);
answer<event_record> read_event_record(std::string_view body);

} // namespace careline
