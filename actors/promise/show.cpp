#include <algorithm>

#include "actors/promise/model.hpp"

namespace careline::promise {

namespace {

constexpr int page_items_max = 1000;

} // namespace

promise_state promise_model::state_of(const given_promise& p) {
  if (p.kept)
    return promise_state::kept;
  return p.next == step::lead || p.next == step::nothing ? promise_state::broken
                                                         : promise_state::open;
}

value promise_model::show(const entry& e, instant now) const {
  const auto& [id, p] = e;
  value out{value::map{}};
  out.add("promise", id.text());
  if (!p.contact.empty())
    out.add("contact", p.contact.text());
  out.add("kind", p.kind.text());
  out.add("owner", p.owner.text());
  if (!p.lead.empty())
    out.add("lead", p.lead.text());
  out.add("state", word_of(state_of(p)));
  out.add("due", to_rfc3339(p.due));
  if (p.kept)
    out.add("kept", to_rfc3339(*p.kept));
  else if (p.due > now)
    out.add("left_s", to_seconds(p.due - now));
  else
    out.add("late_s", to_seconds(now - p.due));
  return out;
}

/// Those that are not kept, the first due first.
value promise_model::list(const query::promise_list& q, instant now) const {
  auto at = by_due_.begin();
  if (const auto after = promises_.find(q.after); after != promises_.end())
    at = by_due_.upper_bound({after->second.due, &*after});
  const auto most = static_cast<std::size_t>(std::clamp(q.limit, 1, page_items_max));
  value::list rows;
  for (; at != by_due_.end() && rows.size() < most; ++at) {
    const auto& p = at->second->second;
    if ((q.owner.empty() || p.owner == q.owner || p.lead == q.owner)
        && (!q.state || state_of(p) == *q.state))
      rows.push_back(show(*at->second, now));
  }
  value out{value::map{}};
  out.add("promises", value{std::move(rows)});
  out.add("open", static_cast<std::uint64_t>(by_due_.size()) - broken_);
  out.add("broken", broken_);
  return out;
}

answer<value> promise_model::ask(const command& asked, const context& in) const {
  if (const auto* q = std::get_if<query::promise_list>(&asked))
    return list(*q, in.now);
  if (const auto* q = std::get_if<query::promise_show>(&asked)) {
    const auto found = known(q->promise);
    return found ? answer<value>{show(**found, in.now)} : answer<value>{no(found.error())};
  }
  return no(because("command.type_unknown", "type", std::string{type_of(asked)}));
}

} // namespace careline::promise
