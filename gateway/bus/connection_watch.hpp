#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace zmq {
class context_t;
class socket_t;
} // namespace zmq

namespace careline::gateway::bus {

/// Counts the connections that ZeroMQ dropped because of what they sent: a frame above the limit,
/// or bytes that are no ZeroMQ. ZeroMQ's monitor says that a connection ended, not who ended it; so
/// a second handle on each connection is kept, and at its end asked whether the peer had left.
/// Belongs to the thread that owns the watched socket.
class connection_watch {
public:
  /// Watches `socket` from now on. Requires: not bound yet; `name` is unique in the context.
  connection_watch(zmq::context_t& context, zmq::socket_t& socket, const std::string& name);
  ~connection_watch();
  connection_watch(const connection_watch&) = delete;
  connection_watch& operator=(const connection_watch&) = delete;

  /// The handle to poll, as void*.
  void* handle() noexcept;
  /// Takes in what the monitor has to tell. Returns how many connections were dropped since.
  std::uint64_t take();
  /// Stops watching; before the watched socket closes.
  void stop();

private:
  void on_accepted(int fd);
  bool on_disconnected(int fd);

  zmq::socket_t& watched_;
  struct monitor;
  std::unique_ptr<monitor> monitor_;
  std::map<int, int> second_handles_;  ///< by ZeroMQ's own
};

} // namespace careline::gateway::bus
