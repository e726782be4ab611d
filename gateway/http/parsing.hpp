#pragma once

#include <utility>  // first: Boost 1.74 forgets it

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "gateway/http/routes.hpp"

namespace careline::gateway::http {

// A connection's bytes as a request, without a socket in sight: what `session.cpp` reads with and
// what is fuzzed.

using request_parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

/// What a connection may hold of what has come and is not yet a request.
inline constexpr std::size_t buffer_bytes_max = header_bytes_max + body_bytes_max;

inline void set_limits(request_parser& of) {
  of.header_limit(header_bytes_max);
  of.body_limit(body_bytes_max);
}

/// Views into `r`.
inline request_view view_of(const request_parser::value_type& r) {
  using boost::beast::http::field;
  const auto view = [](boost::beast::string_view text) {
    return std::string_view{text.data(), text.size()};
  };
  request_view v;
  v.method = view(r.method_string());
  v.target = view(r.target());
  v.host = view(r[field::host]);
  v.origin = view(r[field::origin]);
  v.content_type = view(r[field::content_type]);
  v.accept_encoding = view(r[field::accept_encoding]);
  v.if_none_match = view(r[field::if_none_match]);
  v.cookie = view(r[field::cookie]);
  v.authorization = view(r[field::authorization]);
  v.page_token = view(r["X-CSRF-Token"]);
  v.body = r.body();
  v.host_needed = r.version() >= 11;
  return v;
}

/// What is said to bytes that are no request; nothing when the other side has left, or was too slow
/// and has been closed.
inline std::optional<plain_answer> answer_to(const boost::beast::error_code& failed) {
  using boost::beast::http::error;
  if (failed == error::body_limit)
    return problem_answer(413, "command.too_large", "Content too large", "At most 64 KiB.");
  if (failed == error::header_limit || failed == error::buffer_overflow)
    return problem_answer(431, "about:blank", "Request header fields too large", "At most 16 KiB.");
  const bool is_http =
      failed.category() == boost::beast::http::make_error_code(error::bad_method).category();
  if (!is_http || failed == error::end_of_stream || failed == error::partial_message)
    return std::nullopt;
  return problem_answer(400, "about:blank", "Bad request", failed.message());
}

} // namespace careline::gateway::http
