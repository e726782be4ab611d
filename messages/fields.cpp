#include "messages/fields.hpp"

#include <cmath>

#include "messages/json.hpp"

namespace careline {

complaint_text read(const value& v, bool& out, const std::string& path) {
  const auto* b = v.as<bool>();
  if (!b)
    return expected(path, "true or false");
  out = *b;
  return {};
}

complaint_text read(const value& v, std::int64_t& out, const std::string& path) {
  if (const auto* i = v.as<std::int64_t>()) {
    out = *i;
    return {};
  }
  const auto* d = v.as<double>();
  if (d && std::nearbyint(*d) == *d && std::abs(*d) < 9.0e15) {
    out = static_cast<std::int64_t>(*d);
    return {};
  }
  return expected(path, "a whole number");
}

complaint_text read(const value& v, int& out, const std::string& path) {
  std::int64_t wide = 0;
  if (auto wrong = read(v, wide, path))
    return wrong;
  if (wide < -1'000'000'000 || wide > 1'000'000'000)
    return expected(path, "a whole number of at most nine digits");
  out = static_cast<int>(wide);
  return {};
}

complaint_text read(const value& v, std::uint64_t& out, const std::string& path) {
  if (const auto* u = v.as<std::uint64_t>()) {
    out = *u;
    return {};
  }
  std::int64_t wide = 0;
  if (read(v, wide, path) || wide < 0)
    return expected(path, "a whole number, not negative");
  out = static_cast<std::uint64_t>(wide);
  return {};
}

complaint_text read(const value& v, double& out, const std::string& path) {
  if (!v.is_number() || !std::isfinite(v.to_double()))
    return expected(path, "a number");
  out = v.to_double();
  return {};
}

complaint_text read(const value& v, std::string& out, const std::string& path) {
  const auto* text = v.as<std::string>();
  if (!text)
    return expected(path, "text");
  if (!is_valid_utf8(*text))
    return expected(path, "UTF-8 text");
  out = *text;
  return {};
}

complaint_text read(const value& v, span& out, const std::string& path) {
  if (!v.is_number() || !(v.to_double() >= 0) || v.to_double() > to_seconds(span_max))
    return expected(path, "seconds, from 0 to 315360000");
  out = from_seconds(v.to_double());
  return {};
}

complaint_text read(const value& v, instant& out, const std::string& path) {
  std::optional<instant> at;
  if (const auto* ms = v.as<std::int64_t>())
    at = from_ms(*ms);
  else if (const auto* text = v.as<std::string>())
    if (const auto parsed = parse_rfc3339(*text))
      at = parsed->at;
  if (!at || *at < instant_min || *at > instant_max)
    return expected(path, "a time from 1970 to 9999: RFC 3339 text or milliseconds since 1970");
  out = *at;
  return {};
}

complaint_text read_id(const value& v, std::string& out, const std::string& path) {
  const auto* text = v.as<std::string>();
  if (!text || !is_valid_id(*text))
    return expected(path, "text of 1 to 128 bytes without control characters");
  out = *text;
  return {};
}

complaint_text read(const value& v, code_word& out, const std::string& path) {
  const auto* text = v.as<std::string>();
  if (!text || !is_valid_code(*text))
    return expected(path, std::string{what_a_code_is});
  out = code_word{*text};
  return {};
}

std::string clear_text(const std::string& clear) {
  return clear;
}

std::string clear_text(const value& clear) {
  return to_json(clear);
}

void from_clear_text(std::string_view text, std::string& out) {
  out = text;
}

void from_clear_text(std::string_view text, value& out) {
  if (auto parsed = from_json(text))
    out = std::move(*parsed);
}

} // namespace careline
