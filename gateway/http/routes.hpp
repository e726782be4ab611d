#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/http/http_server.hpp"

namespace careline::gateway::http {

// What each path answers, without a socket in sight.

inline constexpr std::size_t target_bytes_max = 2048;
inline constexpr std::size_t header_bytes_max = 16 * 1024;
inline constexpr std::size_t body_bytes_max = 64 * 1024;

/// The parts of a request that an answer depends on. Views into the connection's buffer.
struct request_view {
  std::string_view method;
  std::string_view target;
  std::string_view host;
  std::string_view origin;
  std::string_view content_type;
  std::string_view accept_encoding;
  std::string_view if_none_match;
  std::string_view cookie;
  std::string_view authorization;
  std::string_view page_token;  ///< X-CSRF-Token
  std::string_view peer;        ///< whence, as an IP address
  std::string_view body;
  bool host_needed = true;  ///< HTTP/1.1
};

using header_list = std::vector<std::pair<std::string_view, std::string>>;

struct plain_answer {
  unsigned status = 200;
  std::string type;
  std::string body;
  header_list headers;
};
/// The connection becomes an event stream: of the board, or of what happens to whom.
struct events_wanted {
  bool of_desk = false;
};
/// The command or query goes to the ingress; its reply is the answer.
struct command_wanted {
  command_envelope command;
};
/// The keeper of people says whether; its answer is the answer.
struct sign_in_wanted {
  sign_in_request request;
};
using route_result = std::variant<plain_answer, events_wanted, command_wanted, sign_in_wanted>;

/// Chooses the answer. May call what `options` hands in.
route_result route(const request_view& asked, const http_options& options);

/// RFC 9457. `code` is a code of messages/problems.cpp, or "about:blank" where the status says all.
plain_answer problem_answer(unsigned status, std::string_view code, std::string_view title,
                            std::string_view detail);
/// The answer to a command or query: the reply as JSON, its outcome in the status.
plain_answer reply_answer(const reply& r);
/// Says how to go on and that nothing else may frame, sniff or script the page.
const header_list& security_headers();

/// The host without its port names this machine's loopback: an outside name that resolves to it
/// (DNS rebinding) does not.
bool is_loopback_host(std::string_view host);

} // namespace careline::gateway::http
