#include "actors/kernel/virtual_kernel.hpp"

#include <algorithm>
#include <utility>

#include "actors/kernel/turn_answer.hpp"
#include "messages/json.hpp"
#include "messages/safety.hpp"

namespace careline::kernel {

namespace {

/// A chain of causes longer than this is a mistake in a reaction table (design §5.6).
constexpr int reactions_max = 16;

/// What tells two commands of one id apart: the type and the data as it was understood.
std::string digest_of(const command& c) {
  return std::string{type_of(c)} + to_json(in_key_order(data_of(c, true)));
}

problem no_such_part() {
  return because("command.type_unknown", "type", "a virtual centre has no such part");
}

/// The address is told by a decision: it leaves a trace.
bool is_asked(const command& c) {
  return is_query(c) && !std::holds_alternative<query::contact_address>(c);
}

reply accept(value data, position at) {
  reply out;
  out.data = std::move(data);
  out.at = at;
  return out;
}

/// What a decision came to whose events are told; some are refused with facts after all.
reply concluded(value data, const decision& by, position at) {
  auto out = by.refused ? refuse({}, *by.refused) : accept({}, at);
  out.data = std::move(data);
  return out;
}

/// The handing capability's words, then those of the one that finished.
value joined_reply(value first, const value& then) {
  const auto* entries = then.as<value::map>();
  if (!entries)
    return first.is_nil() ? then : first;
  for (const auto& [key, item] : *entries)
    first.set(key, item);
  return first;
}

} // namespace

virtual_kernel::virtual_kernel(virtual_options options, virtual_parts parts, listener to)
    : options_(std::move(options)), parts_(parts), reception_(*parts.reception),
      routing_(*parts.routing), to_(std::move(to)), now_(options_.start) {
  engine::log_created first;
  first.seed = options_.seed;
  first.time_zone = options_.time_zone;
  first.offset_minutes = options_.offset_minutes;
  const dated_event created{first, now_};
  reception_.follow({created});
  routing_.follow({created});
  for (const auto& [who, of] : parts_.desks)
    desks_.emplace_back(who, turn{*of}).second.follow({created});
  if (parts_.session)
    parts_.session->evolve(created.what, now_);
  tell(created.what, now_, {"engine"});
}

turn_context virtual_kernel::context(const std::string& client) const {
  return {now_, client, &keys_, options_.seed, options_.offset_minutes};
}

std::optional<instant> virtual_kernel::wakes_at() const {
  std::optional<instant> first;
  const auto look_at = [&first](const capability& of) {
    if (const auto at = of.wakes_at(); at && (!first || *at < *first))
      first = at;
  };
  look_at(*parts_.reception);
  look_at(*parts_.routing);
  for (const auto& [who, of] : parts_.desks)
    look_at(*of);
  return first;
}

void virtual_kernel::fire(instant at) {
  now_ = std::max(now_, at);
  const auto wake = [this](turn& of, owner who) {
    if (const auto due = of.of().wakes_at(); due && *due <= now_)
      take(of.wake(context({})), who, name_of(of));
  };
  wake(reception_, owner::reception);
  wake(routing_, owner::routing);
  for (auto& [who, of] : desks_)
    wake(of, who);
}

void virtual_kernel::advance_before(instant at) {
  for (auto due = wakes_at(); due && *due < at; due = wakes_at())
    fire(*due);
  now_ = std::max(now_, at);
}

void virtual_kernel::advance_to(instant at) {
  for (auto due = wakes_at(); due && *due <= at; due = wakes_at())
    fire(*due);
  now_ = std::max(now_, at);
}

/// As the engine's door does: never to a call for help.
reply virtual_kernel::turn_away(const command_envelope& e, problem why) const {
  auto out = refuse({}, std::move(why));
  if (is_safety(e.type, e.data)) {
    out = reply{};
    if (const auto contact = e.data.text_or("contact"); !contact.empty())
      out.data.set("contact", contact);
    out.data.set("diverted", true);
    out.data.set("to", options_.safety_place);
    out.data.set("unlogged", true);
  }
  out.id = e.id;
  return out;
}

reply virtual_kernel::submit(const command_envelope& e, instant at) {
  const auto c = read_command(e.type, e.data.is_nil() ? value{value::map{}} : e.data);
  if (!c) {
    advance_to(at);
    return turn_away(e, c.error());
  }
  if (is_asked(*c)) {
    advance_to(at);
    if (e.data.int_or("min_position", 0) > static_cast<std::int64_t>(head_))
      return turn_away(e, because("engine.behind"));
  }
  const bool remembers = !e.id.empty() && !is_query(*c);
  const auto key = remembers ? e.source + '\n' + e.id : std::string{};
  const auto digest = remembers ? digest_of(*c) : std::string{};
  if (const auto known = memory_.find(key); remembers && known != memory_.end()) {
    advance_to(at);
    if (known->second.digest != digest)
      return turn_away(e, because("command.id_reused", "id"));
    auto out = known->second.answer;
    tell_place(*c, head_, out);
    out.id = e.id;
    return out;
  }
  told_once_ = false;
  auto out = run(*c, {e.source, e.id}, at);
  out.id = e.id;
  const bool final = out.outcome == outcome_kind::accepted || out.outcome == outcome_kind::refused;
  if (remembers && final) {
    auto& kept = memory_.emplace(key, remembered{digest, out}).first->second.answer;
    if (told_once_)
      kept.data = {};
    else if (options_.size_of)
      kept.data = kept_data(std::move(kept.data), options_.size_of);
  }
  return out;
}

reply virtual_kernel::submit(const command& c, const std::string& client, instant at) {
  return run(c, {client}, at);
}

reply virtual_kernel::run(const command& c, const cause& by, instant at) {
  advance_before(at);
  if (is_asked(c)) {
    advance_to(at);
    return ask(c, by.actor);
  }
  if (owner_of(type_of(c)) == owner::session)
    return decide_session(c, by);
  return decide(c, by);
}

reply virtual_kernel::decide(const command& c, const cause& by) {
  const auto who = owner_of(type_of(c));
  auto* const of = turn_of(who);
  if (!of)
    return refuse({}, no_such_part());
  if (who != owner::reception && who != owner::routing)
    advance_to(now_);  // what is due now is others': a desk's turn has no part in it
  const auto in = context(by.actor);
  auto& first = *of;
  auto done = first.handle(c, in);
  take(std::move(done.before), who, name_of(first));
  if (!done.outcome)
    return refuse({}, done.outcome.error());
  if (!done.outcome->hand_to) {
    told_once_ = !done.outcome->remember_data;
    const bool caused = !done.events.empty();
    take(std::move(done.events), who, by);
    return concluded(std::move(done.outcome->reply), *done.outcome, caused ? head_ : 0);
  }
  auto both = routing_.take_over(c, *done.outcome, in);
  take(std::move(both.before), owner::routing, name_of(routing_));
  if (!both.outcome)
    return refuse({}, both.outcome.error());
  const bool caused = !both.events.empty();
  take(std::move(both.events), owner::routing, by);
  return concluded(joined_reply(std::move(done.outcome->reply), both.outcome->reply),
                   *both.outcome, caused ? head_ : 0);
}

reply virtual_kernel::decide_session(const command& c, const cause& by) {
  advance_to(now_);
  if (!parts_.session)
    return refuse({}, no_such_part());
  auto done = parts_.session->decide(c, context(by.actor));
  if (!done)
    return refuse({}, done.error());
  std::vector<dated_event> events;
  for (auto& e : done->events) {
    parts_.session->evolve(e, now_);
    events.push_back({std::move(e), now_});
  }
  const bool caused = !events.empty();
  take(std::move(events), owner::session, by);
  auto out = accept(std::move(done->reply), caused ? head_ : 0);
  tell_place(c, head_, out);
  return out;
}

/// What a serving engine says of itself, where nothing is ever under way.
value virtual_kernel::status() const {
  return value{value::map{{"head", value{head_}},
                          {"epoch", 1},
                          {"time", to_rfc3339(now_)},
                          {"speed", 1},
                          {"offset_minutes", options_.offset_minutes},
                          {"clock_difference_s", 0},
                          {"in_flight", 0},
                          {"board_position", value{head_}}}};
}

reply virtual_kernel::ask(const command& query, const std::string& client) {
  if (std::holds_alternative<query::engine_status>(query))
    return accept(status(), 0);
  const auto* of = part_of(owner_of(type_of(query)));
  auto told = of ? of->ask(query, context(client)) : answer<value>{no(no_such_part())};
  if (parts_.log)
    told = parts_.log(query, std::move(told));
  return told ? accept(std::move(*told), 0) : refuse({}, told.error());
}

capability* virtual_kernel::part_of(owner who) const noexcept {
  switch (who) {
    case owner::reception: return parts_.reception;
    case owner::routing: return parts_.routing;
    case owner::session: return parts_.session;
    case owner::board: return parts_.board;
    default: break;
  }
  for (const auto& [desk, of] : parts_.desks)
    if (desk == who)
      return of;
  return nullptr;
}

turn* virtual_kernel::turn_of(owner who) noexcept {
  if (who == owner::reception)
    return &reception_;
  if (who == owner::routing)
    return &routing_;
  for (auto& [desk, of] : desks_)
    if (desk == who)
      return &of;
  return nullptr;
}

void virtual_kernel::take(std::vector<dated_event> events, owner from, const cause& by,
                          int depth) {
  if (events.empty())
    return;
  if (from == owner::routing)
    reception_.follow(events);
  if (from == owner::session)
    routing_.follow(events);
  for (auto& [who, of] : desks_)
    if (who != from)
      for (const auto& e : events)
        if (of.of().follows(e.what))
          of.follow({e});
  for (auto& e : events) {
    tell(e.what, e.at, by);
    react_to(e.what, from, depth);
  }
}

void virtual_kernel::react_to(const event& e, owner from, int depth) {
  if (depth >= reactions_max)
    return;
  for (auto* follower : {&reception_, &routing_}) {
    const auto own = follower == &reception_ ? owner::reception : owner::routing;
    if (own == from)
      continue;
    // Asked first, so that a turn is taken only where there is something to do.
    if (const auto in = context({}); !follower->of().react(e, in).empty())
      take(follower->react(e, in), own, name_of(*follower), depth + 1);
  }
}

void virtual_kernel::tell(event e, instant at, const cause& by) {
  if (parts_.board)
    parts_.board->evolve(e, at);
  // Nothing is hidden here: what a decision has sealed already is told as it was said.
  if (auto* said = std::get_if<routing::contact_said>(&e))
    static_cast<void>(open_fields(*said, keys_, said->person));
  to_({++head_, at, std::move(e), by.actor, by.id});
}

} // namespace careline::kernel
