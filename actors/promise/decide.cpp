#include "actors/promise/model.hpp"

namespace careline::promise {

using kernel::decision;

namespace {

/// Open and broken ones; beyond, somebody keeps none of them.
constexpr std::size_t open_max = 100'000;

problem not_ours(const careline::command& c) {
  return because("command.type_unknown", "type", std::string{type_of(c)});
}

/// The moment that `due` or `in_s` names; nothing when neither does.
template <class Command>
answer<std::optional<instant>> moment_in(const Command& c, instant now) {
  if (c.due && c.in_s > span{0})
    return no(because("command.field_invalid", "in_s", "not beside due"));
  if (!c.due && c.in_s <= span{0})
    return std::optional<instant>{};
  const auto due = c.due.value_or(now + c.in_s);
  if (due <= now)
    return no(because("command.field_invalid", "due", "later than now"));
  if (due > now + span_max)
    return no(because("command.field_invalid", "due", "within ten years"));
  return std::optional{due};
}

} // namespace

promise_model::verdict promise_model::decide(const command& c, const context& in) const {
  if (const auto* x = std::get_if<promise_make>(&c))
    return on(*x, in);
  if (const auto* x = std::get_if<promise_keep>(&c))
    return on(*x, in);
  if (const auto* x = std::get_if<promise_move>(&c))
    return on(*x, in);
  return no(not_ours(c));
}

promise_model::verdict promise_model::take_over(const command& c, const decision&,
                                                const context&) const {
  return no(not_ours(c));
}

/// An id that no promise had: the count goes on for the life of the log.
promise_id promise_model::fresh_id() const {
  for (auto n = made_ + 1;; ++n)
    if (promise_id id{"P-" + std::to_string(n)}; !promises_.contains(id))
      return id;
}

answer<const promise_model::entry*> promise_model::known(const promise_id& id) const {
  const auto found = promises_.find(id);
  if (found == promises_.end())
    return no(because("promise.unknown", "promise", id.text()));
  return &*found;
}

promise_model::verdict promise_model::on(const promise_make& c, const context& in) const {
  if (const auto there = promises_.find(c.promise); there != promises_.end()) {
    const auto& p = there->second;
    const bool same_time = c.due ? p.due == *c.due : p.due - p.since == c.in_s;
    if (p.contact == c.contact && p.kind == c.kind && p.owner == c.owner && p.lead == c.lead
        && same_time)
      return decision{.reply = value{value::map{{"promise", c.promise.text()},
                                                {"due", to_rfc3339(p.due)}}}};
    return no(because("promise.exists", "promise", c.promise.text()));
  }
  const auto due = moment_in(c, in.now);
  if (!due)
    return no(due.error());
  if (!*due)
    return no(because("command.field_missing", "due", "or in_s"));
  if (by_due_.size() >= open_max)
    return no(because("promise.too_many", {}, "at most " + std::to_string(open_max)));
  promise_made e;
  e.promise = c.promise.empty() ? fresh_id() : c.promise;
  e.contact = c.contact;
  e.kind = c.kind;
  e.due = **due;
  e.owner = c.owner;
  e.lead = c.lead;
  decision d;
  d.reply.set("promise", e.promise.text());
  d.reply.set("due", to_rfc3339(e.due));
  d.events.emplace_back(std::move(e));
  return d;
}

promise_model::verdict promise_model::on(const promise_keep& c, const context&) const {
  const auto found = known(c.promise);
  if (!found)
    return no(found.error());
  const auto& p = (*found)->second;
  decision d;
  if (p.kept)
    return d;  // it is so already
  promise_kept e;
  e.promise = c.promise;
  e.contact = p.contact;
  e.by = c.by;
  e.late = state_of(p) == promise_state::broken;
  d.events.emplace_back(std::move(e));
  return d;
}

promise_model::verdict promise_model::on(const promise_move& c, const context& in) const {
  const auto found = known(c.promise);
  if (!found)
    return no(found.error());
  const auto& p = (*found)->second;
  if (p.kept)
    return no(because("promise.was_kept", "promise", c.promise.text()));
  const auto due = moment_in(c, in.now);
  if (!due)
    return no(due.error());
  if (!*due && c.owner.empty())
    return no(because("command.field_missing", "due", "or in_s, or owner"));
  promise_moved e;
  e.promise = c.promise;
  e.contact = p.contact;
  e.due = due->value_or(p.due);
  e.owner = c.owner.empty() ? p.owner : c.owner;
  e.by = c.by;
  e.reason = c.reason.text();
  decision d;
  d.reply.set("due", to_rfc3339(e.due));
  if (e.due != p.due || e.owner != p.owner)
    d.events.emplace_back(std::move(e));
  return d;
}

} // namespace careline::promise
