#include "tools/careline/scenario_log.hpp"

#include <stdexcept>
#include <utility>

#include "actors/kernel/log_reader.hpp"
#include "actors/kernel/shell_batch.hpp"

namespace careline::program {

namespace {

std::unique_ptr<store::event_log> in_memory() {
  store::open_options options;
  options.place = "memory:";
  auto log = store::open_event_log(options);
  if (!log)
    throw std::runtime_error(log.error().detail);
  return std::move(*log);
}

} // namespace

scenario_log::scenario_log(bool kept) : log_(kept ? in_memory() : nullptr) {}

void scenario_log::take(const kernel::logged_event& e) {
  if (!log_)
    return;
  auto records = kernel::records_of({{e.what, e.time}}, {e.actor, e.causation, {}, {}, false},
                                    keys_);
  if (!records)
    throw std::runtime_error(records.error().title);
  store::batch one;
  one.events = std::move(*records);
  log_->append({std::move(one)}, log_->head(), log_->epoch(), [](const auto& done) {
    if (!done)
      throw std::runtime_error(done.error().detail);
  });
}

answer<value> scenario_log::complete(const command& query, answer<value> told) const {
  if (!log_)
    return told;
  if (const auto* what = std::get_if<query::log_read>(&query))
    return kernel::read_page(*log_, *what);
  return kernel::complete(*log_, query, std::move(told));
}

} // namespace careline::program
