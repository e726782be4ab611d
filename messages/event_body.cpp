#include <limits>

#include "messages/codec.hpp"
#include "messages/envelope.hpp"
#include "messages/packing.hpp"

// An event as a map and as the bus's bytes: what of the envelope needs the codec.

namespace careline {

namespace {

/// All attributes of an event but its data, in the order of the contract.
template <class V>
void write_attributes(V& v, const event_record& r) {
  v.must("specversion", std::string{"1.0"});
  v.must("id", event_id(r.at));
  v.must("source", "careline/" + std::string{default_partition});
  v.must("type", r.type);
  v.must("subject", r.subject);
  v.must("time", r.time);
  v.must("partition", std::string{default_partition});
  v.must("position", r.at);
  v.must("previous", r.previous);
  v.may("causationid", r.causation);
  v.may("correlationid", r.correlation);
  v.may("actor", r.actor);
  v.must("dataversion", int{r.dataversion});
  v.may("traceparent", r.traceparent);
  v.may("occurred", r.occurred);
}

template <class V>
void read_attributes(V& in, event_record& r, int& version) {
  in.must("type", r.type);
  in.must("position", r.at);
  in.may("previous", r.previous);
  in.must("time", r.time);
  in.may("subject", r.subject);
  in.may("actor", r.actor);
  in.may("causationid", r.causation);
  in.may("correlationid", r.correlation);
  in.may("traceparent", r.traceparent);
  in.may("dataversion", version);
  in.may("occurred", r.occurred);
}

bool is_version(int n) {
  return n >= 1 && n <= std::numeric_limits<std::uint16_t>::max();
}

} // namespace

answer<value> to_value(const event_record& r) {
  writer w;
  write_attributes(w, r);
  auto v = w.take();
  auto data = unpack_said(r.data, std::size_t{1} << 20U);
  if (!data)
    return no(data.error());
  v.add("data", std::move(*data));
  return v;
}

std::string to_bus_body(const event_record& r) {
  std::string out;
  out.reserve(512 + r.data.size());
  packer to{out};
  write_attributes(to, r);
  to.packed("data", r.data);
  to.end();
  return out;
}

answer<event_record> read_event_record(const value& body) {
  event_record r;
  value data;
  int version = first_version;
  reader in{body};
  read_attributes(in, r, version);
  in.may("data", data);
  if (in.failure())
    return no(*in.failure());
  if (!is_version(version))
    return no(because("command.field_invalid", "dataversion", "a whole number from 1 to 65535"));
  r.dataversion = static_cast<std::uint16_t>(version);
  r.data = pack(data);
  return r;
}

answer<event_record> read_event_record(std::string_view body) {
  event_record r;
  int version = first_version;
  unpacker in{body};
  read_attributes(in, r, version);
  const auto data = in.find("data");
  if (in.good() && data && is_version(version)) {
    r.dataversion = static_cast<std::uint16_t>(version);
    r.data = *data;
    return r;
  }
  const auto slowly = unpack_said(body, body.size());
  return slowly ? read_event_record(*slowly) : no(slowly.error());
}

} // namespace careline
