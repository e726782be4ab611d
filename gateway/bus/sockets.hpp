#pragma once

// What all sockets of the bus have in common. Included by .cpp files of this folder only.

#include <string>
#include <string_view>
#include <vector>
#include <zmq.hpp>

#include "gateway/bus/client_key.hpp"
#include "gateway/bus/outbox.hpp"

namespace careline::gateway::bus {

inline constexpr int heartbeat_every_ms = 2'000;
inline constexpr int heartbeat_timeout_ms = 6'000;
inline constexpr int handshake_ms_max = 5'000;
inline constexpr int linger_ms_max = 2'000;
inline constexpr int client_linger_ms_max = 200;
inline constexpr int reconnect_ms = 50;
inline constexpr int reconnect_ms_max = 1'000;

/// Frames that may stand before a command's empty frame (proxies put them there).
inline constexpr std::size_t path_frames_max = 8;

inline constexpr std::string_view log_head_topic = "log.head";

/// The three ways over the bus, for ThreadSanitizer alone (messages/happens_before.hpp), which sees
/// nothing of ZeroMQ's pipes. One per kind and process: what is sent happens before all of its kind
/// that is taken in later, which is more than holds when two servers are in one process.
enum class way : char { command, reply, event };
void goes_out(way by) noexcept;
void came_in(way by) noexcept;

/// Heartbeats, keepalive, bounded handshake and linger. The marks are each socket's own.
void set_common(zmq::socket_ref socket, const std::string& address);

/// Nobody connects without a key that the context's key_handler lets in.
void set_keys_needed(zmq::socket_ref socket, const std::string& secret_key);

/// Who sent a message, as far as its connection says.
struct sender_marks {
  int connection = -1;  ///< ZeroMQ's handle of it; -1: it comes out of this process
  std::string key;      ///< public key that the connection was opened with, if any
  std::string address;
};
sender_marks marks_of(zmq::message_t& frame);

/// What ZeroMQ binds to: no machine's name, and "*" for any free port where people write 0.
std::string bindable(std::string address);

/// A socket of a client: in a context of its own, or in the one given. One thread.
class client_socket {
public:
  client_socket(void* context, zmq::socket_type type, const std::string& address,
                const client_key& key = {});
  ~client_socket();
  client_socket(const client_socket&) = delete;
  client_socket& operator=(const client_socket&) = delete;

  zmq::socket_ref get() noexcept { return {zmq::from_handle, socket_}; }
  void* handle() noexcept { return socket_; }

private:
  void* own_context_ = nullptr;
  void* socket_ = nullptr;
};

/// A command or reply as it came: the frames up to and with the empty one, and the body.
struct message_frames {
  return_path path;
  std::string body;
  sender_marks from;      ///< of what came to a ROUTER
  bool is_sound = false;  ///< exactly one body, and not more frames before it than allowed
};

/// Sends a command's body behind its empty frame, without waiting. False, and nothing sent, while
/// there is no connection.
bool send_frames(zmq::socket_ref socket, std::string_view body);

/// Reads one whole message without waiting; false when there is none. `has_identity`: the first
/// frame is the ROUTER's name of the peer.
bool receive_frames(zmq::socket_ref socket, bool has_identity, message_frames& into);

/// The text `id` where it is the first key of a map, read without reading the rest.
std::string id_at_front(std::string_view body);

/// Hex digits, two a byte.
std::string to_hex(std::string_view bytes);

} // namespace careline::gateway::bus
