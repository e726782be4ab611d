#include "tools/careline/what_if.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>
#include <utility>

#include "actors/kernel/log_pages.hpp"
#include "actors/kernel/log_recovery.hpp"
#include "tools/careline/demo_profile.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

void patience_curve::add(span wait, bool gave_up) {
  waits_.emplace_back(wait, gave_up);
  settled_ = false;
}

void patience_curve::settle() const {
  if (settled_)
    return;
  settled_ = true;
  curve_.clear();
  auto all = waits_;
  // Of the same wait those who gave up come first: the others were still there.
  std::ranges::sort(all, [](const auto& a, const auto& b) {
    return std::pair{a.first, !a.second} < std::pair{b.first, !b.second};
  });
  double share = 1;
  double waited_ms = 0;
  std::size_t gone = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    waited_ms += static_cast<double>(all[i].first.count());
    if (!all[i].second)
      continue;
    ++gone;
    const auto there = static_cast<double>(all.size() - i);
    share *= (there - 1) / there;
    if (!curve_.empty() && curve_.back().first == all[i].first)
      curve_.back().second = share;
    else
      curve_.emplace_back(all[i].first, share);
  }
  rate_per_ms_ = waited_ms > 0 ? static_cast<double>(gone) / waited_ms : 0;
}

double patience_curve::still_there(span wait) const {
  settle();
  const auto after = std::ranges::upper_bound(curve_, wait, {}, &std::pair<span, double>::first);
  return after == curve_.begin() ? 1 : std::prev(after)->second;
}

std::optional<span> patience_curve::draw(span beyond, double unit) const {
  const double share = still_there(beyond) * (1 - unit);
  if (rate_per_ms_ <= 0)
    return std::nullopt;
  for (const auto& [wait, left] : curve_)
    if (wait > beyond && left <= share)
      return wait;
  const auto last = curve_.back().first;
  const double tail = curve_.back().second;
  const double from = std::max(share, 1e-9);
  const double more = tail > from ? std::log(tail / from) / rate_per_ms_ : 0;
  return std::max(last, beyond) + span{static_cast<std::int64_t>(more) + 1};
}

namespace {

/// What is known of a contact while the log is read.
struct follow_up {
  logged_contact what;
  std::optional<instant> connected;
  bool is_ours = false;     ///< came in the time that is asked for
  bool is_answered = false;
  bool is_simple = true;    ///< neither a callback nor transferred
};

/// What is known of an agent's habits.
struct habits {
  std::optional<instant> offered;
  std::optional<instant> wrapping_up;
  bool ready = true;
  bool ends_by_hand = false;  ///< its wrap-up now: of a queue where only it says when it is over
  double answer_ms = 0;
  double wrap_up_ms = 0;
  int answers = 0;
  int wrap_ups = 0;
};

agent_manner manner_of(const habits& of) {
  agent_manner out;
  if (of.answers > 0)
    out.answer_after = span{static_cast<std::int64_t>(of.answer_ms / of.answers)};
  if (of.wrap_ups > 0)
    out.wrap_up = span{static_cast<std::int64_t>(of.wrap_up_ms / of.wrap_ups)};
  out.back_after = 1s;
  return out;
}

class people_reader {
public:
  people_reader(logged_people& into, instant from, instant to)
      : into_(into), from_(from), to_(to) {}

  void saw(const event& e, instant at) {
    std::visit([&](const auto& x) { on(x, at); }, e);
  }

  /// Everybody's manners, once all is read; `end` is the log's own.
  void finish(instant end) {
    habits all;
    for (const auto& [who, a] : agents_) {
      into_.manners[who] = manner_of(a);
      all.answer_ms += a.answer_ms;
      all.answers += a.answers;
      all.wrap_up_ms += a.wrap_up_ms;
      all.wrap_ups += a.wrap_ups;
    }
    into_.usual_manner = manner_of(all);
    give_manners(into_, into_.lines);
    for (auto& [id, c] : open_)  // still there: no more is known than how long
      if (c.is_ours) {
        c.connected.reset();
        close(c, std::max(end, c.what.opened));
      }
  }

private:
  template <class Command>
  void say(const Command& what, instant at) {
    scenario_line line;
    line.at = std::max(at, into_.start);  // what held when the time begins
    line.type = Command::type;
    line.source = "log";
    line.data = data_of(command{what}, false);
    into_.lines.push_back(std::move(line));
  }
  static routing::agent_set_state state_of(const agent_id& who, bool ready,
                                           const std::string& reason) {
    return {who, ready ? routing::agent_state::ready : routing::agent_state::not_ready,
            ready ? code_word{} : code_word{reason}};
  }
  bool is_in_time(instant at) const { return at >= from_ && at < to_; }

  follow_up* find(const contact_id& id) {
    const auto found = open_.find(id);
    return found == open_.end() ? nullptr : &found->second;
  }

  void on(const reception::contact_opened& x, instant at) {
    if (!x.consults.empty())
      return;  // a question between agents; what it took is in the talk it was about
    auto& c = open_[x.contact];
    c.is_ours = is_in_time(at);
    c.what.opened = at;
    c.what.open = x;
    c.what.open.need = {};
    c.what.open.customer = {};
    c.what.open.address = {};
  }
  void on(const reception::contact_triaged& x, instant) {
    if (auto* c = find(x.contact))
      c->what.open.queue = x.queue;
  }
  void on(const routing::contact_queued& x, instant) {
    if (auto* c = find(x.contact); c && c->what.open.queue.empty())
      c->what.open.queue = x.queue;
  }
  void on(const routing::contact_connected& x, instant at) {
    if (auto* c = find(x.contact)) {
      if (!c->what.talked && c->is_simple)
        c->what.waited = at - c->what.opened;
      c->connected = at;
      c->is_answered = true;
    }
  }
  void on(const routing::contact_callback_requested& x, instant at) {
    if (auto* c = find(x.contact)) {
      c->is_simple = false;
      c->what.waited = at - c->what.opened;
    }
  }
  void on(const routing::contact_transferred& x, instant at) {
    if (auto* c = find(x.contact)) {
      c->is_simple = false;
      talk_ended(*c, at);
    }
  }
  void on(const routing::contact_parked& x, instant at) {
    if (auto* c = find(x.contact)) {
      c->is_simple = false;
      talk_ended(*c, at);
    }
  }
  void on(const routing::ticket_missed& x, instant at) {
    if (auto* c = find(x.contact)) {
      c->is_simple = false;
      talk_ended(*c, at);
    }
  }
  void on(const routing::contact_finished& x, instant at) {
    if (const auto* c = find(x.contact); c && c->connected)
      agents_[x.agent.text()].ends_by_hand = by_hand_.contains(c->what.open.queue);
    end(x.contact, at, false);
  }
  void on(const routing::contact_abandoned& x, instant at) { end(x.contact, at, true); }
  void on(const routing::contact_timed_out& x, instant at) { end(x.contact, at, false); }
  void on(const routing::contact_refused& x, instant at) { end(x.contact, at, false); }
  void on(const routing::contact_diverted& x, instant at) {
    if (x.to.starts_with("external:"))
      end(x.contact, at, false);
  }

  void on(const routing::queue_defined& x, instant at) {
    routing::queue_define define;
    static_cast<routing::queue_policy&>(define) = x;
    if (at < to_)
      say(define, at);
    if (x.wrap_up == routing::wrap_up_kind::manual)
      by_hand_.insert(x.queue);
    else
      by_hand_.erase(x.queue);
  }
  void on(const routing::agent_signed_in& x, instant at) {
    agents_[x.agent.text()].ready = x.ready;
    routing::agent_sign_in in;
    static_cast<routing::abilities&>(in) = x;
    in.agent = x.agent;
    in.ready = x.ready;
    if (at >= to_)
      return;
    say(in, at);
    // Here it may be in talk still when it went home then: then it was never signed out.
    say(state_of(x.agent, x.ready, "shift"), at);
  }
  void on(const routing::agent_changed& x, instant at) {
    if (at < to_)
      say(routing::agent_change{x.agent, x.skills, x.channels, x.queues, x.blocks, x.capacity,
                                x.costs, x.site},
          at);
  }
  void on(const routing::queue_removed& x, instant at) {
    if (at < to_)
      say(routing::queue_remove{x.queue, code_word{x.reason}}, at);
  }
  void on(const routing::site_state_changed& x, instant at) {
    if (at < to_)
      say(routing::site_set_state{x.site, x.state, x.by, code_word{x.reason}}, at);
  }
  void on(const routing::agent_signed_out& x, instant at) {
    auto& a = agents_[x.agent.text()];
    a.wrapping_up.reset();
    a.offered.reset();
    if (at >= to_)
      return;
    // Whoever talks longer here than it was takes nothing more.
    say(state_of(x.agent, false, "shift_over"), at);
    say(routing::agent_sign_out{x.agent}, at);
  }
  void on(const routing::agent_state_changed& x, instant at) {
    auto& a = agents_[x.agent.text()];
    if (a.wrapping_up && x.state != routing::agent_state::wrap_up) {
      a.wrap_up_ms += static_cast<double>((at - *a.wrapping_up).count());
      ++a.wrap_ups;
      a.wrapping_up.reset();
    } else if (!a.wrapping_up && a.ends_by_hand && x.state == routing::agent_state::wrap_up) {
      a.wrapping_up = at;
    }
    // Missed offers and lost connections are the day's own, not the person's.
    const bool is_own = x.reason != "missed_offers" && x.reason != "session_lost";
    if (x.ready == a.ready || !is_own || at >= to_)
      return;
    a.ready = x.ready;
    say(state_of(x.agent, x.ready, x.reason), at);
  }
  void on(const routing::offer_made& x, instant at) { agents_[x.agent.text()].offered = at; }
  void on(const routing::offer_accepted& x, instant at) {
    auto& a = agents_[x.agent.text()];
    if (!a.offered)
      return;
    a.answer_ms += static_cast<double>((at - *a.offered).count());
    ++a.answers;
    a.offered.reset();
  }
  void on(const engine::log_created& x, instant) { into_.offset_minutes = x.offset_minutes; }
  template <class Other>
  void on(const Other&, instant) {}

  static void talk_ended(follow_up& c, instant at) {
    if (c.connected)
      c.what.talked = c.what.talked.value_or(span{0}) + (at - *c.connected);
    c.connected.reset();
  }
  void close(follow_up& c, instant at) {
    talk_ended(c, at);
    if (!c.is_answered && c.is_simple && !c.what.gave_up)
      c.what.waited = at - c.what.opened;
    into_.left_out += c.is_simple ? 0 : 1;
    if (!c.what.open.safety)
      into_.patience.add(c.what.gave_up.value_or(c.what.waited), c.what.gave_up.has_value());
    if (c.what.talked)
      into_.talks[c.what.open.channel.text()].push_back(*c.what.talked);
    into_.contacts.push_back(std::move(c.what));
  }
  void end(const contact_id& id, instant at, bool by_person) {
    const auto found = open_.find(id);
    if (found == open_.end())
      return;
    auto& c = found->second;
    if (by_person && c.is_simple && !c.connected && !c.what.talked)
      c.what.gave_up = at - c.what.opened;
    if (c.is_ours)
      close(c, at);
    open_.erase(found);
  }

  logged_people& into_;
  instant from_;
  instant to_;
  std::unordered_map<contact_id, follow_up> open_;
  std::map<std::string, habits> agents_;
  std::set<queue_id> by_hand_;  ///< queues with a manual wrap-up
};

span talk_of(const logged_people& people, const logged_contact& c, dice& by) {
  if (c.talked)
    return *c.talked;
  const auto same = people.talks.find(c.open.channel.text());
  const auto& from = same != people.talks.end() ? same : people.talks.begin();
  if (from == people.talks.end())
    return 180s;
  return from->second[static_cast<std::size_t>(by.unit()
                                               * static_cast<double>(from->second.size()))];
}

} // namespace

void give_manners(const logged_people& people, std::vector<scenario_line>& lines) {
  for (auto& line : lines) {
    if (line.type != routing::agent_sign_in::type || line.agent)
      continue;
    const auto known = people.manners.find(std::string{line.data.text_or("agent")});
    line.agent = known == people.manners.end() ? people.usual_manner : known->second;
  }
}

result<logged_people, store::log_error> read_people(const store::event_log& log, instant from,
                                                    instant to) {
  logged_people out;
  const auto head = log.head();
  const auto birth = kernel::read_birth(log);
  if (!birth)
    return no(birth.error());
  out.start = from;
  out.end = *birth ? std::min(to, (*birth)->last_time) : to;
  people_reader reader{out, from, to};
  report_wish wish;
  wish.by = report_group::centre;
  wish.each = report_period::all;
  wish.from = from;
  wish.to = to;
  report_books books{wish};
  board::state centre;
  progress_bar bar{"reading the log"};
  kernel::log_pages pages{log, 0, head, kernel::log_threads::own};
  for (position at = 0; at < head;) {
    const auto page = pages.next();
    if (!page)
      return no(page.error());
    for (const auto& e : *page) {
      at = e.at;
      if (out.start == instant{})
        out.start = e.time;
      reader.saw(e.what, e.time);
      board::evolve(centre, e.what, e.time, &books);
    }
    bar.show(at, head);
  }
  reader.finish(centre.last);
  books.close(centre, std::min(centre.last, to));
  if (!books.rows().empty())
    out.recorded = figures_of(books.rows().begin()->second);
  std::ranges::stable_sort(out.contacts, {}, &logged_contact::opened);
  return out;
}

scenario scenario_of(const logged_people& people, std::uint64_t seed, double takes_callback) {
  scenario out;
  out.name = "from a log";
  out.start = people.start;
  out.offset_minutes = people.offset_minutes;
  out.seed = seed;
  out.lines = people.lines;
  std::uint64_t number = 0;
  for (const auto& c : people.contacts) {
    dice by{seed * 1'000'003 + ++number};
    const double unit = by.unit();
    contact_manner how;
    how.talk = talk_of(people, c, by);
    how.patience = c.gave_up ? c.gave_up : people.patience.draw(c.waited, unit);
    how.takes_callback = by.chance(takes_callback);
    scenario_line line;
    line.at = c.opened;
    line.type = reception::contact_open::type;
    line.source = "log";
    line.data = data_of(command{c.open}, false);
    line.contact = how;
    out.lines.push_back(std::move(line));
  }
  std::ranges::stable_sort(out.lines, {}, &scenario_line::at);
  return out;
}

} // namespace careline::program
