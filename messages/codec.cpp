#include "messages/codec.hpp"

#include <algorithm>
#include <limits>
#include <msgpack.hpp>

#include "messages/forms.hpp"
#include "messages/ids.hpp"

namespace careline {

namespace {

/// Lets the packer write straight into the string that the caller keeps.
struct string_sink {
  std::string& out;
  void write(const char* bytes, std::size_t count) { out.append(bytes, count); }
};
struct packing {
  explicit packing(std::string& out) : sink{out}, to{sink} {}
  string_sink sink;
  msgpack::packer<string_sink> to;
};

struct limits {
  std::size_t depth = depth_max;
  std::size_t items = items_max;
  bool compares_keys = true;
};
/// The beginning of a text, up to a whole character.
std::string_view begin_of(std::string_view text) {
  std::size_t size = std::min<std::size_t>(text.size(), 64);
  if (size < text.size())
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
      --size;
  return text.substr(0, size);
}

constexpr auto any_number = std::numeric_limits<std::size_t>::max();
constexpr limits of_commands{};
constexpr limits of_what_is_said{said_depth_max, any_number, true};
constexpr limits of_our_own{said_depth_max, any_number, false};

/// Builds a value as the parser walks the bytes; every refusal stops it at once.
class builder : public msgpack::null_visitor {
public:
  bool visit_nil() { return put({}); }
  bool visit_boolean(bool b) { return put(b); }
  bool visit_positive_integer(std::uint64_t n) { return put(n); }
  bool visit_negative_integer(std::int64_t n) { return put(n); }
  bool visit_float32(float f) { return put(static_cast<double>(f)); }
  bool visit_float64(double d) { return put(d); }
  bool visit_str(const char* s, std::uint32_t size) {
    const std::string_view text{s, size};
    if (!is_valid_utf8(text))
      return wrong("text that is no UTF-8");
    if (in_key_)
      return take_key(text);
    return put(std::string{text});
  }
  bool visit_bin(const char* s, std::uint32_t size) { return put(binary{std::string(s, size)}); }
  bool visit_ext(const char*, std::uint32_t) { return wrong("an extension type"); }
  bool start_array(std::uint32_t count) { return open(roomy(value::list{}, count), count); }
  bool end_array() { return close(); }
  bool start_map(std::uint32_t count) { return open(roomy(value::map{}, count), count); }
  bool end_map() {
    const auto* entries = levels_.back().into.as<value::map>();
    if (const auto key = may_.compares_keys ? repeated_key(*entries) : std::nullopt)
      return wrong("the key \"" + std::string{begin_of(*key)} + "\" stands twice");
    return close();
  }
  bool start_map_key() {
    in_key_ = true;
    return true;
  }
  bool end_map_key() {
    in_key_ = false;
    return true;
  }
  void parse_error(std::size_t, std::size_t at) { wrong("broken bytes at " + std::to_string(at)); }
  void insufficient_bytes(std::size_t at, std::size_t) {
    wrong("the bytes end at " + std::to_string(at) + ", too early");
  }

  explicit builder(const limits& may) : may_(may) {}

  value root;
  std::string failure;

private:
  struct level {
    value into;
    std::string key;
  };

  /// With room for as many as are said to come, within reason: nothing says that they do.
  template <class Items>
  static value roomy(Items items, std::uint32_t count) {
    constexpr std::uint32_t few = 32;
    items.reserve(std::min(count, few));
    return value{std::move(items)};
  }
  bool wrong(std::string what) {
    if (failure.empty())
      failure = std::move(what);
    return false;
  }
  bool take_key(std::string_view key) {
    levels_.back().key = key;
    return true;
  }
  bool put(value v) {
    if (in_key_)
      return wrong("a key that is no text");
    if (levels_.empty()) {
      root = std::move(v);
      return true;
    }
    auto& top = levels_.back();
    if (auto* items = top.into.as<value::list>())
      items->push_back(std::move(v));
    else
      top.into.add(top.key, std::move(v));
    return true;
  }
  bool open(value v, std::uint32_t count) {
    if (in_key_)
      return wrong("a key that is no text");
    if (count > may_.items)
      return wrong("more than " + std::to_string(may_.items) + " items");
    if (levels_.size() >= may_.depth)
      return wrong("deeper than " + std::to_string(may_.depth) + " levels");
    levels_.push_back({std::move(v), {}});
    return true;
  }
  bool close() {
    auto done = std::move(levels_.back().into);
    levels_.pop_back();
    return put(std::move(done));
  }

  limits may_;
  std::vector<level> levels_;
  bool in_key_ = false;
};

answer<value> parse(std::string_view bytes, const limits& may) {
  builder b{may};
  std::size_t end = 0;
  try {
    const bool whole = msgpack::parse(bytes.data(), bytes.size(), end, b);
    if (!whole || !b.failure.empty())
      return no(because("command.malformed", {},
                        b.failure.empty() ? "the bytes end too early" : b.failure));
  } catch (const std::exception&) {
    return no(because("command.malformed", {}, "the bytes cannot be read"));
  }
  if (end != bytes.size())
    return no(because("command.malformed", {}, "bytes after the end of the value"));
  return std::move(b.root);
}

} // namespace

void pack_nil(std::string& out) {
  packing{out}.to.pack_nil();
}

void pack_bool(bool b, std::string& out) {
  packing at{out};
  b ? at.to.pack_true() : at.to.pack_false();
}

void pack_int(std::int64_t n, std::string& out) {
  packing{out}.to.pack_int64(n);
}

void pack_unsigned(std::uint64_t n, std::string& out) {
  packing{out}.to.pack_uint64(n);
}

void pack_double(double n, std::string& out) {
  packing{out}.to.pack_double(n);
}

void pack_text(std::string_view text, std::string& out) {
  packing{out}.to.pack_str(static_cast<std::uint32_t>(text.size()));
  out += text;
}

void pack_bytes(std::string_view bytes, std::string& out) {
  packing{out}.to.pack_bin(static_cast<std::uint32_t>(bytes.size()));
  out += bytes;
}

void pack_list_head(std::size_t count, std::string& out) {
  packing{out}.to.pack_array(static_cast<std::uint32_t>(count));
}

void pack_map_head(std::size_t count, std::string& out) {
  packing{out}.to.pack_map(static_cast<std::uint32_t>(count));
}

void pack(const value& v, std::string& out) {
  if (const auto* b = v.as<bool>()) {
    pack_bool(*b, out);
  } else if (const auto* i = v.as<std::int64_t>()) {
    pack_int(*i, out);
  } else if (const auto* u = v.as<std::uint64_t>()) {
    pack_unsigned(*u, out);
  } else if (const auto* d = v.as<double>()) {
    pack_double(*d, out);
  } else if (const auto* s = v.as<std::string>()) {
    pack_text(*s, out);
  } else if (const auto* bytes = v.as<binary>()) {
    pack_bytes(bytes->bytes, out);
  } else if (const auto* items = v.as<value::list>()) {
    pack_list_head(items->size(), out);
    for (const auto& item : *items)
      pack(item, out);
  } else if (const auto* entries = v.as<value::map>()) {
    pack_map_head(entries->size(), out);
    for (const auto& [key, item] : *entries) {
      pack_text(key, out);
      pack(item, out);
    }
  } else {
    pack_nil(out);
  }
}

std::string pack(const value& v) {
  std::string out;
  pack(v, out);
  return out;
}

answer<value> unpack(std::string_view bytes, std::size_t bytes_max) {
  if (bytes.size() > bytes_max)
    return no(because("command.too_large"));
  return parse(bytes, of_commands);
}

answer<value> unpack_said(std::string_view bytes, std::size_t bytes_max) {
  if (bytes.size() > bytes_max)
    return no(because("command.too_large"));
  return parse(bytes, of_what_is_said);
}

answer<value> unpack_own(std::string_view bytes) {
  return parse(bytes, of_our_own);
}

} // namespace careline
