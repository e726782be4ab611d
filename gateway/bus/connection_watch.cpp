#include "gateway/bus/connection_watch.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <zmq.hpp>

#include "gateway/bus/sockets.hpp"

namespace careline::gateway::bus {

namespace {

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
  return about.tcpi_state == TCP_ESTABLISHED
         && about.tcpi_last_data_recv < static_cast<unsigned>(heartbeat_timeout_ms);
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
                         ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED) != 0)
    throw zmq::error_t{};
  monitor_->socket.set(zmq::sockopt::linger, 0);
  monitor_->socket.set(zmq::sockopt::rcvhwm, 0);
  monitor_->socket.connect(address);
}

connection_watch::~connection_watch() {
  for (const auto& [theirs, ours] : second_handles_)
    ::close(ours);
}

void* connection_watch::handle() noexcept {
  return monitor_->socket.handle();
}

std::uint64_t connection_watch::take() {
  std::uint64_t dropped = 0;
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
    if (what == ZMQ_EVENT_ACCEPTED)
      on_accepted(fd);
    else if (on_disconnected(fd))
      ++dropped;
  }
  return dropped;
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
    second_handles_[fd] = second;
}

bool connection_watch::on_disconnected(int fd) {
  const auto found = second_handles_.find(fd);
  if (found == second_handles_.end())
    return false;
  const bool dropped = was_dropped_by_us(found->second);
  ::close(found->second);
  second_handles_.erase(found);
  return dropped;
}

} // namespace careline::gateway::bus
