#include <algorithm>

#include "actors/registration/decide_form.hpp"
#include "actors/registration/model.hpp"
#include "actors/registration/tables/identity.hpp"
#include "actors/registration/tables/rights.hpp"

// Who somebody is, what they agree to, and what they may ask for.

namespace careline::registration {

using kernel::decision;

namespace {

decision with(careline::event e) {
  decision d;
  d.events.push_back(std::move(e));
  return d;
}

instant due_of(const open_right& r, int percent) {
  return r.requested + (r.due - r.requested) * percent / 100;
}

template <class Event>
Event about_right(const right_id& id, const open_right& r) {
  Event e;
  e.party = r.whose;
  e.right = id;
  e.kind = r.kind;
  return e;
}

} // namespace

int registration_model::verified_level(const entry& who, const contact_id& contact,
                                       instant now) const {
  const auto found = visits_.find(contact);
  if (found == visits_.end())
    return 0;
  const auto& v = found->second;
  if (v.has_ended || v.verified.empty() || v.until.value_or(now) <= now)
    return 0;
  return &root_of(v.verified) == &who ? v.level : 0;
}

std::optional<problem> registration_model::check_level(int level, const entry& who,
                                                       const contact_id& contact,
                                                       instant now) const {
  if (verified_level(who, contact, now) >= level)
    return {};
  return because("registration.not_verified", "contact", "level " + std::to_string(level));
}

/// The fields that are not as the record has them.
answer<std::vector<code_word>> registration_model::wrong_claims(const identity_verify& c,
                                                                const entry& who,
                                                                const context& in) const {
  const auto record = opened(who, in);
  if (!record)
    return no(record.error());
  std::vector<code_word> wrong;
  const auto* entries = c.claims.is_clear() ? c.claims.reveal().as<value::map>() : nullptr;
  if (!entries || entries->size() < find_method(c.method.text())->claims_min)
    return no(because("command.field_invalid", "claims",
                      "a map of at least "
                          + std::to_string(find_method(c.method.text())->claims_min)
                          + " fields of the record"));
  for (const auto& [key, said] : *entries) {
    const auto* row = find_field(key);
    if (!row)
      return no(because("command.field_invalid", "claims", "fields of a form"));
    const auto kind = row->kind.empty() ? std::string_view{} : record->text_or(row->kind);
    const auto read = read_field(*row, said, kind, in.now, in.offset_minutes, nullptr);
    if (!read || record->text_or(key) != *read)
      wrong.emplace_back(key);
  }
  return wrong;
}

registration_model::verdict registration_model::verified(const identity_verify& c,
                                                         const entry& who,
                                                         const context& in) const {
  const bool claimed = find_method(c.method.text())->claims_min > 0;
  auto wrong = claimed ? wrong_claims(c, who, in) : answer<std::vector<code_word>>{};
  if (!wrong)
    return no(wrong.error());
  const auto fill = [&](auto e) {
    e.party = c.party;
    e.contact = c.contact;
    e.level = c.level;
    e.method = c.method;
    return e;
  };
  value reply{value::map{{"verified", c.passed && wrong->empty()}}};
  if (c.passed && wrong->empty()) {
    auto e = fill(identity_verified{});
    e.until = in.now + std::clamp(c.valid_s.value_or(valid_for), span{0}, valid_max);
    reply.add("level", c.level);
    reply.add("until", to_rfc3339(e.until));
    return decision{.events = {std::move(e)}, .reply = std::move(reply)};
  }
  auto e = fill(identity_verification_failed{});
  e.wrong = std::move(*wrong);
  const auto& more = who.second.more.get();
  e.failures = more.locked_until ? 1 : more.failures + 1;
  if (e.failures >= failures_max)
    e.locked_until = in.now + locked_for;
  reply.add("failures", e.failures);
  return decision{.events = {std::move(e)}, .reply = std::move(reply)};
}

registration_model::verdict registration_model::on(const identity_verify& c,
                                                   const context& in) const {
  const auto who = known(c.party);
  if (!who)
    return no(who.error());
  if (c.level < 1 || c.level > level_max)
    return no(*expected("level", "1 to " + std::to_string(level_max)));
  const auto* method = find_method(c.method.text());
  if (!method)
    return no(because("registration.unknown_method", "method", c.method.text()));
  if (c.level > method->level_max)
    return no(because("registration.method_too_weak", "level",
                      "at most " + std::to_string(method->level_max)));
  if (const auto v = visits_.find(c.contact); v != visits_.end() && v->second.has_ended)
    return no(because("registration.contact_ended", "contact", c.contact.text()));
  if (auto wrong = check_contact(c.contact, c.party))
    return no(*wrong);
  const auto locked = (*who)->second.more.get().locked_until;
  if (locked && in.now < *locked)
    return no(because("registration.verification_locked", "party", to_rfc3339(*locked)));
  // Who proved more already has proved this.
  if (const auto level = verified_level(**who, c.contact, in.now); level > c.level && c.passed)
    return decision{.reply = value::map{{"verified", true}, {"level", level}}};
  return verified(c, **who, in);
}

registration_model::verdict registration_model::on(const consent_give& c, const context&) const {
  const auto who = known(c.party);
  if (!who)
    return no(who.error());
  const auto& all = (*who)->second.more.get().consents;
  if (std::any_of(all.begin(), all.end(), [&](const consent& one) {
        return one.purpose == c.purpose && one.channel == c.channel && one.proof == c.proof;
      }))
    return decision{};
  consent_given e;
  e.party = c.party;
  e.purpose = c.purpose;
  e.channel = c.channel;
  e.proof = c.proof;
  e.contact = c.contact;
  return with(std::move(e));
}

registration_model::verdict registration_model::on(const consent_withdraw& c,
                                                   const context&) const {
  const auto who = known(c.party);
  if (!who)
    return no(who.error());
  decision d;
  for (const auto* one : group_of(**who))
    for (const auto& given : one->second.more.get().consents)
      if (given.purpose == c.purpose) {
        consent_withdrawn e;
        e.party = one->first;
        e.purpose = c.purpose;
        e.contact = c.contact;
        d.events.emplace_back(std::move(e));
      }
  return d;
}

/// What they agreed to ends at once.
void registration_model::withdraw_all(const entry& root, const contact_id& contact,
                                      events& into) const {
  for (const auto* one : group_of(root))
    for (const auto& given : one->second.more.get().consents) {
      consent_withdrawn gone;
      gone.party = one->first;
      gone.purpose = given.purpose;
      gone.contact = contact;
      into.emplace_back(std::move(gone));
    }
}

registration_model::verdict registration_model::on(const right_request& c,
                                                   const context& in) const {
  const auto who = known(c.party);
  if (!who)
    return no(who.error());
  const auto open = (*who)->second.more.get().rights;
  const auto same = std::find_if(open.begin(), open.end(), [&](const right_id& id) {
    return rights_.at(id).kind == c.kind;
  });
  const auto about = [](const right_id& id, instant due) {
    return value::map{{"right", id.text()}, {"due", to_rfc3339(due)}};
  };
  if (same != open.end()) {
    decision d{.reply = about(*same, rights_.at(*same).due)};
    if (c.kind == right_kind::withdrawal)  // of what they agreed to since
      withdraw_all(**who, c.contact, d.events);
    return d;
  }
  const int level = level_for("right." + std::string{word_of(c.kind)});
  if (auto wrong = check_level(level, **who, c.contact, in.now))
    return no(*wrong);
  right_requested e;
  e.party = c.party;
  e.right = fresh_right();
  e.kind = c.kind;
  e.due = in.now + std::chrono::hours{24} * row_of_right(c.kind).days;
  e.contact = c.contact;
  decision d{.reply = about(e.right, e.due)};
  d.events.emplace_back(std::move(e));
  if (c.kind == right_kind::withdrawal)
    withdraw_all(**who, c.contact, d.events);
  return d;
}

/// Since it was asked for, under whichever of the person's names. Steps count within one party
/// only: what was amended under another one goes by its time.
bool registration_model::is_corrected(const open_right& r) const {
  const auto group = group_of(root_of(r.whose));
  return std::any_of(group.begin(), group.end(), [&](const entry* one) {
    const auto& more = one->second.more.get();
    return one->first == r.whose ? more.amended >= r.step
                                 : more.amended_at && *more.amended_at >= r.requested;
  });
}

registration_model::verdict registration_model::on(const right_fulfil& c, const context&) const {
  const auto found = rights_.find(c.right);
  if (found == rights_.end())
    return no(because("registration.unknown_right", "right", c.right.text()));
  const auto& r = found->second;
  if (r.kind == right_kind::erasure)
    return no(because("registration.not_erased", "right", c.right.text()));
  if (r.kind == right_kind::correction && !is_corrected(r))
    return no(because("registration.not_amended", "right", c.right.text()));
  auto e = about_right<right_fulfilled>(c.right, r);
  e.proof = c.proof;
  return with(std::move(e));
}

registration_model::verdict registration_model::on(const right_refuse& c, const context&) const {
  const auto found = rights_.find(c.right);
  if (found == rights_.end())
    return no(because("registration.unknown_right", "right", c.right.text()));
  auto e = about_right<right_refused>(c.right, found->second);
  e.reason = c.reason;
  return with(std::move(e));
}

std::optional<instant> registration_model::wakes_at() const {
  return deadlines_.empty() ? std::nullopt : std::optional{deadlines_.begin()->first};
}

/// Half of the time, four fifths, all of it: each is said once.
registration_model::events registration_model::due(const context& in) {
  if (deadlines_.empty() || deadlines_.begin()->first > in.now)
    return {};
  const auto id = deadlines_.begin()->second;
  const auto& r = rights_.at(id);
  events out;
  if (const auto percent = warned_at.at(static_cast<std::size_t>(r.stage)); percent < 100) {
    auto e = about_right<right_warned>(id, r);
    e.percent = percent;
    e.due = r.due;
    out.emplace_back(std::move(e));
  } else {
    auto e = about_right<right_lapsed>(id, r);
    e.due = r.due;
    out.emplace_back(std::move(e));
  }
  number(out, {});
  return out;
}

void registration_model::arm(const right_id& id, const open_right& r) {
  if (static_cast<std::size_t>(r.stage) < warned_at.size())
    deadlines_.emplace(due_of(r, warned_at.at(static_cast<std::size_t>(r.stage))), id);
}

void registration_model::disarm(const right_id& id, const open_right& r) {
  if (static_cast<std::size_t>(r.stage) < warned_at.size())
    deadlines_.erase({due_of(r, warned_at.at(static_cast<std::size_t>(r.stage))), id});
}

} // namespace careline::registration
