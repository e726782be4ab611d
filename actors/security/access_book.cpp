#include "actors/security/access_book.hpp"

#include <algorithm>

#include "actors/security/tables/roles.hpp"

namespace careline::security {

namespace {

constexpr int form = 1;  ///< of the saved state; another is not read

value list_of(const std::set<std::string>& items) {
  value::list out;
  for (const auto& item : items)
    out.emplace_back(item);
  return out;
}

bool load_set(const value& from, std::string_view key, std::set<std::string>& into) {
  const auto* field = from.find(key);
  const auto* items = field ? field->as<value::list>() : nullptr;
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

/// A narrower one is no use beside a wider one.
void drop_covered(std::vector<std::string>& prefixes) {
  std::ranges::sort(prefixes);
  std::vector<std::string> kept;
  for (auto& one : prefixes) {
    const bool covered =
        !kept.empty() && one.starts_with(kept.back())
        && (kept.back().empty() || kept.back().ends_with('.') || one == kept.back());
    if (!covered)
      kept.push_back(std::move(one));
  }
  prefixes = std::move(kept);
}

} // namespace

void access_book::take(const careline::event& e) {
  if (const auto* accepted = std::get_if<key_accepted>(&e)) {
    clients_[accepted->client].keys.insert(accepted->key);
    keys_[accepted->key] = accepted->client;
  } else if (const auto* revoked = std::get_if<key_revoked>(&e)) {
    auto& of = clients_[revoked->client];
    of.keys.erase(revoked->key);
    of.revoked.insert(revoked->key);
    keys_[revoked->key] = revoked->client;
  } else if (const auto* granted = std::get_if<access_granted>(&e)) {
    auto& roles = clients_[granted->client].roles;
    roles.clear();
    for (const auto& role : granted->roles)
      roles.insert(role.text());
  } else if (const auto* out = std::get_if<access_revoked>(&e)) {
    auto& of = clients_[out->client];
    of.roles.clear();
    of.revoked.merge(of.keys);
    of.keys.clear();
  }
}

client_id access_book::owner_of(const std::string& key) const {
  const auto found = keys_.find(key);
  return found == keys_.end() ? client_id{} : found->second;
}

client_id access_book::client_of(const std::string& key) const {
  auto client = owner_of(key);
  const auto* of = find(client);
  return of && of->keys.contains(key) ? client : client_id{};
}

const client_access* access_book::find(const client_id& client) const {
  const auto found = clients_.find(client);
  return found == clients_.end() ? nullptr : &found->second;
}

const std::set<std::string>& access_book::roles_of(const client_id& client) const {
  static const std::set<std::string> none;
  const auto* of = find(client);
  return of && !of->keys.empty() ? of->roles : none;
}

std::string_view access_book::role_that_sends(const client_id& client,
                                              std::string_view type) const {
  for (const auto& name : roles_of(client))
    if (const auto* role = find_role(name); role && may_send(*role, type))
      return role->name;
  return {};
}

std::string_view access_book::role_that_sees(const client_id& client,
                                             std::string_view event_type) const {
  for (const auto& name : roles_of(client))
    if (const auto* role = find_role(name); role && may_see(*role, event_type))
      return role->name;
  return {};
}

std::vector<std::string> access_book::visible_under(const client_id& client,
                                                    std::string_view prefix) const {
  std::vector<std::string> out;
  for (const auto& name : roles_of(client))
    if (const auto* role = find_role(name))
      for (auto& part : security::visible_under(*role, prefix))
        out.push_back(std::move(part));
  drop_covered(out);
  return out;
}

bool access_book::is_administrator(const client_id& client) const {
  return roles_of(client).contains(std::string{administrator});
}

bool access_book::has_administrator_beside(const client_id& client) const {
  return std::ranges::any_of(clients_, [&](const auto& one) {
    return one.first != client && is_administrator(one.first);
  });
}

value access_book::save() const {
  value::list rows;
  for (const auto& [client, of] : clients_)
    rows.push_back(value{value::map{{"client", client.text()},
                                    {"keys", list_of(of.keys)},
                                    {"revoked", list_of(of.revoked)},
                                    {"roles", list_of(of.roles)}}});
  return value{value::map{{"form", form}, {"clients", value{std::move(rows)}}}};
}

bool access_book::load(const value& state) {
  *this = access_book{};
  const auto* field = state.find("clients");
  const auto* rows = field ? field->as<value::list>() : nullptr;
  if (state.int_or("form", 0) != form || !rows)
    return false;
  access_book read;
  for (const auto& row : *rows) {
    const client_id client{row.text_or("client")};
    auto& of = read.clients_[client];
    if (client.empty() || !load_set(row, "keys", of.keys) || !load_set(row, "revoked", of.revoked)
        || !load_set(row, "roles", of.roles))
      return false;
    for (const auto* keys : {&of.keys, &of.revoked})
      for (const auto& key : *keys)
        read.keys_[key] = client;
  }
  *this = std::move(read);
  return true;
}

} // namespace careline::security
