#include "messages/json.hpp"
#include "tests/fuzz/promises.hpp"
#include "tests/messages/examples.hpp"

// The command door, and events as they are read back: what a stranger's bytes go through before a
// model sees them.
//
// Input: JSON of a command where it begins with "{". Else the first byte chooses bytes as they are
// (0) or an example whose bytes are edited by what follows (position: u16, byte: u8)*, so that
// mutations begin at messages that are almost right.

namespace {

using namespace careline;
using fuzz::hold;
using fuzz::hold_refusal;

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
  hold(seal(happened, with).has_value(), "an example can be sealed");
  event_record r;
  r.at = 1;
  r.type = type_of(happened);
  r.subject = subject_of(happened);
  r.data = pack_data(happened);
  return to_bus_body(r);
}

std::string edited(std::string bytes, std::string_view edits) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(edits[i]); };
  for (std::size_t i = 0; i + 3 <= edits.size(); i += 3)
    bytes[static_cast<std::size_t>(byte(i) << 8U | byte(i + 1)) % bytes.size()] = edits[i + 2];
  return bytes;
}

void through_the_door(const value& body) {
  const auto envelope = read_command_envelope(body);
  if (!envelope)
    return hold_refusal(envelope.error());
  const auto read = read_command(envelope->type, envelope->data);
  if (!read)
    return hold_refusal(read.error());
  hold(type_of(*read) == envelope->type, "a command is of the type that was said");
  const auto said = data_of(*read, true);
  const auto again = read_command(envelope->type, said);
  hold(again.has_value(), "what was let in is let in again");
  hold(pack(data_of(*again, true)) == pack(said), "a command is read as it was written");
}

void from_the_bus(const event_record& record) {
  const auto data = unpack_said(record.data, record.data.size());
  if (!data)
    return;
  const auto happened = read_event(record.type, *data);
  if (!happened)
    return hold_refusal(happened.error());
  const auto bytes = pack_data(*happened, true);
  const auto again = unpack_event(record.type, bytes);
  hold(again && pack_data(*again, true) == bytes, "an event is read as it was written");
}

/// An event has one answer, read quickly or by way of a value.
void both_ways(std::string_view type, std::string_view data) {
  const auto quick = unpack_event(type, data);
  const auto tree = unpack_said(data, data.size());
  const auto slow = tree ? read_event(type, *tree) : no(tree.error());
  hold(quick.has_value() == slow.has_value(), "an event is read both ways or neither");
  if (quick)
    hold(pack_data(*quick, true) == pack(data_of(*slow, true)), "both ways read the same event");
  else
    hold(quick.error().type == slow.error().type, "both ways refuse for the same reason");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2)
    return 0;
  if (data[0] == '{') {
    if (const auto body = from_json(fuzz::text_of(data, size)))
      through_the_door(*body);
    return 0;
  }
  const auto raw = fuzz::text_of(data + 1, size - 1);
  const auto bytes = data[0] == 0 ? std::string{raw} : edited(example_bytes(data[0]), raw);
  if (const auto told = read_event_record(std::string_view{bytes})) {
    both_ways(told->type, told->data);
    from_the_bus(*told);
  }
  static const auto types = event_types();
  both_ways(types[data[0] % types.size()], raw);
  if (const auto body = unpack(bytes))
    through_the_door(*body);
  return 0;
}
