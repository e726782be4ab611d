#include "gateway/bus/follow.hpp"

#include <algorithm>

#include "messages/planted.hpp"

namespace careline::gateway::bus {

namespace {

/// Handed on between two beats; beyond, the log is asked.
constexpr std::size_t handed_max = 100'000;

} // namespace

bool type_filter::takes(std::string_view type) const {
  return types_.empty() || std::any_of(types_.begin(), types_.end(), [&](const std::string& t) {
           return type == t || (!t.empty() && t.back() == '.' && type.substr(0, t.size()) == t);
         });
}

void follow::start_at(position after) {
  whole_ = after;
  head_ = after;
  is_behind_ = false;
  last_.clear();
  handed_.clear();
}

bool follow::takes(const event_record& e) {
  if (e.at <= whole_)
    return false;
  if (!is_filtered_) {
    is_behind_ = is_behind_ || (e.at != whole_ + 1 && !planted(bug::follower_sees_no_gap));
    if (is_behind_)
      return false;
    whole_ = e.at;
    head_ = std::max(head_, e.at);
    return true;
  }
  const auto last = last_of(e.type);
  if (e.at <= last)
    return false;
  is_behind_ = is_behind_ || e.previous > last || handed_.size() >= handed_max;
  if (is_behind_)
    return false;
  last_[e.type] = e.at;
  handed_.insert(e.at);
  head_ = std::max(head_, e.at);
  return true;
}

void follow::heard(const head_news& news, const type_filter& wanted) {
  // A head below ours is an old beat, or another log: the log itself will tell.
  if (news.head < whole_)
    is_behind_ = true;
  head_ = std::max(head_, news.head);
  if (!is_filtered_) {
    is_behind_ = is_behind_ || news.head > whole_;
    return;
  }
  is_behind_ = is_behind_ || news.since > whole_;
  for (const auto& [type, at] : news.types)
    is_behind_ = is_behind_ || (wanted.takes(type) && at > last_of(type));
  if (!is_behind_)
    is_whole_up_to(news.head);
}

bool follow::takes_from_log(const event_record& e) {
  if (e.at <= whole_ || handed_.contains(e.at))
    return false;
  if (is_filtered_) {
    auto& last = last_[e.type];
    last = std::max(last, e.at);
  }
  return true;
}

void follow::read_up_to(position next, position head) {
  is_behind_ = false;
  head_ = std::max(head, next);
  is_whole_up_to(std::max(whole_, next));
}

position follow::last_of(const std::string& type) const {
  const auto found = last_.find(type);
  return found == last_.end() ? whole_ : std::max(found->second, whole_);
}

void follow::is_whole_up_to(position at) {
  whole_ = at;
  handed_.erase(handed_.begin(), handed_.upper_bound(at));
  std::erase_if(last_, [&](const auto& item) { return item.second <= at; });
}

} // namespace careline::gateway::bus
