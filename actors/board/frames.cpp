#include "actors/board/frames.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "actors/board/show.hpp"
#include "messages/json.hpp"

namespace careline::board {

namespace {

constexpr std::size_t intervals_shown = 8;

/// When a queue's or channel's figures are as of: its last change, or the last full minute.
instant valued_at(instant touched, instant now) {
  return std::max(touched, instant{std::chrono::floor<std::chrono::minutes>(now)});
}

instant touched_at(const state& s, const queue& q) {
  auto touched = q.figures.touched;
  for (const auto* t : q.teams)
    touched = std::max(touched, t->touched);
  if (const auto* all = q.members ? nullptr : s.everywhere())
    touched = std::max(touched, all->touched);
  return touched;
}

/// Changes of a queue and of the teams that serve it: grows with each.
std::uint64_t changes_of(const state& s, const queue& q) {
  auto changes = q.figures.changes;
  for (const auto* t : q.teams)
    changes += t->changes;
  if (const auto* all = q.members ? nullptr : s.everywhere())
    changes += all->changes;
  return changes;
}

} // namespace

value merge_patch_between(const value& before, const value& after) {
  value patch{value::map{}};
  const auto* is = after.as<value::map>();
  const auto* was = before.as<value::map>();
  if (!is || !was)
    return patch;
  for (const auto& [key, item] : *is) {
    const auto* old = before.find(key);
    if (old && *old == item)
      continue;
    if (old && old->is_map() && item.is_map())
      patch.add(key, merge_patch_between(*old, item));
    else
      patch.add(key, item);
  }
  for (const auto& [key, item] : *was)
    if (!after.find(key))
      patch.add(key, value{});
  return patch;
}

void frame_maker::update_top(std::string_view key, value now_shown, value& patch) {
  const auto* before = top_.find(key);
  if (before && *before == now_shown)
    return;
  if (before && before->is_map() && now_shown.is_map())
    patch.add(key, merge_patch_between(*before, now_shown));
  else
    patch.add(key, now_shown);
  top_.set(key, std::move(now_shown));
}

void frame_maker::show_part(part& of, value shown, value& patch) {
  if (of.is_new)
    patch.add(of.id, shown);
  else if (auto changed = merge_patch_between(of.shown, shown); !changed.as<value::map>()->empty())
    patch.add(of.id, std::move(changed));
  of.shown = std::move(shown);
  of.is_new = false;
}

void frame_maker::update_channels(const state& s, instant now, value& patch) {
  value changed{value::map{}};
  for (std::size_t i = 0; i < s.channels.size(); ++i) {
    const auto& c = s.channels[i];
    if (i == channels_.size())
      channels_.push_back({c.id.text(), 0, {}, {}, true});
    auto& p = channels_[i];
    const auto as_of = valued_at(c.figures.touched, now);
    if (!p.is_new && p.changes == c.figures.changes && p.valued_at == as_of)
      continue;
    p.changes = c.figures.changes;
    p.valued_at = as_of;
    show_part(p, channel_figures(s, c, as_of, precision::rounded), changed);
  }
  if (!changed.as<value::map>()->empty() || at_ == 0)
    patch.add("channels", std::move(changed));
}

void frame_maker::update_queues(const state& s, instant now, value& patch) {
  value changed{value::map{}};
  for (std::size_t i = 0; i < s.queues.size(); ++i) {
    const auto& q = s.queues[i];
    if (i == queues_.size())
      queues_.push_back({q.id.text(), 0, {}, {}, true});
    auto& p = queues_[i];
    const auto changes = changes_of(s, q);
    const auto as_of = valued_at(touched_at(s, q), now);
    if ((!p.is_new || q.removed) && p.changes == changes && p.valued_at == as_of)
      continue;
    p.changes = changes;
    p.valued_at = as_of;
    if (q.removed) {
      if (!p.is_new)
        changed.add(p.id, value{});
      p.shown = {};
      p.is_new = true;
      continue;
    }
    ++made_;
    show_part(p, queue_figures(s, q, as_of, precision::rounded), changed);
  }
  if (!changed.as<value::map>()->empty() || at_ == 0)
    patch.add("queues", std::move(changed));
}

/// Hours are told in minutes: between two of them nothing opens by itself.
void frame_maker::update_hall(const state& s, instant now, value& patch) {
  const instant minute = std::chrono::floor<std::chrono::minutes>(now);
  if (s.hall.has_areas() && std::pair{minute, s.hall.changes()} != areas_as_of_) {
    areas_as_of_ = {minute, s.hall.changes()};
    update_top("areas", areas_figures(s, now), patch);
  }
  if (s.hall.has_tickets())
    update_top("tickets", s.hall.show_tickets(now, s.offset_minutes), patch);
}

frame frame_maker::delta(const board_model& board, instant now) {
  const auto& s = board.state();
  now = std::max(now, s.last);
  made_ = 0;
  value patch{value::map{}};
  update_top("position", s.events, patch);
  update_top("time", to_rfc3339(now), patch);
  update_top("offset_minutes", s.offset_minutes, patch);
  update_top("speed", s.speed, patch);
  update_top("simulated", s.speed != 1, patch);
  update_top("centre", centre_figures(s, now, precision::rounded), patch);
  update_top("agents", agents_of(s.agents_by_state), patch);
  if (!s.sites.empty())
    update_top("sites", sites_figures(s, now, precision::rounded), patch);
  if (s.promises.has_any())
    update_top("promises", s.promises.show(), patch);
  update_hall(s, now, patch);
  update_channels(s, now, patch);
  update_queues(s, now, patch);
  update_top("history", s.centre.history(now), patch);
  update_top("intervals", s.centre.interval_list(now, intervals_shown, precision::rounded), patch);
  at_ = s.events;
  return {at_, false, to_json(patch)};
}

frame frame_maker::whole() const {
  auto out = top_;
  const auto add_parts = [&](std::string_view key, const std::vector<part>& parts) {
    value all{value::map{}};
    for (const auto& p : parts)
      if (!p.is_new)
        all.add(p.id, p.shown);
    out.add(key, std::move(all));
  };
  if (!top_.as<value::map>()->empty()) {
    add_parts("channels", channels_);
    add_parts("queues", queues_);
  }
  return {at_, true, to_json(out)};
}

} // namespace careline::board
