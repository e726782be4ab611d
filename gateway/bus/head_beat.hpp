#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "messages/envelope.hpp"

namespace careline::gateway::bus {

/// What `log.head` says (docs/wire.md): the last position, and that of each type with an event
/// after `since`.
struct head_news {
  position head = 0;
  position since = 0;
  std::vector<std::pair<std::string, position>> types;
};
std::string to_bus_body(const head_news& news);
answer<head_news> read_head_news(const value& body);

/// Keeps what was told and what is new since the last beat. One thread.
class head_beat {
public:
  head_beat(position head, const std::vector<std::pair<std::string, position>>& last_of_types);

  /// An event went out, or was left out: both count.
  void saw(std::string_view type, position at);
  /// What to say now: all types at the first, at each tenth, and when `whole` is asked for.
  head_news next(bool whole);

private:
  std::map<std::string, position, std::less<>> last_;
  position head_ = 0;
  position told_ = 0;
  unsigned beats_ = 0;
};

} // namespace careline::gateway::bus
