#include <algorithm>
#include <set>
#include <string>

#include "actors/security/model.hpp"
#include "actors/security/tables/roles.hpp"
#include "actors/security/telling.hpp"
#include "messages/z85.hpp"

namespace careline::security {

using kernel::decision;

namespace {

answer<decision> not_ours(std::string_view type) {
  return no(because("command.type_unknown", "type", std::string{type}));
}

std::string known_roles() {
  std::string out;
  for (const auto& role : roles())
    out += (out.empty() ? "one of " : ", ") + std::string{role.name};
  return out;
}

/// What somebody holds or has asked for for an hour goes too, unless it is among the new roles:
/// whoever takes a right away means all of it.
void end_more(const client_id& client, const client_access& of, const std::set<std::string>& wanted,
              decision& d) {
  std::set<std::string> over;
  for (const auto* held : {&of.asked, &of.more})
    for (const auto& [role, until] : *held)
      if (!wanted.contains(role))
        over.insert(role);
  for (const auto& role : over)
    d.events.push_back(access_more_ended{client, code_word{role}});
}

} // namespace

answer<decision> security_model::decide(const command& c,
                                         const kernel::turn_context& in) const {
  return std::visit(overloaded{
                        [&](const one_of<security::command> auto& x) { return on(x, in); },
                        [&](const auto&) { return not_ours(type_of(c)); },
                    },
                    c);
}

answer<decision> security_model::take_over(const command& c, const decision&,
                                           const kernel::turn_context&) const {
  return not_ours(type_of(c));
}

security_model::verdict security_model::on(const key_accept& c, const context&) const {
  if (!is_z85_key(c.key))
    return no(because("security.key_malformed", "key"));
  const auto owner = book_.owner_of(c.key);
  const auto* of = book_.find(c.client);
  if (!owner.empty() && owner != c.client)
    return no(because("security.key_taken", "key"));
  if (of && of->revoked.contains(c.key))
    return no(because("security.key_revoked", "key"));
  if (of && of->keys.contains(c.key))
    return nothing_new();
  if (of && of->keys.size() >= keys_max) {
    std::string both;
    for (const auto& key : of->keys)
      both += (both.empty() ? "" : ", ") + fingerprint_of(key);
    return no(because("security.too_many_keys", "client", both));
  }
  return told<key_accepted>(c);
}

security_model::verdict security_model::on(const key_revoke& c, const context&) const {
  const auto* of = book_.find(c.client);
  if (!of)
    return no(because("security.unknown_client", "client"));
  if (of->revoked.contains(c.key))
    return nothing_new();
  if (!of->keys.contains(c.key))
    return no(because("security.unknown_key", "key"));
  if (of->keys.size() == 1)
    if (auto last = is_last(c.client))
      return no(std::move(*last));
  return told<key_revoked>(c);
}

/// Done by whoever has the keys, behind the log's tail: the event asks for it.
security_model::verdict security_model::on(const key_rotate_master& c, const context& in) const {
  auto e = said_by<key_rotation_asked>(c);
  e.client = client_id{in.client};
  decision d;
  d.events.push_back(std::move(e));
  return d;
}

security_model::verdict security_model::on(const access_grant& c, const context&) const {
  const auto* of = book_.find(c.client);
  if (!of)
    return no(because("security.unknown_client", "client"));
  std::set<std::string> wanted;
  for (const auto& role : c.roles) {
    if (!find_role(role.text()))
      return no(because("security.unknown_role", "roles", known_roles()));
    wanted.insert(role.text());
  }
  const bool is_change = wanted != of->roles;
  if (is_change && !wanted.contains(std::string{administrator}))
    if (auto last = is_last(c.client))
      return no(std::move(*last));
  auto asked = c;
  asked.roles.clear();
  for (const auto& role : wanted)
    asked.roles.emplace_back(role);
  auto d = is_change ? told<access_granted>(asked) : nothing_new();
  end_more(c.client, *of, wanted, d);
  return d;
}

security_model::verdict security_model::on(const access_revoke& c, const context&) const {
  const auto* of = book_.find(c.client);
  if (!of)
    return no(because("security.unknown_client", "client"));
  if (!has_way_in(*of) && of->roles.empty())
    return nothing_new();
  if (auto last = is_last(c.client))
    return no(std::move(*last));
  return told<access_revoked>(c);
}

std::optional<problem> security_model::is_last(const client_id& client) const {
  if (!book_.is_administrator(client) || book_.has_administrator_beside(client))
    return std::nullopt;
  return because("security.last_administrator", "client");
}

} // namespace careline::security
