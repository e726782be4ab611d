#include <algorithm>

#include "actors/board/state.hpp"
#include "messages/saved_rows.hpp"

namespace careline::board {

namespace {

// Grows when the form changes; a form that is not known is not loaded, and the log is folded anew.
constexpr int form = 5;

value ms(instant at) {
  return to_ms(at);
}

template <class T>
value or_nil(const std::optional<T>& x) {
  if (!x)
    return {};
  if constexpr (std::is_same_v<T, instant>)
    return to_ms(*x);
  else
    return *x;
}

template <class T>
void read_or_nil(const value& from, std::optional<T>& out) {
  out.reset();
  if (const auto* n = from.as<std::int64_t>()) {
    if constexpr (std::is_same_v<T, instant>)
      out = from_ms(*n);
    else
      out = *n;
  }
}

value save_counters(const counters& c) {
  value::list out;
  counters::each([&](auto n) { out.push_back(static_cast<std::int64_t>(n)); }, c);
  return out;
}

bool load_counters(const value& from, counters& c) {
  row_reader row{from};
  counters::each([&](auto& n) { row >> n; }, c);
  return static_cast<bool>(row);
}

value save_clock(const work_clock& c) {
  return row_of(c.on_contact.save(), c.idle.save());
}

bool load_clock(const value& from, work_clock& c) {
  row_reader row{from};
  return c.on_contact.load(row.any()) && c.idle.load(row.any());
}

value save_sites(const state& s) {
  long_list out;
  for (const auto& one : s.sites)
    out.push_back(row_of(one.id.text(), one.closed ? 1 : 0));
  return out.take();
}

/// Before queues and agents, who name them. Their agents are counted as those are read.
bool load_sites(state& s, const value& from) {
  return long_list::each(from, [&](const value& saved) {
    row_reader row{saved};
    std::string id;
    bool closed = false;
    row >> id >> closed;
    s.sites.push_back({site_id{id}, closed, {}});
    return static_cast<bool>(row);
  });
}

bool is_site(const state& s, int row) {
  return row >= -1 && row < static_cast<int>(s.sites.size());
}

value save_queue(const queue& q) {
  return row_of(q.id.text(), q.service_level_s.count(), static_cast<int>(q.wait_estimate),
                q.members ? 1 : 0, q.removed ? 1 : 0, q.weight, or_nil(q.smoothed_s),
                or_nil(q.recent_ms), std::int64_t{q.handled_before}, q.handle_ms_before,
                q.gone_on_ms, q.gone_idle_ms, q.site, q.figures.save());
}

bool load_queue(state& s, const value& from) {
  row_reader row{from};
  std::string id;
  std::int64_t service_level_ms = 0;
  int estimate = 0;
  row >> id;
  auto& q = s.queues[static_cast<std::size_t>(queue_row(s, queue_id{id}))];
  row >> service_level_ms >> estimate >> q.members >> q.removed >> q.weight;
  read_or_nil(row.any(), q.smoothed_s);
  read_or_nil(row.any(), q.recent_ms);
  row >> q.handled_before >> q.handle_ms_before >> q.gone_on_ms >> q.gone_idle_ms >> q.site;
  q.service_level_s = span{service_level_ms};
  q.wait_estimate = static_cast<routing::wait_estimate_kind>(estimate);
  return q.figures.load(row.any()) && row && is_site(s, q.site);
}

value save_teams(const state& s) {
  long_list out;
  for (const auto& [key, t] : s.teams) {
    long_list queues;
    for (const int q : key.queues)
      queues.push_back(q);
    out.push_back(
        row_of(key.everywhere ? 1 : 0, queues.take(), save_clock(t.clock), ms(t.touched)));
  }
  return out.take();
}

bool load_teams(state& s, const value& from, std::vector<team*>& in_order) {
  return long_list::each(from, [&](const value& saved) {
    row_reader row{saved};
    team_key key;
    row >> key.everywhere;
    const bool known = long_list::each(row.any(), [&](const value& q) {
      const auto* n = q.as<std::int64_t>();
      if (!n || *n < 0 || *n >= static_cast<std::int64_t>(s.queues.size()))
        return false;
      key.queues.push_back(static_cast<int>(*n));
      return true;
    });
    if (!known || !row)
      return false;
    auto& t = team_of(s, std::move(key));
    in_order.push_back(&t);
    return load_clock(row.any(), t.clock) && row >> t.touched;
  });
}

/// The entries of a hash map in the order of their keys: what is saved does not depend on hashing.
template <class Map>
auto sorted(const Map& from) {
  std::vector<const typename Map::value_type*> out;
  out.reserve(from.size());
  for (const auto& entry : from)
    out.push_back(&entry);
  std::sort(out.begin(), out.end(), [](auto* a, auto* b) { return a->first < b->first; });
  return out;
}

value save_agents(const state& s) {
  std::map<const team*, int> number_of;
  int number = 0;
  for (const auto& [key, t] : s.teams)
    number_of[&t] = number++;
  long_list out;
  for (const auto* entry : sorted(s.agents)) {
    const auto& a = entry->second;
    out.push_back(row_of(entry->first.text(), number_of[a.in], static_cast<int>(a.state),
                         static_cast<int>(a.clock), ms(a.clock_since), ms(a.wrap_up_since),
                         a.talking, a.last_queue, a.last_channel, a.site));
  }
  return out.take();
}

bool load_agents(state& s, const value& from, const std::vector<team*>& teams) {
  return long_list::each(from, [&](const value& saved) {
    row_reader row{saved};
    std::string id;
    std::size_t in = 0;
    int state = 0;
    int clock = 0;
    agent a;
    row >> id >> in >> state >> clock >> a.clock_since >> a.wrap_up_since >> a.talking
        >> a.last_queue >> a.last_channel >> a.site;
    if (!row || in >= teams.size() || !is_site(s, a.site))
      return false;
    a.in = teams[in];
    a.state = static_cast<routing::agent_state>(state);
    a.clock = static_cast<phase>(clock);
    ++a.in->members;
    count_agent(s, a, 1);
    s.agents.emplace(agent_id{id}, a);
    return true;
  });
}

value save_contact(const contact_id& id, const contact& c) {
  return row_of(id.text(), static_cast<std::int64_t>(c.number), static_cast<int>(c.at),
                c.greeted ? 1 : 0, c.answered ? 1 : 0, c.channel, c.queue, ms(c.opened),
                ms(c.queued), ms(c.waits_since), or_nil(std::optional<instant>{c.chose}),
                ms(c.talk_since), c.agent.text(), c.consult ? 1 : 0);
}

value save_contacts(const state& s) {
  long_list out;
  for (const auto* entry : sorted(s.contacts))
    out.push_back(save_contact(entry->first, entry->second));
  return out.take();
}

bool load_contacts(state& s, const value& from) {
  const bool read = long_list::each(from, [&](const value& saved) {
    row_reader row{saved};
    std::string id;
    std::string agent;
    int at = 0;
    contact c;
    row >> id >> c.number >> at >> c.greeted >> c.answered >> c.channel >> c.queue >> c.opened
        >> c.queued >> c.waits_since;
    std::optional<instant> chose;
    read_or_nil(row.any(), chose);
    c.chose = chose;
    row >> c.talk_since >> agent >> c.consult;
    if (!row || c.queue >= static_cast<int>(s.queues.size())
        || c.channel >= static_cast<int>(s.channels.size()))
      return false;
    c.at = static_cast<stage>(at);
    c.agent = agent_id{agent};
    if (c.at == stage::waiting && c.queue < 0)
      return false;
    if (c.at == stage::waiting && c.consult) {
      ++s.queues[static_cast<std::size_t>(c.queue)].consults;
    } else if (c.at == stage::waiting) {
      s.queues[static_cast<std::size_t>(c.queue)].figures.waiting.put(c.queued, c.number);
      s.centre.waiting.put(c.waits_since, c.number);
      if (c.channel >= 0)
        s.channels[static_cast<std::size_t>(c.channel)].figures.waiting.put(c.waits_since,
                                                                            c.number);
    }
    s.contacts.emplace(contact_id{id}, std::move(c));
    return true;
  });
  s.centre.waiting.sort();
  for (auto& q : s.queues)
    q.figures.waiting.sort();
  for (auto& c : s.channels)
    c.figures.waiting.sort();
  return read;
}

value save_sessions(const state& s) {
  long_list out;
  for (const auto& [name, kind] : s.sessions)
    out.push_back(row_of(name.text(), kind));
  return out.take();
}

value save_head(const state& s) {
  return row_of(static_cast<std::int64_t>(s.events), ms(s.last), s.offset_minutes, s.time_zone,
                or_nil(s.day_start), or_nil(s.interval_end), s.interval_on_ms, s.interval_idle_ms,
                static_cast<std::int64_t>(s.contacts_seen));
}

bool load_head(const value& from, state& s) {
  row_reader row{from};
  row >> s.events >> s.last >> s.offset_minutes >> s.time_zone;
  read_or_nil(row.any(), s.day_start);
  read_or_nil(row.any(), s.interval_end);
  row >> s.interval_on_ms >> s.interval_idle_ms >> s.contacts_seen;
  return static_cast<bool>(row);
}

const value& at_key(const value& from, std::string_view key) {
  static const value nothing;
  const auto* found = from.find(key);
  return found ? *found : nothing;
}

} // namespace

value running_sum::save() const {
  return row_of(before_, closed_, running_, starts_);
}

bool running_sum::load(const value& from) {
  return static_cast<bool>(row_reader{from} >> before_ >> closed_ >> running_ >> starts_);
}

value scope::save() const {
  long_list minutes;
  for (const auto& m : minutes_)
    minutes.push_back(row_of(m.start_ms, std::int64_t{m.waiting}, std::int64_t{m.offered},
                             std::int64_t{m.answered}, std::int64_t{m.answered_in},
                             std::int64_t{m.abandoned}, std::int64_t{m.abandoned_late}));
  long_list intervals;
  for (const auto& i : intervals_)
    intervals.push_back(row_of(i.start_ms, save_counters(i.did), i.on_contact_ms, i.idle_ms));
  return row_of(save_counters(day), save_counters(all), in_progress, callbacks_waiting, ms(touched),
                minutes.take(), intervals.take());
}

bool scope::load(const value& from) {
  row_reader row{from};
  if (!load_counters(row.any(), day) || !load_counters(row.any(), all))
    return false;
  row >> in_progress >> callbacks_waiting >> touched;
  const bool minutes_read = long_list::each(row.any(), [&](const value& saved) {
    minute_row m;
    row_reader item{saved};
    item >> m.start_ms >> m.waiting >> m.offered >> m.answered >> m.answered_in >> m.abandoned
        >> m.abandoned_late;
    minutes_.push_back(m);
    return static_cast<bool>(item);
  });
  return minutes_read && row && long_list::each(row.any(), [&](const value& saved) {
           interval_row i;
           row_reader item{saved};
           item >> i.start_ms;
           const bool counted = load_counters(item.any(), i.did);
           item >> i.on_contact_ms >> i.idle_ms;
           intervals_.push_back(i);
           return counted && item;
         });
}

value save(const state& s) {
  long_list queues;
  for (const auto& q : s.queues)
    queues.push_back(save_queue(q));
  long_list channels;
  for (const auto& c : s.channels)
    channels.push_back(row_of(c.id.text(), c.figures.save()));
  value out{value::map{}};
  out.add("form", form);
  out.add("head", save_head(s));
  out.add("speed", s.speed);
  out.add("centre", s.centre.save());
  out.add("clock", save_clock(s.clock));
  out.add("sites", save_sites(s));
  out.add("queues", queues.take());
  out.add("channels", channels.take());
  out.add("teams", save_teams(s));
  out.add("agents", save_agents(s));
  out.add("contacts", save_contacts(s));
  out.add("sessions", save_sessions(s));
  out.add("promises", s.promises.save());
  out.add("hall", s.hall.save());
  return out;
}

/// Agents' rows name their team by its number among all, so only its own figures are told here.
value part(const state& s, std::string_view subject) {
  if (subject.empty())
    return row_of(save_head(s), save_clock(s.clock), s.centre.save(), save_sites(s),
                  s.promises.save(), s.hall.save());
  const auto dash = subject.find('/');
  const auto kind = subject.substr(0, dash);
  const std::string id{subject.substr(dash == subject.npos ? subject.size() : dash + 1)};
  if (kind == "contact")
    if (const auto c = s.contacts.find(contact_id{id}); c != s.contacts.end())
      return save_contact(c->first, c->second);
  if (kind == "queue")
    if (const auto q = s.queue_at.find(queue_id{id}); q != s.queue_at.end())
      return save_queue(s.queues[static_cast<std::size_t>(q->second)]);
  if (kind == "agent")
    if (const auto found = s.agents.find(agent_id{id}); found != s.agents.end()) {
      const auto& a = found->second;
      return row_of(static_cast<int>(a.state), static_cast<int>(a.clock), ms(a.clock_since),
                    ms(a.wrap_up_since), a.talking, a.last_queue, a.last_channel, a.site);
    }
  return {};
}

bool load(state& s, const value& from) {
  if (from.int_or("form", 0) != form || !load_head(at_key(from, "head"), s)
      || !s.centre.load(at_key(from, "centre")) || !load_clock(at_key(from, "clock"), s.clock))
    return false;
  s.speed = from.number_or("speed", 1);
  const bool queues =
      load_sites(s, at_key(from, "sites"))
      && long_list::each(at_key(from, "queues"), [&](const value& q) { return load_queue(s, q); });
  const bool channels = long_list::each(at_key(from, "channels"), [&](const value& saved) {
    row_reader row{saved};
    std::string id;
    row >> id;
    const auto place = static_cast<std::size_t>(channel_row(s, channel_id{id}));
    return row && s.channels[place].figures.load(row.any());
  });
  std::vector<team*> teams;
  return queues && channels && load_teams(s, at_key(from, "teams"), teams)
         && load_agents(s, at_key(from, "agents"), teams)
         && load_contacts(s, at_key(from, "contacts"))
         && s.promises.load(at_key(from, "promises"))
         && s.hall.load(at_key(from, "hall"))
         && long_list::each(at_key(from, "sessions"), [&](const value& saved) {
              row_reader row{saved};
              std::string name;
              std::string kind;
              row >> name >> kind;
              s.sessions[session_name{name}] = kind;
              return static_cast<bool>(row);
            });
}

} // namespace careline::board
