#include <algorithm>

#include "actors/routing/model.hpp"

namespace careline::routing {

namespace {

/// So many agents are named; how many each filter bars is told of all.
constexpr std::size_t agents_named_max = 500;
constexpr int contacts_named_max = 1000;

void count(value& into, std::string_view filter) {
  into.set(filter, into.int_or(filter, 0) + 1);
}

} // namespace

/// Each signed-in agent as it stands to a contact: those who may have it in the order they would be
/// chosen, then the others by what bars them.
value routing_model::show_agents_for(const contact& c, instant now) const {
  std::vector<candidate> may;
  std::vector<std::pair<std::string_view, const agent*>> barred;
  value filters{value::map{}};
  for (const auto& [id, a] : agents_) {
    if (!a.load.signed_in)
      continue;
    const auto filter = index_.barred(a, c, now);
    if (filter.empty()) {
      may.push_back(index_.ranked(a, c, now));
    } else {
      barred.emplace_back(filter, &a);
      count(filters, filter);
    }
  }
  std::sort(may.begin(), may.end(), ranks_before);
  std::stable_sort(barred.begin(), barred.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  value::list rows;
  const auto row = [&](const agent& a) {
    value one{value::map{}};
    one.add("agent", a.id.text());
    one.add("state", word_of(shown(a.load)));
    return one;
  };
  for (const auto& as : may) {
    if (rows.size() == agents_named_max)
      break;
    auto one = row(*as.who);
    one.add("tier", as.tier);
    if (as.busy)
      one.add("busy", true);
    if (as.missed)
      one.add("missed", true);
    one.add("score", as.score);
    rows.push_back(std::move(one));
  }
  for (const auto& [filter, a] : barred) {
    if (rows.size() == agents_named_max)
      break;
    auto one = row(*a);
    one.add("filter", filter);
    rows.push_back(std::move(one));
  }
  value out{value::map{}};
  out.add("may_have_it", static_cast<std::int64_t>(may.size()));
  out.add("filters", std::move(filters));
  out.add("agents", std::move(rows));
  return out;
}

/// The first waiting contacts of each queue that an agent serves, and what bars it from each.
value routing_model::show_contacts_for(const agent& a, int limit, instant now) const {
  const auto most = static_cast<std::size_t>(std::clamp(limit, 1, contacts_named_max));
  value::list rows;
  value filters{value::map{}};
  std::int64_t waiting = 0;
  for (const auto& [id, q] : queues_)
    for (const auto& s : index_.line_of(id)) {
      const auto& c = *s.who;
      if (c.at != phase::waiting)
        continue;
      ++waiting;
      auto filter = index_.barred(a, c, now);
      if (filter.empty() && c.paused_until && *c.paused_until > now)
        filter = "paused";
      if (!filter.empty())
        count(filters, filter);
      if (rows.size() >= most)
        continue;
      value one{value::map{}};
      one.add("contact", c.id.text());
      one.add("queue", id.text());
      if (!filter.empty())
        one.add("filter", filter);
      rows.push_back(std::move(one));
    }
  value out{value::map{}};
  out.add("waiting", waiting);
  out.add("filters", std::move(filters));
  out.add("contacts", std::move(rows));
  return out;
}

} // namespace careline::routing
