#include "gateway/bus/connection_watch.hpp"

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>
#include <zmq.hpp>

#include "gateway/bus/sockets.hpp"

namespace careline::gateway::bus {

namespace {

constexpr auto no_key = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;
constexpr auto refusals = no_key | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
constexpr auto tcp_established = 1;  // <netinet/tcp.h> names it, and does not go with the kernel's

bool is_socket(int fd) {
  struct stat about {};
  return fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode);
}

/// The peer has not hung up, and was heard of not long ago: it was we who ended it.
bool was_dropped_by_us(int fd) {
  char byte = 0;
  const auto got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK))
    return false;
  tcp_info about{};
  socklen_t size = sizeof about;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &about, &size) != 0)
    return got > 0;
  return about.tcpi_state == tcp_established
         && about.tcpi_last_data_recv < static_cast<unsigned>(heartbeat_timeout_ms);
}

/// What TCP knows of what was written to a connection; nothing where it is none.
struct outflow {
  std::uint64_t taken = 0;   ///< over by the peer's machine, since the connection began
  std::uint64_t unsent = 0;  ///< the peer's machine has no room for it yet
};
std::optional<outflow> outflow_of(int fd) {
  tcp_info about{};
  socklen_t size = sizeof about;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &about, &size) != 0
      || size < offsetof(tcp_info, tcpi_notsent_bytes) + sizeof about.tcpi_notsent_bytes)
    return std::nullopt;
  return outflow{about.tcpi_bytes_acked, about.tcpi_notsent_bytes};
}

/// The system takes more for it at once. Of a peer that takes a little now and then that may be so
/// for a moment, in which ZeroMQ still holds much for it.
bool takes_more(int fd) {
  pollfd look{fd, POLLOUT, 0};
  return poll(&look, 1, 0) != 0;
}

} // namespace

struct connection_watch::monitor {
  explicit monitor(zmq::context_t& context) : socket(context, zmq::socket_type::pair) {}
  zmq::socket_t socket;
};

connection_watch::connection_watch(zmq::context_t& context, zmq::socket_t& socket,
                                   const std::string& name)
    : watched_(socket), monitor_(std::make_unique<monitor>(context)) {
  const auto address = "inproc://" + name;
  if (zmq_socket_monitor(watched_.handle(), address.c_str(),
                         ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | refusals) != 0)
    throw zmq::error_t{};
  monitor_->socket.set(zmq::sockopt::linger, 0);
  monitor_->socket.set(zmq::sockopt::rcvhwm, 0);
  monitor_->socket.connect(address);
}

connection_watch::~connection_watch() {
  for (const auto& [theirs, ours] : connections_)
    ::close(ours.second_handle);
}

void* connection_watch::handle() noexcept {
  return monitor_->socket.handle();
}

connection_watch::news connection_watch::take() {
  news all;
  zmq::message_t event;
  zmq::message_t address;
  while (monitor_->socket.recv(event, zmq::recv_flags::dontwait)) {
    if (event.more())
      static_cast<void>(monitor_->socket.recv(address));
    if (event.size() < 6)
      continue;
    std::uint16_t what = 0;
    std::int32_t fd = -1;
    std::memcpy(&what, event.data(), sizeof what);
    std::memcpy(&fd, event.data<char>() + sizeof what, sizeof fd);
    on_event(what, fd, all);
  }
  return all;
}

/// One thread tells of all connections, so that the end of a refused one is told right behind the
/// refusal; that names no connection.
void connection_watch::on_event(std::uint16_t what, int fd, news& into) {
  if ((what & refusals) != 0) {
    ++into.refused;
    into.without_key += (what & no_key) != 0 ? 1U : 0U;
    is_refusing_ = true;
  } else if (what == ZMQ_EVENT_ACCEPTED) {
    on_accepted(fd);
    into.opened.push_back(fd);
  } else {
    const bool dropped = on_disconnected(fd);
    into.dropped += dropped && !std::exchange(is_refusing_, false) ? 1U : 0U;
  }
}

void connection_watch::end(int fd) {
  if (const auto found = connections_.find(fd); found != connections_.end())
    ::shutdown(found->second.second_handle, SHUT_RDWR);
}

void connection_watch::stop() {
  zmq_socket_monitor(watched_.handle(), nullptr, 0);
}

void connection_watch::on_accepted(int fd) {
  on_disconnected(fd); // its end was never told
  // It may have ended by now and its number be in use for something else: only sockets are held.
  if (!is_socket(fd))
    return;
  const int second = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (second >= 0)
    connections_[fd] = {second, 0, 0, 0, {}};
}

bool connection_watch::on_disconnected(int fd) {
  const auto found = connections_.find(fd);
  if (found == connections_.end())
    return false;
  const bool dropped = was_dropped_by_us(found->second.second_handle);
  ::close(found->second.second_handle);
  connections_.erase(found);
  return dropped;
}

std::uint64_t connection_watch::end_slow(std::uint64_t sent, std::uint64_t untaken_max) {
  std::uint64_t ended = 0;
  for (auto& [theirs, c] : connections_) {
    const auto out = outflow_of(c.second_handle);
    const connection::reading now{sent, out ? out->taken : 0};
    if (!c.kept_up || (takes_more(c.second_handle) && (!out || out->unsent == 0))) {
      c.kept_up = now;
    } else if (sent - c.kept_up->sent > untaken_max + (now.taken - c.kept_up->taken)) {
      // Both handles are one connection: ZeroMQ finds it ended and drops what it held for it.
      ::shutdown(c.second_handle, SHUT_RDWR);
      c.kept_up = now;
      ++ended;
    }
  }
  return ended;
}

bool connection_watch::may_send(int fd, std::size_t bytes, std::uint64_t untaken_max) {
  const auto found = connections_.find(fd);
  if (found == connections_.end())
    return true;
  auto& c = found->second;
  if (c.sent + bytes > c.taken + untaken_max) {
    const auto out = outflow_of(c.second_handle);
    if (!out)
      return true;
    c.taken = out->taken;
    // ZeroMQ's own bytes count as taken and were never put on the account.
    c.sent = std::max(c.sent, c.taken);
    if (c.sent > c.taken && c.sent + bytes > c.taken + untaken_max)
      return false;
  }
  c.sent += bytes;
  return true;
}

void connection_watch::was_not_sent(int fd, std::size_t bytes) {
  if (const auto found = connections_.find(fd); found != connections_.end())
    found->second.sent -= bytes;
}

void connection_watch::settle() {
  for (auto& [theirs, c] : connections_) {
    if (c.sent == c.sent_when_settled && c.sent > c.taken && takes_more(c.second_handle)) {
      const auto out = outflow_of(c.second_handle);
      if (out && out->unsent == 0)
        c.sent = c.taken = out->taken;
    }
    c.sent_when_settled = c.sent;
  }
}

} // namespace careline::gateway::bus
