#include "store/row.hpp"

#include <algorithm>
#include <cstring>

#include "messages/number_bytes.hpp"
#include "store/hash.hpp"

namespace careline::store {

namespace {

constexpr std::size_t head_bytes = 52;
constexpr std::size_t position_offset = 18;
constexpr std::size_t previous_offset = 26;
constexpr std::uint8_t reply_version = 1;
constexpr std::uint8_t reply_version_with_detail = 2;
/// No single bit makes one of the three out of another.
constexpr std::uint8_t reply_version_with_sum = 4;
constexpr std::size_t reply_sum_bytes = 8;
/// version, outcome, position, digest, length of the problem's code
constexpr std::size_t reply_position = 2;
constexpr std::size_t reply_head_bytes = 1 + 1 + 8 + 16 + 1;

/// As much of a text as its length's byte can say, without half a character at its end.
std::string_view short_text(std::string_view text) noexcept {
  std::size_t size = std::min<std::size_t>(text.size(), 0xFF);
  if (size < text.size())
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
      --size;
  return text.substr(0, size);
}

void add_short(std::string& to, std::string_view text) {
  text = short_text(text);
  to += static_cast<char>(static_cast<unsigned char>(text.size()));
  to += text;
}

/// Takes one off the front; false when it is cut short.
bool take_short(std::string_view& from, std::string& into) {
  if (from.empty())
    return false;
  const auto size = static_cast<unsigned char>(from[0]);
  if (from.size() < std::size_t{1} + size)
    return false;
  into = from.substr(1, size);
  from.remove_prefix(std::size_t{1} + size);
  return true;
}

/// The end of a remembered reply: a changed bit in it or its key shows.
std::string sum_of_reply(std::string_view key, std::string_view bytes) {
  std::string whole{key};
  whole += bytes;
  return std::string{bytes_of(blake128(whole)).substr(0, reply_sum_bytes)};
}

} // namespace

std::optional<row> split_row(std::string_view bytes) noexcept {
  if (bytes.size() < head_bytes + sizeof(chain_hash))
    return std::nullopt;
  row r;
  const auto record_bytes = bytes.size() - sizeof(chain_hash);
  r.record = bytes.substr(0, record_bytes);
  std::memcpy(r.hash.data(), bytes.data() + record_bytes, sizeof(chain_hash));
  return r;
}

position previous_in_record(std::string_view record) noexcept {
  return number_at<std::uint64_t>(record, previous_offset);
}

std::string_view subject_in_record(std::string_view record) noexcept {
  const auto type = type_in_record(record);
  if (type.empty())
    return {};
  const auto length = number_at<std::uint16_t>(record, 4);
  const auto from = head_bytes + type.size();
  return record.size() < from + length ? std::string_view{} : record.substr(from, length);
}

bool chain_walk::step(std::string_view bytes) {
  const auto next = split_row(bytes);
  if (!next || number_at<std::uint64_t>(next->record, position_offset) != at_ + 1)
    return false;
  if (next_hash(hash_, next->record) != next->hash)
    return false;
  hash_ = next->hash;
  record_ = next->record;
  ++at_;
  return true;
}

page_filler::took page_filler::take(position at, std::string_view record) {
  if (page_.events.size() >= what_.limit)
    return took::full;
  const auto type = type_in_record(record);
  if (type.empty())
    return took::unreadable;
  if (filter_.passes(type)) {
    // One event is always given, else an event larger than a page could never be read.
    if (!page_.events.empty() && bytes_ + record.size() > what_.bytes_max)
      return took::full;
    auto event = decode_record(record);
    if (!event)
      return took::unreadable;
    bytes_ += record.size();
    page_.events.push_back(std::move(*event));
  }
  page_.next = at;
  return took::yes;
}

std::optional<std::string> unwritable(const event_record& r) {
  if (r.type.empty() || r.type.size() > type_bytes_max)
    return "an event's type is empty or too long";
  for (const auto* text : {&r.subject, &r.actor, &r.causation, &r.correlation, &r.traceparent})
    if (text->size() > string_bytes_max)
      return "an attribute of " + r.type + " is too long";
  if (r.data.size() > 0xFFFF'FFFFU)
    return "the data of " + r.type + " is too long";
  return std::nullopt;
}

std::uint64_t room_needed(const batch& b) noexcept {
  // Pages are rarely packed full, and each commit rewrites a few pages of each table.
  constexpr std::uint64_t row_overhead = 128;
  constexpr std::uint64_t command_bytes = 512;
  std::uint64_t bytes = b.command ? command_bytes + b.command->second.data.size() : 0;
  for (const auto& e : b.events)
    bytes += row_overhead + head_bytes + e.type.size() + e.subject.size() + e.actor.size()
             + e.causation.size() + e.correlation.size() + e.traceparent.size() + e.data.size();
  return bytes + bytes / 4;
}

std::string encode_remembered(std::string_view key, const remembered& r) {
  std::string out;
  out.reserve(reply_head_bytes + r.problem_code.size() + r.problem_field.size()
              + r.problem_detail.size() + r.data.size() + 2 + reply_sum_bytes);
  out += static_cast<char>(reply_version_with_sum);
  out += static_cast<char>(r.outcome);
  put_number(out, r.at);
  out += bytes_of(r.digest);
  add_short(out, r.problem_code);
  add_short(out, r.problem_field);
  add_short(out, r.problem_detail);
  out += r.data;
  out += sum_of_reply(key, out);
  return out;
}

position position_in_remembered(std::string_view bytes) noexcept {
  return bytes.size() < reply_head_bytes ? 0 : number_at<position>(bytes, reply_position);
}

std::optional<remembered> decode_remembered(std::string_view key, std::string_view bytes) {
  if (bytes.size() < reply_head_bytes)
    return std::nullopt;
  const auto version = static_cast<std::uint8_t>(bytes[0]);
  if (version == reply_version_with_sum) {
    const auto sum = bytes.substr(bytes.size() - reply_sum_bytes);
    bytes.remove_suffix(reply_sum_bytes);
    if (bytes.size() < reply_head_bytes || sum_of_reply(key, bytes) != sum)
      return std::nullopt;
  } else if (version != reply_version && version != reply_version_with_detail) {
    return std::nullopt;
  }
  remembered r;
  r.outcome = static_cast<outcome_kind>(bytes[1]);
  if (r.outcome != outcome_kind::accepted && r.outcome != outcome_kind::refused)
    return std::nullopt;
  r.at = number_at<position>(bytes, reply_position);
  std::memcpy(r.digest.data(), bytes.data() + 10, r.digest.size());
  auto rest = bytes.substr(reply_head_bytes - 1);
  if (!take_short(rest, r.problem_code))
    return std::nullopt;
  if (version != reply_version
      && !(take_short(rest, r.problem_field) && take_short(rest, r.problem_detail)))
    return std::nullopt;
  r.data = rest;
  return r;
}

} // namespace careline::store
