#include <algorithm>
#include <numeric>

#include "actors/security/model.hpp"
#include "actors/security/tables/roles.hpp"
#include "actors/security/telling.hpp"

namespace careline::security {

using kernel::decision;

namespace {

/// Who holds one of these may allow another one more, and nobody himself.
constexpr std::string_view may_allow[] = {"supervisor", "security_officer", administrator};

/// The one moment after which something is over, soonest first: roles that were asked for or held.
struct ending {
  instant at{};
  client_id client;
  std::string role;
};

std::optional<ending> first_ending(const access_book& book) {
  std::optional<ending> out;
  for (const auto& [client, of] : book.clients())
    for (const auto* held : {&of.asked, &of.more})
      for (const auto& [role, until] : *held)
        if (!out || until < out->at)
          out = ending{until, client, role};
  return out;
}

/// Likewise of open sessions.
std::optional<ending> first_session(const access_book& book) {
  std::optional<ending> out;
  for (const auto& [client, of] : book.clients())
    for (const auto& [session, until] : of.sessions)
      if (!out || until < out->at)
        out = ending{until, client, session};
  return out;
}

} // namespace

std::optional<instant> security_model::wakes_at() const {
  const auto role = first_ending(book_);
  const auto session = first_session(book_);
  if (!role || !session)
    return role ? std::optional{role->at} : session ? std::optional{session->at} : std::nullopt;
  return std::min(role->at, session->at);
}

security_model::events security_model::due(const context& in) {
  if (const auto role = first_ending(book_); role && role->at <= in.now)
    return {access_more_ended{role->client, code_word{role->role}}};
  if (const auto session = first_session(book_); session && session->at <= in.now) {
    user_signed_out e;
    e.client = session->client;
    e.session = session->role;
    e.reason = code_word{"expired"};
    return {std::move(e)};
  }
  return {};
}

/// Everything but administrator: two persons together must not be able to do what nobody can undo.
security_model::verdict security_model::on(const access_ask_more& c, const context& in) const {
  const client_id client{in.client};
  const auto of = known(client);
  if (!of)
    return no(of.error());
  if (!find_role(c.role.text()) || c.role.text() == administrator)
    return no(because("security.unknown_role", "role", "a role, but administrator"));
  if ((*of)->more.contains(c.role.text()) || (*of)->roles.contains(c.role.text()))
    return nothing_new();
  auto e = said_by<access_more_asked>(c);
  e.client = client;
  e.until = in.now + policy_.asked_for;
  decision d;
  d.reply.set("until", to_rfc3339(e.until));
  d.events.push_back(std::move(e));
  return d;
}

security_model::verdict security_model::on(const access_allow_more& c, const context& in) const {
  const client_id by{in.client};
  const auto of = known(c.client);
  if (!of)
    return no(of.error());
  const auto roles = book_.roles_of(by);
  const bool may = std::ranges::any_of(may_allow, [&](std::string_view role) {
    const auto* own = book_.find(by);
    // A role that is held for an hour is no leave to pass it on.
    return own && own->roles.contains(std::string{role}) && !roles.empty();
  });
  if (by == c.client || !may)
    return no(because("security.second_person", "client"));
  if ((*of)->more.contains(c.role.text()))
    return nothing_new();
  if (!(*of)->asked.contains(c.role.text()))
    return no(because("security.not_asked", "role"));
  auto e = said_by<access_more_allowed>(c);
  e.by = by;
  e.until = in.now + policy_.more_for;
  decision d;
  d.reply.set("until", to_rfc3339(e.until));
  d.events.push_back(std::move(e));
  return d;
}

security_model::verdict security_model::on(const access_record_violation& c,
                                           const context& in) const {
  const auto found = known(c.client);
  if (!found)
    return no(found.error());
  const auto& of = **found;
  if (c.points < 1 || c.points > policy_.points_max)
    return no(because("command.field_invalid", "points", "1 to 12"));
  const int points = std::accumulate(
      of.violations.begin(), of.violations.end(), c.points, [&](int sum, const auto& one) {
        return one.first + std::chrono::hours{365 * 24} > in.now ? sum + one.second : sum;
      });
  const bool suspends = points >= policy_.points_max && !of.is_suspended;
  if (suspends)
    if (auto last = is_last(c.client))
      return no(std::move(*last));
  auto d = told<access_violation_recorded>(c);
  d.reply.set("points", points);
  if (suspends)
    d.events.push_back(access_suspended{c.client, points});
  return d;
}

security_model::verdict security_model::on(const access_reinstate& c, const context&) const {
  const auto of = known(c.client);
  if (!of)
    return no(of.error());
  return (*of)->is_suspended ? verdict{told<access_reinstated>(c)} : verdict{nothing_new()};
}

} // namespace careline::security
