#include "gateway/bus/sockets.hpp"

#include "gateway/bus/key_handler.hpp"

#include "messages/happens_before.hpp"
#include "messages/ids.hpp"

namespace careline::gateway::bus {

namespace {

const void* address_of(way by) noexcept {
  static constexpr char ways[] = {0, 1, 2};
  return &ways[static_cast<std::size_t>(by)];
}

} // namespace

void goes_out(way by) noexcept {
  happens_before(address_of(by));
}

void came_in(way by) noexcept {
  happens_after(address_of(by));
}

void set_common(zmq::socket_ref socket, const std::string& address) {
  socket.set(zmq::sockopt::linger, linger_ms_max);
  socket.set(zmq::sockopt::handshake_ivl, handshake_ms_max);
  socket.set(zmq::sockopt::heartbeat_ivl, heartbeat_every_ms);
  socket.set(zmq::sockopt::heartbeat_timeout, heartbeat_timeout_ms);
  socket.set(zmq::sockopt::heartbeat_ttl, heartbeat_timeout_ms);
  socket.set(zmq::sockopt::tcp_keepalive, 1);
  socket.set(zmq::sockopt::tcp_keepalive_idle, 30);
  socket.set(zmq::sockopt::tcp_keepalive_intvl, 10);
  socket.set(zmq::sockopt::tcp_keepalive_cnt, 3);
  socket.set(zmq::sockopt::reconnect_ivl, reconnect_ms);
  socket.set(zmq::sockopt::reconnect_ivl_max, reconnect_ms_max);
  if (address.find('[') != std::string::npos)
    socket.set(zmq::sockopt::ipv6, 1);
}

void set_keys_needed(zmq::socket_ref socket, const std::string& secret_key) {
  // Without a domain, or without enforcing it, ZeroMQ lets in whoever has some key.
  constexpr int enforce_domain = 93;  // ZMQ_ZAP_ENFORCE_DOMAIN, still among the drafts of 4.3.4
  constexpr int yes = 1;
  socket.set(zmq::sockopt::curve_server, true);
  socket.set(zmq::sockopt::curve_secretkey, secret_key);
  socket.set(zmq::sockopt::zap_domain, "careline");
  if (zmq_setsockopt(socket.handle(), enforce_domain, &yes, sizeof yes) != 0)
    throw zmq::error_t{};
}

sender_marks marks_of(zmq::message_t& frame) {
  const auto said = [&](const char* name) {
    const auto* text = zmq_msg_gets(frame.handle(), name);
    return text ? std::string{text} : std::string{};
  };
  sender_marks marks;
  marks.connection = zmq_msg_get(frame.handle(), ZMQ_SRCFD);
  if (marks.connection >= 0) {
    marks.key = said(key_property);
    marks.address = said("Peer-Address");
  }
  return marks;
}

std::string bindable(std::string address) {
  constexpr std::string_view by_name = "tcp://localhost:";
  if (address.starts_with(by_name))
    address.replace(0, by_name.size(), "tcp://127.0.0.1:");
  if (address.starts_with("tcp://") && address.ends_with(":0"))
    address.replace(address.size() - 1, 1, "*");
  return address;
}

client_socket::client_socket(void* context, zmq::socket_type type, const std::string& address,
                             const client_key& key) {
  if (!context)
    context = own_context_ = zmq_ctx_new();
  socket_ = zmq_socket(context, static_cast<int>(type));
  if (!socket_) {
    const zmq::error_t why;
    if (own_context_)
      zmq_ctx_term(own_context_);
    throw why;
  }
  set_common(get(), address);
  get().set(zmq::sockopt::linger, client_linger_ms_max);
  // Nothing waits inside ZeroMQ for an engine that is away: it would be done when it is back, and
  // by then it may have been given up.
  if (type == zmq::socket_type::dealer)
    get().set(zmq::sockopt::immediate, 1);
  if (!key.empty()) {
    get().set(zmq::sockopt::curve_serverkey, key.server_key);
    get().set(zmq::sockopt::curve_publickey, key.public_key);
    get().set(zmq::sockopt::curve_secretkey, key.secret_key);
  }
}

client_socket::~client_socket() {
  zmq_close(socket_);
  if (own_context_)
    zmq_ctx_term(own_context_);
}

bool send_frames(zmq::socket_ref socket, std::string_view body) {
  goes_out(way::command);
  if (!socket.send(zmq::message_t{}, zmq::send_flags::sndmore | zmq::send_flags::dontwait))
    return false;
  static_cast<void>(socket.send(zmq::buffer(body), zmq::send_flags::dontwait));
  return true;
}

bool receive_frames(zmq::socket_ref socket, bool has_identity, message_frames& into) {
  into.path.clear();
  into.body.clear();
  into.from = {};
  zmq::message_t frame;
  if (!socket.recv(frame, zmq::recv_flags::dontwait))
    return false;
  came_in(has_identity ? way::command : way::reply);
  std::vector<std::string> frames;
  std::size_t count = 1;
  frames.push_back(frame.to_string());
  while (frame.more()) {
    static_cast<void>(socket.recv(frame));
    if (++count <= path_frames_max + 3)
      frames.push_back(frame.to_string());
  }
  std::size_t body = 0;
  if (has_identity) {
    into.from = marks_of(frame);
    into.path.push_back(std::move(frames[body++]));
  }
  // The first empty frame ends the way back, unless it is the last: then it is an empty body.
  const auto first = body;
  for (auto i = first; i + 1 < frames.size(); ++i)
    if (frames[i].empty()) {
      for (auto k = first; k <= i; ++k)
        into.path.push_back(std::move(frames[k]));
      body = i + 1;
      break;
    }
  into.is_sound = body + 1 == count;
  if (into.is_sound)
    into.body = std::move(frames[body]);
  return true;
}

std::string id_at_front(std::string_view body) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(body[i]); };
  std::size_t at = 0;
  if (body.empty())
    return {};
  if ((byte(0) & 0xF0U) == 0x80)
    at = 1;
  else if (byte(0) == 0xDE)
    at = 3;
  else if (byte(0) == 0xDF)
    at = 5;
  else
    return {};
  if (body.size() < at + 4 || body.substr(at, 3) != "\xA2id")
    return {};
  at += 3;
  std::size_t size = 0;
  if ((byte(at) & 0xE0U) == 0xA0) {
    size = byte(at) & 0x1FU;
    at += 1;
  } else if (byte(at) == 0xD9 && body.size() > at + 1) {
    size = byte(at + 1);
    at += 2;
  }
  if (size == 0 || body.size() < at + size)
    return {};
  const auto id = body.substr(at, size);
  return is_valid_id(id) ? std::string{id} : std::string{};
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

} // namespace careline::gateway::bus
