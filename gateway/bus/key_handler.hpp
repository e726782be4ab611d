#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "gateway/door_keeper.hpp"

namespace zmq {
class context_t;
} // namespace zmq

namespace careline::gateway::bus {

/// The property that each message of a connection has: the public key that it was opened with.
inline constexpr const char* key_property = "X-Key";

/// Answers for a context who may connect (ZAP, RFC 27), on a thread of its own; one question at a
/// time, the keeper decides. While it does not answer, nobody is let in: a handshake ends without
/// an answer after 5 s.
class key_handler {
public:
  /// Binds and starts. Requires: before any socket with keys. `alarm` is called once, on its
  /// thread, with a sentence, when the keeper failed and the handler ended.
  key_handler(zmq::context_t& context, door_keeper& keeper,
              std::function<void(const std::string&)> alarm);
  ~key_handler();
  key_handler(const key_handler&) = delete;
  key_handler& operator=(const key_handler&) = delete;

  /// Grows at least once a second while it lives.
  std::uint64_t turns() const noexcept;
  bool has_ended() const noexcept;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace careline::gateway::bus
