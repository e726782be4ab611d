#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace zmq {
class context_t;
class socket_t;
} // namespace zmq

namespace careline::gateway::bus {

/// Knows the connections of a socket, how much of what they were sent they have taken, and how many
/// ZeroMQ dropped because of what they sent: a frame above the limit, or bytes that are no ZeroMQ.
/// ZeroMQ's monitor says that a connection ended, not who ended it; so a second handle on each
/// connection is kept, and at its end asked whether the peer had left.
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
  /// What the monitor had to tell.
  struct news {
    std::uint64_t dropped = 0;      ///< connections that ZeroMQ ended because of what they sent
    std::uint64_t refused = 0;      ///< that were not let in, for whatever reason
    std::uint64_t without_key = 0;  ///< of these: that had no key to be asked about
    std::vector<int> opened{};      ///< handles that name another connection from now on
  };
  /// Takes it in.
  news take();
  /// Ends a connection, by ZeroMQ's handle; what waits for it is given up.
  void end(int connection);
  /// Connections open now, as far as the monitor has told.
  std::size_t open() const noexcept { return connections_.size(); }
  /// Puts so many more bytes on the account of a connection (by ZeroMQ's handle) and returns true;
  /// false where it would then have yet to take more than `untaken_max`. One message alone always
  /// may go, and so may all where nothing is known: only TCP says what was taken.
  bool may_send(int connection, std::size_t bytes, std::uint64_t untaken_max);
  /// What `may_send` put on its account did not go out.
  void was_not_sent(int connection, std::size_t bytes);
  /// Now and then: clears the accounts of connections that were sent nothing since the last time
  /// and have taken all there was, so that no error in one can last.
  void settle();
  /// Ends the connections for which more than `untaken_max` bytes must be waiting by now; returns
  /// how many. What waited for them is given up, and their memory with it. `sent`: bytes that went
  /// out to all since the beginning. What each subscribed to is not known, so no connection is
  /// behind by more than went out, less what it took, since nothing waited for it when looked at:
  /// looking often, and when little goes out, is what makes this just.
  std::uint64_t end_slow(std::uint64_t sent, std::uint64_t untaken_max);
  /// Stops watching; before the watched socket closes.
  void stop();

private:
  void on_event(std::uint16_t what, int fd, news& into);
  void on_accepted(int fd);
  bool on_disconnected(int fd);

  zmq::socket_t& watched_;
  struct monitor;
  std::unique_ptr<monitor> monitor_;
  struct connection {
    int second_handle = -1;
    std::uint64_t sent = 0;   ///< put on its account
    std::uint64_t taken = 0;  ///< of it, as last looked
    std::uint64_t sent_when_settled = 0;
    struct reading {
      std::uint64_t sent = 0;   ///< to all
      std::uint64_t taken = 0;  ///< by this one
    };
    std::optional<reading> kept_up{};  ///< when nothing waited for it
  };
  std::map<int, connection> connections_;  ///< by ZeroMQ's own handle
  bool is_refusing_ = false;               ///< the next to end was not let in
};

} // namespace careline::gateway::bus
