#include "tests/simulation/inspector.hpp"

#include <algorithm>
#include <climits>
#include <tuple>
#include <vector>

namespace careline::simulation {

bool open_book::has_room(const routing::agent& a, const channel_id& channel) const {
  return routing::is_ready(a.load) && (!a.rests_until || *a.rests_until <= now_)
         && routing::free_slots(a.can, a.load, channel) > 0;
}

bool open_book::is_busy(const routing::agent& a, const routing::contact& c) const {
  return policy(c).offer_when_busy && !has_room(a, c.channel)
         && (!a.rests_until || *a.rests_until <= now_)
         && routing::takes_one_more(a.can, a.load, c.channel);
}

bool open_book::is_to_be_had(const routing::contact& c, const routing::agent& a,
                             bool begins) const {
  if (c.at == routing::phase::waiting)
    return true;
  constexpr std::size_t rung_max = 100;
  if (c.at != routing::phase::offered || !rings_all(c) || c.offers.size() >= rung_max
      || is_busy(a, c)
      || (!begins && std::binary_search(c.missed_by.begin(), c.missed_by.end(), a.id)))
    return false;
  int highest = INT_MIN;
  for (const auto& o : c.offers) {
    if (o.agent == a.id)
      return false;
    const auto& rung = agents.at(o.agent);
    if (routing::serves(rung.can, policy(c)) && routing::covers(rung.can.skills, c.skills))
      highest = std::max(highest, tier_among(rung, c));
  }
  return !routing::serves(a.can, policy(c)) || tier_among(a, c) <= highest;
}

int open_book::tier_among(const routing::agent& a, const routing::contact& c) const {
  const int raised = std::max(routing::serves(a.can, policy(c))->tier,
                              std::min(c.tier_raise, c.tier_max.value_or(INT_MAX)));
  return tiers_count(policy(c)) ? raised : c.tier_min.value_or(0);
}

std::optional<int> open_book::tier(const routing::agent& a, const routing::contact& c) const {
  const bool to_one = is_named(c) && !c.only_until;
  if (!has_room(a, c.channel) && (to_one || !is_busy(a, c)))
    return std::nullopt;
  if (!to_one && now_ < routing::share_is_free_at(a, policy(c)))
    return std::nullopt;
  if (is_named(c) && std::find(c.only.begin(), c.only.end(), a.id) == c.only.end())
    return std::nullopt;
  if (to_one)
    return 0;
  const auto as = routing::serves(a.can, policy(c));
  if (!as || !routing::covers(a.can.skills, c.skills) || now_ - c.queued < as->delay_s
      || std::binary_search(c.exclude.begin(), c.exclude.end(), a.id))
    return std::nullopt;
  const int lowest = c.tier_min.value_or(0);
  const int highest = c.tier_max.value_or(INT_MAX);
  const int tier = tier_among(a, c);
  const bool allowed = lowest <= tier && tier <= highest;
  return allowed ? std::optional{tier} : std::nullopt;
}

int open_book::priority(const routing::agent& a, const routing::contact& c) const {
  const auto as = is_named(c) ? std::nullopt : routing::serves(a.can, policy(c));
  return as ? as->priority : 1;
}

int open_book::ready() const {
  return static_cast<int>(std::count_if(agents.begin(), agents.end(), [&](const auto& entry) {
    bool has_some = false;
    routing::each_channel(entry.second.can, [&](const channel_id& channel, int) {
      has_some = has_some || has_room(entry.second, channel);
    });
    return has_some;
  }));
}

bool open_book::tiers_count(const routing::queue_policy& p) const {
  const auto signed_in = std::count_if(agents.begin(), agents.end(), [&](const auto& entry) {
    return entry.second.load.signed_in && routing::serves(entry.second.can, p);
  });
  return !p.tiers_ignored_up_to || signed_in > *p.tiers_ignored_up_to;
}

void inspector::take(const event& e, instant at) {
  if (const auto* made = std::get_if<routing::offer_made>(&e)) {
    look_at_offer(*made, at);
    if (open_book{model_, at}.contacts.at(made->contact)->offers.empty())
      rings_since_[made->contact] = at;
  }
  if (const auto* divert = std::get_if<routing::contact_diverted>(&e))
    look_at_move(*divert, at);
  follow_pauses(e, at);
  follow_seniority(e, at);
  model_.evolve(e, at);
}

const inspector::seniority& inspector::seniority_of(const contact_id& id) const {
  const auto found = seniorities_.find(id);
  must(found != seniorities_.end(), id.text() + " was never opened");
  return found->second;
}

/// Urgency and age are a contact's own, in whatever queue and for however long (docs/routing.md);
/// whoever was dropped and is back goes on with those it had.
void inspector::follow_seniority(const event& e, instant at) {
  if (const auto* x = std::get_if<reception::contact_opened>(&e))
    seniorities_[x->contact] = {x->urgency, at, x->age_s, x->queue_position.has_value(), false};
  if (const auto* x = std::get_if<routing::contact_changed>(&e)) {
    auto& r = seniorities_[x->contact];
    r.urgency = x->urgency.value_or(r.urgency);
    r.credit = std::min(r.credit + x->age_s.value_or(span{0}), span_max);
  }
  if (const auto* x = std::get_if<routing::contact_rule_applied>(&e))
    for (const auto& act : x->actions) {
      auto& urgency = seniorities_[x->contact].urgency;
      urgency = std::clamp(act.urgency.value_or(urgency) + act.urgency_add.value_or(0),
                           -routing::urgency_max, routing::urgency_max);
    }
  if (const auto* x = std::get_if<routing::ticket_missed>(&e))
    seniorities_[x->contact].is_asking = x->behind.value_or(0) > 0;
  if (const auto* x = std::get_if<routing::contact_queued>(&e)) {
    auto& r = seniorities_[x->contact];
    r.was_asked = std::exchange(r.is_asking, false);
    if (x->resumes.empty())
      return;
    const auto& before = seniority_of(x->resumes);
    r.urgency = before.urgency;
    r.was_asked = before.was_asked;
    r.credit = r.opened - before.opened + (before.was_asked ? span{0} : before.credit);
  }
}

/// More urgent, then older, then by name. Beside whom a place was granted is routing's word.
bool inspector::stands_before(const routing::contact& x, const routing::contact& y) const {
  const auto& a = seniority_of(x.id);
  const auto& b = seniority_of(y.id);
  if ((a.was_asked && !x.beside.empty()) || (b.was_asked && !y.beside.empty()))
    return routing::stands_before{}({x.where, &x}, {y.where, &y});
  if (a.urgency != b.urgency)
    return a.urgency > b.urgency;
  return std::pair{a.opened - a.credit, x.id} < std::pair{b.opened - b.credit, y.id};
}

void inspector::look_at_all(instant now) const {
  const open_book book{model_, now};
  look_at_work(book);
  for (const auto& [contact, c] : book.contacts)
    for (const auto& [agent, a] : book.agents)
      must(c->at != routing::phase::waiting || pauses(contact, now) || book.is_lost(*c)
               || !book.tier(a, *c),
           contact.text() + " waits in " + c->queue.text() + " beside " + agent.text());
}

/// A pause is of the stay in one queue, whatever the state says.
void inspector::follow_pauses(const event& e, instant at) {
  const auto policy = [&](const contact_id& id) {
    const open_book book{model_, at};
    return book.policy(*book.contacts.at(id));
  };
  if (const auto* x = std::get_if<routing::offer_expired>(&e))
    paused_until_[x->contact] = at + policy(x->contact).retry_s;
  if (const auto* x = std::get_if<routing::dial_reported>(&e))
    paused_until_[x->contact] = at + policy(x->contact).callback_spacing_s;
  if (const auto* x = std::get_if<routing::contact_queued>(&e)) {
    paused_until_.erase(x->contact);
    if (x->not_before)
      paused_until_[x->contact] = *x->not_before;
  }
}

bool inspector::pauses(const contact_id& id, instant now) const {
  const auto until = paused_until_.find(id);
  return until != paused_until_.end() && now < until->second;
}

/// Of all contacts that the agent could have it is the first, and no agent comes before.
void inspector::look_at_offer(const routing::offer_made& made, instant at) const {
  const open_book book{model_, at};
  const auto& a = book.agents.at(made.agent);
  const auto& c = *book.contacts.at(made.contact);
  const auto who = made.contact.text() + " in " + c.queue.text() + " is offered to "
                   + made.agent.text() + " ";
  const auto rings_since = rings_since_.find(made.contact);
  const bool begins = rings_since != rings_since_.end() && rings_since->second == at;
  must(book.is_to_be_had(c, a, begins), who + "but does not wait for it");
  must(!pauses(made.contact, at), who + "but pauses");
  must(book.tier(a, c).has_value(), who + "who may not have it");
  if (made.decision.find("called")) {
    must(!c.ticket.empty(), who + "who called it, but has no ticket");
    return look_at_call(book, a, c);
  }
  std::vector<const routing::contact*> options;
  bool weights_differ = false;
  for (const auto& [id, other] : book.contacts)
    if (book.is_to_be_had(*other, a) && !book.is_lost(*other) && !pauses(id, at)
        && book.tier(a, *other)) {
      options.push_back(other);
      weights_differ = weights_differ || book.policy(*other).weight != book.policy(c).weight;
    }
  // Who rings at all of them was chosen while all of them were free.
  const bool alone = book.ready() == 1 && c.offers.empty();
  const auto before = [&](const routing::contact& x, const routing::contact& y) {
    if (weights_differ && book.policy(x).weight != book.policy(y).weight)
      return book.policy(x).weight > book.policy(y).weight;
    if (book.priority(a, x) != book.priority(a, y))
      return book.priority(a, x) < book.priority(a, y);
    return stands_before(x, y);
  };
  for (const auto* other : options)
    if (!weights_differ || alone)
      must(!before(*other, c),
           who + "but " + other->id.text() + " in " + other->queue.text() + " comes before");
  const auto by = book.policy(c).by;
  const auto rank = [&](const routing::agent& x, int tier) {
    const bool missed = std::binary_search(c.missed_by.begin(), c.missed_by.end(), x.id);
    return std::tuple{by == routing::strategy::weighted_random ? 0 : tier, book.is_busy(x, c),
                      missed && !book.rings_all(c)};
  };
  for (const auto& [id, other] : book.agents)
    if (const auto tier = book.tier(other, c); tier && book.is_to_be_had(c, other))
      must(!(rank(other, *tier) < rank(a, *book.tier(a, c))),
           who + "but the agent " + id.text() + " comes before");
  must(c.offers.empty() || book.rings_all(c), who + "and to another");
}

/// Whom an agent calls comes before all others of that queue with a ticket whom it may have: it
/// asks for one queue or for any, and the log does not say which.
void inspector::look_at_call(const open_book& book, const routing::agent& a,
                             const routing::contact& c) const {
  for (const auto& [id, other] : book.contacts)
    must(other->at != routing::phase::waiting || other->queue != c.queue || other->callback
             || other->ticket.empty() || book.is_lost(*other) || pauses(id, book.now())
             || !book.tier(a, *other) || book.priority(a, *other) != book.priority(a, c)
             || !stands_before(*other, c),
         c.id.text() + " is called by " + a.id.text() + " before " + id.text());
}

/// A rule moves nobody who is being dialled, and nobody twice in an instant.
void inspector::look_at_move(const routing::contact_diverted& moved, instant at) {
  if (moved.reason != "rule")
    return;
  const open_book book{model_, at};
  must(book.contacts.at(moved.contact)->at == routing::phase::waiting,
       "a rule moves " + moved.contact.text() + ", which does not wait");
  must(moved_.emplace(moved.contact, at).second,
       "a rule moves " + moved.contact.text() + " twice in an instant");
}

/// Who has whom is the same on both sides, and of a talk of several each is there once.
void inspector::look_at_work(const open_book& book) const {
  std::map<contact_id, int> has;
  for (const auto& [id, a] : book.agents)
    for (const auto& on : a.load.on) {
      const auto who = id.text() + " has " + on.contact.text();
      ++has[on.contact];
      must(book.contacts.contains(on.contact), who + ", which is not there");
      const auto& c = *book.contacts.at(on.contact);
      const bool is_offered = std::any_of(c.offers.begin(), c.offers.end(),
                                          [&](const auto& o) { return o.agent == a.id; });
      must(on.offered == is_offered, who + " as an offer on one side only");
      const bool is_beside = std::any_of(c.parties.begin(), c.parties.end(),
                                         [&](const auto& p) { return p.agent == a.id; });
      must(is_offered || is_beside != (c.agent == id), who + ", which is another's");
      must(!is_beside || c.in_talk(), who + " beside nobody");
      must(is_offered || c.in_talk() || c.at == routing::phase::dialing, who + " for nothing");
    }
  for (const auto& [id, c] : book.contacts)
    must(has[id] == (c->at == routing::phase::waiting ? 0
                     : c->at == routing::phase::offered ? static_cast<int>(c->offers.size())
                                                        : 1 + static_cast<int>(c->parties.size())),
         id.text() + " is with " + std::to_string(has[id]) + " agents");
}

} // namespace careline::simulation
