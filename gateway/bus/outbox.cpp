#include "gateway/bus/outbox.hpp"

#include <utility>

namespace careline::gateway::bus {

void outbox::put(addressed_reply r) {
  const std::lock_guard lock{guard_};
  if (is_closed_)
    return;
  const bool was_empty = is_empty();
  held_.replies.push_back(std::move(r));
  if (was_empty)
    bell_.ring();
}

void outbox::put(const published& events) {
  if (events.empty())
    return;
  const std::lock_guard lock{guard_};
  if (is_closed_)
    return;
  const bool was_empty = is_empty();
  for (const auto& e : events) {
    // Once one was left out, all after it are, until the box is emptied: order is kept.
    if (held_.skipped.empty() && held_.events.size() < events_max_)
      held_.events.push_back(e);
    else {
      held_.skipped[e->type] = e->at;
      ++held_.skipped_count;
    }
  }
  if (was_empty)
    bell_.ring();
}

void outbox::take(content& into) {
  into.replies.clear();
  into.events.clear();
  into.skipped.clear();
  into.skipped_count = 0;
  const std::lock_guard lock{guard_};
  std::swap(into, held_);
  bell_.clear();
}

void outbox::close() {
  const std::lock_guard lock{guard_};
  is_closed_ = true;
  held_ = {};
}

std::uint64_t outbox::queued() const {
  const std::lock_guard lock{guard_};
  return held_.replies.size() + held_.events.size();
}

bool outbox::is_empty() const {
  return held_.replies.empty() && held_.events.empty() && held_.skipped.empty();
}

} // namespace careline::gateway::bus
