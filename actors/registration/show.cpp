#include <algorithm>

#include "actors/registration/model.hpp"
#include "actors/registration/rules/divisions.hpp"
#include "actors/registration/rules/masks.hpp"

namespace careline::registration {

namespace {

/// What somebody may see who has not asked for it in clear (R2.2.5).
std::string masked(const field_row& row, const std::string& clear, const value& record) {
  switch (row.check) {
    case field_check::name: return mask_name(clear);
    case field_check::phone: return mask_phone(clear);
    case field_check::document_number:
      return record.text_or(row.kind) == "resident_id" ? mask_id_number(clear) : mask_text(clear);
    case field_check::birthday: return "****-**-**";
    case field_check::division: return full_name(std::stoi(clear));
    case field_check::language:
    case field_check::document_kind: return clear;
    case field_check::text:
    case field_check::customer_number: return mask_text(clear);
  }
  return {};
}

value masked_record(const value& record) {
  value out{value::map{}};
  for (const auto& row : field_rows())
    if (const auto* item = record.find(row.name); item && item->is_text())
      out.add(row.name, masked(row, *item->as<std::string>(), record));
  return out;
}

template <class Ids>
value texts(const Ids& ids) {
  value::list out;
  for (const auto& id : ids)
    out.emplace_back(id.text());
  return out;
}

value shown(const consent& c) {
  return value::map{{"purpose", c.purpose.text()},
                    {"channel", c.channel.text()},
                    {"proof", c.proof.text()},
                    {"given", to_rfc3339(c.given)}};
}

value shown(const right_id& id, const open_right& r) {
  return value::map{{"right", id.text()},
                    {"kind", word_of(r.kind)},
                    {"requested", to_rfc3339(r.requested)},
                    {"due", to_rfc3339(r.due)},
                    {"lapsed", r.stage >= 3}};
}

} // namespace

answer<value> registration_model::ask(const command& query, const context& in) const {
  if (const auto* q = std::get_if<query::customer_show>(&query))
    return show(*q, in);
  if (const auto* q = std::get_if<query::customer_timeline>(&query))
    return timeline(*q);
  if (const auto* q = std::get_if<query::identity_check>(&query))
    return check(*q, in);
  return no(because("command.type_unknown", "type", std::string{type_of(query)}));
}

/// The party that is meant: by its own name, or as whose the contact is.
answer<party_id> registration_model::party_in(const query::customer_show& q) const {
  if (q.party.empty() && q.contact.empty())
    return no(because("command.field_missing", "party", "party or contact"));
  if (q.party.empty()) {
    const auto found = visits_.find(q.contact);
    if (found == visits_.end() || found->second.whose.empty())
      return no(because("registration.unknown_party", "contact", q.contact.text()));
    return found->second.whose;
  }
  if (!parties_.contains(q.party))
    return no(because("registration.unknown_party", "party", q.party.text()));
  return q.party;
}

answer<value> registration_model::show(const query::customer_show& q, const context& in) const {
  const auto meant = party_in(q);
  if (!meant)
    return no(meant.error());
  const auto& root = root_of(*meant);
  const auto& [id, p] = root;
  const auto& more = p.more.get();
  value out{value::map{}};
  out.add("party", id.text());
  out.add("registered", to_rfc3339(p.registered));
  out.add("steps", p.steps);
  int contacts = 0;
  value::list consents, rights, others;
  for (const auto* one : group_of(root)) {
    contacts += one->second.contacts;
    for (const auto& c : one->second.more.get().consents)
      consents.push_back(shown(c));
    for (const auto& right : one->second.more.get().rights)
      rights.push_back(shown(right, rights_.at(right)));
    if (one != &root)
      others.emplace_back(one->first.text());
  }
  out.add("contacts", contacts);
  if (!others.empty())
    out.add("merged", std::move(others));
  if (more.missing > 0)
    out.add("missing", more.missing);
  if (p.is_erased()) {
    out.add("erased", to_rfc3339(*more.erased));
    out.add("copies_until", more.copies_until ? value{to_rfc3339(*more.copies_until)}
                                              : value{"unknown"});
    return out;
  }
  value::list purposes;
  for (const auto& form : form_rows())
    if ((p.purposes & form.bit) != 0)
      purposes.emplace_back(form.purpose);
  out.add("purposes", std::move(purposes));
  if (const auto record = opened(root, in))
    out.add("fields", masked_record(*record));
  else
    out.add("sealed", record.error().type);
  out.add("consents", std::move(consents));
  out.add("rights", std::move(rights));
  if (!q.contact.empty())
    out.add("verified_level", verified_level(root, q.contact, in.now));
  return out;
}

/// Which streams of the log it is made of; the events are added from there.
answer<value> registration_model::timeline(const query::customer_timeline& q) const {
  if (!parties_.contains(q.party))
    return no(because("registration.unknown_party", "party", q.party.text()));
  const auto& root = root_of(q.party);
  value::list parties;
  for (const auto* one : group_of(root))
    parties.push_back(value::map{{"party", one->first.text()}, {"steps", one->second.steps}});
  return value{value::map{{"party", root.first.text()}, {"parties", value{std::move(parties)}}}};
}

answer<value> registration_model::check(const query::identity_check& q, const context& in) const {
  if (!parties_.contains(q.party))
    return no(because("registration.unknown_party", "party", q.party.text()));
  const auto& root = root_of(q.party);
  const int level = verified_level(root, q.contact, in.now);
  value out{value::map{{"verified", level >= q.level}, {"level", level}}};
  if (level >= q.level)
    return out;
  const auto found = visits_.find(q.contact);
  const bool was = found != visits_.end() && !found->second.verified.empty();
  const auto* why = root.second.is_erased()                   ? "erased"
                    : level > 0                                ? "level_too_low"
                    : !was                                     ? "not_verified"
                    : found->second.has_ended                  ? "contact_ended"
                    : &root_of(found->second.verified) != &root ? "another_party"
                                                               : "expired";
  out.add("why", why);
  return out;
}

} // namespace careline::registration
