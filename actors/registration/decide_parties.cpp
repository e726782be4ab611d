#include <algorithm>

#include "actors/registration/decide_form.hpp"
#include "actors/registration/model.hpp"

// Whose a contact is, who is who, who is found, what is seen of them, and how they are forgotten.

namespace careline::registration {

using kernel::decision;

namespace {

constexpr std::size_t found_max = 50;

decision with(careline::event e) {
  decision d;
  d.events.push_back(std::move(e));
  return d;
}

/// The line of the key that is asked for, and the field it is of.
struct looked_for {
  std::string line;
  std::string_view field;
};
answer<looked_for> key_asked(const customer_find& c, const kernel::turn_context& in) {
  const auto given = !c.phone.empty() + !c.document_number.empty() + !c.customer_number.empty();
  if (given != 1)
    return no(because("command.field_invalid", "phone",
                      "one of phone, document_number and customer_number"));
  const bool by_phone = !c.phone.empty();
  const auto* field = by_phone                     ? "phone"
                      : c.document_number.empty() ? "customer_number"
                                                  : "document_number";
  const auto& typed = by_phone                     ? c.phone
                      : c.document_number.empty() ? c.customer_number
                                                  : c.document_number;
  if (!by_phone && !c.document_number.empty() && c.document_kind.empty())
    return no(because("command.field_missing", "document_kind"));
  const auto number = read_field(*find_field(field), value{typed.reveal()},
                                 c.document_kind.text(), in.now, in.offset_minutes, nullptr);
  if (!number)
    return no(because(number.error(), field));
  const auto& keys = *in.keys;
  if (by_phone)
    return looked_for{key_line(key_kind::phone, phone_key(*number, keys)), field};
  if (!c.document_number.empty())
    return looked_for{key_line(key_kind::document,
                               document_key(c.document_kind.text(), *number, keys)), field};
  return looked_for{key_line(key_kind::customer, keys.person_of(*number).text()), field};
}

template <class Event>
Event about_reveal(const customer_reveal& c) {
  Event e;
  e.party = c.party;
  e.shown = c.shown;
  e.purpose = c.purpose;
  e.contact = c.contact;
  e.third_party = c.third_party;
  return e;
}

/// Refused, and on record.
decision denied(careline::event e, problem why) {
  auto d = with(std::move(e));
  d.refused = std::move(why);
  return d;
}

} // namespace

registration_model::verdict registration_model::on(const customer_link& c,
                                                   const context&) const {
  const auto who = known(c.party);
  if (!who)
    return no(who.error());
  if (auto wrong = check_contact(c.contact, c.party))
    return no(*wrong);
  if (const auto v = visits_.find(c.contact); v != visits_.end() && !v->second.whose.empty())
    return decision{};
  customer_linked e;
  e.party = c.party;
  e.contact = c.contact;
  return with(std::move(e));
}

registration_model::verdict registration_model::on(const customer_unlink& c,
                                                   const context&) const {
  const auto who = known(c.party);
  if (!who)
    return no(who.error());
  if (auto wrong = check_contact(c.contact, c.party))
    return no(*wrong);
  customer_unlinked e;
  e.party = c.party;
  if (const auto v = visits_.find(c.contact); v != visits_.end() && !v->second.whose.empty())
    e.party = v->second.whose;  // the name under which it was linked
  e.contact = c.contact;
  return with(std::move(e));
}

registration_model::verdict registration_model::on(const customer_merge& c,
                                                   const context&) const {
  const auto there = parties_.find(c.party);
  if (there != parties_.end() && there->second.more.get().into == c.into && !c.into.empty())
    return decision{};
  const auto who = known(c.party);
  if (!who)
    return no(who.error());
  const auto into = known(c.into);
  if (!into)
    return no(into.error());
  if (c.party == c.into)
    return no(*expected("into", "another party"));
  customer_merged e;
  e.party = c.party;
  e.into = c.into;
  e.reason = c.reason;
  return with(std::move(e));
}

registration_model::verdict registration_model::on(const customer_split& c,
                                                   const context&) const {
  const auto there = parties_.find(c.party);
  if (there == parties_.end())
    return no(because("registration.unknown_party", "party", c.party.text()));
  if (there->second.is_erased())
    return no(because("person.erased", "party", c.party.text()));
  if (there->second.more.get().into.empty())
    return no(because("registration.not_merged", "party", c.party.text()));
  customer_split_off e;
  e.party = c.party;
  e.from = there->second.more.get().into;
  e.reason = c.reason;
  return with(std::move(e));
}

registration_model::verdict registration_model::on(const customer_find& c,
                                                   const context& in) const {
  const auto asked = key_asked(c, in);
  if (!asked)
    return no(asked.error());
  const auto all = with_key(asked->line);
  customer_looked_up e;
  e.form = c.purpose;
  e.field = code_word{asked->field};
  e.found = static_cast<int>(all.size());
  e.about = c.contact;
  value::list rows;
  for (const auto* one : all)
    if (rows.size() < found_max)
      rows.emplace_back(one->first.text());
  auto d = with(std::move(e));
  d.reply.set("found", std::uint64_t{all.size()});
  d.reply.set("parties", std::move(rows));
  return d;
}

/// In the last minute, as many as the limit allows: said once, and refused until it is over.
registration_model::verdict registration_model::too_many_reveals(const customer_reveal& c,
                                                                 const entry&,
                                                                 const context& in) const {
  auto why = because("registration.too_many_reveals", {},
                     std::to_string(reveals_max) + " in "
                         + std::to_string(static_cast<int>(to_seconds(reveals_window))) + " s");
  const auto& told = reveals_.at(in.client).told;
  if (told && *told + reveals_window > in.now)
    return no(std::move(why));
  return denied(about_reveal<customer_reveal_limited>(c), std::move(why));
}

registration_model::verdict registration_model::on(const customer_reveal& c,
                                                   const context& in) const {
  const auto who = known(c.party);
  if (!who)
    return no(who.error());
  const auto* row = find_reveal(c.purpose.text());
  if (!row)
    return no(because("registration.unknown_purpose", "purpose", c.purpose.text()));
  if (row->by_right && !has_right(**who, right_kind::access) && !has_right(**who, right_kind::copy))
    return no(because("registration.unknown_right", "purpose", c.purpose.text()));
  for (const auto& name : c.shown) {
    const auto* field = find_field(name.text());
    if (!field || (field->bit & row->allowed) == 0) {
      customer_field_refused e;
      e.form = c.purpose;
      e.field = field ? name : code_word{"other"};
      return denied(std::move(e), because("registration.field_not_necessary", "fields",
                                          field ? name.text() : std::string{}));
    }
  }
  if (c.shown.empty())
    return no(because("command.field_missing", "fields", "what is to be shown"));
  if (!c.third_party.empty() && !has_consent(**who, code_word{"disclose:" + c.third_party.text()}))
    return denied(about_reveal<customer_disclosure_denied>(c),
                  because("registration.disclosure_denied", "third_party", c.third_party.text()));
  if (const auto w = reveals_.find(in.client); w != reveals_.end()) {
    const auto& at = w->second.at;
    const auto recent = std::count_if(at.begin(), at.end(),
                                      [&](instant t) { return t + reveals_window > in.now; });
    if (static_cast<std::size_t>(recent) >= reveals_max)
      return too_many_reveals(c, **who, in);
  }
  const auto record = opened(**who, in);
  if (!record)
    return no(record.error());
  auto d = with(about_reveal<customer_revealed>(c));
  value values{value::map{}};
  for (const auto& name : c.shown)
    if (const auto* item = record->find(name.text()))
      values.set(name.text(), *item);
  d.reply.set("party", c.party.text());
  d.reply.set("values", std::move(values));
  d.remember_data = false;
  return d;
}

/// What was brought under a number that is also another's would be lost to that one too.
std::vector<person_id> registration_model::numbers_of(const entry& one, const context& in) const {
  auto out = one.second.more.get().numbers;
  if (const person_id now{customer_key_in(one.second.keys)}; !now.empty())
    out.push_back(now);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  const auto* root = &root_of(one.first);
  std::erase_if(out, [&](const person_id& key) {
    const auto by = owners_of(key.text(), in);
    return std::any_of(by.begin(), by.end(), [&](const entry* other) { return other != root; });
  });
  return out;
}

/// All that it is a name of goes with it; what it had asked for is closed.
registration_model::verdict registration_model::on(const customer_erase& c,
                                                   const context& in) const {
  if (const auto there = parties_.find(c.party);
      there != parties_.end() && there->second.is_erased())
    return decision{.reply = value::map{{"party", c.party.text()}, {"erased", true}}};
  const auto who = known(c.party);
  if (!who)
    return no(who.error());
  decision d;
  const auto group = group_of(**who);
  for (const auto* one : group)
    for (const auto& id : one->second.more.get().rights) {
      const auto& right = rights_.at(id);
      const auto say = [&](auto e) {
        e.party = one->first;
        e.right = id;
        e.kind = right.kind;
        return e;
      };
      if (right.kind == right_kind::erasure) {
        d.events.emplace_back(say(right_fulfilled{}));
      } else {
        auto e = say(right_refused{});
        e.reason = code_word{"erased"};
        d.events.emplace_back(std::move(e));
      }
    }
  for (const auto* one : group) {
    customer_erased e;
    e.party = one->first;
    e.person = in.keys->person_of(one->first.text());
    e.others = numbers_of(*one, in);
    e.reason = c.reason;
    if (policy_.key_copies)
      e.copies_until = in.now + *policy_.key_copies;
    d.events.emplace_back(std::move(e));
  }
  d.reply.set("party", c.party.text());
  d.reply.set("erased", true);
  d.reply.set("copies_until", policy_.key_copies
                                  ? value{to_rfc3339(in.now + *policy_.key_copies)}
                                  : value{"unknown"});
  return d;
}

} // namespace careline::registration
