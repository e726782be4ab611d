#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gateway/http/http_server.hpp"

namespace careline::gateway::http {

class event_stream;

/// Text made once and written to many sockets.
using chunk = std::shared_ptr<const std::string>;

/// What the connections of one server share. All but the counters belongs to the HTTP thread.
struct core {
  core(http_options given, ingress& to) : options(std::move(given)), commands(to) {}

  http_options options;
  ingress& commands;
  std::string bound;

  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> fallbacks{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> too_many{0};
  std::atomic<std::uint64_t> slow_requests{0};
  std::atomic<std::uint64_t> slow_readers{0};
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> beats{0};
  std::atomic<std::uint64_t> pages_open{0};
  std::atomic<std::uint64_t> desks_open{0};
  std::atomic<std::uint64_t> frames_queued{0};  ///< handed to the thread and not yet fanned out
  std::atomic<bool> frames_lost{false};         ///< the thread was too far behind to be handed more

  std::optional<boost::asio::ssl::context> tls;  ///< none: in clear
  std::set<event_stream*> streams;
  std::uint64_t connections_made = 0;
  std::uint64_t beats_since_frame = 0;
  chunk whole;       ///< the newest snapshot, while no frame came after it
  position whole_at = 0;

  /// Last member: it is destroyed first, and with it the connections, which use the others.
  boost::asio::io_context loop{1};
};

/// Counts one connection for as long as it lives, whatever it becomes.
class connection_slot {
public:
  explicit connection_slot(core& in) : in_(&in) { ++in_->connections; }
  connection_slot(connection_slot&& other) noexcept : in_(other.in_) { other.in_ = nullptr; }
  connection_slot& operator=(connection_slot&&) = delete;
  ~connection_slot() {
    if (in_)
      --in_->connections;
  }

private:
  core* in_;
};

/// One event of the stream, as text.
std::string sse_text(std::string_view event, position at, std::string_view data);
/// The whole board as one `snapshot` event, made once for all who ask before the next frame; null
/// where there is none yet.
chunk whole_chunk(core& in);
/// Gives a frame to all pages.
void fan_out(core& in, const board_frame& frame);
/// Tells all streams that the engine is there, and for how long it has had nothing to say; ends
/// those whose listeners may hear no more.
void beat(core& in);
/// Notes for all desks that something happened, and tells them a moment later.
void tell_desks(core& in, const std::vector<seen_event>& what);

} // namespace careline::gateway::http
