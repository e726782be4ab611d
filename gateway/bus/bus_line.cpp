#include "gateway/bus/bus_line.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include "gateway/bus/edge_clock.hpp"
#include "gateway/bus/sockets.hpp"
#include "messages/codec.hpp"

namespace careline::gateway::bus {

namespace {

/// A page of `log.read` is the largest reply there is.
constexpr std::size_t reply_bytes_max = 4 * 1024 * 1024;

} // namespace

struct bus_line::impl {
  impl(void* context, const std::string& address, const client_key& key)
      : socket(context, zmq::socket_type::dealer, address, key) {
    // What is in flight is the caller's to bound; the engine says `busy`.
    socket.get().set(zmq::sockopt::sndhwm, 0);
    socket.get().set(zmq::sockopt::rcvhwm, 0);
    socket.get().connect(address);
  }

  void send_kept() {
    while (!kept_back.empty() && send_frames(socket.get(), kept_back.front().second)) {
      sent(kept_back.front().first);
      kept_back.pop_front();
    }
  }

  void sent(const std::string& id) const {
    if (on_sent)
      on_sent(id);
  }

  bool is_kept_back(const std::string& id) const {
    return std::any_of(kept_back.begin(), kept_back.end(),
                       [&](const auto& item) { return item.first == id; });
  }

  std::optional<reply> read(const message_frames& in) const {
    if (!in.is_sound)
      return std::nullopt;
    const auto body = unpack_said(in.body, reply_bytes_max);
    if (!body)
      return std::nullopt;
    auto r = read_reply(*body);
    return r ? std::optional{std::move(*r)} : std::nullopt;
  }

  client_socket socket;
  std::function<void(const std::string&)> on_sent;
  std::deque<std::pair<std::string, std::string>> kept_back;  ///< id and body: not sent yet
};

bus_line::bus_line() = default;
bus_line::~bus_line() = default;

result<std::unique_ptr<bus_line>, std::string>
bus_line::connect(const std::string& address, void* context, const client_key& key) {
  std::unique_ptr<bus_line> line{new bus_line};
  try {
    line->impl_ = std::make_unique<impl>(context, address, key);
  } catch (const std::exception& e) {
    return no("cannot connect to " + address + ": " + e.what());
  }
  return line;
}

void bus_line::listen(std::function<void(const std::string&)> on_sent) {
  impl_->on_sent = std::move(on_sent);
}

void bus_line::send(const std::string& id, const std::string& body) {
  impl_->send_kept();
  if (impl_->kept_back.empty() && send_frames(impl_->socket.get(), body))
    impl_->sent(id);
  else if (!impl_->is_kept_back(id))
    impl_->kept_back.emplace_back(id, body);
}

void bus_line::forget(const std::string& id) {
  std::erase_if(impl_->kept_back, [&](const auto& item) { return item.first == id; });
}

bool bus_line::is_away() const {
  return !impl_->kept_back.empty();
}

std::optional<reply> bus_line::receive(std::chrono::milliseconds timeout, int bell) {
  auto& my = *impl_;
  const auto deadline = since_boot() + timeout;
  for (;;) {
    my.send_kept();
    message_frames in;
    if (receive_frames(my.socket.get(), false, in)) {
      if (auto r = my.read(in))
        return r;
      continue;
    }
    const auto news = static_cast<short>(my.kept_back.empty() ? ZMQ_POLLIN
                                                              : ZMQ_POLLIN | ZMQ_POLLOUT);
    zmq_pollitem_t items[] = {{my.socket.handle(), 0, news, 0}, {nullptr, bell, ZMQ_POLLIN, 0}};
    const auto left = std::max(deadline - since_boot(), span{0});
    const auto ready = zmq_poll(items, bell < 0 ? 1 : 2, static_cast<long>(left.count()));
    if (items[1].revents != 0 || (ready <= 0 && since_boot() >= deadline))
      return std::nullopt;
  }
}

} // namespace careline::gateway::bus
