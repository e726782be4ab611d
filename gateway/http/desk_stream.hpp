#pragma once

#include <boost/asio/steady_timer.hpp>
#include <set>
#include <string>

#include "gateway/http/event_stream.hpp"

namespace careline::gateway::http {

/// Tells somebody at a desk that something has happened, and to whom; what it was, the desk asks.
/// What comes in quick succession is told together.
class desk_stream : public event_stream {
public:
  desk_stream(core& in, connection_stream stream, connection_slot slot, credential shown);
  ~desk_stream() override;

  void start(unsigned version);
  /// What of these he may see is told soon.
  void note(const std::vector<seen_event>& what);

private:
  void tell_soon();
  void tell();

  boost::asio::steady_timer soon_;
  std::set<std::string> subjects_;
  position at_ = 0;
  bool told_soon_ = false;
};

} // namespace careline::gateway::http
