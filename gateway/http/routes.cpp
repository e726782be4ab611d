#include "gateway/http/routes.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "gateway/http/people_routes.hpp"
#include "gateway/http/static_files.hpp"
#include "messages/json.hpp"
#include "messages/owners.hpp"
#include "messages/queries.hpp"
#include "messages/safety.hpp"
#include "messages/uuid.hpp"
#include "messages/vocabulary.hpp"

namespace careline::gateway::http {

namespace {

constexpr std::string_view text_type = "text/plain; charset=utf-8";
constexpr std::string_view json_type = "application/json";

/// Who asks over HTTP. Never what the body says: the address of a person is handed only to the
/// session that brought it, and a page must not pass for that session.
constexpr std::string_view http_source = "http";

/// What stands for the right to open a path, where people need one.
constexpr std::string_view board_word = "board.show";
constexpr std::string_view desk_word = "contact.show";
constexpr auto guarded_paths = std::to_array<std::pair<std::string_view, std::string_view>>(
    {{"/api/events", board_word}, {"/api/board", board_word}, {"/api/desk", desk_word}});

plain_answer text(unsigned status, std::string body, std::string_view type = text_type) {
  return {status, std::string{type}, std::move(body), {{"Cache-Control", "no-store"}}};
}

bool has_word(std::string_view list, std::string_view word) {
  return list.find(word) != std::string_view::npos;
}

std::string_view without_port(std::string_view host) {
  if (host.starts_with('['))
    return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

/// "http://localhost:5580" -> "localhost:5580"; anything without a scheme gives nothing.
std::string_view host_of(std::string_view origin) {
  const auto at = origin.find("://");
  return at == std::string_view::npos ? std::string_view{} : origin.substr(at + 3);
}

plain_answer not_found() {
  return problem_answer(404, "about:blank", "Not found", "There is nothing at this path.");
}

plain_answer file(const request_view& asked, const static_file& f) {
  plain_answer out;
  out.headers = {
      {"ETag", std::string{f.etag}},
      {"Vary", "Accept-Encoding"},
      {"Cache-Control", f.immutable ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (has_word(asked.if_none_match, f.etag)) {
    out.status = 304;
    return out;
  }
  out.type = f.type;
  if (!f.gzip.empty() && has_word(asked.accept_encoding, "gzip")) {
    out.headers.emplace_back("Content-Encoding", "gzip");
    out.body = f.gzip;
  } else {
    out.body = f.bytes;
  }
  return out;
}

plain_answer readyz(std::string_view search, const http_options& options) {
  if (!options.readiness)
    return text(200, "ok\n");
  const bool verbose = search == "verbose" || search.starts_with("verbose=")
                       || has_word(search, "&verbose");
  bool ready = false;
  auto said = options.readiness(verbose, ready);
  if (said.empty())
    said = ready ? "ok\n" : "not ready\n";
  if (said.back() != '\n')
    said += '\n';
  return text(ready ? 200 : 503, std::move(said));
}

/// Who scrapes on this machine needs nothing; from elsewhere somebody who may ask for the figures.
plain_answer metrics(const request_view& asked, const http_options& options) {
  if (options.people && !asked.is_local)
    if (auto who = admit(asked, options, {"engine.status"});
        auto* why_not = std::get_if<plain_answer>(&who))
      return std::move(*why_not);
  return text(200, options.metrics(), "text/plain; version=0.0.4");
}

plain_answer board(const http_options& options) {
  if (!options.whole_board)
    return not_found();
  auto frame = options.whole_board();
  if (frame.json.empty())
    return problem_answer(503, "about:blank", "Not yet", "The board is not whole yet.");
  auto out = text(200, std::move(frame.json), json_type);
  out.headers.emplace_back("Careline-Position", std::to_string(frame.at));
  return out;
}

plain_answer from_problem(const problem& why) {
  const auto outcome = outcome_of(why.type);
  const unsigned status = why.type == "command.too_large" ? 413 : outcome == "invalid" ? 400 : 403;
  return problem_answer(status, why.type, why.title,
                        why.field.empty() ? why.detail : why.field + ": " + why.detail);
}

/// The body as a command, whoever may send it.
answer<command_envelope> read_asked(const request_view& asked, const http_options& options) {
  auto body = from_json(asked.body);
  if (!body)
    return no(body.error());
  if (body->is_map() && !body->find("id")) {
    thread_local uuid7_maker ids;
    body->set("id", ids.make(options.now ? options.now() : instant{}).text());
  }
  auto envelope = read_command_envelope(*body);
  if (envelope && envelope->data.is_nil())
    envelope->data = value{value::map{}};
  return envelope;
}

/// What is asked or, with `changes`, told.
route_result command(const request_view& asked, const http_options& options, bool changes) {
  // A JSON body makes browsers ask before another site may send one; a plain form would not.
  if (!asked.content_type.starts_with(json_type))
    return problem_answer(415, "about:blank", "Unsupported media type",
                          "Commands and queries are sent as application/json.");
  auto envelope = read_asked(asked, options);
  if (!envelope)
    return from_problem(envelope.error());
  const bool helps = changes && is_safety(envelope->type, envelope->data);
  auto who = admit(asked, options, {envelope->type, changes, helps});
  if (auto* why_not = std::get_if<plain_answer>(&who))
    return std::move(*why_not);
  if (const auto& visitor = std::get<0>(who); visitor && helps) {
    // However it is written: the engine turns nobody away who calls for help (R9.3.3f).
    speak_as(*visitor, *envelope, *options.people);
    return command_wanted{std::move(*envelope)};
  }
  const auto what = read_command(envelope->type, envelope->data);
  if (!what)
    return from_problem(what.error());
  if (!changes && !is_query(*what))
    return from_problem(because("security.not_allowed", "type", "only queries are taken here"));
  envelope->source = http_source;
  if (const auto& visitor = std::get<0>(who)) {
    if (auto why_not = as_another(*visitor, *envelope))
      return std::move(*why_not);
    speak_as(*visitor, *envelope, *options.people);
  } else if (std::holds_alternative<query::contact_address>(*what)
             || std::holds_alternative<query::contact_read>(*what)
             || owner_of(envelope->type) == owner::registration
             || owner_of(envelope->type) == owner::security) {
    // Nor about people, masked or not, as long as nobody says who looks at a page.
    return from_problem(because("security.not_allowed", "type", "only queries are taken here"));
  }
  return command_wanted{std::move(*envelope)};
}

plain_answer wrong_method(std::string_view allowed) {
  auto out = problem_answer(405, "about:blank", "Method not allowed",
                            "This path takes " + std::string{allowed} + ".");
  out.headers.emplace_back("Allow", allowed);
  return out;
}

/// This machine's loopback, or the name that the server was given.
bool is_own_host(std::string_view host, const http_options& options) {
  return is_loopback_host(host) || (!options.name.empty() && without_port(host) == options.name);
}

std::variant<std::monostate, plain_answer> check_host(const request_view& asked,
                                                      const http_options& options) {
  if (asked.host.empty() && asked.host_needed)
    return problem_answer(400, "about:blank", "Bad request", "The Host header is missing.");
  if (!asked.host.empty() && !is_own_host(asked.host, options))
    return problem_answer(421, "about:blank", "Misdirected request",
                          "The board answers to localhost, 127.0.0.1 and [::1]"
                              + (options.name.empty() ? " only." : " and " + options.name + "."));
  if (!asked.origin.empty() && !is_own_host(host_of(asked.origin), options))
    return problem_answer(403, "about:blank", "Forbidden", "Another site may not ask here.");
  return {};
}

} // namespace

bool is_loopback_host(std::string_view host) {
  std::string name{without_port(host)};
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name == "localhost" || name == "[::1]")
    return true;
  // 127.0.0.0/8 as four numbers, nothing else: "127.evil.example" is a name.
  return name.starts_with("127.") && std::count(name.begin(), name.end(), '.') == 3
         && name.find_first_not_of("0123456789.") == std::string::npos;
}

plain_answer problem_answer(unsigned status, std::string_view code, std::string_view title,
                            std::string_view detail) {
  value v{value::map{}};
  v.add("type", code);
  v.add("title", title);
  v.add("status", std::int64_t{status});
  if (!detail.empty())
    v.add("detail", detail);
  return text(status, to_json(v), "application/problem+json");
}

plain_answer reply_answer(const reply& r) {
  unsigned status = 200;
  switch (r.outcome) {
    case outcome_kind::accepted: break;
    case outcome_kind::refused:
      status = r.why && r.why->type.find(".unknown_") != std::string::npos ? 404 : 409;
      break;
    case outcome_kind::busy: status = 503; break;
    case outcome_kind::invalid: status = 400; break;
  }
  auto out = text(status, to_json(to_value(r)), json_type);
  if (r.outcome == outcome_kind::busy)
    out.headers.emplace_back("Retry-After",
                             std::to_string((r.retry_ms.value_or(1000) + 999) / 1000));
  return out;
}

const header_list& security_headers() {
  static const header_list all{
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
       "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
       "form-action 'none'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
  };
  return all;
}

route_result route(const request_view& asked, const http_options& options) {
  if (auto wrong = check_host(asked, options); auto* said = std::get_if<plain_answer>(&wrong))
    return std::move(*said);
  if (asked.target.size() > target_bytes_max)
    return problem_answer(414, "about:blank", "URI too long", "At most 2048 bytes.");
  const auto mark = asked.target.find('?');
  const auto path = asked.target.substr(0, mark);
  const auto search =
      mark == std::string_view::npos ? std::string_view{} : asked.target.substr(mark + 1);
  if (path == "/api/session" && options.people)
    return asked.method == "PUT" ? wrong_method("GET, HEAD, POST, DELETE")
                                 : session_route(asked, options);
  if (path == "/api/query" || (path == "/api/command" && options.people))
    return asked.method == "POST" ? command(asked, options, path == "/api/command")
                                  : wrong_method("POST");
  if (asked.method != "GET" && asked.method != "HEAD")
    return wrong_method("GET, HEAD");
  for (const auto& [guarded, type] : guarded_paths)
    if (path == guarded)
      if (auto who = admit(asked, options, {type}); auto* no = std::get_if<plain_answer>(&who))
        return std::move(*no);
  if (path == "/api/events" && options.whole_board)
    return events_wanted{.needs = board_word};
  if (path == "/api/desk" && options.people)
    return events_wanted{.of_desk = true, .needs = desk_word};
  if (path == "/api/board")
    return board(options);
  if (path == "/livez")
    return text(200, "ok\n");
  if (path == "/readyz")
    return readyz(search, options);
  if (path == "/metrics" && options.metrics)
    return metrics(asked, options);
  if (const auto* found = find_static_file(path))
    return file(asked, *found);
  return not_found();
}

} // namespace careline::gateway::http
