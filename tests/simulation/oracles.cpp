#include "tests/simulation/oracles.hpp"

#include <algorithm>

#include "actors/kernel/log_check.hpp"
#include "actors/kernel/log_start.hpp"
#include "actors/kernel/shell_batch.hpp"
#include "messages/codec.hpp"
#include "messages/json.hpp"
#include "tests/simulation/people.hpp"
#include "tests/simulation/registrar.hpp"

namespace careline::simulation {

namespace {

/// How late a deadline may be: the actors' own timers, and what is done in between.
constexpr span late_max{1000};
/// How long after its lease a silent session may still be open.
constexpr span lapse_max{14'000};

/// Where two states differ, with what stands around it.
std::string difference(const value& live, const value& replayed) {
  const auto a = to_json(live);
  const auto b = to_json(replayed);
  const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto at = static_cast<std::size_t>(x - a.begin());
  const auto from = at > 300 ? at - 300 : 0;
  return "\n  live     ..." + a.substr(from, 600) + "\n  replayed ..." + b.substr(from, 600);
}

/// What is to be equal. Where to reach a waiting person is clear in the memory of who got it, where
/// it is not saved, and sealed in the log.
value comparable(const kernel::capability& of) {
  auto out = kernel::saved_for_comparing(of);
  if (auto* entries = of.name() == "routing" ? out.as<value::map>() : nullptr)
    for (auto& [key, item] : *entries)
      if (auto* rows = key == "contacts" ? item.as<value::list>() : nullptr)
        for (auto& row : *rows)
          std::erase_if(*row.as<value::map>(), [](const auto& e) {
            return e.first == "address" || e.first == "number";
          });
  return out;
}

} // namespace

void oracles::became_durable(std::uint64_t epoch, const std::vector<store::batch>& group,
                             const std::vector<store::committed>& places) {
  must(epoch >= epoch_, "an engine writes that another has taken over from");
  epoch_ = epoch;
  for (std::size_t i = 0; i < group.size(); ++i) {
    ++batches_;
    auto at = places[i].first;
    for (auto r : group[i].events) {
      r.at = at++;
      take(r, batches_);
    }
    must(group[i].events.empty() || at == places[i].last + 1, "a batch has its places together");
    for (const auto& c : group[i].checkpoints) {
      auto& known = checkpoints_[c.listener];
      must(c.at > known || c.at == 0, "the checkpoint of " + c.listener + " goes back to "
                                          + event_id(c.at) + " from " + event_id(known));
      known = c.at;
    }
  }
}

void oracles::take(const event_record& r, std::size_t batch) {
  must(r.at == events_ + 1, "positions have no gap: " + event_id(r.at) + " after "
                                + event_id(events_));
  events_ = r.at;
  types_.insert(r.type);
  must(r.time >= last_time_, "time does not go back in the log at " + event_id(r.at));
  last_time_ = r.time;
  take_effect(r, batch);
  events_of_[r.subject].push_back(r.at);
  if (r.type.starts_with("session."))
    last_session_event_ = r.at;
  const auto e = kernel::event_in(r);
  must(e.has_value(), "what is written can be read: " + r.type);
  on_->all.tell([&] {
    return event_id(r.at) + " " + r.type + " " + r.subject + " " + to_json(data_of(*e, true));
  });
  follow(*e, r.time);
  inspector_.take(*e, r.time);
  for (auto* model : replayed_.each())
    model->evolve(*e, r.time);
}

/// What one command causes is in one batch; what a reaction causes has a name of its own.
void oracles::take_effect(const event_record& r, std::size_t batch) {
  if (r.causation.empty())
    return;
  const auto [known, is_new] = effects_.try_emplace(r.causation, effect{batch, r.at, r.at, true});
  known->second.is_trace = known->second.is_trace && is_trace_of_refusal(r.type);
  if (is_new)
    return;
  const bool is_reaction = r.causation.find('/') != std::string::npos;
  must(!is_reaction && known->second.group == batch,
       r.causation + " has an effect a second time: " + r.type + " at " + event_id(r.at));
  known->second.last = r.at;
}

void oracles::look_at(engine_life& life) {
  const auto now = life.clock().now();
  const auto next = life.named("routing").wakes_at();
  // Where nothing has happened since, a look now and then is enough: it is the dearest thing here.
  const bool is_news = std::exchange(looked_at_, events_) != events_;
  if (on_->all.draw.one_in(is_news ? 3 : 60) && (!next || *next > now)) {
    for (const auto& [contact, c] : contacts_)
      must(!c.has_ended || c.offers.empty(), contact + " has ended and is still offered");
    inspector_.look_at_all(now);
    look_at_leases(life);
    const bool is_told = life.engine().figures().board_at == events_;
    must(!is_told || checkpoints_[std::string{kernel::reacting}] >= last_session_event_,
         "who reacts forgets how far it has come");
  }
  for (const auto* of : life.each()) {
    if (of->name() == "session")
      continue;  // leases run by another clock: look_at_leases
    // Some are past when they come up: what counts is how long they then stay.
    const auto due = of->wakes_at();
    auto& [known, since] = overdue_[std::string{of->name()}];
    if (!due || *due > now || due != known)
      since = on_->all.at;
    known = due;
    must(on_->all.at - since <= late_max,
         std::string{of->name()} + " sleeps past " + to_rfc3339(due.value_or(now)));
  }
}

void oracles::look_at_bounds(engine_life& life) {
  // A call for help waits for nothing, not even for a place.
  constexpr std::uint64_t calls_for_help = 16;
  // Of timers, reactions and the engine's own notes.
  constexpr std::uint64_t batches_of_nobody = 32;
  const auto in_flight = life.engine().figures().in_flight;
  const auto queued = life.writer().figures().queued;
  on_->all.hold(in_flight <= 256 + calls_for_help, "no more than 256 commands are in flight");
  on_->all.hold(queued <= in_flight + batches_of_nobody,
                std::to_string(queued) + " batches wait for the writer, and no more than "
                    + std::to_string(in_flight) + " commands for them");
}

void oracles::look_at_leases(engine_life& life) const {
  const auto saved = life.named("session").save();
  for (const auto& s : *saved.find("sessions")->as<value::list>()) {
    if (s.find("lost"))
      continue;
    const auto heard = heard_at_.find(std::string{s.text_or("session")});
    const auto last = std::max(alive_since_, heard == heard_at_.end() ? span{} : heard->second);
    must(on_->all.at - last <= session_client::lease + lapse_max,
         "the session of " + std::string{s.text_or("session")} + " outlives its lease");
  }
}

void oracles::compare(engine_life& life, bool with_followers) {
  for (const auto* replayed : replayed_.each()) {
    const auto& live = life.named(replayed->name());
    const bool is_desk = std::any_of(replayed_.desks.begin(), replayed_.desks.end(),
                                     [&](const auto& d) { return d.of.get() == replayed; });
    if (!with_followers && (is_desk || live.name() == "board"))
      continue;
    const auto a = comparable(live);
    const auto b = comparable(*replayed);
    if (pack(a) != pack(b))
      throw broken{"the live " + std::string{live.name()} + " is not what its log says"
                   + difference(a, b)};
  }
}

bool oracles::all_ended() const {
  return std::all_of(contacts_.begin(), contacts_.end(),
                     [](const auto& one) { return one.second.has_ended; });
}

void oracles::look_at_end() {
  must(all_ended(), "each contact ends");
  const auto& log = on_->disk.durable();
  for (const auto& [id, row] : asked_)
    if (row.answer && row.answer->at != 0 && row.answer->outcome == outcome_kind::accepted)
      must(log.hash_at(row.answer->at).value() == row.hash,
           "what was acknowledged at " + event_id(row.answer->at) + " was changed");
  store::read_options all;
  all.limit = 5000;
  position seen = 0;
  while (seen < log.head()) {
    all.after = seen;
    const auto page = log.read(all);
    must(page.has_value(), "the chain of the whole log holds");
    seen = page->next;
  }
}

} // namespace careline::simulation
