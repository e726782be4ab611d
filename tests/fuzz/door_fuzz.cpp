#include <cstdint>
#include <cstdlib>
#include <string>

#include "messages/codec.hpp"
#include "messages/envelope.hpp"
#include "messages/json.hpp"
#include "tests/messages/examples.hpp"

// What a stranger's bytes go through before a model sees them: decoder, envelope, command door,
// events from a bus, records from a disk, JSON. No input may crash it, and what was read must be
// written and read again as the same.
//
// Input: the first byte chooses bytes as they are (0) or an example whose bytes are edited by what
// follows (position: u16, byte: u8)*, so that mutations begin at messages that are almost right.

namespace {

using namespace careline;

void hold(bool what) {
  if (!what)
    std::abort();
}

std::string example_bytes(std::size_t n) {
  static const auto commands = test::example_commands();
  static const auto events = test::example_events();
  if (n % 2 == 0) {
    const auto& c = commands[n / 2 % commands.size()];
    command_envelope e;
    e.id = "0190b8a0-0000-7000-8000-000000000000";
    e.type = type_of(c);
    e.source = "fuzz";
    e.data = data_of(c, true);
    return pack(to_value(e));
  }
  auto happened = events[n / 2 % events.size()];
  clear_sealer with;
  hold(seal(happened, with).has_value());
  event_record r;
  r.at = 1;
  r.type = type_of(happened);
  r.subject = subject_of(happened);
  r.data = pack_data(happened);
  return to_bus_body(r);
}

std::string edited(std::string bytes, const std::uint8_t* edits, std::size_t size) {
  for (std::size_t i = 0; i + 3 <= size; i += 3) {
    const auto at = static_cast<std::size_t>(edits[i] << 8U | edits[i + 1]);
    bytes[at % bytes.size()] = static_cast<char>(edits[i + 2]);
  }
  return bytes;
}

void through_the_door(const value& body) {
  const auto envelope = read_command_envelope(body);
  if (!envelope)
    return;
  const auto read = read_command(envelope->type, envelope->data);
  if (!read) {
    hold(!read.error().type.empty() && !read.error().title.empty());
    return;
  }
  const auto said = data_of(*read, true);
  const auto again = read_command(envelope->type, said);
  hold(again.has_value());
  hold(pack(data_of(*again, true)) == pack(said));
}

void from_the_bus(const value& body) {
  const auto record = read_event_record(body);
  if (!record)
    return;
  std::string bytes;
  encode_record(*record, bytes);
  decode_record(bytes);
  if (const auto data = unpack(record->data))
    if (const auto happened = read_event(record->type, *data))
      hold(unpack(pack(data_of(*happened, true))).has_value());
}

/// An event has one answer, read quickly or by way of a value.
void both_ways(std::string_view type, std::string_view data) {
  const auto quick = unpack_event(type, data);
  const auto tree = unpack_said(data, data.size());
  const auto slow = tree ? read_event(type, *tree) : no(tree.error());
  hold(quick.has_value() == slow.has_value());
  if (quick)
    hold(pack_data(*quick, true) == pack(data_of(*slow, true)));
  else
    hold(quick.error().type == slow.error().type);
}

void bytes_of_the_bus(const std::string& bytes) {
  const auto tree = unpack_said(bytes, bytes.size());
  const auto slow = tree ? read_event_record(*tree) : no(tree.error());
  const auto quick = read_event_record(std::string_view{bytes});
  hold(!slow || quick);  // what is in `data` is looked at by who reads it
  if (quick)
    both_ways(quick->type, quick->data);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2)
    return 0;
  const std::string raw{reinterpret_cast<const char*>(data + 1), size - 1};
  const auto bytes = data[0] == 0 ? raw : edited(example_bytes(data[0]), data + 1, size - 1);
  bytes_of_the_bus(bytes);
  const auto types = event_types();
  both_ways(types[data[0] % types.size()], raw);
  if (const auto body = unpack(bytes)) {
    hold(unpack(pack(*body), bytes.size() * 9).has_value());
    through_the_door(*body);
    from_the_bus(*body);
  }
  if (const auto record = decode_record(raw)) {
    std::string again;
    encode_record(*record, again);
    hold(again == raw);
  }
  type_in_record(raw);
  if (const auto json = from_json(raw))
    hold(from_json(to_json(*json)).has_value());
  return 0;
}
