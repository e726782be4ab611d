#include "actors/kernel/caf_intake.hpp"

#include <utility>


namespace careline::kernel {

namespace {

using std::chrono::nanoseconds;

/// A lease of half a second still has five of these.
constexpr nanoseconds heard_each = 100ms;
constexpr nanoseconds house_each = 1s;
constexpr nanoseconds parked_each = 2ms;
/// How stale the room may be that commands are let in by: less than can be written in that time.
constexpr nanoseconds room_each = 50ms;
/// Wall clock ahead of engine time by more than its everyday drift.
constexpr span hurries_at = 100ms;
/// A client is forgotten here long after any lease; its next word is told again.
constexpr nanoseconds heard_kept = std::chrono::minutes{10};

} // namespace

std::optional<known_reply> intake_actor::log_memory::find(const std::string& client,
                                                          const std::string& id) const {
  const auto row = parts_.log.find_command({client, id});
  if (!row) {
    // Whether it happened already cannot be known: better no engine than a thing done twice.
    parts_.fatal(row.error().fault == store::log_fault::damaged ? 3 : 1,
                 "the log could not be read: " + row.error().detail);
    return std::nullopt;
  }
  return *row ? std::optional{reply_of(**row)} : std::nullopt;
}

intake_actor::intake_actor(caf::actor_config& config, intake_setup setup)
    : engine_actor(config), setup_(std::move(setup)), memory_(setup_.parts),
      intake_(setup_.options.intake, memory_, setup_.digest),
      room_bytes_(setup_.parts.log.room_bytes()),
      reserve_bytes_(setup_.parts.log.reserve_bytes()) {}

caf::behavior intake_actor::make_behavior() {
  tell_later(caf::actor{this}, house_each, housekeeping{});
  return {
      [this](const submitted&) {
        for (auto& s : setup_.peers->submissions.take()) {
          --setup_.gauges->submissions;
          take(s);
        }
      },
      [this](const finished&) {
        for (auto& d : setup_.peers->done.take())
          finish(d.ticket, std::move(d.with));
      },
      [this](const wake_up&) { try_parked(); },
      [this](const to_note& n) { note(*n.what); },
      [this](const housekeeping&) {
        keep_house();
        tell_later(caf::actor{this}, house_each, housekeeping{});
      },
      [this](const pulse& p) {
        // What was fetched already: `mailbox().size()` fetches more, and in a handler loses it.
        answer_pulse(p, *setup_.gauges, mailbox().queue().total_task_size(), setup_.parts);
      },
      [this](const drain& d) {
        draining_.push_back(d.when_empty);
        write_gauges();
      },
  };
}

intake_moment intake_actor::moment() {
  intake_moment at;
  at.now = setup_.parts.clock.id_now();
  at.steady = setup_.parts.clock.lease_now().time_since_epoch();
  at.stopping = setup_.gauges->stopping;
  at.head = setup_.parts.log.head();
  if (at.steady >= room_seen_ + room_each) {
    room_seen_ = at.steady;
    room_bytes_ = setup_.parts.log.room_bytes();
    reserve_bytes_ = setup_.parts.log.reserve_bytes();
    setup_.gauges->room_bytes = room_bytes_;
  }
  at.room_bytes = room_bytes_;
  at.reserve_bytes = reserve_bytes_;
  return at;
}

void intake_actor::note_heard(const std::string& client) {
  const nanoseconds now = setup_.parts.clock.lease_now().time_since_epoch();
  const auto [known, is_new] = heard_.try_emplace(client, now);
  if (!is_new && now - known->second < heard_each)
    return;
  known->second = now;
  tell(setup_.peers->session, heard{client});
}

void intake_actor::take(submission& s) {
  note_heard(s.what.source);
  {
    const std::lock_guard hold{setup_.gauges->mutex};
    for (const auto& [queue, place] : std::exchange(setup_.gauges->fallbacks, {}))
      intake_.set_fallback(queue, place);
  }
  auto a = intake_.admit(std::move(s.what), s.connection, moment(), std::move(s.answer));
  if (a)
    give(std::move(*a));
  write_gauges();
}

void intake_actor::give(admitted a) {
  if (const auto* beat = std::get_if<session::session_beat>(&a.what);
      beat && !beat->name.empty() && beat->name.text() != a.envelope.source)
    note_heard(beat->name.text());
  const auto j = std::make_shared<admitted>(std::move(a));
  const auto& peers = *setup_.peers;
  switch (j->to) {
    case owner::reception: tell(peers.reception, to_handle{j}); return;
    case owner::routing: {
      // Not past an opening of the same contact that is still with reception.
      const bool behind = !j->contact.empty() && intake_.is_opening(j->contact);
      tell(behind ? peers.reception : peers.routing, to_handle{j});
      return;
    }
    case owner::session: tell(peers.session, to_handle{j}); return;
    case owner::board:
      if (peers.board)
        tell(peers.board, to_handle{j});
      else
        finish(j->ticket, refuse({}, because("command.type_unknown", "type", "there is no board")));
      return;
    case owner::log:
    case owner::engine: tell_at_position(j); return;
    default: tell(peers.desks.at(j->to), to_handle{j}); return;
  }
}

/// A question of the log or the engine itself waits for its position like any other.
void intake_actor::tell_at_position(const job& j) {
  if (setup_.parts.log.head() < j->min_position) {
    const nanoseconds now = setup_.parts.clock.lease_now().time_since_epoch();
    parked_.push_back({j, now + nanoseconds{setup_.options.patience}});
    if (parked_.size() == 1)
      tell_later(caf::actor{this}, parked_each, wake_up{});
    return;
  }
  if (j->to == owner::log)
    read_log(j);
  else
    tell_status(j);
}

void intake_actor::try_parked() {
  const nanoseconds now = setup_.parts.clock.lease_now().time_since_epoch();
  for (auto& p : std::exchange(parked_, {})) {
    if (setup_.parts.log.head() < p.what->min_position && now >= p.until)
      finish(p.what->ticket, refuse({}, because("engine.behind")));
    else if (setup_.parts.log.head() < p.what->min_position)
      parked_.push_back(std::move(p));
    else
      tell_at_position(p.what);
  }
  if (!parked_.empty())
    tell_later(caf::actor{this}, parked_each, wake_up{});
}

void intake_actor::read_log(const job& j) {
  const caf::actor self{this};
  const bool taken = setup_.parts.reader.post([j, self, peers = setup_.peers](const auto& log) {
    reply out;
    const auto* what = std::get_if<query::log_read>(&j->what);
    auto page = what ? read_page(log, *what) : answer<value>{no(because("command.type_unknown"))};
    if (page)
      out.data = std::move(*page);
    else
      out = refuse({}, page.error());
    if (peers->done.put({j->ticket, std::move(out)}))
      tell(self, finished{});
  });
  if (!taken)
    finish(j->ticket, refuse({}, because("engine.busy", {}, "too many questions of the log")));
}

void intake_actor::tell_status(const job& j) {
  auto& parts = setup_.parts;
  const auto writer = parts.writer.figures();
  value out{value::map{}};
  out.add("head", parts.log.head());
  out.add("epoch", parts.log.epoch());
  out.add("time", to_rfc3339(parts.clock.now()));
  out.add("speed", parts.clock.speed());
  out.add("offset_minutes", parts.offset_minutes);
  out.add("clock_difference_s", to_seconds(parts.clock.difference()));
  out.add("in_flight", static_cast<std::uint64_t>(intake_.in_flight()));
  out.add("writer_queued", writer.queued);
  out.add("commit_mean_us", writer.mean_commit_us);
  out.add("board_position", setup_.gauges->board_at.load());
  out.add("sessions", static_cast<std::uint64_t>(setup_.gauges->sessions_open.load()));
  out.add("room_bytes", setup_.gauges->room_bytes.load());
  reply with;
  with.data = std::move(out);
  finish(j->ticket, std::move(with));
}

void intake_actor::finish(std::uint64_t ticket, reply with) {
  intake_.finish(ticket, std::move(with), setup_.parts.clock.lease_now().time_since_epoch());
  write_gauges();
}

void intake_actor::write_gauges() {
  auto& g = *setup_.gauges;
  g.in_flight = intake_.in_flight();
  g.safety_handed_over = intake_.safety_handed_over();
  if (intake_.in_flight() == 0 && !draining_.empty())
    for (const auto& waiting : std::exchange(draining_, {}))
      waiting->set_value();
}

void intake_actor::keep_house() {
  setup_.gauges->room_bytes = setup_.parts.log.room_bytes();
  const nanoseconds now = setup_.parts.clock.lease_now().time_since_epoch();
  std::erase_if(heard_, [&](const auto& row) { return now - row.second > heard_kept; });
  if (setup_.peers->is_complete)
    watch_clock();
  write_gauges();
  const std::lock_guard hold{setup_.gauges->mutex};
  setup_.gauges->commands = intake_.counts();
}

void intake_actor::watch_clock() {
  auto& parts = setup_.parts;
  // Timers that were set before engine time began to hurry would come a tenth too late.
  if (parts.clock.difference() > hurries_at)
    for (const auto* who : {&setup_.peers->reception, &setup_.peers->routing})
      tell(*who, wake_up{});
  const auto jump = parts.clock.take_jump();
  {
    const std::lock_guard hold{setup_.gauges->mutex};
    if (jump)
      setup_.gauges->jumped = jump;
    else if (std::chrono::abs(parts.clock.difference()) <= 5s)
      setup_.gauges->jumped.reset();
  }
  if (!jump)
    return;
  engine::clock_jumped what;
  what.difference_s = jump->difference;
  what.back = jump->back;
  const auto* which_way = jump->back ? " s behind" : " s ahead of";
  const auto seconds = round<std::chrono::seconds>(jump->difference).count();
  parts.journal(journal_level::warning, "the wall clock is " + std::to_string(seconds) + which_way
                                            + " engine time");
  note(what);
}

/// Nobody waits for it, and it fits into the reserve.
void intake_actor::note(const event& what) {
  auto& parts = setup_.parts;
  auto records = records_of({{what, parts.clock.now()}}, {"engine", {}, {}, {}, false}, parts.keys);
  store::batch b;
  b.events = std::move(*records);
  b.uses_reserve = true;
  parts.writer.submit(std::move(b), [fatal = parts.fatal](auto written) {
    if (!written)
      fatal(1, "the log could not be written: " + written.error().detail);
  });
}

} // namespace careline::kernel
