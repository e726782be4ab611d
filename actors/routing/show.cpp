#include <algorithm>

#include "actors/routing/model.hpp"
#include "messages/json.hpp"

namespace careline::routing {

namespace {

constexpr std::size_t unserved_kept = 50;

value span_value(span s) {
  return s.count() % 1000 == 0 ? value{s.count() / 1000} : value{to_seconds(s)};
}

/// Queues and places that rules lead to, those of added rules too.
void add_diverts(const std::vector<rule>& rules, std::set<queue_id>& into) {
  for (const auto& r : rules)
    for (const auto& act : r.actions) {
      if (!act.divert.empty())
        into.insert(act.divert);
      add_diverts(act.add_rule.one, into);
    }
}

/// A page of a long list: at most so many, and about half of the largest reply.
constexpr int page_items_max = 1000;
constexpr std::size_t page_bytes_max = 512 * 1024;

struct page_words {
  const char* list;
  std::string_view name;  ///< in each item: what it is called
};

/// `next` says behind which the list goes on, when the page is not the last.
template <class Map, class Asked, class Show>
value page_of(const Map& all, const Asked& asked, page_words as, Show show) {
  const int limit = std::clamp(asked.limit, 1, page_items_max);
  value::list items;
  std::size_t bytes = 0;
  auto at = all.upper_bound(asked.after);
  for (; at != all.end(); ++at) {
    if (static_cast<int>(items.size()) >= limit || bytes > page_bytes_max)
      break;
    items.push_back(show(at->second));
    bytes += to_json(items.back()).size();
  }
  const bool more = at != all.end() && !items.empty();
  const std::string last{more ? items.back().text_or(as.name) : std::string_view{}};
  value out{value::map{{as.list, std::move(items)}}};
  if (more)
    out.add("next", last);
  return out;
}

/// How long a contact in talk or ended waited in its queue; nothing where it never stood in it.
span waited(const contact& c) {
  const auto until = c.answered ? *c.answered : c.ended.value_or(c.queued);
  return c.queued == instant{} ? span{0} : until - c.queued;
}

span waited(const ended_contact& e) {
  return e.queued == instant{} ? span{0} : e.answered.value_or(e.ended) - e.queued;
}

void add_ticket(const contact& c, value& v) {
  if (!c.ticket.empty())
    v.add("ticket", c.ticket.get().number);
}

bool waits_longer(const standing& a, const standing& b) {
  return a.who->queued < b.who->queued;
}

} // namespace

answer<value> routing_model::ask(const command& query, const kernel::turn_context& in) const {
  if (const auto* x = std::get_if<query::queue_show>(&query)) {
    const auto* q = find(x->queue);
    if (!q)
      return no(because("routing.unknown_queue", "queue", x->queue.text()));
    auto out = show_queue(*q, in.now);
    out.set("waiting", show_line(*q, x->limit, x->after, in.now));
    out.set("in_progress", show_talks(*q, x->limit));
    out.set("recent", show_unserved(*q));
    return out;
  }
  if (const auto* x = std::get_if<query::queue_list>(&query))
    return page_of(queues_, *x, {"queues", "queue"},
                   [&](const queue& q) { return show_queue(q, in.now); });
  if (const auto* x = std::get_if<query::agent_show>(&query)) {
    const auto* a = find(x->agent);
    if (!a)
      return no(because("routing.unknown_agent", "agent", x->agent.text()));
    return show_agent(*a);
  }
  if (const auto* x = std::get_if<query::agent_list>(&query))
    return page_of(agents_, *x, {"agents", "agent"},
                   [&](const agent& a) { return show_agent(a); });
  const auto shown_contact = [&](const contact_id& id) -> answer<value> {
    const auto c = known(id);
    if (!c)
      return no(c.error());
    return show_contact(**c, in.now);
  };
  if (const auto* x = std::get_if<query::contact_show>(&query))
    return shown_contact(x->contact);
  if (const auto* x = std::get_if<query::contact_read>(&query))
    return show_said(*x, in);
  if (const auto* x = std::get_if<query::hall_show>(&query))
    return show_hall(*x, in);
  if (const auto* x = std::get_if<query::why_contact>(&query)) {
    auto out = shown_contact(x->contact);
    if (const auto* c = find(x->contact); out && x->full && c && c->in_queue())
      out->set("now", show_agents_for(*c, in.now));
    return out;
  }
  if (const auto* x = std::get_if<query::why_agent>(&query)) {
    const auto* a = find(x->agent);
    if (!a)
      return no(because("routing.unknown_agent", "agent", x->agent.text()));
    auto out = show_agent(*a);
    if (a->load.signed_in)
      out.set("now", show_contacts_for(*a, x->limit, in.now));
    return out;
  }
  return no(because("command.type_unknown", "type", std::string{careline::type_of(query)}));
}

/// Queues that a policy leads to and that are not there (yet): nothing is sent to them.
std::set<queue_id> ways_on(const queue_policy& p) {
  std::set<queue_id> named;
  add_diverts(p.rules, named);
  if (!p.overflow_to.empty())
    named.insert(p.overflow_to);
  return named;
}

value::list routing_model::unknown_queues(const queue_policy& p) const {
  value::list out;
  for (const auto& q : ways_on(p))
    if (q != p.queue && !is_place(q.text()))
      out.emplace_back(q.text());
  return out;
}

namespace {

/// Who is in its talk too, and the question that it is or has led to.
void add_colleagues(const contact& c, value& v) {
  value::list there;
  for (const auto& p : c.parties)
    there.emplace_back(p.agent.text());
  if (!there.empty())
    v.add("parties", std::move(there));
  if (!c.consult.empty())
    v.add("consult", c.consult.text());
  if (!c.consults.empty())
    v.add("consults", c.consults.text());
}

} // namespace

value routing_model::show_contact(const contact& c, instant now) const {
  value v{value::map{}};
  v.add("contact", c.id.text());
  v.add("state", word_of(c.at));
  if (c.at == phase::ended)
    v.add("ended_as", c.ended_as);
  if (c.ended_as == contact_diverted::type && !c.disposition.empty())
    v.add("to", c.disposition.get());
  v.add("channel", c.channel.text());
  if (!c.queue.empty())
    v.add("queue", c.queue.text());
  if (!c.agent.empty())
    v.add("agent", c.agent.text());
  v.add("opened", to_rfc3339(c.opened));
  v.add("urgency", c.where.urgency);
  v.add("offers", c.offer_number);
  add_ticket(c, v);
  if (c.at == phase::ended)
    return v;
  v.add("age_s", span_value(now - c.opened + c.credit));
  value::list skills;
  for (const auto& s : c.skills)
    skills.emplace_back(s.text());
  v.add("skills", std::move(skills));
  if (!c.offers.empty()) {
    value::list to;
    for (const auto& o : c.offers)
      to.push_back(
          value{value::map{{"agent", o.agent.text()}, {"expires", to_rfc3339(o.expires)}}});
    v.add("offered_to", std::move(to));
  }
  if (c.callback)
    v.add("callback", true);
  if (c.paused_until && *c.paused_until > now)
    v.add("paused_until", to_rfc3339(*c.paused_until));
  if (!c.supervisors.empty()) {
    value::list there;
    for (const auto& s : c.supervisors)
      there.push_back(value{value::map{{"by", s.by.text()}, {"mode", word_of(s.mode)}}});
    v.add("supervisors", std::move(there));
  }
  add_colleagues(c, v);
  if (!c.live)
    v.add("live", false);
  if (!c.slot.in_line())
    return v;
  const auto ahead = static_cast<int>(index_.line_of(c.queue).order_of_key({c.slot.key, &c}));
  v.add("queue_position", ahead + 1);
  v.add("waiting_s", span_value(now - c.queued));
  if (const auto wait = estimate(*find(c.queue), ahead))
    v.add("wait_s", span_value(*wait));
  return v;
}

value routing_model::show_agent(const agent& a) const {
  value v = to_value(a.can);
  v.set("agent", a.id.text());
  v.set("state", word_of(shown(a.load)));
  v.set("ready", a.load.ready);
  if (!a.load.ready && !a.load.reason.empty())
    v.set("reason", a.load.reason);
  value::list contacts;
  for (const auto& on : a.load.on) {
    value one{value::map{
        {"contact", on.contact.text()}, {"channel", on.channel.text()}, {"offered", on.offered}}};
    if (const auto* c = find(on.contact))
      add_ticket(*c, one);
    contacts.push_back(std::move(one));
  }
  v.set("contacts", std::move(contacts));
  value free{value::map{}};
  each_channel(a.can, [&](const channel_id& channel, int) {
    free.add(channel.text(), free_slots(a.can, a.load, channel));
  });
  v.set("free", std::move(free));
  v.set("finished", a.finished);
  v.set("misses", a.misses);
  v.set("idle_since", to_rfc3339(a.idle_since));
  if (a.rests_until)
    v.set("rests_until", to_rfc3339(*a.rests_until));
  return v;
}

value routing_model::show_queue(const queue& q, instant now) const {
  const auto& in_line = index_.line_of(q.policy.queue);
  value v = to_value(q.policy);
  v.set("length", static_cast<std::int64_t>(in_line.size()));
  v.set("agents", index_.signed_in(q.policy));
  if (is_closed(q))
    v.set("site_closed", true);
  if (auto unknown = unknown_queues(q.policy); !unknown.empty())
    v.set("unknown_queues", std::move(unknown));
  if (!in_line.empty())
    v.set("longest_wait_s",
          span_value(
              now - std::min_element(in_line.begin(), in_line.end(), waits_longer)->who->queued));
  if (const auto wait = estimate(q, static_cast<int>(in_line.size())))
    v.set("wait_s", span_value(*wait));
  return v;
}

value routing_model::show_line(const queue& q, int limit, const contact_id& after,
                               instant now) const {
  const auto& in_line = index_.line_of(q.policy.queue);
  auto at = in_line.begin();
  if (const auto* c = find(after); c && c->slot.in_line())
    at = in_line.upper_bound({c->slot.key, c});
  auto place = at == in_line.end() ? 0 : static_cast<std::int64_t>(in_line.order_of_key(*at));
  const int most = std::clamp(limit, 1, page_items_max);
  value::list waiting;
  for (; at != in_line.end() && static_cast<int>(waiting.size()) < most; ++at) {
    const auto& c = *at->who;
    value one{value::map{}};
    one.add("contact", c.id.text());
    one.add("queue_position", ++place);
    one.add("age_s", span_value(now - c.opened + c.credit));
    one.add("urgency", c.where.urgency);
    one.add("channel", c.channel.text());
    one.add("state", word_of(c.at));
    add_ticket(c, one);
    waiting.push_back(std::move(one));
  }
  return waiting;
}

/// Contacts of the queue in talk, the longest first. Looks at the agents: they are fewer than the
/// contacts of a day.
value routing_model::show_talks(const queue& q, int limit) const {
  std::vector<const contact*> talks;
  for (const auto& [id, a] : agents_)
    for (const auto& on : a.load.on)
      if (const auto* c = on.offered ? nullptr : find(on.contact);
          c && c->in_talk() && c->agent == a.id && c->queue == q.policy.queue)
        talks.push_back(c);
  const auto count = std::min<std::size_t>(
      talks.size(), static_cast<std::size_t>(std::clamp(limit, 1, page_items_max)));
  std::partial_sort(talks.begin(), talks.begin() + static_cast<std::ptrdiff_t>(count), talks.end(),
                    [](const contact* x, const contact* y) {
                      const auto since = [](const contact* c) { return c->connected.value_or({}); };
                      return std::pair{since(x), x->id} < std::pair{since(y), y->id};
                    });
  talks.resize(count);
  value::list out;
  for (const auto* c : talks) {
    value one{value::map{}};
    one.add("contact", c->id.text());
    one.add("agent", c->agent.text());
    one.add("since", to_rfc3339(c->connected.value_or(c->opened)));
    one.add("state", word_of(c->at));
    one.add("channel", c->channel.text());
    if (!c->callback)
      one.add("wait_s", span_value(waited(*c)));
    add_ticket(*c, one);
    out.push_back(std::move(one));
  }
  return out;
}

/// Ended unserved, or answered later than the queue promises. A callback's wait was over before.
void routing_model::remember_unserved(const ended_contact& e) {
  const auto* q = find(e.queue);
  const bool served = e.answered.has_value();
  if (!q || e.consult || (served && (e.callback || waited(e) <= q->policy.service_level_s)))
    return;
  auto& of_queue = unserved_[e.queue];
  of_queue.emplace(e.ended, e.id);
  if (of_queue.size() > unserved_kept)
    of_queue.erase(of_queue.begin());
}

/// The last first; those that are forgotten after their day are left out.
value routing_model::show_unserved(const queue& q) const {
  value::list out;
  const auto found = unserved_.find(q.policy.queue);
  if (found == unserved_.end())
    return out;
  for (auto at = found->second.rbegin(); at != found->second.rend(); ++at) {
    const auto* e = find_ended(at->second);
    if (!e || e->ended != at->first)
      continue;
    value one{value::map{}};
    one.add("contact", e->id.text());
    one.add("ended_as", e->as);
    one.add("at", to_rfc3339(at->first));
    one.add("wait_s", span_value(waited(*e)));
    one.add("channel", e->channel.text());
    if (!e->agent.empty())
      one.add("agent", e->agent.text());
    out.push_back(std::move(one));
  }
  return out;
}

} // namespace careline::routing
