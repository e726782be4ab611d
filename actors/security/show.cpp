#include <algorithm>

#include "actors/security/model.hpp"
#include "actors/security/tables/roles.hpp"

namespace careline::security {

namespace {

template <class Words>
value words_of(const Words& words) {
  value::list out;
  for (const auto& word : words)
    out.emplace_back(std::string{word});
  return out;
}

value names_of(const std::map<std::string, instant>& held) {
  value::list out;
  for (const auto& [name, until] : held)
    out.emplace_back(name);
  return out;
}

value ids_of(const std::map<std::string, api_key>& keys) {
  value::list out;
  for (const auto& [id, key] : keys)
    out.push_back(value{value::map{{"id", id},
                                   {"scopes", words_of(key.scopes)},
                                   {"expires", to_rfc3339(key.expires)}}});
  return out;
}

value table_of_roles() {
  value::list rows;
  for (const auto& role : roles())
    rows.push_back(value{value::map{{"role", std::string{role.name}},
                                    {"what", std::string{role.what}},
                                    {"sends", words_of(role.sends)},
                                    {"sees", words_of(role.sees)}}});
  return rows;
}

bool is_known(const std::vector<std::string_view>& types, const std::string& word) {
  return std::ranges::find(types, word) != types.end();
}

} // namespace

answer<value> security_model::ask(const command& query, const kernel::turn_context& in) const {
  if (const auto* keys = std::get_if<query::key_list>(&query))
    return list(keys->client, true);
  if (const auto* access = std::get_if<query::access_list>(&query))
    return list(access->client, false);
  if (const auto* user = std::get_if<query::user_list>(&query))
    return users(user->client, in.now);
  if (const auto* asked = std::get_if<query::access_explain>(&query))
    return explain(*asked);
  return no(because("command.type_unknown", "type", std::string{type_of(query)}));
}

value security_model::shown(const client_id& client, const client_access& of,
                            bool with_keys) const {
  value row{value::map{{"client", client.text()}}};
  if (with_keys) {
    row.add("keys", words_of(of.keys));
    row.add("revoked", words_of(of.revoked));
    for (const auto& [list, keys] : {std::pair{"api_keys", ids_of(of.api_keys)},
                                     {"revoked_api_keys", words_of(of.revoked_api_keys)}})
      row.add(list, keys);
  } else {
    row.add("roles", words_of(of.roles));
    row.add("keys", static_cast<std::uint64_t>(of.keys.size() + of.api_keys.size()));
    if (!of.more.empty())
      row.add("more", names_of(of.more));
    if (!of.asked.empty())
      row.add("asked", names_of(of.asked));
    if (of.is_suspended)
      row.add("suspended", true);
  }
  return row;
}

answer<value> security_model::list(const client_id& only, bool with_keys) const {
  value::list rows;
  for (const auto& [client, of] : book_.clients())
    if (only.empty() || only == client)
      rows.push_back(shown(client, of, with_keys));
  if (!only.empty() && rows.empty())
    return no(because("security.unknown_client", "client"));
  value out{value::map{{"clients", value{std::move(rows)}}}};
  if (!with_keys)
    out.add("roles", table_of_roles());
  return out;
}

/// Nothing of what was proved by: not the hash, not the secret of the second factor.
answer<value> security_model::users(const client_id& only, instant now) const {
  value::list rows;
  for (const auto& [client, of] : book_.clients()) {
    if (of.hash.empty() || (!only.empty() && only != client))
      continue;
    value row{value::map{{"client", client.text()}, {"roles", words_of(of.roles)}}};
    if (!of.agent.empty())
      row.add("agent", of.agent.text());
    row.add("second_factor", !of.second_factor.empty());
    row.add("sessions", static_cast<std::uint64_t>(of.sessions.size()));
    if (of.vetted_until)
      row.add("vetted_until", to_rfc3339(*of.vetted_until));
    const bool is_vetted = of.vetted_until && now < *of.vetted_until;
    const bool is_locked = of.locked_until && now < *of.locked_until;
    row.add("state", of.is_suspended ? "suspended"
                     : !is_vetted    ? "not_vetted"
                     : is_locked     ? "locked"
                                     : "open");
    if (is_locked)
      row.add("locked_until", to_rfc3339(*of.locked_until));
    rows.push_back(std::move(row));
  }
  if (!only.empty() && rows.empty())
    return no(because("security.unknown_user", "client"));
  return value{value::map{{"users", value{std::move(rows)}}}};
}

answer<value> security_model::explain(const query::access_explain& asked) const {
  if (asked.command.empty() == asked.event.empty())
    return no(because("command.field_missing", "command", "one of command and event"));
  if (!asked.command.empty() && !is_known(command_types(), asked.command))
    return no(because("command.field_invalid", "command", "a command's type, contact.open say"));
  if (!asked.event.empty() && !is_known(event_types(), asked.event))
    return no(because("command.field_invalid", "event", "an event's type, contact.queued say"));
  const auto* of = book_.find(asked.client);
  if (!of)
    return no(because("security.unknown_client", "client"));
  const auto role = asked.event.empty() ? book_.role_that_sends(asked.client, asked.command)
                                        : book_.role_that_sees(asked.client, asked.event);
  value out{value::map{{"client", asked.client.text()}}};
  out.add("allowed", !role.empty());
  if (!role.empty())
    out.add("role", std::string{role});
  else
    out.add("why", of->is_suspended    ? "suspended"
                   : !has_way_in(*of)  ? "no_key"
                   : of->roles.empty() ? "no_role"
                                       : "not_in_roles");
  out.add("roles", words_of(of->roles));
  value::list others;
  for (const auto& one : roles())
    if (asked.event.empty() ? may_send(one, asked.command) : may_see(one, asked.event))
      others.emplace_back(std::string{one.name});
  out.add("roles_that_may", std::move(others));
  return out;
}

} // namespace careline::security
