#include "gateway/bus/head_beat.hpp"

#include <algorithm>

#include "messages/codec.hpp"

namespace careline::gateway::bus {

namespace {

constexpr unsigned whole_each = 10;

} // namespace

std::string to_bus_body(const head_news& news) {
  value v{value::map{}};
  v.add("partition", default_partition);
  v.add("head", news.head);
  v.add("since", news.since);
  value types{value::map{}};
  for (const auto& [type, at] : news.types)
    types.add(type, at);
  v.add("types", std::move(types));
  return pack(v);
}

answer<head_news> read_head_news(const value& body) {
  head_news news;
  const auto head = body.int_or("head", -1);
  const auto* types = body.find("types");
  if (head < 0 || !types || !types->is_map())
    return no(because("command.malformed", {}, "no log.head"));
  news.head = static_cast<position>(head);
  news.since = static_cast<position>(std::max<std::int64_t>(body.int_or("since", 0), 0));
  for (const auto& [type, at] : *types->as<value::map>())
    if (const auto* n = at.as<std::int64_t>(); n && *n >= 0)
      news.types.emplace_back(type, static_cast<position>(*n));
  return news;
}

head_beat::head_beat(position head, const std::vector<std::pair<std::string, position>>& last)
    : last_(last.begin(), last.end()), head_(head) {}

void head_beat::saw(std::string_view type, position at) {
  head_ = std::max(head_, at);
  if (const auto known = last_.find(type); known != last_.end())
    known->second = std::max(known->second, at);
  else
    last_.emplace(type, at);
}

head_news head_beat::next(bool whole) {
  const bool is_whole = whole || beats_ % whole_each == 0;
  beats_ = is_whole ? 1 : beats_ + 1;
  head_news news{head_, is_whole ? 0 : told_, {}};
  for (const auto& [type, at] : last_)
    if (at > news.since || is_whole)
      news.types.emplace_back(type, at);
  told_ = head_;
  return news;
}

} // namespace careline::gateway::bus
