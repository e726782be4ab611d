#include "actors/kernel/log_recovery.hpp"

#include <algorithm>
#include <utility>

#include "actors/kernel/shell_batch.hpp"
#include "messages/codec.hpp"
#include "messages/planted.hpp"

namespace careline::kernel {

namespace {

constexpr std::size_t page_events = 1000;
constexpr std::size_t page_bytes = std::size_t{4} << 20U;

store::log_error damaged(std::string what, position at) {
  return {store::log_fault::damaged, std::move(what), at};
}

/// Calls `each` with every event after `from` up to `to`, in order.
template <class F>
result<std::uint64_t, store::log_error> walk(const store::event_log& log, position from,
                                             position to, F each,
                                             const std::function<bool()>& stops = {}) {
  store::read_options options;
  options.limit = page_events;
  options.bytes_max = page_bytes;
  std::uint64_t count = 0;
  for (options.after = from; options.after < to;) {
    auto page = log.read(options);
    if (!page)
      return no(page.error());
    for (const auto& r : page->events) {
      if (r.at > to)
        return count;
      const auto what = event_in(r);
      if (!what)
        return no(damaged("an event of type " + r.type + " cannot be read", r.at));
      each(r, *what);
      ++count;
    }
    if (page->next <= options.after)
      return no(damaged("the log ends too early", options.after));
    options.after = page->next;
    if (options.after < to && stops && stops())
      break;
  }
  return count;
}

result<std::optional<event_record>, store::log_error> one(const store::event_log& log,
                                                          position at) {
  store::read_options options;
  options.after = at - 1;
  options.limit = 1;
  auto page = log.read(options);
  if (!page)
    return no(page.error());
  if (page->events.empty())
    return std::optional<event_record>{};
  return std::optional{page->events.front()};
}

} // namespace

result<std::optional<log_birth>, store::log_error> read_birth(const store::event_log& log) {
  if (log.head() == 0)
    return std::optional<log_birth>{};
  log_birth out;
  const auto first = one(log, 1);
  if (!first)
    return no(first.error());
  const auto created = *first ? event_in(**first) : std::nullopt;
  const auto* birth = created ? std::get_if<engine::log_created>(&*created) : nullptr;
  if (!birth)
    return no(damaged("the log does not begin with log.created", 1));
  out.seed = birth->seed;
  out.time_zone = birth->time_zone;
  out.offset_minutes = birth->offset_minutes;
  for (const auto& [type, at] : log.last_of_types()) {
    if (type != engine::speed_set::type)
      continue;
    const auto set = one(log, at);
    if (!set)
      return no(set.error());
    const auto what = *set ? event_in(**set) : std::nullopt;
    if (const auto* speed = what ? std::get_if<engine::speed_set>(&*what) : nullptr)
      out.speed = speed->speed;
  }
  const auto last = one(log, log.head());
  if (!last)
    return no(last.error());
  if (*last)
    out.last_time = (**last).time;
  return std::optional{out};
}

result<recovered, store::log_error> recover(const store::event_log& log,
                                            const std::vector<capability*>& models,
                                            const find_snapshot& snapshots) {
  return recover_to(log, log.head(), models, snapshots);
}

result<recovered, store::log_error> recover_to(const store::event_log& log, position to,
                                               const std::vector<capability*>& models,
                                               const find_snapshot& snapshots,
                                               const std::function<bool()>& stops,
                                               const seen_event& seen) {
  recovered out;
  std::vector<std::pair<capability*, position>> rows;
  position from = to;
  for (auto* model : models) {
    position at = 0;
    if (const auto kept = snapshots ? snapshots(model->name()) : std::nullopt) {
      const auto state = unpack_own(kept->body);
      if (state && kept->at <= to && model->load(*state))
        at = kept->at;
      else
        out.remarks.push_back("the snapshot of " + std::string{model->name()}
                              + " could not be used; the log is read from its start");
    }
    rows.emplace_back(model, at);
    from = std::min(from, at);
  }
  const auto each = [&](const event_record& r, const event& e) {
    for (const auto& [model, at] : rows)
      if (r.at > at + (planted(bug::skips_event_after_snapshot) && at > 0 ? 1 : 0))
        model->evolve(e, r.time);
    if (seen)
      seen(r, e);
  };
  auto done = walk(log, from, to, each, stops);
  if (!done)
    return no(done.error());
  out.folded = *done;
  out.head = from + *done;
  return out;
}

result<std::uint64_t, store::log_error> fold_on(const store::event_log& log, position from,
                                                position to,
                                                const std::vector<capability*>& models) {
  return walk(log, from, to, [&](const event_record& r, const event& e) {
    for (auto* model : models)
      model->evolve(e, r.time);
  });
}

} // namespace careline::kernel
