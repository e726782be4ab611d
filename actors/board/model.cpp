#include "actors/board/model.hpp"

#include <algorithm>

#include "actors/board/show.hpp"

namespace careline::board {

const team* state::everywhere() const {
  const auto found = teams.find(team_key{true, {}});
  return found == teams.end() ? nullptr : &found->second;
}

bool state::is_new_day(instant now) const {
  return day_start && local_midnight(now, offset_minutes) > *day_start;
}

int queue_row(state& s, const queue_id& id) {
  const auto [place, is_new] = s.queue_at.try_emplace(id, static_cast<int>(s.queues.size()));
  if (is_new) {
    s.queues.emplace_back().id = id;
    s.queues.back().figures.touched = s.last;
  }
  return place->second;
}

int channel_row(state& s, const channel_id& id) {
  const auto known = s.channel_at.find(id);
  if (known != s.channel_at.end())
    return known->second;
  const bool full = s.channels.size() >= channels_max;
  const channel_id& name = full ? channel_id{"other"} : id;
  const auto [place, is_new] = s.channel_at.try_emplace(name, static_cast<int>(s.channels.size()));
  if (is_new)
    s.channels.emplace_back().id = name;
  return place->second;
}

int site_row(state& s, const site_id& id) {
  if (id.empty())
    return -1;
  const auto known = std::find_if(s.sites.begin(), s.sites.end(),
                                  [&](const site& one) { return one.id == id; });
  if (known != s.sites.end())
    return static_cast<int>(known - s.sites.begin());
  s.sites.push_back({id, false, {}});
  return static_cast<int>(s.sites.size()) - 1;
}

team& team_of(state& s, team_key serves) {
  const auto [place, is_new] = s.teams.try_emplace(serves);
  auto& t = place->second;
  if (is_new) {
    t.serves = std::move(serves);
    for (const int q : t.serves.queues)
      s.queues[static_cast<std::size_t>(q)].teams.push_back(&t);
  }
  return t;
}

void count_agent(state& s, const agent& a, int by) {
  if (a.state == routing::agent_state::signed_out)
    return;
  const auto row = static_cast<std::size_t>(a.state);
  a.in->states[row] += by;
  a.in->signed_in += by;
  s.agents_by_state[row] += by;
  if (a.site >= 0)
    s.sites[static_cast<std::size_t>(a.site)].agents[row] += by;
}

answer<kernel::decision> board_model::decide(const command& c, const kernel::turn_context&) const {
  return no(because("command.type_unknown", "type", std::string{type_of(c)}));
}

answer<kernel::decision> board_model::take_over(const command& c, const kernel::decision&,
                                                const kernel::turn_context&) const {
  return no(because("command.type_unknown", "type", std::string{type_of(c)}));
}

void board_model::evolve(const event& e, instant at) {
  board::evolve(state_, e, at);
}

answer<value> board_model::ask(const command& asked, const kernel::turn_context& in) const {
  const auto* of = std::get_if<query::board_show>(&asked);
  if (!of)
    return no(because("command.type_unknown", "type", std::string{type_of(asked)}));
  const auto now = std::max(of->time.value_or(in.now), state_.last);
  if (of->queue.empty())
    return show(state_, now);
  const auto found = state_.queue_at.find(of->queue);
  const auto* q = found == state_.queue_at.end()
                      ? nullptr
                      : &state_.queues[static_cast<std::size_t>(found->second)];
  if (!q || q->removed)
    return no(because("routing.unknown_queue", "queue"));
  return show_queue(state_, *q, now);
}

bool board_model::load(const value& from) {
  board::state loaded;
  if (!board::load(loaded, from))
    return false;
  state_ = std::move(loaded);
  return true;
}

} // namespace careline::board
