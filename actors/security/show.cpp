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

answer<value> security_model::ask(const command& query, const kernel::turn_context&) const {
  if (const auto* keys = std::get_if<query::key_list>(&query))
    return list(keys->client, true);
  if (const auto* access = std::get_if<query::access_list>(&query))
    return list(access->client, false);
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
  } else {
    row.add("roles", words_of(of.roles));
    row.add("keys", static_cast<std::uint64_t>(of.keys.size()));
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
    out.add("why", of->keys.empty() ? "no_key" : of->roles.empty() ? "no_role" : "not_in_roles");
  out.add("roles", words_of(of->roles));
  value::list others;
  for (const auto& one : roles())
    if (asked.event.empty() ? may_send(one, asked.command) : may_see(one, asked.event))
      others.emplace_back(std::string{one.name});
  out.add("roles_that_may", std::move(others));
  return out;
}

} // namespace careline::security
