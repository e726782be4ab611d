#include "actors/kernel/log_recovery.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include "actors/kernel/shell_batch.hpp"
#include "messages/codec.hpp"
#include "messages/planted.hpp"

namespace careline::kernel {

namespace {

store::log_error damaged(std::string what, position at) {
  return {store::log_fault::damaged, std::move(what), at};
}

/// How far a capability is.
struct standing_model {
  capability* model = nullptr;
  position at = 0;
  std::string remark;  ///< when its snapshot was left aside
};

standing_model from_snapshot(capability& model, position to, const find_snapshot& snapshots) {
  standing_model out{&model, 0, {}};
  const auto kept = snapshots ? snapshots(model.name()) : std::nullopt;
  if (!kept)
    return out;
  const auto state = unpack_own(kept->body);
  if (state && kept->at <= to && model.load(*state))
    out.at = kept->at;
  else
    out.remark = "the snapshot of " + std::string{model.name()}
                 + " could not be used; the log is read from its start";
  return out;
}

/// Each from its newest snapshot.
std::vector<standing_model> from_snapshots(const std::vector<capability*>& models, position to,
                                           const find_snapshot& snapshots, log_threads threads) {
  const auto when =
      threads == log_threads::own ? std::launch::async : std::launch::deferred;
  std::vector<std::future<standing_model>> loading;
  loading.reserve(models.size());
  for (auto* model : models)
    loading.push_back(
        std::async(when, [&, model] { return from_snapshot(*model, to, snapshots); }));
  std::vector<standing_model> out;
  for (auto& one : loading)
    out.push_back(one.get());
  return out;
}

} // namespace

result<std::optional<event_record>, store::log_error> record_at(const store::event_log& log,
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

result<std::optional<log_birth>, store::log_error> read_birth(const store::event_log& log) {
  if (log.head() == 0)
    return std::optional<log_birth>{};
  log_birth out;
  const auto first = record_at(log, 1);
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
    const auto set = record_at(log, at);
    if (!set)
      return no(set.error());
    const auto what = *set ? event_in(**set) : std::nullopt;
    if (const auto* speed = what ? std::get_if<engine::speed_set>(&*what) : nullptr)
      out.speed = speed->speed;
  }
  const auto last = record_at(log, log.head());
  if (!last)
    return no(last.error());
  if (*last)
    out.last_time = (**last).time;
  return std::optional{out};
}

result<recovered, store::log_error> recover(const store::event_log& log,
                                            const std::vector<capability*>& models,
                                            const find_snapshot& snapshots, log_threads threads) {
  return recover_to(log, log.head(), models, snapshots, {}, {}, threads);
}

result<recovered, store::log_error> recover_to(const store::event_log& log, position to,
                                               const std::vector<capability*>& models,
                                               const find_snapshot& snapshots,
                                               const std::function<bool()>& stops,
                                               const seen_event& seen, log_threads threads) {
  recovered out;
  out.began = to;
  const auto rows = from_snapshots(models, to, snapshots, threads);
  for (const auto& row : rows) {
    out.began = std::min(out.began, row.at);
    if (!row.remark.empty())
      out.remarks.push_back(row.remark);
  }
  const auto takes = [](const standing_model& row, position at) {
    return at > row.at + (planted(bug::skips_event_after_snapshot) && row.at > 0 ? 1 : 0);
  };
  out.head = out.began;
  log_pages pages{log, out.began, to, threads};
  while (out.head < to) {
    const auto page = pages.next();
    if (!page)
      return no(page.error());
    for (const auto& e : *page) {
      for (const auto& row : rows)
        if (takes(row, e.at))
          row.model->evolve(e.what, e.time);
      if (seen)
        seen(e);
    }
    out.folded += page->size();
    out.head += page->size();
    if (out.head < to && stops && stops())
      break;
  }
  return out;
}

result<std::uint64_t, store::log_error> fold_on(const store::event_log& log, position from,
                                                position to,
                                                const std::vector<capability*>& models) {
  log_pages pages{log, from, to, log_threads::callers};
  std::uint64_t folded = 0;
  for (;;) {
    const auto page = pages.next();
    if (!page)
      return no(page.error());
    if (page->empty())
      return folded;
    for (const auto& e : *page)
      for (auto* model : models)
        model->evolve(e.what, e.time);
    folded += page->size();
  }
}

} // namespace careline::kernel
