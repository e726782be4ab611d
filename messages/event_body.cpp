#include <limits>

#include "messages/codec.hpp"
#include "messages/envelope.hpp"
#include "messages/fields.hpp"

// An event as a map and as the bus's bytes: what of the envelope needs the codec.

namespace careline {

namespace {

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

answer<value> to_value(const event_record& r) {
  auto v = attributes(r);
  auto data = unpack_said(r.data, std::size_t{1} << 20U);
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
  instant at{};
  int version = first_version;
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
  if (version < 1 || version > std::numeric_limits<std::uint16_t>::max())
    return no(because("command.field_invalid", "dataversion", "a whole number from 1 to 65535"));
  r.time = at;
  r.dataversion = static_cast<std::uint16_t>(version);
  r.data = pack(data);
  return r;
}

} // namespace careline
