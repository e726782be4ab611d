#include "fake_parts.hpp"

#include <algorithm>
#include <stdexcept>

namespace careline::kernel::fakes {

careline::routing::agent_state_changed crowded(const agent_id& agent) {
  careline::routing::agent_state_changed out;
  out.agent = agent;
  for (std::size_t i = 0; i <= list_items_max; ++i)
    out.contacts.emplace_back("C-" + std::to_string(i));
  return out;
}

answer<decision> reception::decide(const command& c, const turn_context&) const {
  decision out;
  if (const auto* x = std::get_if<careline::reception::contact_rate>(&c)) {
    if (!known.contains(x->contact.text()))
      return no(because("reception.unknown_contact"));
    out.events.push_back(careline::reception::contact_rated{x->contact, x->score});
    return out;
  }
  const auto* x = std::get_if<careline::reception::contact_open>(&c);
  if (!x || x->contact.text() == "ghost")
    return no(because("reception.unknown_contact"));
  if (known.contains(x->contact.text()))
    return no(because("reception.contact_exists"));
  careline::reception::contact_opened opened;
  static_cast<careline::reception::contact_open&>(opened) = *x;
  opened.person = person_id{"P-1"};
  out.events.push_back(opened);
  out.reply.set("contact", x->contact.text());
  out.hand_to = owner::routing;
  return out;
}

void reception::evolve(const event& e, instant) {
  if (const auto* x = std::get_if<careline::reception::contact_opened>(&e))
    known.insert(x->contact.text());
}

answer<decision> routing::decide(const command& c, const turn_context& in) const {
  decision out;
  if (const auto* x = std::get_if<careline::routing::contact_abandon>(&c)) {
    if (std::find(waiting.begin(), waiting.end(), x->contact.text()) == waiting.end())
      return no(because("routing.unknown_contact"));
    out.events.push_back(careline::routing::contact_abandoned{x->contact});
    return out;
  }
  if (const auto* x = std::get_if<careline::routing::agent_sign_in>(&c)) {
    if (x->agent.text() == "boom")
      throw std::runtime_error{"the fake was asked to"};
    if (x->agent.text() == "slow")
      take_your_time();
    careline::routing::agent_signed_in signed_in;
    signed_in.agent = x->agent;
    signed_in.client = in.client;
    out.events.push_back(signed_in);
    if (x->agent.text() == "crowd")
      out.events.push_back(crowded(x->agent));
    return out;
  }
  return no(because("command.type_unknown"));
}

answer<decision> routing::take_over(const command&, const decision& from,
                                    const turn_context&) const {
  const auto& opened = std::get<careline::reception::contact_opened>(from.events.front());
  if (opened.queue.text() == "nowhere")
    return no(because("routing.unknown_queue", "queue", "nowhere"));
  decision out;
  careline::routing::contact_queued queued;
  queued.contact = opened.contact;
  queued.queue = opened.queue;
  queued.queue_position = static_cast<int>(waiting.size()) + 1;
  out.events.push_back(queued);
  out.reply.set("queue_position", queued.queue_position);
  return out;
}

void routing::evolve(const event& e, instant at) {
  seen.emplace_back(type_of(e));
  if (const auto* x = std::get_if<careline::routing::contact_queued>(&e)) {
    waiting.push_back(x->contact.text());
    if (x->queue.text() == "brief")
      leaves[x->contact.text()] = at + 5s;
  }
  const auto gone = contact_of(e).text();
  if (std::holds_alternative<careline::routing::contact_abandoned>(e)
      || std::holds_alternative<careline::routing::contact_timed_out>(e)) {
    std::erase(waiting, gone);
    leaves.erase(gone);
  }
}

std::optional<instant> routing::wakes_at() const {
  std::optional<instant> first;
  for (const auto& [contact, at] : leaves)
    first = std::min(first.value_or(at), at);
  return first;
}

std::vector<event> routing::due(const turn_context& in) {
  for (const auto& [contact, at] : leaves)
    if (at <= in.now)
      return {careline::routing::contact_timed_out{contact_id{contact}, "wait_s_max"}};
  return {};
}

std::vector<event> routing::react(const event& e, const turn_context&) const {
  if (!std::holds_alternative<session::session_lost>(e))
    return {};
  careline::routing::agent_state_changed changed;
  changed.agent = agent_id{"A"};
  changed.state = careline::routing::agent_state::not_ready;
  changed.reason = "session_lost";
  return {changed};
}

answer<value> routing::ask(const command& query, const turn_context&) const {
  if (const auto* x = std::get_if<query::contact_show>(&query)) {
    if (std::find(waiting.begin(), waiting.end(), x->contact.text()) == waiting.end())
      return no(because("routing.unknown_contact"));
    value out{value::map{}};
    out.add("contact", x->contact.text());
    out.add("state", "waiting");
    return out;
  }
  value out{value::map{}};
  out.add("waiting", static_cast<std::int64_t>(waiting.size()));
  return out;
}

answer<value> board::ask(const command&, const turn_context&) const {
  value out{value::map{}};
  out.add("events", events);
  return out;
}

void held_log::hold() {
  const std::lock_guard lock{mutex_};
  held_ = true;
}

void held_log::release() {
  const std::lock_guard lock{mutex_};
  held_ = false;
  go_.notify_all();
}

void held_log::fail_next() {
  const std::lock_guard lock{mutex_};
  failing_ = true;
}

std::vector<std::vector<store::batch>> held_log::appended() const {
  const std::lock_guard lock{mutex_};
  return appended_;
}

void held_log::append(std::vector<store::batch> group, position expected_head, std::uint64_t epoch,
                      append_done done) {
  {
    std::unique_lock lock{mutex_};
    go_.wait(lock, [&] { return !held_; });
    if (failing_) {
      lock.unlock();
      done(no(store::log_error{store::log_fault::io, "the disk is gone", 0}));
      return;
    }
    appended_.push_back(group);
  }
  of_->append(std::move(group), expected_head, epoch, std::move(done));
}

} // namespace careline::kernel::fakes
