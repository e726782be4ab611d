#include "gateway/bus/bus_client.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>

#include "gateway/bus/edge_clock.hpp"
#include "gateway/bus/sockets.hpp"
#include "messages/codec.hpp"
#include "messages/uuid.hpp"

namespace careline::gateway::bus {

namespace {

/// A page of `log.read` is the largest reply there is.
constexpr std::size_t reply_bytes_max = 4 * 1024 * 1024;

span left_until(span deadline) {
  return std::max(deadline - since_boot(), span{0});
}

} // namespace

struct bus_client::impl {
  impl(void* context, const std::string& address)
      : socket(context, zmq::socket_type::dealer, address) {
    // What is in flight is the caller's to bound; the engine says `busy`.
    socket.get().set(zmq::sockopt::sndhwm, 0);
    socket.get().set(zmq::sockopt::rcvhwm, 0);
    socket.get().connect(address);
  }

  /// Sends a command, or keeps it, once, until there is a connection.
  void send(const std::string& id, const std::string& body) {
    send_kept();
    if (kept_back.empty() && send_frames(socket.get(), body))
      sent(id);
    else if (!is_kept_back(id))
      kept_back.emplace_back(id, body);
  }

  void send_kept() {
    while (!kept_back.empty() && send_frames(socket.get(), kept_back.front().second)) {
      sent(kept_back.front().first);
      kept_back.pop_front();
    }
  }

  void sent(const std::string& id) {
    if (id == asked)
      ++open;
  }

  bool is_kept_back(const std::string& id) const {
    return std::any_of(kept_back.begin(), kept_back.end(),
                       [&](const auto& item) { return item.first == id; });
  }

  /// The next sound reply from the socket before `deadline`.
  std::optional<reply> next(span deadline) {
    for (;;) {
      send_kept();
      message_frames in;
      if (receive_frames(socket.get(), false, in)) {
        if (auto r = read(in); r && !is_surplus(r->id))
          return r;
        continue;
      }
      const auto news = static_cast<short>(kept_back.empty() ? ZMQ_POLLIN
                                                             : ZMQ_POLLIN | ZMQ_POLLOUT);
      zmq_pollitem_t item{socket.handle(), 0, news, 0};
      const auto left = left_until(deadline);
      const auto ready = zmq_poll(&item, 1, static_cast<long>(left.count()));
      if (ready <= 0 && left_until(deadline) == span{0})
        return std::nullopt;
    }
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

  /// Replies to what was sent more than once come more than once; the caller gets one.
  bool is_surplus(const std::string& id) {
    const auto found = surplus.find(id);
    if (found == surplus.end() || id == asked)
      return false;
    if (--found->second == 0)
      surplus.erase(found);
    return true;
  }

  client_socket socket;
  uuid7_maker ids;
  std::deque<reply> kept;
  std::deque<std::pair<std::string, std::string>> kept_back;  ///< id and body: not sent yet
  std::string asked;
  int open = 0;  ///< times that `asked` was sent and not answered
  std::unordered_map<std::string, int> surplus;
};

bus_client::bus_client() = default;
bus_client::~bus_client() = default;

result<std::unique_ptr<bus_client>, std::string>
bus_client::connect(const std::string& commands_address, void* context) {
  std::unique_ptr<bus_client> client{new bus_client};
  try {
    client->impl_ = std::make_unique<impl>(context, commands_address);
  } catch (const std::exception& e) {
    return no("cannot connect to " + commands_address + ": " + e.what());
  }
  return client;
}

std::string bus_client::send(command_envelope command) {
  if (command.id.empty())
    command.id = impl_->ids.make(wall_time()).text();
  impl_->send(command.id, pack(to_value(command)));
  return std::move(command.id);
}

bool bus_client::is_away() const {
  return !impl_->kept_back.empty();
}

std::optional<reply> bus_client::receive(std::chrono::milliseconds timeout) {
  if (!impl_->kept.empty()) {
    auto r = std::move(impl_->kept.front());
    impl_->kept.pop_front();
    return r;
  }
  return impl_->next(since_boot() + timeout);
}

std::optional<reply> bus_client::ask(command_envelope command, std::chrono::milliseconds timeout,
                                     std::chrono::milliseconds retry_after) {
  auto& my = *impl_;
  if (command.id.empty())
    command.id = my.ids.make(wall_time()).text();
  const auto body = pack(to_value(command));
  const auto deadline = since_boot() + timeout;
  std::optional<reply> answer;
  my.open = 0;
  my.asked = command.id;
  for (auto again = since_boot();;) {
    if (since_boot() >= again) {
      my.send(command.id, body);
      again = since_boot() + retry_after;
    }
    auto r = my.next(std::min(deadline, again));
    if (r && r->id != command.id) {
      my.kept.push_back(std::move(*r));
    } else if (r) {
      --my.open;
      const bool is_final = r->outcome != outcome_kind::busy;
      again = since_boot() + span{r->retry_ms.value_or(retry_after.count())};
      answer = std::move(r);
      if (is_final || again >= deadline)
        break;
    } else if (since_boot() >= deadline) {
      break;
    }
  }
  my.asked.clear();
  std::erase_if(my.kept_back, [&](const auto& item) { return item.first == command.id; });
  if (my.open > 0)
    my.surplus[command.id] = my.open;
  return answer;
}

} // namespace careline::gateway::bus
