#include "actors/kernel/shell.hpp"

#include <algorithm>
#include <utility>

#include "actors/kernel/turn_answer.hpp"
#include "messages/planted.hpp"

namespace careline::kernel {

namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds slow_min = 50ms;
constexpr nanoseconds slow_told_each = std::chrono::minutes{1};
constexpr nanoseconds parked_each = 2ms;
constexpr int reactions_max = 16;

/// The handing capability's words, then those of the one that finished.
value joined(value first, const value& then) {
  const auto* entries = then.as<value::map>();
  if (!entries)
    return first.is_nil() ? then : first;
  for (const auto& [key, item] : *entries)
    first.set(key, item);
  return first;
}

/// A refusal that tells how things stand.
reply refuse_with(value data, problem why) {
  auto out = refuse({}, std::move(why));
  out.data = std::move(data);
  return out;
}

bool is_asked(const admitted& a) {
  return a.query && !std::holds_alternative<query::contact_address>(a.what);
}

event_cause cause_of(const admitted& a) {
  return {a.envelope.source, a.envelope.id, a.envelope.time, a.envelope.traceparent, false};
}

} // namespace

/// Measures one handler (the slow-handler watch): an actor that thinks long keeps others waiting.
class shell::watch {
public:
  watch(shell& of, std::string_view what)
      : of_(of), what_(what), began_(of.parts_.clock.lease_now()) {}
  ~watch() { of_.note_slow(what_, of_.parts_.clock.lease_now() - began_); }
  watch(const watch&) = delete;
  watch& operator=(const watch&) = delete;

private:
  shell& of_;
  std::string what_;
  instant began_;
};

shell::shell(role as, capability& of, const shell_parts& parts, shell_ports ports)
    : role_(as), turn_(of), parts_(parts), ports_(std::move(ports)) {}

void shell::note_slow(std::string_view what, nanoseconds took) {
  if (took <= slow_min)
    return;
  ++slow_handlers_;
  const nanoseconds now = parts_.clock.lease_now().time_since_epoch();
  auto& told = slow_told_[std::string{what}];
  if (told != nanoseconds{0} && now - told < slow_told_each)
    return;
  told = now;
  parts_.journal(journal_level::warning,
                 std::string{turn_.of().name()} + " took "
                     + std::to_string(std::chrono::duration_cast<span>(took).count()) + " ms for "
                     + std::string{what});
}

turn_context shell::context(const std::string& client) const {
  turn_context in;
  in.now = role_.on_leases ? parts_.clock.lease_now() : parts_.clock.now();
  in.client = client;
  in.keys = &parts_.keys;
  in.seed = parts_.seed;
  in.offset_minutes = parts_.offset_minutes;
  return in;
}

/// A call for help waits behind no other than those that came before it.
void shell::hold(job j) {
  auto at = held_.end();
  if (j->safety)
    at = std::find_if(held_.begin(), held_.end(), [](const job& one) { return !one->safety; });
  held_.insert(at, std::move(j));
}

void shell::handle(job j) {
  if (handing_over_) {
    hold(std::move(j));
    return;
  }
  run(std::move(j));
  arm();
}

void shell::run(job j) {
  if (j->to != role_.who) {
    ports_.relay(std::move(j));
    return;
  }
  const watch look{*this, j->envelope.type};
  if (is_asked(*j))
    ask(j);
  else
    decide(j);
}

void shell::decide(const job& j) {
  auto done = turn_.handle(j->what, context(j->envelope.source));
  submit_plain(std::exchange(done.before, {}));
  if (done.outcome && done.outcome->hand_to) {
    // Nothing was evolved yet: the last moment at which a missing key can still be an answer.
    if (auto possible = can_seal(done.outcome->events, parts_.keys); !possible) {
      ports_.finish(j->ticket, refuse(j->envelope.id, possible.error()));
      return;
    }
    // Without events of its own there is nothing that could come undone.
    const bool waits = !done.outcome->events.empty();
    handing_over_ = waits;
    ports_.hand_over_to_peer({j, std::move(*done.outcome), waits});
    return;
  }
  conclude(j, std::move(done), {}, false);
}

void shell::take_over(hand_over h) {
  {
    const watch look{*this, h.of->envelope.type};
    auto done = turn_.take_over(h.of->what, h.from, context(h.of->envelope.source));
    submit_plain(std::exchange(done.before, {}));
    conclude(h.of, std::move(done), std::move(h.from.reply), h.waits);
  }
  arm();
}

void shell::handed_back(const dated_events& events) {
  handing_over_ = false;
  if (events && !planted(bug::forgets_to_hand_back))
    turn_.follow(*events);
  go_on();
}

void shell::go_on() {
  while (!handing_over_ && !held_.empty()) {
    auto next = std::move(held_.front());
    held_.pop_front();
    run(std::move(next));
  }
  if (!handing_over_)
    arm();
}

void shell::follow(const dated_events& events) {
  turn_.follow(*events);
  if (!handing_over_)
    arm();
}

void shell::share(const dated_events& events) {
  if (ports_.tell_follower && !events->empty())
    ports_.tell_follower(events);
}

void shell::submit(entrusted what) {
  if (ports_.entrust)
    ports_.entrust(std::move(what));
  else
    write(std::move(what));
}

void shell::write(entrusted what) {
  auto b = std::move(what.rest);
  if (what.events) {
    auto records = records_of(*what.events, what.cause, parts_.keys);
    if (!records) {
      parts_.fatal(1, "what was decided could not be written down: " + records.error().title);
      return;
    }
    b.events = std::move(*records);
  }
  b.uses_reserve = true;  // opening was turned away before, where there is no room
  auto* const routed = role_.who == owner::routing ? parts_.routed : nullptr;
  parts_.writer.submit(std::move(b), [fatal = parts_.fatal, routed, then = std::move(what.then)](
                                         result<store::committed, store::log_error> done) {
    if (done && routed && done->last != 0)
      *routed = done->last;
    if (!done && planted(bug::ignores_failed_write)) {
      if (then)
        then({});
    } else if (!done)
      fatal(1, "the log could not be written: " + done.error().detail);
    else if (then)
      then(*done);
  });
}

void shell::write_for(entrusted what) {
  if (what.events && !what.events->empty()) {
    auto dated = *what.events;
    const auto now = parts_.clock.now();
    for (auto& e : dated)
      e.at = now;
    turn_.follow(dated);
    what.events = std::make_shared<const std::vector<dated_event>>(std::move(dated));
  }
  write(std::move(what));
  arm();
}

void shell::submit_plain(std::vector<dated_event> events) {
  if (events.empty())
    return;
  const auto all = std::make_shared<const std::vector<dated_event>>(std::move(events));
  share(all);
  submit({all, {std::string{turn_.of().name()}, {}, {}, {}, false}, {}, {}});
}

void shell::conclude(const job& j, turn_result done, value before_reply, bool taken_over) {
  reply out;
  const bool accepted = done.outcome.has_value();
  if (accepted)
    out.data = joined(std::move(before_reply), done.outcome->reply);
  else
    out = refuse({}, done.outcome.error());
  if (accepted && done.outcome->refused)
    out = refuse_with(std::move(out.data), *done.outcome->refused);
  const auto events = std::make_shared<const std::vector<dated_event>>(std::move(done.events));
  const auto hand_on = [&] {
    if (taken_over)
      ports_.hand_back(accepted ? events : nullptr);
    else
      share(events);
  };
  // `busy` and `invalid` leave no trace: nothing was evolved, nothing is remembered.
  if (out.outcome != outcome_kind::accepted && out.outcome != outcome_kind::refused) {
    hand_on();
    ports_.finish(j->ticket, std::move(out));
    return;
  }
  store::batch b;
  const bool beat = std::holds_alternative<session::session_beat>(j->what);
  if (!j->query && !beat && (!accepted || done.outcome->remember)
      && !planted(bug::forgets_answers)) {
    auto kept = remembered_of(out, j->digest);
    if (accepted && !done.outcome->remember_data)
      kept.data.clear();
    b.command = {{j->envelope.source, j->envelope.id}, std::move(kept)};
  }
  auto tell_sender = [finish = ports_.finish, j, out,
                      log = &parts_.log](const store::committed& at) mutable {
    if (out.outcome == outcome_kind::accepted)
      out.at = at.last;
    tell_place(j->what, log->head(), out);
    finish(j->ticket, std::move(out));
  };
  submit({events, cause_of(*j), std::move(b), std::move(tell_sender)});
  // Only now: what the other decides next about the same contact comes behind it in the log.
  hand_on();
}

bool shell::is_reached(const admitted& a) const {
  return parts_.log.head() >= a.min_position;
}

void shell::ask(const job& j) {
  if (is_reached(*j)) {
    tell(j, turn_.of().ask(j->what, context(j->envelope.source)));
    return;
  }
  const nanoseconds now = parts_.clock.lease_now().time_since_epoch();
  parked_.push_back({j, now + nanoseconds{role_.patience}});
}

void shell::tell(const job& j, answer<value> told) {
  // Behind a barrier: what the answer shows is durable by the time it is told (design §5.3).
  auto say_it = [j, told = std::move(told), finish = ports_.finish,
                 reader = &parts_.reader](const store::committed&) mutable {
    const auto say = [finish, j](answer<value> all) {
      reply out;
      if (all)
        out.data = std::move(*all);
      else
        out = refuse({}, all.error());
      finish(j->ticket, std::move(out));
    };
    if (!needs_log(j->what)) {
      say(std::move(told));
      return;
    }
    const bool taken = reader->post([j, told, say](const store::event_log& log) {
      say(complete(log, j->what, told));
    });
    if (!taken)
      say(no(because("engine.busy", {}, "too many questions of the log")));
  };
  submit({{}, {}, {}, std::move(say_it)});
}

/// All that routing and the sessions take in is written by routing, in that order: when a barrier
/// behind what this model took in comes back, the last that routing wrote is the last it took in.
void shell::show_parts(const parts_question& of) {
  live_parts mine{std::string{turn_.of().name()}, 0, false, parts_of(turn_.of(), of.subjects)};
  submit({{}, {}, {}, [mine = std::move(mine), told = of.told,
                       routed = parts_.routed](const store::committed&) mutable {
            mine.at = *routed;
            told(std::move(mine));
          }});
}

void shell::try_parked() {
  const nanoseconds now = parts_.clock.lease_now().time_since_epoch();
  for (auto waiting = std::exchange(parked_, {}); !waiting.empty(); waiting.pop_front()) {
    auto& p = waiting.front();
    if (is_reached(*p.what))
      ask(p.what);
    else if (now < p.until)
      parked_.push_back(std::move(p));
    else
      ports_.finish(p.what->ticket, refuse({}, because("engine.behind")));
  }
}

void shell::wake() {
  try_parked();
  if (!handing_over_) {
    const watch look{*this, "timers"};
    const auto in = context(std::string{turn_.of().name()});
    if (const auto due = turn_.of().wakes_at(); due && *due <= in.now)
      submit_plain(turn_.wake(in));
  }
  arm();
}

void shell::arm() {
  std::optional<nanoseconds> in;
  if (!parked_.empty())
    in = parked_each;
  if (const auto at = turn_.of().wakes_at();
      at && !handing_over_ && !planted(bug::sleeps_past_deadlines)) {
    const nanoseconds delay = role_.on_leases
                                  ? nanoseconds{*at - parts_.clock.lease_now()}
                                  : parts_.clock.until(*at);
    in = std::min(in.value_or(delay), std::max(delay, nanoseconds{0}));
  }
  if (in)
    ports_.wake_in(*in);
}

void shell::take_in(const durable_event& e) {
  role_.followed = e.at;
  if (turn_.of().follows(e.what))
    turn_.follow({{e.what, e.time}});
}

void shell::react(const delivery& events) {
  if (role_.follows)
    for (const auto& e : *events)
      if (e.at > role_.followed)
        take_in(e);
  if (!role_.reacts)
    return arm();
  {
    const watch look{*this, "reactions"};
    for (const auto& e : *events)
      if (e.at > role_.reacted)
        react_to(e);
  }
  arm();
}

void shell::react_to(const durable_event& e) {
  role_.reacted = e.at;
  const std::string name{turn_.of().name()};
  store::batch b;
  if (!planted(bug::loses_checkpoint))
    b.checkpoints.push_back({name, e.at});
  const auto in = context(name);
  std::vector<dated_event> caused;
  if (e.depth > reactions_max) {
    parts_.journal(journal_level::error, "a chain of reactions longer than 16 was stopped at "
                                             + event_id(e.at));
    const engine::reaction_refused stopped{name, event_id(e.at), "engine.chain_too_long"};
    caused.push_back({stopped, in.now});
  } else {
    caused = turn_.react(e.what, in);
  }
  const auto all = std::make_shared<const std::vector<dated_event>>(std::move(caused));
  share(all);
  submit({all, {name, event_id(e.at) + "/" + name, {}, {}, true}, std::move(b), {}});
}

} // namespace careline::kernel
