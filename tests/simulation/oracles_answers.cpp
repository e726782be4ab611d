#include <algorithm>

#include "messages/codec.hpp"
#include "messages/safety.hpp"
#include "tests/simulation/oracles.hpp"

// What the oracles hold of all that the engine says: its answers, and what it publishes.

namespace careline::simulation {

namespace {

/// Data of a remembered answer has at most so many bytes packed.
constexpr std::size_t kept_bytes_max = 512;

bool is_named_in(const value* names, const std::string& key) {
  const auto* list = names ? names->as<value::list>() : nullptr;
  return list && std::find(list->begin(), list->end(), value{key}) != list->end();
}

/// Of its data a repeated answer may lack what is not kept: a person's values that were shown, and
/// of too much the largest entries, which it then names. Whoever is back without an event is told
/// where the log ends, and that goes on.
bool has_same_data(const std::string& type, const reply& first, const reply& again) {
  const bool is_much = pack(first.data).size() > kept_bytes_max;
  if (again.data.is_nil())
    return first.data.is_nil() || is_much || type == registration::customer_reveal::type;
  const auto* had = first.data.as<value::map>();
  const auto* has = again.data.as<value::map>();
  if (!had || !has)
    return first.data == again.data;
  const auto* left_out = again.data.find("left_out");
  for (const auto& [key, item] : *had) {
    if (key == "position" && type == session::session_hello::type && first.at == 0)
      continue;
    const auto* kept = again.data.find(key);
    if (kept ? *kept != item : !is_much || !is_named_in(left_out, key))
      return false;
  }
  return std::all_of(has->begin(), has->end(), [&](const auto& entry) {
    return first.data.find(entry.first) || (is_much && entry.first == "left_out");
  });
}

/// In what a repeated answer differs from the first; nothing where it says the same.
std::string difference(const std::string& type, const reply& first, const reply& again) {
  const auto both = [](std::string_view of, std::string_view was, std::string_view is) {
    return std::string{of} + ": first " + std::string{was} + ", then " + std::string{is};
  };
  if (first.outcome != again.outcome)
    return both("the outcome", word_of(first.outcome), word_of(again.outcome));
  if (first.at != again.at)
    return both("the place", event_id(first.at), event_id(again.at));
  const auto was = first.why.value_or(problem{});
  const auto is = again.why.value_or(problem{});
  if (was.type != is.type)
    return both("the problem", was.type, is.type);
  if (was.field != is.field)
    return both("the field", was.field, is.field);
  return has_same_data(type, first, again) ? std::string{} : "the data";
}

} // namespace

void oracles::sent(const command_envelope& e) {
  const auto c = read_command(e.type, e.data);
  asked_[e.id] = {e.type, c && is_query(*c), told_, {}, {}};
}

void oracles::answered(const command_envelope& e, const reply& r, bool stale) {
  ++answers_;
  auto& all = on_->all;
  if (e.type == reception::contact_open::type && is_safety(e.type, e.data))
    all.hold(r.outcome == outcome_kind::accepted, "a call for help hears " + std::string{word_of(
                                                      r.outcome)});
  const auto found = asked_.find(e.id);
  const bool final =
      r.outcome == outcome_kind::accepted || r.outcome == outcome_kind::refused;
  // What was handed over without an event leaves no trace: it may be asked for again.
  if (found == asked_.end() || !final || r.data.find("unlogged"))
    return;
  auto& row = found->second;
  if (e.type != row.type) {
    all.hold(r.outcome == outcome_kind::refused && r.why && r.why->type == "command.id_reused",
             e.type + " " + e.id + " passes for the command that had the id before");
    return;
  }
  all.hold(r.at <= on_->disk.durable().head(),
           e.type + " " + e.id + " is acknowledged at " + event_id(r.at)
               + " before that is durable");
  if (e.type == query::contact_show::type && !stale)
    look_at_timeline(e, r, row.told);
  if (!row.is_query && e.type != session::session_beat::type)
    look_at_effect(e, r, row);
}

/// Of a command that was done or refused for good.
void oracles::look_at_effect(const command_envelope& e, const reply& r, asked& row) {
  auto& all = on_->all;
  const auto what = e.type + " " + e.id + " ";
  const auto done = effects_.find(e.id);
  const bool acted = done != effects_.end();
  if (r.outcome == outcome_kind::refused) {
    all.hold(!acted || done->second.is_trace, what + "is refused and has an effect");
  } else {
    all.hold(acted == (r.at != 0), what + "is acknowledged at " + event_id(r.at) + " with "
                                       + (acted ? "an" : "no") + " effect");
    if (acted)
      all.hold(done->second.last == r.at && done->second.first > row.told,
               what + "takes effect where it cannot: acknowledged at " + event_id(r.at));
  }
  if (row.answer) {
    const auto differs = difference(e.type, *row.answer, r);
    all.hold(differs.empty(), what + "is answered anew: " + differs);
    return;
  }
  row.answer = r;
  told_ = std::max(told_, r.at);
  const auto& log = on_->disk.durable();
  if (r.at != 0)
    row.hash = *log.hash_at(std::min(r.at, log.head()));
}

/// All that had happened to the contact at some moment after the question, and nothing else: what
/// anybody had been told before it is there.
void oracles::look_at_timeline(const command_envelope& e, const reply& r, position told) {
  auto& all = on_->all;
  const auto contact = std::string{e.data.text_or("contact")};
  const auto& own = events_of_["contact/" + contact];
  const auto due = static_cast<std::size_t>(std::upper_bound(own.begin(), own.end(), told)
                                            - own.begin());
  if (r.outcome == outcome_kind::refused) {
    all.hold(due == 0 && r.why && r.why->type == "routing.unknown_contact",
             contact + " is not shown, though " + std::to_string(due) + " of its events are told");
    return;
  }
  const auto* timeline = r.data.find("timeline");
  const auto* rows = timeline ? timeline->as<value::list>() : nullptr;
  all.hold(rows && rows->size() >= due && rows->size() <= own.size(),
           contact + " is shown with " + std::to_string(rows ? rows->size() : 0)
               + " events: it has " + std::to_string(own.size()) + ", and " + std::to_string(due)
               + " were told");
  if (!rows)
    return;
  ++shown_;
  for (std::size_t i = 0; i < std::min(rows->size(), own.size()); ++i) {
    const auto there = durable(own[i]);
    all.hold(there && to_value(*there) == (*rows)[i],
             contact + " is shown with something else in the place of " + event_id(own[i]));
  }
}

/// An event as the durable log has it; nothing where it has none.
std::optional<event_record> oracles::durable(position at) const {
  if (at == 0)
    return std::nullopt;
  store::read_options one;
  one.after = at - 1;
  one.limit = 1;
  auto page = on_->disk.durable().read(one);
  if (!page || page->events.empty() || page->events.front().at != at)
    return std::nullopt;
  return std::move(page->events.front());
}

void oracles::engine_began(position head) {
  alive_since_ = on_->all.at;
  published_ = head;
}

void oracles::published(const std::vector<event_record>& events, bool stale) {
  auto& all = on_->all;
  for (const auto& e : events) {
    all.hold(durable(e.at) == e, "what is published is what the log has at " + event_id(e.at));
    all.hold(stale || e.at == published_ + 1,
             event_id(e.at) + " is published after " + event_id(published_));
    told_ = std::max(told_, e.at);
    if (!stale)
      published_ = e.at;
  }
}

} // namespace careline::simulation
