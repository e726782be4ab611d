#include "messages/json.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "messages/codec.hpp"

namespace careline {

namespace {

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default: {
      constexpr std::string_view hex = "0123456789abcdef";
      out += "\\u00";
      out += hex[static_cast<unsigned char>(c) >> 4U];
      out += hex[static_cast<unsigned char>(c) & 0xFU];
    }
  }
}

/// What needs no escape goes in one piece: nearly all text is that.
void append_text(std::string& out, std::string_view text) {
  out += '"';
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\')
      continue;
    out += text.substr(from, i - from);
    append_escaped(out, c);
    from = i + 1;
  }
  out += text.substr(from);
  out += '"';
}

template <class N>
void append_number(std::string& out, N n) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n);
  out.append(digits.data(), end.ptr);
}

void append_double(std::string& out, double d) {
  if (!std::isfinite(d))
    out += "null";
  else if (d == std::nearbyint(d) && std::abs(d) < 9.0e15)
    append_number(out, static_cast<std::int64_t>(d));
  else
    append_number(out, d);
}

/// `indent` below 0: all on one line.
struct printer {
  std::string& out;
  int indent;

  void line(int depth) {
    if (indent < 0)
      return;
    out += '\n';
    out.append(static_cast<std::size_t>(indent * depth), ' ');
  }

  void print(const value& v, int depth) {
    if (const auto* b = v.as<bool>())
      out += *b ? "true" : "false";
    else if (const auto* i = v.as<std::int64_t>())
      append_number(out, *i);
    else if (const auto* u = v.as<std::uint64_t>())
      append_number(out, *u);
    else if (const auto* d = v.as<double>())
      append_double(out, *d);
    else if (const auto* s = v.as<std::string>())
      append_text(out, *s);
    else if (const auto* bytes = v.as<binary>())
      append_text(out, to_base64url(bytes->bytes));
    else if (const auto* items = v.as<value::list>())
      print_list(*items, depth);
    else if (const auto* entries = v.as<value::map>())
      print_map(*entries, depth);
    else
      out += "null";
  }

  void print_list(const value::list& items, int depth) {
    out += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0)
        out += ',';
      line(depth + 1);
      print(items[i], depth + 1);
    }
    if (!items.empty())
      line(depth);
    out += ']';
  }

  void print_map(const value::map& entries, int depth) {
    out += '{';
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i > 0)
        out += ',';
      line(depth + 1);
      append_text(out, entries[i].first);
      out += indent < 0 ? ":" : ": ";
      print(entries[i].second, depth + 1);
    }
    if (!entries.empty())
      line(depth);
    out += '}';
  }
};

/// Builds a value from the parser's events, so that depth and duplicate keys are seen at once.
class builder : public nlohmann::json_sax<nlohmann::json> {
public:
  bool null() override { return put({}); }
  bool boolean(bool b) override { return put(b); }
  bool number_integer(number_integer_t n) override { return put(std::int64_t{n}); }
  bool number_unsigned(number_unsigned_t n) override { return put(std::uint64_t{n}); }
  bool number_float(number_float_t n, const string_t&) override { return put(n); }
  bool string(string_t& s) override { return put(std::move(s)); }
  bool binary(binary_t&) override { return wrong("binary"); }
  bool start_object(std::size_t) override { return open(value{value::map{}}); }
  bool start_array(std::size_t) override { return open(value{value::list{}}); }
  bool end_object() override {
    if (const auto key = repeated_key(*open_.back().first.as<value::map>()))
      return wrong("the key \"" + std::string{*key} + "\" stands twice");
    return close();
  }
  bool end_array() override { return close(); }
  bool key(string_t& k) override {
    open_.back().second = std::move(k);
    return true;
  }
  bool parse_error(std::size_t place, const std::string&,
                   const nlohmann::detail::exception&) override {
    return wrong("no JSON at byte " + std::to_string(place));
  }

  value root;
  std::string failure;

private:
  bool wrong(std::string what) {
    if (failure.empty())
      failure = std::move(what);
    return false;
  }
  bool put(value v) {
    if (open_.empty()) {
      root = std::move(v);
      return true;
    }
    auto& [into, key] = open_.back();
    if (auto* items = into.as<value::list>())
      items->push_back(std::move(v));
    else
      into.add(key, std::move(v));
    return true;
  }
  bool open(value v) {
    if (open_.size() >= depth_max)
      return wrong("deeper than " + std::to_string(depth_max) + " levels");
    open_.emplace_back(std::move(v), std::string{});
    return true;
  }
  bool close() {
    auto done = std::move(open_.back().first);
    open_.pop_back();
    return put(std::move(done));
  }

  std::vector<std::pair<value, std::string>> open_;
};

} // namespace

std::string to_json(const value& v) {
  std::string out;
  printer{out, -1}.print(v, 0);
  return out;
}

std::string to_pretty_json(const value& v) {
  std::string out;
  printer{out, 2}.print(v, 0);
  return out;
}

answer<value> from_json(std::string_view text) {
  // The parser takes a zero byte for the end, whatever is behind it; JSON has none anywhere.
  if (const auto zero = text.find('\0'); zero != text.npos)
    return no(because("command.malformed", {}, "no JSON at byte " + std::to_string(zero + 1)));
  builder b;
  try {
    if (!nlohmann::json::sax_parse(text, &b))
      return no(because("command.malformed", {}, b.failure));
  } catch (const std::exception&) {
    return no(because("command.malformed", {}, "no JSON"));
  }
  return std::move(b.root);
}

std::string to_base64url(std::string_view bytes) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
    held += 8;
    while (held >= 6) {
      held -= 6;
      out += alphabet[(bits >> static_cast<unsigned>(held)) & 63U];
    }
  }
  if (held > 0)
    out += alphabet[(bits << static_cast<unsigned>(6 - held)) & 63U];
  return out;
}

} // namespace careline
