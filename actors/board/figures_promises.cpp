#include "actors/board/figures_promises.hpp"

#include "messages/saved_rows.hpp"

namespace careline::board {

void promise_figures::set(const promise_id& id, instant due, bool broken) {
  forget(id);
  rows_[id] = {due, broken};
  if (!broken)
    open_.insert(due);
  has_any_ = true;
}

void promise_figures::forget(const promise_id& id) {
  const auto found = rows_.find(id);
  if (found == rows_.end())
    return;
  if (!found->second.broken)
    open_.erase(open_.find(found->second.due));
  rows_.erase(found);
}

void promise_figures::take(const promise::promise_made& e) {
  set(e.promise, e.due, false);
}

void promise_figures::take(const promise::promise_broken& e) {
  set(e.promise, e.due, true);
}

void promise_figures::take(const promise::promise_kept& e) {
  forget(e.promise);
}

/// To another agent alone it stays what it was.
void promise_figures::take(const promise::promise_moved& e) {
  if (const auto found = rows_.find(e.promise);
      found != rows_.end() && found->second.due != e.due)
    set(e.promise, e.due, false);
}

value promise_figures::show() const {
  value out{value::map{}};
  out.add("open", static_cast<std::uint64_t>(open_.size()));
  out.add("broken", static_cast<std::uint64_t>(rows_.size() - open_.size()));
  if (!open_.empty())
    out.add("next_due", to_rfc3339(*open_.begin()));
  return out;
}

value promise_figures::save() const {
  long_list out;
  for (const auto& [id, one] : rows_)
    out.push_back(row_of(id.text(), to_ms(one.due), one.broken ? 1 : 0));
  return row_of(has_any_ ? 1 : 0, out.take());
}

bool promise_figures::load(const value& from) {
  row_reader all{from};
  bool has_any = false;
  all >> has_any;
  const bool are_read = long_list::each(all.any(), [this](const value& saved) {
    row_reader one{saved};
    std::string id;
    instant due{};
    bool broken = false;
    one >> id >> due >> broken;
    set(promise_id{std::move(id)}, due, broken);
    return static_cast<bool>(one);
  });
  has_any_ = has_any;
  return are_read && all;
}

} // namespace careline::board
