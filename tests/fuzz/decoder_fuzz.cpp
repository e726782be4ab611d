#include "messages/json.hpp"
#include "tests/fuzz/promises.hpp"
#include "tools/careline/log_lines.hpp"

// Bare MessagePack and JSON, and the envelopes in them: commands, replies, events of a bus. What
// was read is written and read again as the same.
//
// Input: bytes as they come.

namespace {

using namespace careline;
using fuzz::hold;
using fuzz::hold_refusal;

/// As bytes and as text. Compared as bytes, since what is no number equals nothing.
void written_and_read_again(const value& v) {
  const auto bytes = pack(v);
  const auto again = unpack_said(bytes, bytes.size());
  hold(again && pack(*again) == bytes, "what was packed is unpacked as the same");
  const auto text = to_json(v);
  hold(is_valid_utf8(text), "JSON is text");
  const auto json = from_json(text);
  hold(json.has_value() == (program::depth_of(v) <= depth_max),
       "JSON of what is not too deep is read");
  if (!json)
    return;
  hold(to_json(*json) == text, "JSON is written as it was read");
  const auto pretty = from_json(to_pretty_json(v));
  hold(pretty && to_json(*pretty) == text, "JSON for people says the same");
}

template <class T>
void envelope_again(const answer<T>& read, answer<T> (*reader)(const value&)) {
  if (!read)
    return hold_refusal(read.error());
  const auto said = to_value(*read);
  const auto again = reader(said);
  hold(again && pack(to_value(*again)) == pack(said), "an envelope is read as it was written");
}

void envelopes(const value& v) {
  envelope_again(read_command_envelope(v), &read_command_envelope);
  envelope_again(read_reply(v), &read_reply);
}

/// From a bus an event has one answer, read quickly or by way of a value, and it is told on as it
/// was told. Its data is looked at by who reads it.
void event_of_a_bus(std::string_view bytes) {
  const auto quick = read_event_record(bytes);
  if (const auto tree = unpack_said(bytes, bytes.size()))
    hold(quick || !read_event_record(*tree), "an event that is read slowly is read quickly");
  if (!quick)
    return hold_refusal(quick.error());
  const auto told = read_event_record(std::string_view{to_bus_body(*quick)});
  hold(told && *told == *quick, "an event is told on as it was told");
  std::string record;
  encode_record(*quick, record);
  hold(decode_record(record) == *quick, "an event is kept as it was told");
}

void as_bytes(std::string_view bytes) {
  const auto told = unpack(bytes);
  const auto said = unpack_said(bytes, bytes.size());
  const auto own = unpack_own(bytes);
  hold(!told || said, "what a client may say the engine may say");
  hold(!said || own, "what the engine may say it reads from its own");
  if (!told)
    hold_refusal(told.error());
  if (!said)
    return hold_refusal(said.error());
  hold(pack(*said) == pack(*own), "bytes have one meaning");
  written_and_read_again(*said);
  envelopes(*said);
}

void as_text(std::string_view text) {
  const auto read = from_json(text);
  if (!read)
    return hold_refusal(read.error());
  hold(is_valid_utf8(text), "what is no text is no JSON");
  written_and_read_again(*read);
  envelopes(*read);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  as_bytes(bytes);
  as_text(bytes);
  event_of_a_bus(bytes);
  return 0;
}
