#include "tests/simulation/snapshots.hpp"

#include "messages/codec.hpp"
#include "store/snapshots.hpp"

namespace careline::simulation {

kernel::find_snapshot snapshots_of(machine& on, const store::event_log& log) {
  return [&on, &log](std::string_view name) -> std::optional<kernel::kept_state> {
    auto found = store::load_newest_snapshot(on.snapshots, name, log);
    if (!found.newest)
      return std::nullopt;
    return kernel::kept_state{found.newest->at, std::move(found.newest->body)};
  };
}

void make_snapshot(machine& on, const store::event_log& log) {
  const auto to = log.head();
  const auto fresh = newborn();
  const auto did = kernel::recover_to(log, to, fresh.each(), snapshots_of(on, log));
  must(did && did->head == to, "a snapshot can be folded");
  for (auto* model : fresh.each())
    must(store::write_snapshot(on.snapshots, model->name(), to, *log.hash_at(to),
                               pack(model->save()))
             .has_value(),
         "a snapshot can be written");
}

void leave_old_snapshot(machine& on, position head) {
  const auto other = newborn();
  engine::log_created created;
  created.seed = 7;
  for (auto* model : other.each())
    model->evolve(created, nine);
  session::session_opened stranger;
  stranger.session = session_name{"stranger"};
  other.session->evolve(stranger, nine);
  const auto at = on.all.draw.one_in(2) ? head : head + 50;
  for (auto* model : other.each())
    (void)store::write_snapshot(on.snapshots, model->name(), at, {}, pack(model->save()));
}

} // namespace careline::simulation
