#include "messages/envelope.hpp"

#include <array>
#include <utility>

#include "messages/fields.hpp"

namespace careline {

namespace {

constexpr std::array outcome_words{
    std::pair{outcome_kind::accepted, std::string_view{"accepted"}},
    std::pair{outcome_kind::refused, std::string_view{"refused"}},
    std::pair{outcome_kind::busy, std::string_view{"busy"}},
    std::pair{outcome_kind::invalid, std::string_view{"invalid"}},
};

constexpr std::size_t traceparent_bytes_max = 64;

value problem_map(const problem& why) {
  value v{value::map{}};
  v.add("type", why.type);
  v.add("title", why.title);
  if (!why.field.empty())
    v.add("field", why.field);
  if (!why.detail.empty())
    v.add("detail", why.detail);
  return v;
}

} // namespace

answer<command_envelope> read_command_envelope(const value& body) {
  if (!body.is_map())
    return no(because("command.malformed", {}, "a map is expected"));
  command_envelope e;
  e.source = "anonymous";
  reader r{body};
  r.must("id", e.id);
  r.must("type", e.type);
  std::optional<session_name> source;
  r.may("source", source);
  r.may("time", e.time);
  r.may("traceparent", e.traceparent);
  r.may("data", e.data);
  if (r.failure())
    return no(*r.failure());
  if (source)
    e.source = source->text();
  if (!is_valid_id(e.id))
    return no(because("command.id_invalid", "id"));
  if (e.traceparent.size() > traceparent_bytes_max)
    return no(because("command.field_invalid", "traceparent", "at most 64 bytes"));
  return e;
}

value to_value(const command_envelope& e) {
  value v{value::map{}};
  v.add("id", e.id);
  v.add("type", e.type);
  if (!e.source.empty())
    v.add("source", e.source);
  if (e.time)
    v.add("time", to_ms(*e.time));
  if (!e.traceparent.empty())
    v.add("traceparent", e.traceparent);
  if (!e.data.is_nil())
    v.add("data", e.data);
  return v;
}

std::string_view word_of(outcome_kind o) noexcept {
  for (const auto& [kind, word] : outcome_words)
    if (kind == o)
      return word;
  return "?";
}

value to_value(const reply& r) {
  value v{value::map{}};
  v.add("id", r.id);
  v.add("outcome", word_of(r.outcome));
  if (r.at != 0)
    v.add("position", r.at);
  if (!r.data.is_nil())
    v.add("data", r.data);
  if (r.why)
    v.add("problem", problem_map(*r.why));
  if (r.retry_ms)
    v.add("retry_ms", *r.retry_ms);
  if (!r.fallback.empty())
    v.add("fallback", r.fallback);
  if (r.engine_time)
    v.add("engine_time", to_rfc3339(*r.engine_time));
  return v;
}

answer<reply> read_reply(const value& body) {
  reply r;
  const auto word = body.text_or("outcome");
  bool known = false;
  for (const auto& [kind, text] : outcome_words)
    if (text == word) {
      r.outcome = kind;
      known = true;
    }
  if (!known)
    return no(because("command.malformed", "outcome"));
  r.id = body.text_or("id");
  if (const auto* data = body.find("data"))
    r.data = *data;
  if (const auto* why = body.find("problem"))
    r.why = problem{std::string{why->text_or("type")}, std::string{why->text_or("title")},
                    std::string{why->text_or("field")}, std::string{why->text_or("detail")}};
  if (body.find("retry_ms"))
    r.retry_ms = body.int_or("retry_ms", 0);
  r.fallback = body.text_or("fallback");
  reader in{body};
  in.may("position", r.at);
  in.may("engine_time", r.engine_time);
  if (in.failure())
    return no(*in.failure());
  return r;
}

reply refuse(std::string id, problem why) {
  reply r;
  r.id = std::move(id);
  const auto word = outcome_of(why.type);
  for (const auto& [kind, text] : outcome_words)
    if (text == word)
      r.outcome = kind;
  r.why = std::move(why);
  return r;
}

std::string event_id(position at) {
  return std::string{default_partition} + "-" + std::to_string(at);
}

} // namespace careline
