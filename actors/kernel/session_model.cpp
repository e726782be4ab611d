#include "actors/kernel/session_model.hpp"

#include <algorithm>

#include "messages/fields.hpp"
#include "messages/planted.hpp"

namespace careline::kernel {

namespace {

using session::session_beat;
using session::session_close;
using session::session_closed;
using session::session_facts;
using session::session_hello;
using session::session_lost;
using session::session_opened;
using session::session_replaced;
using session::session_resumed;

/// A shorter lease would be lost to the scheduling of an ordinary machine.
constexpr span lease_min = 500ms;

session_facts facts_of(const session_hello& x) {
  session_facts out;
  out.session = x.name;
  out.kind = x.kind;
  out.lease_s = std::max(x.lease_s, lease_min);
  out.instance = x.instance;
  return out;
}

bool equal(const session_facts& a, const session_facts& b) {
  return a.session == b.session && a.kind == b.kind && a.lease_s == b.lease_s
         && a.instance == b.instance;
}

template <class Event>
event tell(const session_facts& facts) {
  Event out;
  static_cast<session_facts&>(out) = facts;
  return out;
}

value reply_of(const session_name& name, bool resumed) {
  value out{value::map{}};
  out.add("session", name.text());
  out.add("resumed", resumed);
  return out;
}

session_name name_or_client(const session_name& given, const turn_context& in) {
  return given.empty() ? session_name{in.client} : given;
}

} // namespace

const session_model::row* session_model::find(const session_name& name) const {
  const auto found = rows_.find(name.text());
  return found == rows_.end() ? nullptr : &found->second;
}

answer<decision> session_model::hello(const session_hello& x, const turn_context&) const {
  const auto facts = facts_of(x);
  const auto* known = find(x.name);
  decision out;
  out.reply = reply_of(x.name, known != nullptr);
  if (!known) {
    out.events.push_back(tell<session_opened>(facts));
    return out;
  }
  if (known->open && equal(known->facts, facts))
    return out;
  if (known->open && known->facts.instance != facts.instance)
    out.events.push_back(tell<session_replaced>(known->facts));
  out.events.push_back(tell<session_resumed>(facts));
  return out;
}

answer<decision> session_model::close(const session_name& name) const {
  const auto* known = find(name);
  if (!known)
    return no(because("session.unknown", "name"));
  decision out;
  out.events.push_back(tell<session_closed>(known->facts));
  return out;
}

answer<decision> session_model::decide(const command& c, const turn_context& in) const {
  if (const auto* x = std::get_if<session_hello>(&c))
    return hello(*x, in);
  if (const auto* x = std::get_if<session_close>(&c))
    return close(name_or_client(x->name, in));
  if (const auto* x = std::get_if<session_beat>(&c)) {
    const auto* known = find(name_or_client(x->name, in));
    if (!known || !known->open)
      return no(because("session.unknown", "name"));
    decision out;
    out.remember = false;
    return out;
  }
  return no(because("command.type_unknown", "type"));
}

answer<decision> session_model::take_over(const command&, const decision&,
                                          const turn_context&) const {
  return no(because("command.type_unknown", "type"));
}

void session_model::disarm(const std::string& name, const row& r) {
  deadlines_.erase({r.armed, name});
}

void session_model::arm(const std::string& name, row& r, instant at) {
  disarm(name, r);
  r.armed = at;
  deadlines_.emplace(at, name);
}

void session_model::begin(const session_facts& facts, instant at) {
  auto& r = rows_[facts.session.text()];
  if (r.lost_order != 0)
    lost_.erase(std::exchange(r.lost_order, 0));
  if (!r.open)
    ++open_count_;
  r.open = true;
  r.facts = facts;
  r.lapses = at + facts.lease_s;
  arm(facts.session.text(), r, r.lapses);
}

void session_model::lose(const session_facts& facts) {
  const auto found = rows_.find(facts.session.text());
  if (found == rows_.end() || !found->second.open)
    return;
  disarm(found->first, found->second);
  found->second.open = false;
  found->second.lost_order = ++losses_;
  --open_count_;
  lost_.emplace(losses_, found->first);
  if (lost_.size() > lost_max)
    forget(std::string{lost_.begin()->second});
}

void session_model::forget(const std::string& name) {
  const auto found = rows_.find(name);
  if (found == rows_.end())
    return;
  disarm(name, found->second);
  if (found->second.open)
    --open_count_;
  lost_.erase(found->second.lost_order);
  rows_.erase(found);
}

void session_model::evolve(const event& e, instant at) {
  std::visit(overloaded{
                 [&](const session_opened& x) { begin(x, at); },
                 [&](const session_resumed& x) { begin(x, at); },
                 [](const session_replaced&) {},  // `resumed` follows and says it all
                 [&](const session_closed& x) { forget(x.session.text()); },
                 [&](const session_lost& x) { lose(x); },
                 [](const one_of<engine::event> auto&) {},
                 [](const one_of<reception::event> auto&) {},
                 [](const one_of<routing::event> auto&) {},
                 [](const one_of<security::event> auto&) {},
             },
             e);
}

std::optional<instant> session_model::wakes_at() const {
  if (deadlines_.empty())
    return std::nullopt;
  return deadlines_.begin()->first;
}

std::vector<event> session_model::due(const turn_context& in) {
  if (deadlines_.empty() || deadlines_.begin()->first > in.now)
    return {};
  const auto name = deadlines_.begin()->second;
  auto& r = rows_.at(name);
  if (r.lapses > in.now) {
    arm(name, r, r.lapses);
    return {};
  }
  return {tell<session_lost>(r.facts)};
}

answer<value> session_model::ask(const command&, const turn_context&) const {
  return no(because("command.type_unknown", "type"));
}

void session_model::touch(std::string_view client, instant now) {
  const auto found = rows_.find(std::string{client});
  if (found == rows_.end() || !found->second.open)
    return;
  auto& r = found->second;
  r.lapses = std::max(r.lapses, now + r.facts.lease_s);
}

void session_model::restart(instant now, span grace) {
  for (auto& [name, r] : rows_) {
    if (!r.open)
      continue;
    r.lapses = now + r.facts.lease_s + grace;
    if (planted(bug::forgets_leases_on_restart))
      continue;
    arm(name, r, r.lapses);
  }
}

value session_model::save() const {
  std::map<std::string_view, const row*> sorted;
  for (const auto& [name, r] : rows_)
    sorted.emplace(name, &r);
  value::list rows;
  for (const auto& [name, r] : sorted) {
    auto v = to_value(r->facts);
    if (!r->open)
      v.add("lost", r->lost_order);
    rows.push_back(std::move(v));
  }
  value out{value::map{}};
  out.add("form", 1);
  out.add("losses", losses_);
  out.add("sessions", std::move(rows));
  return out;
}

bool session_model::load(const value& state) {
  const auto* rows = state.find("sessions");
  if (state.int_or("form", 0) != 1 || !rows || !rows->as<value::list>())
    return false;
  *this = session_model{};
  losses_ = static_cast<std::uint64_t>(state.int_or("losses", 0));
  for (const auto& v : *rows->as<value::list>()) {
    session_facts facts;
    if (!from_value(v, facts)) {
      *this = session_model{};
      return false;
    }
    begin(facts, instant{});
    const auto lost = static_cast<std::uint64_t>(v.int_or("lost", 0));
    if (lost == 0)
      continue;
    auto& r = rows_.at(facts.session.text());
    disarm(facts.session.text(), r);
    r.open = false;
    r.lost_order = lost;
    --open_count_;
    lost_.emplace(lost, facts.session.text());
  }
  return true;
}

} // namespace careline::kernel
