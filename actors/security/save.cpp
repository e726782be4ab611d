#include "actors/security/access_book.hpp"
#include "messages/saved_rows.hpp"

namespace careline::security {

namespace {

constexpr int form = 2;  ///< of the saved state; another is not read

value list_of(const std::set<std::string>& items) {
  value::list out;
  for (const auto& item : items)
    out.emplace_back(item);
  return out;
}

bool load_set(const value& from, std::set<std::string>& into) {
  const auto* items = from.as<value::list>();
  if (!items)
    return false;
  for (const auto& item : *items) {
    const auto* text = item.as<std::string>();
    if (!text)
      return false;
    into.insert(*text);
  }
  return true;
}

/// What is held until a moment, by name.
value moments_of(const std::map<std::string, instant>& held) {
  value::list out;
  for (const auto& [name, until] : held)
    out.push_back(row_of(name, to_ms(until)));
  return out;
}

/// Calls `f` for each row of a list; false at another form, or when `f` says so.
template <class F>
bool each_row(const value& from, F&& f) {
  const auto* rows = from.as<value::list>();
  if (!rows)
    return false;
  for (const auto& one : *rows)
    if (row_reader row{one}; !f(row, one) || !row)
      return false;
  return true;
}

bool load_moments(const value& from, std::map<std::string, instant>& into) {
  return each_row(from, [&](row_reader& row, const value&) {
    std::string name;
    instant until{};
    row >> name >> until;
    into[name] = until;
    return true;
  });
}

value api_keys_of(const std::map<std::string, api_key>& keys) {
  value::list out;
  for (const auto& [id, key] : keys) {
    value::list scopes;
    for (const auto& scope : key.scopes)
      scopes.emplace_back(scope);
    out.push_back(row_of(id, key.digest, to_ms(key.expires), value{std::move(scopes)}));
  }
  return out;
}

bool load_api_keys(const value& from, std::map<std::string, api_key>& into) {
  return each_row(from, [&](row_reader& row, const value&) {
    std::string id;
    api_key key;
    row >> id >> key.digest >> key.expires;
    const auto* scopes = row.any().as<value::list>();
    for (const auto& scope : scopes ? *scopes : value::list{})
      if (const auto* text = scope.as<std::string>())
        key.scopes.push_back(*text);
    into[id] = std::move(key);
    return scopes != nullptr;
  });
}

value violations_of(const client_access& of) {
  value::list out;
  for (const auto& [at, points] : of.violations)
    out.push_back(row_of(to_ms(at), points));
  return out;
}

bool load_violations(const value& from, client_access& into) {
  return each_row(from, [&](row_reader& row, const value&) {
    instant at{};
    int points = 0;
    row >> at >> points;
    into.violations.emplace_back(at, points);
    return true;
  });
}

value moment_or_nil(const std::optional<instant>& at) {
  return at ? value{to_ms(*at)} : value{};
}

std::optional<instant> load_moment(const value& from) {
  const auto* ms = from.as<std::int64_t>();
  return ms ? std::optional{from_ms(*ms)} : std::nullopt;
}

std::string bytes_in(const value& from) {
  const auto* bytes = from.as<binary>();
  return bytes ? bytes->bytes : std::string{};
}

} // namespace

value access_book::save() const {
  long_list rows;
  for (const auto& [client, of] : clients_)
    rows.push_back(row_of(
        client.text(), of.person.text(), of.agent.text(), of.last_step, of.failures,
        of.is_suspended ? 1 : 0, binary{of.hash}, binary{of.second_factor},
        moment_or_nil(of.vetted_until), moment_or_nil(of.locked_until), list_of(of.keys),
        list_of(of.revoked), list_of(of.roles), list_of(of.revoked_api_keys),
        api_keys_of(of.api_keys), moments_of(of.sessions), moments_of(of.asked),
        moments_of(of.more), violations_of(of)));
  return value{value::map{{"form", form}, {"clients", rows.take()}}};
}

bool access_book::load_row(const value& from) {
  row_reader row{from};
  std::string name, person, agent;
  client_access of;
  row >> name >> person >> agent >> of.last_step >> of.failures >> of.is_suspended;
  of.person = person_id{std::move(person)};
  of.agent = agent_id{std::move(agent)};
  of.hash = bytes_in(row.any());
  of.second_factor = bytes_in(row.any());
  of.vetted_until = load_moment(row.any());
  of.locked_until = load_moment(row.any());
  if (!load_set(row.any(), of.keys) || !load_set(row.any(), of.revoked)
      || !load_set(row.any(), of.roles) || !load_set(row.any(), of.revoked_api_keys)
      || !load_api_keys(row.any(), of.api_keys) || !load_moments(row.any(), of.sessions)
      || !load_moments(row.any(), of.asked) || !load_moments(row.any(), of.more)
      || !load_violations(row.any(), of) || !row || name.empty())
    return false;
  const client_id client{std::move(name)};
  for (const auto* keys : {&of.keys, &of.revoked})
    for (const auto& key : *keys)
      keys_[key] = client;
  for (const auto& [id, key] : of.api_keys)
    api_keys_[id] = client;
  for (const auto& id : of.revoked_api_keys)
    api_keys_[id] = client;
  for (const auto& [session, until] : of.sessions)
    sessions_[session] = client;
  clients_[client] = std::move(of);
  return true;
}

bool access_book::load(const value& state) {
  *this = access_book{};
  const auto* rows = state.find("clients");
  access_book read;
  if (state.int_or("form", 0) != form || !rows
      || !long_list::each(*rows, [&](const value& row) { return read.load_row(row); }))
    return false;
  *this = std::move(read);
  return true;
}

} // namespace careline::security
