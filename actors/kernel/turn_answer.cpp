#include "actors/kernel/turn_answer.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace careline::kernel {

namespace {

std::size_t bytes_of_unsigned(std::uint64_t n) {
  if (n < 0x80)
    return 1;
  if (n <= 0xFF)
    return 2;
  if (n <= 0xFFFF)
    return 3;
  return n <= 0xFFFFFFFF ? 5 : 9;
}

std::size_t bytes_of_int(std::int64_t n) {
  if (n >= 0)
    return bytes_of_unsigned(static_cast<std::uint64_t>(n));
  if (n >= -32)
    return 1;
  if (n >= std::numeric_limits<std::int8_t>::min())
    return 2;
  if (n >= std::numeric_limits<std::int16_t>::min())
    return 3;
  return n >= std::numeric_limits<std::int32_t>::min() ? 5 : 9;
}

std::size_t bytes_of_double(double n) {
  constexpr double first_beyond = 9223372036854775808.0;  // 2^63
  if (n >= -first_beyond && n < first_beyond) {
    const auto whole = static_cast<std::int64_t>(n);
    if (static_cast<double>(whole) == n)
      return bytes_of_int(whole);
  }
  return 9;
}

std::size_t bytes_of_bytes(std::size_t size) {
  if (size <= 0xFF)
    return 2 + size;
  return (size <= 0xFFFF ? 3 : 5) + size;
}

std::size_t bytes_of_text(std::size_t size) {
  return size < 32 ? 1 + size : bytes_of_bytes(size);
}

std::size_t bytes_of_head(std::size_t count) {
  if (count < 16)
    return 1;
  return count <= 0xFFFF ? 3 : 5;
}

/// The entry that takes most room; the end where only `contact` is left.
value::map::iterator largest(value::map& entries) {
  auto out = entries.end();
  std::size_t most = 0;
  for (auto at = entries.begin(); at != entries.end(); ++at) {
    const auto bytes = packed_bytes(at->second);
    if (at->first != "contact" && bytes > most) {
      most = bytes;
      out = at;
    }
  }
  return out;
}

} // namespace

std::size_t packed_bytes(const value& v) {
  if (const auto* i = v.as<std::int64_t>())
    return bytes_of_int(*i);
  if (const auto* u = v.as<std::uint64_t>())
    return bytes_of_unsigned(*u);
  if (const auto* d = v.as<double>())
    return bytes_of_double(*d);
  if (const auto* s = v.as<std::string>())
    return bytes_of_text(s->size());
  if (const auto* b = v.as<binary>())
    return bytes_of_bytes(b->bytes.size());
  std::size_t sum = 1;
  if (const auto* items = v.as<value::list>()) {
    sum = bytes_of_head(items->size());
    for (const auto& item : *items)
      sum += packed_bytes(item);
  } else if (const auto* entries = v.as<value::map>()) {
    sum = bytes_of_head(entries->size());
    for (const auto& [key, item] : *entries)
      sum += bytes_of_text(key.size()) + packed_bytes(item);
  }
  return sum;
}

value kept_data(value data) {
  if (packed_bytes(data) <= kept_bytes_max)
    return data;
  auto* entries = data.as<value::map>();
  if (!entries)
    return {};
  value::list left_out;
  for (auto at = largest(*entries); at != entries->end(); at = largest(*entries)) {
    left_out.emplace_back(at->first);
    entries->erase(at);
    auto all = data;
    all.set("left_out", left_out);
    if (packed_bytes(all) <= kept_bytes_max)
      return all;
  }
  return packed_bytes(data) <= kept_bytes_max ? data : value{};
}

void tell_place(const command& c, position head, reply& out) {
  if (std::holds_alternative<session::session_hello>(c)
      && out.outcome == outcome_kind::accepted)
    out.data.set("position", out.at != 0 ? out.at : head);
}

} // namespace careline::kernel
