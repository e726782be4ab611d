#include <algorithm>

#include "actors/registration/decide_form.hpp"
#include "actors/registration/model.hpp"
#include "actors/registration/rules/phone_number.hpp"
#include "actors/registration/tables/identity.hpp"
#include "messages/json.hpp"

// How somebody gets into the records, and how a record is corrected.

namespace careline::registration {

using kernel::decision;

namespace {

constexpr std::size_t told_max = 8;  ///< other parties with one of the numbers, in a reply

/// As people write them; what serves everybody is nobody's own.
bool is_number_of_somebody(const std::string& text, const kernel::turn_context& in) {
  if (const auto phone = read_phone_number(text))
    return phone->kind != phone_kind::service && phone->kind != phone_kind::emergency;
  return read_field(*find_field("document_number"), text, "resident_id", in.now,
                    in.offset_minutes, nullptr)
      .has_value();
}

/// An id that is somebody's number would put it into every event in clear.
std::optional<problem> check_id(const party_id& id, const kernel::turn_context& in) {
  const auto& text = id.text();
  const auto digits = std::count_if(text.begin(), text.end(),
                                    [](char c) { return c >= '0' && c <= '9'; });
  if ((static_cast<std::size_t>(digits) + 1 >= text.size() && digits >= 7)
      || is_number_of_somebody(text, in))
    return expected("party", "a name of the centre's own, not a person's number");
  // The key of such a name is a contact's, and would be destroyed with the party.
  if (text.starts_with("contact/"))
    return expected("party", "a name that does not begin with contact/");
  return {};
}

const value* clear_map(const personal<value>& item) {
  return item.is_clear() ? &item.reveal() : nullptr;
}

/// Everything about a record that is not the event's own.
template <class Event>
answer<void> put_record(Event& e, const value& record, const filled_form& form, bool read_back,
                        const contact_id& contact, const kernel::turn_context& in) {
  e.purpose = form.purpose;
  e.person = in.keys->person_of(e.party.text());
  auto sealed = in.keys->seal(e.person, clear_text(record));
  if (!sealed)
    return no(sealed.error());
  e.fields_given = personal<value>::sealed(std::move(*sealed));
  e.given = names_of(set_of(record));
  auto keys = keys_of(record, *in.keys);
  e.document_key = std::move(keys.document);
  e.customer_key = std::move(keys.customer);
  e.phone_keys = std::move(keys.phones);
  e.warnings = form.warnings;
  e.read_back = read_back;
  e.contact = contact;
  return {};
}

careline::event linked(const party_id& party, const contact_id& contact) {
  customer_linked e;
  e.party = party;
  e.contact = contact;
  return e;
}

value words_of(const std::vector<code_word>& words) {
  value::list out;
  for (const auto& w : words)
    out.emplace_back(w.text());
  return out;
}

/// Refused, and whose it is.
decision duplicate_of(problem why) {
  decision d;
  d.reply.set("party", why.detail);
  d.refused = std::move(why);
  return d;
}

} // namespace

/// What was refused is kept where it says something of how forms are filled in: never the value.
registration_model::verdict registration_model::refused_form(form_fault why) const {
  if (why.record == form_fault::kept::nothing)
    return no(std::move(why.why));
  decision d;
  if (why.record == form_fault::kept::refused) {
    customer_field_refused e;
    e.form = why.form;
    e.field = why.field;
    d.events.emplace_back(std::move(e));
  } else {
    customer_field_rejected e;
    e.form = why.form;
    e.field = why.field;
    e.rule = code_word{why.why.type};
    d.events.emplace_back(std::move(e));
  }
  d.refused = std::move(why.why);
  return d;
}

/// A document or a customer number is one person's, and the latter no other's name: an erasure
/// destroys the keys of both. A phone may be a family's. Only what is new is looked at: records
/// that share a number already, as of one person entered twice, can be amended.
std::optional<problem> registration_model::check_unique(const party_record& e, const entry* who,
                                                        const party_id& beside,
                                                        const context& in) const {
  const auto is_new = [&](key_kind kind, const std::string& hash) {
    return !hash.empty()
           && (!who || find_line(who->second.keys, key_line(kind, hash)) == std::string::npos);
  };
  const auto taken = [&](const std::vector<const entry*>& by,
                         const char* field) -> std::optional<problem> {
    for (const auto* other : by)
      if (other != who && other->first != beside)
        return because("registration.duplicate", field, other->first.text());
    return {};
  };
  if (is_new(key_kind::document, e.document_key))
    if (auto why = taken(with_key(key_line(key_kind::document, e.document_key)),
                         "fields.document_number"))
      return why;
  if (is_new(key_kind::customer, e.customer_key))
    if (auto why = taken(owners_of(e.customer_key, in), "fields.customer_number"))
      return why;
  return who ? std::nullopt : taken(owners_of(e.person.text(), in), "party");
}

/// Who else has one of the numbers: a family, or the same person registered twice.
void registration_model::tell_same_phone(const party_record& e, value& reply) const {
  value::list others;
  for (const auto& hash : e.phone_keys)
    for (const auto* other : with_key(key_line(key_kind::phone, hash)))
      if (other->first != e.party && others.size() < told_max)
        others.emplace_back(other->first.text());
  if (!others.empty())
    reply.set("same_phone", std::move(others));
}

value registration_model::reply_about(const party_id& id, const filled_form& form) const {
  value out{value::map{}};
  out.add("party", id.text());
  if (!form.warnings.empty())
    out.add("warnings", words_of(form.warnings));
  return out;
}

/// Asked again for what already is.
registration_model::verdict registration_model::again_registered(const entry& there,
                                                                 const filled_form& form,
                                                                 const context& in) const {
  const auto record = opened(there, in);
  const auto* row = find_form(form.purpose.text());
  if (record && *record == form.fields && (there.second.purposes & row->bit) != 0)
    return decision{.reply = reply_about(there.first, form)};
  return no(because("registration.party_exists", "party", there.first.text()));
}

registration_model::verdict registration_model::on(const customer_register& c,
                                                   const context& in) const {
  if (auto wrong = check_id(c.party, in))
    return no(*wrong);
  auto form = read_form({c.purpose, clear_map(c.fields_given), clear_map(c.again), c.read_back,
                         nullptr, in.now, in.offset_minutes});
  if (!form)
    return refused_form(std::move(form.error()));
  if (const auto there = parties_.find(c.party); there != parties_.end()) {
    const auto open = known(c.party);
    return open ? again_registered(**open, *form, in) : verdict{no(open.error())};
  }
  customer_registered e;
  e.party = c.party.empty() ? fresh_party(in) : c.party;
  e.beside = c.beside;
  if (auto wrong = check_contact(c.contact, e.party))
    return no(*wrong);
  if (auto done = put_record(e, form->fields, *form, c.read_back, c.contact, in); !done)
    return no(done.error());
  decision d;
  d.reply = reply_about(e.party, *form);
  if (auto wrong = check_unique(e, nullptr, c.beside, in))
    return duplicate_of(std::move(*wrong));
  tell_same_phone(e, d.reply);
  const auto id = e.party;
  d.events.emplace_back(std::move(e));
  if (!c.contact.empty())
    d.events.push_back(linked(id, c.contact));
  return d;
}

registration_model::verdict registration_model::on(const customer_amend& c,
                                                   const context& in) const {
  const auto who = known(c.party);
  if (!who)
    return no(who.error());
  auto record = opened(**who, in);
  if (!record)
    return no(record.error());
  auto form = read_form({c.purpose, clear_map(c.fields_given), clear_map(c.again), c.read_back,
                         &*record, in.now, in.offset_minutes});
  if (!form)
    return refused_form(std::move(form.error()));
  customer_amended e;
  e.party = c.party;
  bool corrects = false;
  value fresh{value::map{}};
  for (const auto& row : field_rows()) {
    const auto* was = record->find(row.name);
    const auto* now = form->fields.find(row.name);
    if (const auto* is = now ? now : was)
      fresh.add(row.name, *is);
    if (now && (!was || *was != *now))
      e.changed.emplace_back(row.name);
    corrects = corrects || (now && was && *was != *now);
  }
  const bool is_new_purpose = (find_form(c.purpose.text())->bit & (*who)->second.purposes) == 0;
  if (e.changed.empty() && !is_new_purpose)
    return decision{.reply = reply_about(c.party, *form)};
  if (auto wrong = check_contact(c.contact, c.party))
    return no(*wrong);
  if (corrects)
    if (auto wrong = check_level(level_for("correct"), **who, c.contact, in.now))
      return no(*wrong);
  if (auto done = put_record(e, fresh, *form, c.read_back, c.contact, in); !done)
    return no(done.error());
  if (auto wrong = check_unique(e, *who, {}, in))
    return duplicate_of(std::move(*wrong));
  decision d;
  d.reply = reply_about(c.party, *form);
  tell_same_phone(e, d.reply);
  d.events.emplace_back(std::move(e));
  return d;
}

} // namespace careline::registration
