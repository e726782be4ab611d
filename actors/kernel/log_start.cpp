#include "actors/kernel/log_start.hpp"

#include "actors/kernel/shell_batch.hpp"

namespace careline::kernel {

store::batch first_batch(const log_birth& as, sealer& keys) {
  engine::log_created created;
  created.seed = as.seed;
  created.time_zone = as.time_zone;
  created.offset_minutes = as.offset_minutes;
  engine::speed_set speed;
  speed.speed = as.speed;
  store::batch out;
  auto records = records_of({{created, as.last_time}, {speed, as.last_time}},
                            {"engine", {}, {}, {}, false}, keys);
  out.events = std::move(*records);
  out.checkpoints.push_back({std::string{reacting}, 0});
  out.uses_reserve = true;
  return out;
}

result<void, store::log_error>
read_missed(const store::event_log& log, position reacted, position head,
            const std::function<void(const std::vector<event_record>&)>& to) {
  store::read_options options;
  options.types = {"session."};
  for (options.after = reacted; options.after < head;) {
    auto page = log.read(options);
    if (!page)
      return no(page.error());
    std::erase_if(page->events, [&](const event_record& r) { return r.at > head; });
    if (!page->events.empty())
      to(page->events);
    if (page->next <= options.after)
      return no(store::log_error{store::log_fault::damaged, "the log ends too early"});
    options.after = page->next;
  }
  return {};
}

} // namespace careline::kernel
