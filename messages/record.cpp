#include "messages/envelope.hpp"
#include "messages/number_bytes.hpp"

// The bytes of one record: docs/log-format.md, format 1. Golden bytes: tests/messages/golden.

namespace careline {

namespace {

constexpr std::uint8_t format_version = 1;
constexpr std::uint8_t occurred_flag = 1;

/// Fixed part, in the order of the page. Copied field by field: no padding reaches the disk.
constexpr std::size_t head_bytes = 1 + 1 + 6 * 2 + 4 + 8 + 8 + 8 + 8 + 2;
static_assert(head_bytes == 52);

template <class N>
N take(const char*& from) {
  const auto n = number_at<N>({from, sizeof(N)});
  from += sizeof(N);
  return n;
}

std::string_view cut(std::string_view text) {
  return text.substr(0, 0xFFFF);
}

} // namespace

void encode_record(const event_record& r, std::string& out) {
  const std::string_view strings[] = {cut(r.type),      cut(r.subject),     cut(r.actor),
                                      cut(r.causation), cut(r.correlation), cut(r.traceparent)};
  put_number(out, format_version);
  put_number(out, static_cast<std::uint8_t>(r.occurred ? occurred_flag : 0));
  for (const auto text : strings)
    put_number(out, static_cast<std::uint16_t>(text.size()));
  put_number(out, static_cast<std::uint32_t>(r.data.size()));
  put_number(out, r.at);
  put_number(out, r.previous);
  put_number(out, to_ms(r.time));
  put_number(out, r.occurred ? to_ms(*r.occurred) : std::int64_t{0});
  put_number(out, r.dataversion);
  for (const auto text : strings)
    out += text;
  out += r.data;
}

std::optional<event_record> decode_record(std::string_view bytes) {
  if (bytes.size() < head_bytes || static_cast<std::uint8_t>(bytes[0]) != format_version)
    return std::nullopt;
  const char* from = bytes.data() + 1;
  const auto flags = take<std::uint8_t>(from);
  std::uint16_t lengths[6];
  std::size_t whole = head_bytes;
  for (auto& length : lengths) {
    length = take<std::uint16_t>(from);
    whole += length;
  }
  const auto data_length = take<std::uint32_t>(from);
  if ((flags & ~occurred_flag) != 0 || bytes.size() != whole + data_length)
    return std::nullopt;
  event_record r;
  r.at = take<std::uint64_t>(from);
  r.previous = take<std::uint64_t>(from);
  r.time = from_ms(take<std::int64_t>(from));
  const auto occurred = take<std::int64_t>(from);
  if ((flags & occurred_flag) != 0)
    r.occurred = from_ms(occurred);
  else if (occurred != 0)
    return std::nullopt;
  r.dataversion = take<std::uint16_t>(from);
  std::string* strings[] = {&r.type,      &r.subject,     &r.actor,
                            &r.causation, &r.correlation, &r.traceparent};
  for (std::size_t i = 0; i < 6; ++i) {
    strings[i]->assign(from, lengths[i]);
    from += lengths[i];
  }
  r.data.assign(from, data_length);
  return r;
}

std::string_view type_in_record(std::string_view bytes) noexcept {
  if (bytes.size() < head_bytes || static_cast<std::uint8_t>(bytes[0]) != format_version)
    return {};
  const auto length = number_at<std::uint16_t>(bytes, 2);
  return bytes.size() < head_bytes + length ? std::string_view{} : bytes.substr(head_bytes, length);
}

} // namespace careline
