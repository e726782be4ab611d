#include "messages/envelope.hpp"

#include <array>
#include <utility>

#include "messages/codec.hpp"
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

/// All attributes of an event but its data, in the order of the contract.
value attributes(const event_record& r) {
  value v{value::map{}};
  v.add("specversion", "1.0");
  v.add("id", event_id(r.at));
  v.add("source", "careline/" + std::string{default_partition});
  v.add("type", r.type);
  v.add("subject", r.subject);
  v.add("time", to_rfc3339(r.time));
  v.add("partition", default_partition);
  v.add("position", r.at);
  v.add("previous", r.previous);
  if (!r.causation.empty())
    v.add("causationid", r.causation);
  if (!r.correlation.empty())
    v.add("correlationid", r.correlation);
  if (!r.actor.empty())
    v.add("actor", r.actor);
  v.add("dataversion", std::int64_t{r.dataversion});
  if (!r.traceparent.empty())
    v.add("traceparent", r.traceparent);
  if (r.occurred)
    v.add("occurred", to_rfc3339(*r.occurred));
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
  r.at = static_cast<position>(body.int_or("position", 0));
  if (const auto* data = body.find("data"))
    r.data = *data;
  if (const auto* why = body.find("problem"))
    r.why = problem{std::string{why->text_or("type")}, std::string{why->text_or("title")},
                    std::string{why->text_or("field")}, std::string{why->text_or("detail")}};
  if (body.find("retry_ms"))
    r.retry_ms = body.int_or("retry_ms", 0);
  r.fallback = body.text_or("fallback");
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

answer<value> to_value(const event_record& r) {
  auto v = attributes(r);
  auto data = unpack(r.data, std::size_t{1} << 20U);
  if (!data)
    return no(data.error());
  v.add("data", std::move(*data));
  return v;
}

std::string to_bus_body(const event_record& r) {
  // The map is packed with an empty place for `data`, whose bytes are then put in as they are.
  auto v = attributes(r);
  v.add("data", value{});
  std::string out;
  out.reserve(512 + r.data.size());
  pack(v, out);
  out.pop_back();
  out += r.data;
  return out;
}

answer<event_record> read_event_record(const value& body) {
  event_record r;
  value data;
  std::string time;
  instant at{};
  int version = 1;
  reader in{body};
  in.must("type", r.type);
  in.must("position", r.at);
  in.may("previous", r.previous);
  in.must("time", at);
  in.may("subject", r.subject);
  in.may("actor", r.actor);
  in.may("causationid", r.causation);
  in.may("correlationid", r.correlation);
  in.may("traceparent", r.traceparent);
  in.may("dataversion", version);
  in.may("occurred", r.occurred);
  in.may("data", data);
  if (in.failure())
    return no(*in.failure());
  r.time = at;
  r.dataversion = static_cast<std::uint16_t>(version);
  r.data = pack(data);
  return r;
}

} // namespace careline
