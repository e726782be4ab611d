#include <algorithm>
#include <charconv>

#include "actors/routing/model.hpp"

namespace careline::routing {

namespace {

/// The number behind the prefix, 0 where there is none.
int number_in(std::string_view ticket, std::string_view prefix) {
  int n = 0;
  if (ticket.starts_with(prefix)) {
    const auto digits = ticket.substr(prefix.size());
    std::from_chars(digits.data(), digits.data() + digits.size(), n);
  }
  return n;
}

void take_off(std::vector<hall_call>& list, const std::string& ticket) {
  std::erase_if(list, [&](const hall_call& one) { return one.ticket == ticket; });
}

/// Each ticket is there once, where it was called last.
void put_last(std::vector<hall_call>& list, hall_call one) {
  take_off(list, one.ticket);
  if (list.size() >= calls_kept)
    list.erase(list.begin());
  list.push_back(std::move(one));
}

} // namespace

/// At the first number the area begins anew.
void routing_model::take_ticket(contact& c, const contact_queued& e, instant at) {
  if (!c.ticket.empty())
    c.ticket.edit().behind = 0;
  if (e.ticket.empty() || !c.ticket.empty())
    return;
  const auto* q = find(e.queue);
  const auto prefix = q ? q->policy.ticket : std::string{};
  auto& area = halls_[prefix];
  area.prefix = prefix;
  area.count = number_in(e.ticket, prefix);
  area.last = at;
  if (area.count == 1) {
    area.called.clear();
    area.missed.clear();
  }
  c.ticket = ticket_of{e.ticket, prefix, {}, 0, 0, 0};
}

/// Gone from the counter, wherever it goes; the number stays.
void routing_model::leave_counter(contact& c) {
  if (c.ticket.empty())
    return;
  c.ticket.edit().counter = {};
  c.ticket.edit().again = 0;
}

void routing_model::took(const ticket_called& e, instant at) {
  auto& c = in_hand(e.contact);
  c.ticket.edit().counter = e.counter;
  c.ticket.edit().again = e.again;
  auto& area = halls_[e.prefix];
  area.prefix = e.prefix;
  take_off(area.missed, e.ticket);
  put_last(area.called, {e.ticket, e.counter, e.queue, at});
}

/// In no line until `contact.queued`, or ended by `contact.timed_out`, in the same batch.
void routing_model::took(const ticket_missed& e, instant at) {
  auto& c = in_hand(e.contact);
  leave_talk(c, at);
  let_go_of_agent(c);
  c.ticket.edit().misses = e.misses;
  c.ticket.edit().behind = e.behind.value_or(0);
  auto& area = halls_[e.prefix];
  area.prefix = e.prefix;
  put_last(area.missed, {e.ticket, e.counter, e.queue, at});
}

// --- waits told again ----------------------------------------------------------------------------

/// What the contact was told by being queued, in a queue that tells again.
void routing_model::begin_telling(contact& c, const contact_queued& e, instant at) {
  const auto q = queues_.find(e.queue);
  if (q == queues_.end() || !tells_again(q->second.policy)) {
    c.told.clear();
    return;
  }
  c.told = told_wait{e.queue_position, e.wait_s, c.told.get().callback};
  if (!q->second.tells)
    plan_telling(q->second, next_look(q->second.policy, at));
}

void routing_model::took(const contact_wait_told& e, instant) {
  auto& c = in_hand(e.contact);
  c.told = told_wait{e.queue_position, e.wait_s,
                     c.told.get().callback || e.callback.value_or(false)};
}

} // namespace careline::routing
