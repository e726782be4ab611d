#include "actors/board/figures_hall.hpp"

#include "actors/reception/tables/hours.hpp"
#include "messages/saved_rows.hpp"

namespace careline::board {

void hall_figures::take(const reception::area_defined& e) {
  areas_[e.area] = e;
  has_areas_ = true;
  ++changes_;
}

void hall_figures::take(const reception::area_removed& e) {
  areas_.erase(e.area);
  ++changes_;
}

/// Each ticket stands where it was called last.
void hall_figures::take(const routing::ticket_called& e, instant at) {
  auto& list = called_[e.prefix];
  std::erase_if(list, [&](const call& one) { return one.ticket == e.ticket; });
  if (list.size() >= called_shown)
    list.pop_front();
  list.push_back({e.ticket, e.counter, at});
}

void hall_figures::take(const routing::ticket_missed& e) {
  if (const auto found = called_.find(e.prefix); found != called_.end())
    std::erase_if(found->second, [&](const call& one) { return one.ticket == e.ticket; });
}

value hall_figures::show_areas(instant now, int offset_minutes,
                               const std::function<bool(const site_id&)>& is_closed) const {
  value out{value::map{}};
  for (const auto& [id, area] : areas_) {
    value one{value::map{}};
    one.add("kind", std::string{word_of(area.kind)});
    one.add("queue", area.queue.text());
    one.add("open", !is_closed(area.site) && reception::is_open(area, now, offset_minutes));
    if (!area.site.empty())
      one.add("site", area.site.text());
    out.add(id.text(), std::move(one));
  }
  return out;
}

value hall_figures::show_tickets(instant now, int offset_minutes) const {
  const auto today = to_local(now, offset_minutes).day;
  value out{value::map{}};
  for (const auto& [prefix, calls] : called_) {
    value::list list;
    for (const auto& one : calls)
      if (to_local(one.at, offset_minutes).day == today)
        list.push_back(value::map{{"ticket", one.ticket}, {"counter", one.counter.text()}});
    if (!list.empty())
      out.add(prefix, value{std::move(list)});
  }
  return out;
}

value hall_figures::save() const {
  long_list areas;
  for (const auto& [id, area] : areas_)
    areas.push_back(to_value(area));
  long_list called;
  for (const auto& [prefix, calls] : called_) {
    long_list list;
    for (const auto& one : calls)
      list.push_back(row_of(one.ticket, one.counter.text(), to_ms(one.at)));
    called.push_back(row_of(prefix, list.take()));
  }
  return row_of(has_areas_ ? 1 : 0, areas.take(), called.take());
}

bool hall_figures::load(const value& from) {
  row_reader all{from};
  all >> has_areas_;
  const bool are_read = long_list::each(all.any(), [this](const value& saved) {
    reception::service_area area;
    const bool is_read = from_value(saved, area).has_value();
    areas_[area.area] = std::move(area);
    return is_read;
  });
  return are_read && long_list::each(all.any(), [this](const value& saved) {
           row_reader row{saved};
           std::string prefix;
           row >> prefix;
           auto& list = called_[prefix];
           return row && long_list::each(row.any(), [&](const value& one) {
                    row_reader of{one};
                    std::string counter;
                    auto& next = list.emplace_back();
                    of >> next.ticket >> counter >> next.at;
                    next.counter = counter_id{counter};
                    return static_cast<bool>(of);
                  });
         });
}

} // namespace careline::board
