#include "actors/kernel/caf_shell.hpp"

#include <algorithm>
#include <utility>

namespace careline::kernel {

namespace {

using std::chrono::nanoseconds;

/// A wake-up that comes a little late is no harm; one that comes too often is.
constexpr nanoseconds wake_min = std::chrono::microseconds{300};
constexpr nanoseconds parked_each = 2ms;

} // namespace

shell_actor::shell_actor(caf::actor_config& config, shell_setup setup)
    : engine_actor(config), setup_(std::move(setup)),
      shell_(setup_.as, *setup_.of, setup_.parts, ports()) {}

nanoseconds shell_actor::steady() const {
  return setup_.parts.clock.lease_now().time_since_epoch();
}

shell_ports shell_actor::ports() {
  shell_ports out;
  const auto peers = setup_.peers;
  out.finish = [peers](std::uint64_t ticket, reply with) {
    tell_done(*peers, ticket, std::move(with));
  };
  out.hand_over_to_peer = [peers](hand_over h) {
    tell(peers->routing, to_take_over{std::make_shared<hand_over>(std::move(h))});
  };
  out.hand_back = [peers](dated_events e) { tell(peers->reception, given_back{std::move(e)}); };
  if (setup_.as.who == owner::routing)
    out.tell_follower = [peers](dated_events e) {
      tell(peers->reception, to_follow{std::move(e)});
    };
  if (setup_.as.who == owner::session)
    out.entrust = [peers](entrusted e) {
      tell(peers->routing, to_write{std::make_shared<entrusted>(std::move(e))});
    };
  out.relay = [peers](job j) { tell(peers->routing, to_handle{std::move(j)}); };
  out.wake_in = [this](nanoseconds in) { wake_in(in); };
  return out;
}

void shell_actor::wake_in(nanoseconds in) {
  const auto at = steady() + std::max(in, wake_min);
  if (armed_ && *armed_ <= at)
    return;
  armed_ = at;
  tell_later(caf::actor{this}, std::max(in, wake_min), wake_up{at});
}

void shell_actor::wake(nanoseconds sent_for) {
  if (armed_ == sent_for)
    armed_.reset();
  const auto slow = shell_.slow_handlers();
  shell_.wake();
  if (setup_.leases)
    setup_.gauges->sessions_open = setup_.leases->open_count();
  setup_.gauges->slow_handlers += shell_.slow_handlers() - slow;
}

caf::behavior shell_actor::make_behavior() {
  if (setup_.leases)
    setup_.leases->restart(setup_.parts.clock.lease_now(), setup_.restart_grace);
  const auto counted = [this](auto&& handle) {
    const auto slow = shell_.slow_handlers();
    handle();
    if (setup_.leases)
      setup_.gauges->sessions_open = setup_.leases->open_count();
    setup_.gauges->slow_handlers += shell_.slow_handlers() - slow;
  };
  return {
      [this, counted](const to_handle& m) { counted([&] { shell_.handle(m.what); }); },
      [this, counted](const to_take_over& m) {
        counted([&] { shell_.take_over(std::move(*m.it)); });
      },
      [this, counted](const given_back& m) { counted([&] { shell_.handed_back(m.events); }); },
      [this, counted](const to_follow& m) { counted([&] { shell_.follow(m.events); }); },
      [this, counted](const to_write& m) {
        counted([&] { shell_.write_for(std::move(*m.it)); });
      },
      [this, counted](const delivered& m) { counted([&] { shell_.react(m.events); }); },
      [this, counted](const to_show_parts& m) { counted([&] { shell_.show_parts(*m.of); }); },
      [this](const heard& m) {
        if (setup_.leases)
          setup_.leases->touch(m.client, setup_.parts.clock.lease_now());
      },
      [this](const wake_up& m) { wake(m.at); },
      [this](const pulse& p) {
        // What was fetched already: `mailbox().size()` fetches more, and in a handler loses it.
        answer_pulse(p, *setup_.gauges, mailbox().queue().total_task_size(), setup_.parts);
      },
  };
}

follower_actor::follower_actor(caf::actor_config& config, follower_setup setup)
    : engine_actor(config), setup_(std::move(setup)), at_(setup_.at) {
  setup_.gauges->board_at = at_;
}

nanoseconds follower_actor::steady() const {
  return setup_.parts.clock.lease_now().time_since_epoch();
}

void follower_actor::take(const delivery& events) {
  for (const auto& e : *events) {
    if (e.at <= at_)
      continue;
    setup_.of->evolve(e.what, e.time);
    at_ = e.at;
  }
  setup_.gauges->board_at = at_;
  setup_.taken();
  try_parked();
}

void follower_actor::say(const job& j, reply with) {
  tell_done(*setup_.peers, j->ticket, std::move(with));
}

void follower_actor::ask(const job& j) {
  if (at_ < j->min_position) {
    parked_.push_back({j, steady() + nanoseconds{setup_.patience}});
    wake_soon();
    return;
  }
  show(j);
}

void follower_actor::wake_soon() {
  if (is_waking_)
    return;
  is_waking_ = true;
  tell_later(caf::actor{this}, parked_each, wake_up{});
}

void follower_actor::show(const job& j) {
  turn_context in;
  in.now = setup_.parts.clock.now();
  in.client = j->envelope.source;
  in.keys = &setup_.parts.keys;
  in.seed = setup_.parts.seed;
  in.offset_minutes = setup_.parts.offset_minutes;
  auto told = setup_.of->ask(j->what, in);
  reply out;
  if (told)
    out.data = std::move(*told);
  else
    out = refuse({}, told.error());
  say(j, std::move(out));
}

void follower_actor::try_parked() {
  for (auto& p : std::exchange(parked_, {})) {
    if (at_ >= p.what->min_position)
      show(p.what);
    else if (steady() < p.until)
      parked_.push_back(std::move(p));
    else
      say(p.what, refuse({}, because("engine.behind")));
  }
}

caf::behavior follower_actor::make_behavior() {
  if (setup_.tick)
    tell_later(caf::actor{this}, setup_.each, tick{});
  return {
      [this](const delivered& m) { take(m.events); },
      [this](const to_handle& m) { ask(m.what); },
      [this](const wake_up&) {
        is_waking_ = false;
        try_parked();
        if (!parked_.empty())
          wake_soon();
      },
      [this](const pulse& p) {
        // What was fetched already: `mailbox().size()` fetches more, and in a handler loses it.
        answer_pulse(p, *setup_.gauges, mailbox().queue().total_task_size(), setup_.parts);
      },
      [this](const visit_follower& m) { (*m.with)(*setup_.of, at_, setup_.parts.clock.now()); },
      [this](const tick&) {
        tell_later(caf::actor{this}, setup_.each, tick{});
        setup_.tick(*setup_.of, at_, setup_.parts.clock.now());
      },
  };
}

} // namespace careline::kernel
