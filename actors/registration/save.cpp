#include "actors/registration/model.hpp"
#include "messages/saved_rows.hpp"

namespace careline::registration {

namespace {

constexpr int form = 2; ///< of the saved state; another is not read

value moment(const maybe_instant& at) {
  return at ? value{to_ms(*at)} : value{};
}

maybe_instant moment_in(const value& from) {
  const auto* ms = from.as<std::int64_t>();
  return ms ? maybe_instant{from_ms(*ms)} : maybe_instant{};
}

template <class Id>
value ids(const std::vector<Id>& all) {
  value::list out;
  out.reserve(all.size());
  for (const auto& id : all)
    out.emplace_back(id.text());
  return out;
}

template <class Id>
std::vector<Id> ids_in(const value& from) {
  std::vector<Id> out;
  if (const auto* all = from.as<value::list>())
    for (const auto& one : *all)
      if (const auto* text = one.as<std::string>())
        out.emplace_back(*text);
  return out;
}

value row_of(const party_more& m) {
  value::list consents;
  for (const auto& c : m.consents)
    consents.push_back(careline::row_of(c.purpose.text(), c.channel.text(), c.proof.text(),
                                        to_ms(c.given)));
  return careline::row_of(m.into.text(), ids(m.merged), value{std::move(consents)}, ids(m.rights),
                          m.failures, moment(m.locked_until), m.amended, moment(m.amended_at),
                          ids(m.numbers), m.missing, moment(m.erased), moment(m.copies_until));
}

bool read_more(const value& from, party_more& m) {
  row_reader row{from};
  std::string into;
  row >> into;
  m.into = party_id{std::move(into)};
  m.merged = ids_in<party_id>(row.any());
  if (const auto* all = row.any().as<value::list>())
    for (const auto& one : *all) {
      row_reader c{one};
      std::string purpose, channel, proof;
      instant given{};
      c >> purpose >> channel >> proof >> given;
      if (!c)
        return false;
      m.consents.push_back({code_word{purpose}, channel_id{channel}, code_word{proof}, given});
    }
  m.rights = ids_in<right_id>(row.any());
  row >> m.failures;
  m.locked_until = moment_in(row.any());
  row >> m.amended;
  m.amended_at = moment_in(row.any());
  m.numbers = ids_in<person_id>(row.any());
  row >> m.missing;
  m.erased = moment_in(row.any());
  m.copies_until = moment_in(row.any());
  return static_cast<bool>(row);
}

value row_of_party(const party_id& id, const party& p) {
  return careline::row_of(id.text(), binary{p.sealed}, p.keys,
                          static_cast<std::int64_t>(p.name_mark), to_ms(p.registered), p.steps,
                          p.contacts, std::int64_t{p.given}, std::int64_t{p.purposes},
                          p.more.empty() ? value{} : row_of(p.more.get()));
}

} // namespace

value registration_model::save() const {
  long_list parties, visits, rights, windows;
  for (const auto& [id, p] : parties_)
    parties.push_back(row_of_party(id, p));
  for (const auto& [id, v] : visits_)
    visits.push_back(careline::row_of(id.text(), v.whose.text(), v.verified.text(), v.level,
                                      v.method.text(), moment(v.until), v.has_ended ? 1 : 0,
                                      to_ms(v.kept_until)));
  for (const auto& [id, r] : rights_)
    rights.push_back(careline::row_of(id.text(), r.whose.text(), static_cast<int>(r.kind),
                                      to_ms(r.requested), to_ms(r.due), r.step, r.stage));
  for (const auto& [client, w] : reveals_) {
    value::list at;
    for (const auto t : w.at)
      at.emplace_back(to_ms(t));
    windows.push_back(careline::row_of(client, value{std::move(at)}, moment(w.told)));
  }
  value out{value::map{}};
  out.add("form", form);
  out.add("registered", value{registered_});
  out.add("requested", value{requested_});
  out.add("seen", to_ms(seen_));
  out.add("parties", parties.take());
  out.add("visits", visits.take());
  out.add("rights", rights.take());
  out.add("reveals", windows.take());
  return out;
}

bool registration_model::load_party(const value& from) {
  row_reader row{from};
  std::string id;
  row >> id;
  party p;
  if (const auto* sealed = row.any().as<binary>())
    p.sealed = sealed->bytes;
  row >> p.keys >> p.name_mark >> p.registered >> p.steps >> p.contacts >> p.given >> p.purposes;
  if (const auto& more = row.any(); !more.is_nil() && !read_more(more, p.more.edit()))
    return false;
  if (!row)
    return false;
  const auto before = parties_.size();
  const auto at = parties_.emplace_hint(parties_.end(), party_id{std::move(id)}, std::move(p));
  if (parties_.size() == before)
    return false;
  index(*at);
  return true;
}

bool registration_model::load_visit(const value& from) {
  row_reader row{from};
  std::string id, whose, verified, method;
  visit v;
  row >> id >> whose >> verified >> v.level >> method;
  v.until = moment_in(row.any());
  row >> v.has_ended >> v.kept_until;
  v.whose = party_id{std::move(whose)};
  v.verified = party_id{std::move(verified)};
  v.method = code_word{std::move(method)};
  if (!row)
    return false;
  const contact_id contact{std::move(id)};
  leaving_.emplace(v.kept_until, contact);
  return visits_.emplace(contact, std::move(v)).second;
}

bool registration_model::load_right(const value& from) {
  row_reader row{from};
  std::string id, whose;
  int kind = 0;
  open_right r;
  row >> id >> whose >> kind >> r.requested >> r.due >> r.step >> r.stage;
  r.whose = party_id{std::move(whose)};
  r.kind = static_cast<right_kind>(kind);
  if (!row || kind < 0 || static_cast<std::size_t>(kind) >= names(right_kind{}).size())
    return false;
  const auto [at, is_new] = rights_.emplace(right_id{std::move(id)}, std::move(r));
  arm(at->first, at->second);
  return is_new;
}

bool registration_model::load_window(const value& from) {
  row_reader row{from};
  std::string client;
  row >> client;
  auto& w = reveals_[client];
  if (const auto* all = row.any().as<value::list>())
    for (const auto& one : *all)
      if (const auto at = moment_in(one))
        w.at.push_back(*at);
  w.told = moment_in(row.any());
  return static_cast<bool>(row);
}

void registration_model::forget_all() {
  parties_.clear();
  visits_.clear();
  rights_.clear();
  reveals_.clear();
  by_key_.clear();
  leaving_.clear();
  deadlines_.clear();
  registered_ = requested_ = 0;
  seen_ = {};
}

bool registration_model::load(const value& state) {
  forget_all();
  static const value none;
  const auto rows = [&](std::string_view key) -> const value& {
    const auto* found = state.find(key);
    return found ? *found : none;
  };
  if (state.int_or("form", 0) != form)
    return false;
  registered_ = static_cast<std::uint64_t>(state.int_or("registered", 0));
  requested_ = static_cast<std::uint64_t>(state.int_or("requested", 0));
  seen_ = from_ms(state.int_or("seen", 0));
  const bool read =
      long_list::each(rows("parties"), [&](const value& row) { return load_party(row); })
      && long_list::each(rows("visits"), [&](const value& row) { return load_visit(row); })
      && long_list::each(rows("rights"), [&](const value& row) { return load_right(row); })
      && long_list::each(rows("reveals"), [&](const value& row) { return load_window(row); });
  if (!read)
    forget_all();
  return read;
}

value registration_model::part(std::string_view subject) const {
  constexpr std::string_view prefix = "party/";
  if (subject.empty())
    return value{value::map{{"parties", value{std::uint64_t{parties_.size()}}},
                            {"registered", value{registered_}},
                            {"rights", value{std::uint64_t{rights_.size()}}}}};
  if (!subject.starts_with(prefix))
    return {};
  const auto found = parties_.find(party_id{subject.substr(prefix.size())});
  return found == parties_.end() ? value{} : row_of_party(found->first, found->second);
}

} // namespace careline::registration
