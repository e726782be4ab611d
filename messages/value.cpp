#include "messages/value.hpp"

#include <algorithm>
#include <limits>

namespace careline {

value::value(std::uint64_t n) {
  if (n <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    held_ = static_cast<std::int64_t>(n);
  else
    held_ = n;
}

const value* value::find(std::string_view key) const noexcept {
  if (const auto* entries = as<map>())
    for (const auto& [k, item] : *entries)
      if (k == key)
        return &item;
  return nullptr;
}

void value::set(std::string_view key, value item) {
  if (is_nil())
    held_ = map{};
  for (auto& [k, old] : std::get<map>(held_))
    if (k == key) {
      old = std::move(item);
      return;
    }
  add(key, std::move(item));
}

void value::add(std::string_view key, value item) {
  if (is_nil())
    held_ = map{};
  std::get<map>(held_).emplace_back(std::string{key}, std::move(item));
}

std::optional<std::string_view> repeated_key(const value::map& entries) {
  // A map has a few keys; who sends thousands must not be able to make it quadratic.
  constexpr std::size_t few = 16;
  if (entries.size() <= few) {
    for (auto a = entries.begin(); a != entries.end(); ++a)
      for (auto b = entries.begin(); b != a; ++b)
        if (a->first == b->first)
          return a->first;
    return std::nullopt;
  }
  std::vector<std::string_view> keys;
  keys.reserve(entries.size());
  for (const auto& [key, item] : entries)
    keys.emplace_back(key);
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  return twice == keys.end() ? std::nullopt : std::optional{*twice};
}

std::string_view value::text_or(std::string_view key, std::string_view otherwise) const noexcept {
  const auto* item = find(key);
  const auto* text = item ? item->as<std::string>() : nullptr;
  return text ? std::string_view{*text} : otherwise;
}

std::int64_t value::int_or(std::string_view key, std::int64_t otherwise) const noexcept {
  const auto* item = find(key);
  const auto* number = item ? item->as<std::int64_t>() : nullptr;
  return number ? *number : otherwise;
}

double value::number_or(std::string_view key, double otherwise) const noexcept {
  const auto* item = find(key);
  return item ? item->to_double(otherwise) : otherwise;
}

double value::to_double(double otherwise) const noexcept {
  if (const auto* i = as<std::int64_t>())
    return static_cast<double>(*i);
  if (const auto* u = as<std::uint64_t>())
    return static_cast<double>(*u);
  if (const auto* d = as<double>())
    return *d;
  return otherwise;
}

namespace {

/// Where everything is: most maps are small and most of their items are neither lists nor maps.
void put_in_key_order(value& v) {
  if (auto* items = v.as<value::list>()) {
    for (auto& item : *items)
      put_in_key_order(item);
  } else if (auto* entries = v.as<value::map>()) {
    for (auto& [key, item] : *entries)
      put_in_key_order(item);
    const auto by_key = [](const value::entry& a, const value::entry& b) {
      return a.first < b.first;
    };
    if (!std::is_sorted(entries->begin(), entries->end(), by_key))
      std::stable_sort(entries->begin(), entries->end(), by_key);
  }
}

} // namespace

value in_key_order(value v) {
  put_in_key_order(v);
  return v;
}

} // namespace careline
