#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <variant>

#include <careline_gateway/client.hpp>

#include "gateway/bus/bus_client.hpp"

namespace careline_gateway {

/// What waits between the subscriber's thread and the one that uses the follower. Where the latter
/// is slow the former stops taking events in: what ZeroMQ then loses is read from the log.
struct follower::impl {
  /// Throws std::runtime_error for an address that ZeroMQ does not take.
  impl(careline::gateway::bus::subscriber_options from, following how);
  ~impl() { close(); }

  /// The next event; nothing when there is none by `timeout` (none: for ever), or this is closed.
  std::optional<event> take(std::optional<milliseconds> timeout);
  std::uint64_t at() const;
  void close();
  bool is_closed() const;

private:
  struct reset {
    std::uint64_t was;
  };
  struct unreadable {
    std::string sentence;
  };
  using item = std::variant<event, reset, unreadable>;

  void put(item one);

  const following how_;
  mutable std::mutex guard_;
  std::condition_variable came_;
  std::condition_variable taken_;
  std::deque<item> ready_;
  bool is_closed_ = false;
  mutable std::mutex closing_;  ///< taken before guard_
  std::uint64_t at_when_closed_ = 0;
  std::unique_ptr<careline::gateway::bus::bus_subscriber> subscriber_;
};

} // namespace careline_gateway
