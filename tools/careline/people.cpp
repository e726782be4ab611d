#include "tools/careline/people.hpp"

#include <algorithm>
#include <utility>

namespace careline::program {

namespace {

constexpr auto later = [](const auto& a, const auto& b) {
  return std::pair{a.at, a.order} > std::pair{b.at, b.order};
};

/// Whoever is simulated has no number of their own.
constexpr std::string_view callback_number = "0";

bool is_outside(std::string_view place) {
  return place.starts_with("external:");
}

} // namespace

void people::behave(const agent_id& who, agent_manner how) {
  staff_[who].manner = how;
}

void people::leave_alone(const agent_id& who) {
  staff_.erase(who);
}

const agent_manner* people::manner_of(const agent_id& who) const {
  const auto found = staff_.find(who);
  return found == staff_.end() ? nullptr : &found->second.manner;
}

people::staff* people::find(const agent_id& a) {
  const auto found = staff_.find(a);
  return found == staff_.end() ? nullptr : &found->second;
}

people::guest* people::find(const contact_id& c) {
  const auto found = guests_.find(c);
  return found == guests_.end() ? nullptr : &found->second;
}

void people::arriving(const reception::contact_open& open, contact_manner how) {
  auto& a = expected_[open.contact];
  a.manner = how;
  if (how.returns_after)
    a.open = open;
}

void people::not_arrived(const contact_id& who) {
  expected_.erase(who);
}

std::uint64_t people::plan_for(instant at, deed what, const contact_id& c, const agent_id& a) {
  const auto token = ++planned_;
  plans_.push_back({at, token, what, token, c, a});
  std::ranges::push_heap(plans_, later);
  return token;
}

code_word people::ending_of(const queue_id& queue) const {
  const auto found = endings_.find(queue);
  return found == endings_.end() ? code_word{} : found->second;
}

void people::saw(const event& e, instant at) {
  std::visit(
      overloaded{
          [&](const reception::contact_opened& x) { on(x, at); },
          [&](const routing::queue_defined& x) {
            endings_[x.queue] = x.dispositions.empty() ? code_word{} : x.dispositions.front();
          },
          [&](const routing::agent_signed_in& x) { clients_[x.agent] = x.client; },
          [&](const routing::offer_made& x) { on(x, at); },
          [&](const routing::agent_state_changed& x) { on(x, at); },
          [&](const routing::contact_rule_applied& x) { on(x, at); },
          [&](const routing::contact_connected& x) { on(x, at); },
          [&](const routing::dial_requested& x) { on(x, at); },
          [&](const routing::offer_accepted& x) { offer_ended(x.contact, x.agent); },
          [&](const routing::offer_declined& x) { offer_ended(x.contact, x.agent); },
          [&](const routing::offer_expired& x) { offer_ended(x.contact, x.agent); },
          [&](const routing::offer_rescinded& x) { offer_ended(x.contact, x.agent); },
          [&](const routing::contact_transferred& x) { talk_ended(x.contact); },
          [&](const routing::contact_parked& x) { talk_ended(x.contact); },
          [&](const routing::ticket_missed& x) { talk_ended(x.contact); },
          [&](const routing::contact_left& x) {
            if (auto* g = find(x.contact); g && !x.to.empty() && g->manner.talk)
              g->talks = plan_for(at + *g->manner.talk, deed::finish_talk, x.contact, x.to);
          },
          [&](const routing::contact_callback_requested& x) {
            if (auto* g = find(x.contact)) {
              g->waits = g->says_yes = 0;
              g->manner.takes_callback = false;
            }
          },
          [&](const routing::contact_finished& x) { left(x.contact, at, false); },
          [&](const routing::contact_abandoned& x) { left(x.contact, at, true); },
          [&](const routing::contact_refused& x) { left(x.contact, at, true); },
          [&](const routing::contact_timed_out& x) { left(x.contact, at, true); },
          [&](const routing::contact_diverted& x) {
            if (is_outside(x.to))
              left(x.contact, at, false);
          },
          [](const auto&) {}},
      e);
}

void people::on(const reception::contact_opened& e, instant at) {
  auto known = expected_.find(e.contact);
  if (known == expected_.end())
    known = expected_.find(contact_id{});
  if (known == expected_.end())
    return;
  auto& g = guests_[e.contact];
  g.manner = known->second.manner;
  g.gateway = e.gateway;
  g.again = std::move(known->second.open);
  expected_.erase(known);
  if (g.manner.patience)
    g.waits = plan_for(at + *g.manner.patience, deed::abandon, e.contact, {});
}

void people::on(const routing::offer_made& e, instant at) {
  auto* s = find(e.agent);
  if (!s || !s->manner.answer_after)
    return;
  auto when = at + *s->manner.answer_after;
  // Saying no to one contact over and over would never let the instant end.
  if (s->manner.declines && s->declined_at == when
      && std::ranges::find(s->declined, e.contact) != s->declined.end())
    when += 1s;
  s->offers.push_back({e.contact, plan_for(when, deed::answer, e.contact, e.agent)});
}

void people::on(const routing::agent_state_changed& e, instant at) {
  auto* s = find(e.agent);
  if (!s)
    return;
  const bool wraps = e.state == routing::agent_state::wrap_up;
  if (wraps && !s->in_wrap_up && s->manner.wrap_up)
    s->wrap_up = plan_for(at + *s->manner.wrap_up, deed::finish_wrap_up, {}, e.agent);
  if (!wraps)
    s->wrap_up = 0;
  s->in_wrap_up = wraps;
  const bool set_aside = !e.ready && (e.reason == "missed_offers" || e.reason == "session_lost");
  if (!set_aside)
    s->aside = 0;
  else if (s->aside == 0 && s->manner.back_after)
    s->aside = plan_for(at + *s->manner.back_after, deed::be_ready, {}, e.agent);
}

void people::on(const routing::contact_rule_applied& e, instant at) {
  auto* g = find(e.contact);
  const auto offers = [](const auto& action) { return action.offer_callback.value_or(false); };
  if (g && g->manner.takes_callback && std::ranges::any_of(e.actions, offers))
    g->says_yes = plan_for(at, deed::take_callback, e.contact, {});
}

void people::on(const routing::contact_connected& e, instant at) {
  auto* g = find(e.contact);
  if (!g)
    return;
  g->waits = g->says_yes = 0;
  g->queue = e.queue;
  g->talks = g->manner.talk
                 ? plan_for(at + *g->manner.talk, deed::finish_talk, e.contact, e.agent)
                 : 0;
}

void people::on(const routing::dial_requested& e, instant at) {
  if (auto* g = find(e.contact); g && g->manner.takes_calls)
    g->dials = plan_for(at + g->manner.dial_after, deed::report_dial, e.contact, e.agent);
}

void people::offer_ended(const contact_id& c, const agent_id& a) {
  if (auto* s = find(a))
    std::erase_if(s->offers, [&](const ringing& r) { return r.contact == c; });
}

void people::talk_ended(const contact_id& c) {
  if (auto* g = find(c))
    g->talks = 0;
}

void people::left(const contact_id& c, instant at, bool unserved) {
  auto* g = find(c);
  if (!g)
    return;
  if (unserved && g->again) {
    const auto token = plan_for(at + *g->manner.returns_after, deed::come_back, {}, {});
    auto& back = coming_back_[token];
    back.open = std::move(g->again);
    if (!c.empty() && !back.open->contact.empty())
      back.open->contact = contact_id{c.text() + ".2"};
    back.manner = g->manner;
    back.gateway = g->gateway;
    back.manner.returns_after.reset();
  }
  guests_.erase(c);
}

bool people::staff_stands(const plan& p) const {
  const auto found = staff_.find(p.agent);
  if (found == staff_.end())
    return false;
  const auto& s = found->second;
  if (p.what == deed::answer)
    return std::ranges::find(s.offers, p.token, &ringing::token) != s.offers.end();
  return p.token == (p.what == deed::finish_wrap_up ? s.wrap_up : s.aside);
}

bool people::stands(const plan& p) const {
  if (p.what == deed::come_back)
    return true;
  if (p.what == deed::answer || p.what == deed::finish_wrap_up || p.what == deed::be_ready)
    return staff_stands(p);
  const auto found = guests_.find(p.contact);
  if (found == guests_.end())
    return false;
  return p.token == plan_of(found->second, p.what);
}

std::uint64_t people::plan_of(const guest& g, deed what) {
  switch (what) {
    case deed::abandon: return g.waits;
    case deed::take_callback: return g.says_yes;
    case deed::finish_talk: return g.talks;
    default: return g.dials;
  }
}

std::optional<instant> people::next() {
  while (!plans_.empty() && !stands(plans_.front())) {
    std::ranges::pop_heap(plans_, later);
    plans_.pop_back();
  }
  return plans_.empty() ? std::nullopt : std::optional{plans_.front().at};
}

people::doing people::take() {
  std::ranges::pop_heap(plans_, later);
  auto p = std::move(plans_.back());
  plans_.pop_back();
  return carry_out(std::move(p));
}

command people::answer_to(staff& s, const plan& p) {
  std::erase_if(s.offers, [&](const ringing& r) { return r.token == p.token; });
  if (!s.manner.declines)
    return routing::offer_accept{p.contact, p.agent};
  if (std::exchange(s.declined_at, p.at) != p.at)
    s.declined.clear();
  s.declined.push_back(p.contact);
  return routing::offer_decline{p.contact, p.agent, *s.manner.declines};
}

people::doing people::carry_out(plan p) {
  const auto of_agent = [&](command what) -> doing { return {std::move(what), clients_[p.agent]}; };
  const auto of_guest = [&](command what) -> doing {
    return {std::move(what), find(p.contact)->gateway};
  };
  switch (p.what) {
    case deed::answer: return of_agent(answer_to(*find(p.agent), p));
    case deed::finish_wrap_up: return of_agent(routing::agent_finish_wrap_up{p.agent});
    case deed::be_ready:
      // One that is refused is not planned again: the engine says so when it sets it aside anew.
      find(p.agent)->aside = 0;
      return of_agent(routing::agent_set_state{p.agent, routing::agent_state::ready, {}});
    case deed::abandon: return of_guest(routing::contact_abandon{p.contact});
    case deed::take_callback: {
      find(p.contact)->says_yes = 0;
      return of_guest(routing::contact_request_callback{
          p.contact, personal<std::string>{std::string{callback_number}}});
    }
    case deed::finish_talk:
      return of_agent(routing::contact_finish{p.contact, p.agent,
                                              ending_of(find(p.contact)->queue)});
    case deed::report_dial: {
      auto& g = *find(p.contact);
      g.dials = 0;
      return of_guest(routing::dial_report{p.contact, g.manner.dial});
    }
    case deed::come_back: break;
  }
  auto back = std::move(coming_back_.extract(p.token).mapped());
  arriving(*back.open, back.manner);
  return {std::move(*back.open), std::move(back.gateway)};
}

} // namespace careline::program
