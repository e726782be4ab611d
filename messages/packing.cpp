#include "messages/packing.hpp"

#include <bit>
#include <cmath>

#include "messages/codec.hpp"
#include "messages/forms.hpp"

namespace careline {

namespace {

// The first bytes of MessagePack's forms (its specification, "Formats").
enum form : std::uint8_t {
  fixmap = 0x80,
  fixarray = 0x90,
  fixstr = 0xa0,
  nil = 0xc0,
  no_byte = 0xc2,
  yes_byte = 0xc3,
  bin8 = 0xc4,
  bin16 = 0xc5,
  bin32 = 0xc6,
  float64 = 0xcb,
  uint8 = 0xcc,
  uint16 = 0xcd,
  uint32 = 0xce,
  uint64 = 0xcf,
  int8 = 0xd0,
  int16 = 0xd1,
  int32 = 0xd2,
  int64 = 0xd3,
  str8 = 0xd9,
  str16 = 0xda,
  str32 = 0xdb,
  array16 = 0xdc,
  array32 = 0xdd,
  map16 = 0xde,
  map32 = 0xdf,
  negative_fixint = 0xe0,
};

std::uint8_t first_of(std::string_view from) {
  return static_cast<std::uint8_t>(from.front());
}

/// The big-endian number of so many bytes behind the first; requires that they are there.
std::uint64_t number_at(std::string_view from, std::size_t bytes) {
  std::uint64_t n = 0;
  for (std::size_t i = 1; i <= bytes; ++i)
    n = n << 8U | static_cast<std::uint8_t>(from[i]);
  return n;
}

/// A form's head: what it says, and where what follows begins.
struct head {
  enum class kind { other, text, bytes, list, map } what = kind::other;
  std::size_t size = 1;    ///< of the head, with what a number or a truth value holds
  std::uint64_t count = 0; ///< bytes of a text or of bytes, items, entries
};

std::optional<head> sized(head::kind what, std::string_view from, std::size_t bytes) {
  if (from.size() <= bytes)
    return std::nullopt;
  return head{what, 1 + bytes, number_at(from, bytes)};
}

std::optional<head> head_of(std::string_view from) {
  if (from.empty())
    return std::nullopt;
  const auto f = first_of(from);
  using k = head::kind;
  if (f < fixmap || f >= negative_fixint || f == nil || f == no_byte || f == yes_byte)
    return head{};
  if (f < fixarray)
    return head{k::map, 1, f & 0x0fU};
  if (f < fixstr)
    return head{k::list, 1, f & 0x0fU};
  if (f < nil)
    return head{k::text, 1, f & 0x1fU};
  switch (f) {
    case bin8: return sized(k::bytes, from, 1);
    case bin16: return sized(k::bytes, from, 2);
    case bin32: return sized(k::bytes, from, 4);
    case str8: return sized(k::text, from, 1);
    case str16: return sized(k::text, from, 2);
    case str32: return sized(k::text, from, 4);
    case array16: return sized(k::list, from, 2);
    case array32: return sized(k::list, from, 4);
    case map16: return sized(k::map, from, 2);
    case map32: return sized(k::map, from, 4);
    case uint8: case int8: return head{k::other, 2, 0};
    case uint16: case int16: return head{k::other, 3, 0};
    case uint32: case int32: return head{k::other, 5, 0};
    case float64: case uint64: case int64: return head{k::other, 9, 0};
    default: return std::nullopt;  // an extension, a float 32: not ours
  }
}

/// How many bytes the value in front of `from` takes; 0 when it is cut short, broken or too deep,
/// or has a text that is no UTF-8.
std::size_t size_of(std::string_view from, std::size_t levels) {
  const auto h = head_of(from);
  if (!h || h->size > from.size())
    return 0;
  using k = head::kind;
  if (h->what == k::other)
    return h->size;
  const auto rest = from.size() - h->size;
  if (h->what == k::text || h->what == k::bytes) {
    const bool is_there =
        h->count <= rest
        && (h->what == k::bytes || is_valid_utf8(from.substr(h->size, h->count)));
    return is_there ? h->size + h->count : 0;
  }
  const auto values = h->what == k::map ? 2 * h->count : h->count;
  if (levels == 0 || values > rest)
    return 0;
  auto at = h->size;
  for (std::uint64_t i = 0; i < values; ++i) {
    const auto one = size_of(from.substr(at), levels - 1);
    if (one == 0)
      return 0;
    at += one;
  }
  return at;
}

/// What is behind the head of a text or of bytes that fill `item`.
std::optional<std::string_view> content(std::string_view item, head::kind what) {
  const auto h = head_of(item);
  if (!h || h->what != what || h->size + h->count != item.size())
    return std::nullopt;
  return item.substr(h->size);
}

std::optional<std::size_t> take_count(std::string_view& from, head::kind what) {
  const auto h = head_of(from);
  if (!h || h->what != what)
    return std::nullopt;
  from.remove_prefix(h->size);
  return h->count;
}

} // namespace

// --- writing -----------------------------------------------------------------------------------

packer::packer(std::string& out, bool clear_allowed)
    : out_(out), begin_(out.size()), clear_allowed_(clear_allowed) {
  pack_map_head(0, out_);
}

void packer::end() {
  std::string head;
  pack_map_head(count_, head);
  out_.replace(begin_, 1, head);
}

void packer::packed(std::string_view key, std::string_view bytes) {
  pack_text(key, out_);
  out_ += bytes;
  ++count_;
}

bool packer::write(bool b) {
  pack_bool(b, out_);
  return true;
}

bool packer::write(std::int64_t n) {
  pack_int(n, out_);
  return true;
}

bool packer::write(std::uint64_t n) {
  pack_unsigned(n, out_);
  return true;
}

bool packer::write(double n) {
  pack_double(n, out_);
  return true;
}

bool packer::write(std::string_view text) {
  pack_text(text, out_);
  return true;
}

bool packer::write(const value& v) {
  if (v.is_nil())
    return false;
  pack(v, out_);
  return true;
}

bool packer::write(instant at) {
  return write(to_rfc3339(std::clamp(at, instant_min, instant_max)));
}

bool packer::write(span s) {
  s = std::clamp(s, span{0}, span_max);
  return s.count() % 1000 == 0 ? write(std::int64_t{s.count() / 1000}) : write(to_seconds(s));
}

// --- reading -----------------------------------------------------------------------------------

std::optional<std::string_view> take_packed(std::string_view& from) {
  const auto size = size_of(from, said_depth_max - 1);  // one level is the map it stands in
  if (size == 0)
    return std::nullopt;
  const auto item = from.substr(0, size);
  from.remove_prefix(size);
  return item;
}

std::optional<std::string_view> take_text(std::string_view& from) {
  const auto h = head_of(from);
  if (!h || h->what != head::kind::text || h->count > from.size() - h->size)
    return std::nullopt;
  const auto text = from.substr(h->size, h->count);
  if (!is_valid_utf8(text))
    return std::nullopt;
  from.remove_prefix(h->size + h->count);
  return text;
}

std::optional<std::size_t> take_list(std::string_view& from) {
  return take_count(from, head::kind::list);
}

std::optional<std::size_t> take_map(std::string_view& from) {
  return take_count(from, head::kind::map);
}

unpacker::unpacker(std::string_view map) {
  const auto count = take_map(map);
  if (!count || *count > entries_max)
    return;
  for (; count_ < *count; ++count_) {
    const auto key = take_text(map);
    const auto item = key ? take_packed(map) : std::nullopt;
    if (!item || has(*key))
      return;
    entries_[count_] = {*key, *item};
  }
  good_ = map.empty();
}

bool unpacker::has(std::string_view key) const {
  return std::any_of(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(count_),
                     [&](const entry& e) { return e.key == key; });
}

std::optional<std::string_view> unpacker::find(std::string_view key) {
  for (std::size_t tried = 0; tried < count_; ++tried) {
    const auto& e = entries_[(next_ + tried) % count_];
    if (e.key != key)
      continue;
    next_ = (next_ + tried + 1) % count_;
    ++asked_;
    return first_of(e.item) == nil ? std::nullopt : std::optional{e.item};
  }
  return std::nullopt;
}

std::optional<std::string_view> unpacker::bytes_in(std::string_view item) {
  return content(item, head::kind::bytes);
}

std::optional<std::string_view> unpacker::text_in(std::string_view item) {
  return content(item, head::kind::text);
}

bool unpacker::read(std::string_view item, bool& out) {
  const auto f = first_of(item);
  out = f == yes_byte;
  return f == yes_byte || f == no_byte;
}

bool unpacker::read(std::string_view item, std::int64_t& out) {
  const auto f = first_of(item);
  const auto signed_of = [&](auto narrow) {
    return std::int64_t{static_cast<decltype(narrow)>(number_at(item, sizeof narrow))};
  };
  if (f < fixmap || f >= negative_fixint) {
    out = static_cast<std::int8_t>(f);
    return true;
  }
  switch (f) {
    case uint8: out = static_cast<std::int64_t>(number_at(item, 1)); return true;
    case uint16: out = static_cast<std::int64_t>(number_at(item, 2)); return true;
    case uint32: out = static_cast<std::int64_t>(number_at(item, 4)); return true;
    case uint64: out = static_cast<std::int64_t>(number_at(item, 8)); return out >= 0;
    case int8: out = signed_of(std::int8_t{}); return true;
    case int16: out = signed_of(std::int16_t{}); return true;
    case int32: out = signed_of(std::int32_t{}); return true;
    case int64: out = signed_of(std::int64_t{}); return true;
    default: return false;
  }
}

bool unpacker::read(std::string_view item, int& out) {
  constexpr std::int64_t digits_max = 1'000'000'000;
  std::int64_t wide = 0;
  if (!read(item, wide) || wide < -digits_max || wide > digits_max)
    return false;
  out = static_cast<int>(wide);
  return true;
}

bool unpacker::read(std::string_view item, std::uint64_t& out) {
  std::int64_t wide = 0;
  if (first_of(item) == uint64) {
    out = number_at(item, 8);
    return true;
  }
  if (!read(item, wide) || wide < 0)
    return false;
  out = static_cast<std::uint64_t>(wide);
  return true;
}

bool unpacker::read(std::string_view item, double& out) {
  std::int64_t whole = 0;
  if (read(item, whole)) {
    out = static_cast<double>(whole);
    return true;
  }
  if (first_of(item) != float64)
    return false;
  out = std::bit_cast<double>(number_at(item, 8));
  return std::isfinite(out);
}

bool unpacker::read(std::string_view item, std::string& out) {
  const auto text = text_in(item);
  if (!text)
    return false;
  out = *text;
  return true;
}

bool unpacker::read(std::string_view item, span& out) {
  double seconds = 0;
  if (!read(item, seconds) || !(seconds >= 0) || seconds > to_seconds(span_max))
    return false;
  out = from_seconds(seconds);
  return true;
}

bool unpacker::read(std::string_view item, instant& out) {
  const auto text = text_in(item);
  const auto at = text ? parse_rfc3339(*text) : std::nullopt;
  if (!at || at->at < instant_min || at->at > instant_max)
    return false;
  out = at->at;
  return true;
}

bool unpacker::read(std::string_view item, code_word& out) {
  const auto text = text_in(item);
  if (!text || !is_valid_code(*text))
    return false;
  out = code_word{*text};
  return true;
}

bool unpacker::read(std::string_view item, value& out) {
  auto v = unpack_said(item, item.size());
  if (!v)
    return false;
  out = std::move(*v);
  return true;
}

bool unpacker::read_id(std::string_view item, std::string& out) {
  const auto text = text_in(item);
  if (!text || !is_valid_id(*text))
    return false;
  out = *text;
  return true;
}

} // namespace careline
