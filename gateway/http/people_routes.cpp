#include "gateway/http/people_routes.hpp"

#include <algorithm>
#include <array>

#include "gateway/log_view.hpp"
#include "messages/json.hpp"
#include "messages/queries.hpp"
#include "messages/vocabulary.hpp"

namespace careline::gateway::http {

namespace {

constexpr std::string_view bearer = "Bearer ";
/// What to prove who one is leads to; everything else that is refused is for good.
constexpr std::array prove_first{"security.sign_in_needed", "security.sign_in_failed",
                                 "security.code_needed", "security.code_used",
                                 "security.key_expired"};
/// Who holds one of these speaks for other agents.
constexpr std::array speaks_for_others{"supervisor", "administrator"};
/// Questions that name an agent because they are about him.
constexpr std::array about_others{"agent.show", "why.agent"};

/// Under TLS a name that browsers let no other site, no clear connection and no neighbour set.
std::string_view cookie_name(const http_options& options) {
  return options.certificate.empty() ? "careline" : "__Host-careline";
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view cookie_in(std::string_view all, std::string_view name) {
  while (!all.empty()) {
    const auto end = all.find(';');
    const auto one = trimmed(all.substr(0, end));
    if (one.starts_with(name) && one.substr(name.size()).starts_with('='))
      return one.substr(name.size() + 1);
    all = end == all.npos ? std::string_view{} : all.substr(end + 1);
  }
  return {};
}

std::string cookie(const http_options& options, std::string_view token, std::string_view age) {
  std::string out{cookie_name(options)};
  out += '=';
  out += token;
  out += "; Path=/; HttpOnly; SameSite=Strict; Max-Age=";
  out += age;
  if (!options.certificate.empty())
    out += "; Secure";
  return out;
}

value list_of(const std::vector<std::string>& words) {
  value::list out;
  for (const auto& word : words)
    out.emplace_back(word);
  return out;
}

plain_answer about(const visitor& who, const std::string& page_token) {
  value v{value::map{{"user", who.client.text()}}};
  if (!who.agent.empty())
    v.add("agent", who.agent.text());
  v.add("roles", list_of(who.roles));
  v.add("sends", list_of(who.sends));
  v.add("csrf", page_token);
  v.add("expires", to_rfc3339(who.expires));
  return {200, "application/json", to_json(v), {{"Cache-Control", "no-store"}}};
}

route_result sign_in_route(const request_view& asked) {
  if (!asked.content_type.starts_with("application/json"))
    return problem_answer(415, "about:blank", "Unsupported media type",
                          "A sign-in is sent as application/json.");
  const auto body = from_json(asked.body);
  if (!body || !body->is_map())
    return problem_answer(400, "command.not_a_map", "Bad request", "A map with user and password.");
  sign_in_request wanted;
  wanted.client = client_id{body->text_or("user")};
  wanted.password = body->text_or("password");
  wanted.code = body->text_or("code");
  if (const auto* own = body->find("new_password"))
    wanted.new_password = own->is_text() ? *own->as<std::string>() : std::string{};
  wanted.host = asked.peer;
  if (!is_valid_id(wanted.client.text()) || wanted.password.empty())
    return problem_answer(400, "command.field_missing", "Bad request", "user and password");
  return sign_in_wanted{std::move(wanted)};
}

/// The page is ours: the header is the session's, and whoever made the browser ask is this site.
bool is_own_page(const request_view& asked, const http_options& options, const credential& shown) {
  const auto at = asked.origin.find("://");
  const bool same = asked.origin.empty()
                    || (at != asked.origin.npos && asked.origin.substr(at + 3) == asked.host);
  const auto right = options.people->page_token(shown);
  return same && !right.empty() && right == asked.page_token;
}

} // namespace

credential credential_of(const request_view& asked, const http_options& options) {
  credential shown;
  if (asked.authorization.starts_with(bearer))
    shown.api_key = asked.authorization.substr(bearer.size());
  else
    shown.token = cookie_in(asked.cookie, cookie_name(options));
  return shown;
}

plain_answer refused_answer(const problem& why) {
  const bool proves = std::ranges::find(prove_first, why.type) != prove_first.end();
  const unsigned status = proves ? 401 : outcome_of(why.type) == "busy" ? 503 : 403;
  auto out = problem_answer(status, why.type, why.title, why.detail);
  if (status == 503)
    out.headers.emplace_back("Retry-After", "1");
  return out;
}

admission admit(const request_view& asked, const http_options& options, const errand& what) {
  if (!options.people)
    return std::optional<visitor>{};
  const auto shown = credential_of(asked, options);
  auto who = options.people->visitor_of(shown);
  const auto refuse = [&](const client_id& client, const problem& why) {
    options.people->note_refused(client, what.type, why.type, std::string{asked.peer});
    return refused_answer(why);
  };
  if (!who)
    // A page that nobody has signed in at yet is no attempt at anything.
    return shown.empty() ? refused_answer(who.error()) : refuse({}, who.error());
  if (!options.people->may_send(*who, what.type))
    if (auto no = refuse(who->client,
                         because("security.not_allowed", "type", std::string{what.type}));
        !what.helps)
      return no;
  if (what.changes && shown.api_key.empty() && !is_own_page(asked, options, shown))
    return refuse(who->client, because("security.token_missing"));
  return std::optional{std::move(*who)};
}

std::optional<plain_answer> as_another(const visitor& who, const command_envelope& command) {
  if (command.type.starts_with("session."))
    if (const auto name = command.data.text_or("name"); !name.empty() && name != who.client.text())
      return refused_answer(because("security.source_claimed", "data.name"));
  const bool for_others = std::ranges::any_of(speaks_for_others, [&](std::string_view role) {
    return std::ranges::find(who.roles, role) != who.roles.end();
  });
  const bool is_about = std::ranges::find(about_others, command.type) != about_others.end();
  if (for_others || is_about || !who.is_person)
    return std::nullopt;
  for (const auto* field : {"agent", "by"}) {
    const auto* named = command.data.find(field);
    const auto* name = named ? named->as<std::string>() : nullptr;
    if (named && (!name || who.agent.empty() || *name != who.agent.text()))
      return refused_answer(because("security.not_allowed", field,
                                    who.agent.empty() ? std::string{field} + ": you are no agent"
                                                      : std::string{field} + ": you are "
                                                            + who.agent.text()));
  }
  return std::nullopt;
}

void speak_as(const visitor& who, command_envelope& command, const people_keeper& people) {
  command.source = who.client.text();
  if (command.type == query::log_read::type)
    narrow_log_read(
        command.data, [&](std::string_view type) { return people.may_see(who, type); },
        [&](std::string_view prefix) { return people.visible_under(who, prefix); });
}

route_result session_route(const request_view& asked, const http_options& options) {
  auto& people = *options.people;
  if (asked.method == "POST")
    return sign_in_route(asked);
  const auto shown = credential_of(asked, options);
  const auto who = people.visitor_of(shown);
  if (!who)
    return refused_answer(who.error());
  if (asked.method == "GET" || asked.method == "HEAD")
    return about(*who, people.page_token(shown));
  if (!is_own_page(asked, options, shown))
    return refused_answer(because("security.token_missing"));
  people.sign_out(shown);
  return plain_answer{204,
                      {},
                      {},
                      {{"Set-Cookie", cookie(options, "", "0")}, {"Cache-Control", "no-store"}}};
}

plain_answer sign_in_answer(const answer<signed_in>& did, const http_options& options) {
  if (!did)
    return refused_answer(did.error());
  auto out = about(did->who, options.people->page_token({did->token, {}}));
  out.headers.emplace_back("Set-Cookie", cookie(options, did->token, "43200"));
  return out;
}

} // namespace careline::gateway::http
