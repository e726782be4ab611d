#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/bus/wake_up.hpp"
#include "gateway/egress.hpp"
#include "messages/envelope.hpp"

namespace careline::gateway::bus {

/// Where a reply goes: the frames that stood before the command's body, the ROUTER identity first.
using return_path = std::vector<std::string>;

struct addressed_reply {
  return_path to;
  reply what;
  int connection = -1;  ///< that the command came by, as connection_watch knows it
};

/// What other threads have for the socket thread. Shared by the server and by every answer still
/// open, so that an answer given after the server is gone finds a closed box and nothing else.
class outbox {
public:
  /// At most so many events wait; those beyond are left to catch-up.
  explicit outbox(std::size_t events_max) : events_max_(events_max) {}

  struct content {
    std::vector<addressed_reply> replies;
    published events;
    /// Last position by type of what was left out for want of room: `log.head` tells of it.
    std::map<std::string, position> skipped;
    std::uint64_t skipped_count = 0;
  };

  /// Any thread. Does nothing once closed.
  void put(addressed_reply r);
  void put(const published& events);
  /// All that waits, in order. The socket thread.
  void take(content& into);
  void close();

  std::uint64_t queued() const;
  wake_up& bell() noexcept { return bell_; }

private:
  /// One ring wakes the socket thread for all that is put before it looks.
  bool is_empty() const;

  const std::size_t events_max_;
  mutable std::mutex guard_;
  content held_;
  bool is_closed_ = false;
  wake_up bell_;
};

} // namespace careline::gateway::bus
