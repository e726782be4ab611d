#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace careline {

/// Bytes that are no text: sealed values, digests. JSON shows them as base64url.
struct binary {
  std::string bytes;
  friend bool operator==(const binary&, const binary&) = default;
};

/// Any MessagePack or JSON value, as it stands on the wire. Maps keep the order of their keys.
/// Messages are structs; this is what their field lists are read from and written to.
class value {
public:
  using list = std::vector<value>;
  using entry = std::pair<std::string, value>;
  using map = std::vector<entry>;
  using storage = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double,
                               std::string, binary, list, map>;

  value() = default;
  value(bool b) : held_(b) {}
  value(int n) : held_(std::int64_t{n}) {}
  value(std::int64_t n) : held_(n) {}
  /// Held as signed where it fits, so that one number has one form.
  value(std::uint64_t n);
  value(double n) : held_(n) {}
  value(std::string text) : held_(std::move(text)) {}
  value(std::string_view text) : held_(std::string{text}) {}
  value(const char* text) : held_(std::string{text}) {}
  value(binary bytes) : held_(std::move(bytes)) {}
  value(list items) : held_(std::move(items)) {}
  value(map entries) : held_(std::move(entries)) {}

  bool is_nil() const noexcept { return held_.index() == 0; }
  bool is_map() const noexcept { return std::holds_alternative<map>(held_); }
  bool is_list() const noexcept { return std::holds_alternative<list>(held_); }
  bool is_text() const noexcept { return std::holds_alternative<std::string>(held_); }
  bool is_number() const noexcept { return held_.index() >= 2 && held_.index() <= 4; }

  template <class T>
  const T* as() const noexcept {
    return std::get_if<T>(&held_);
  }
  template <class T>
  T* as() noexcept {
    return std::get_if<T>(&held_);
  }
  const storage& held() const noexcept { return held_; }

  /// The value under `key`, or null when this is no map or has no such key.
  const value* find(std::string_view key) const noexcept;
  /// Sets `key`, turning nil into an empty map first. Requires: nil or a map.
  void set(std::string_view key, value item);
  /// Adds to the end of a map without looking for the key. Requires: nil or a map, key is new.
  void add(std::string_view key, value item);

  /// The text under `key`, or `otherwise`.
  std::string_view text_or(std::string_view key, std::string_view otherwise = {}) const noexcept;
  /// The whole number under `key`, or `otherwise`.
  std::int64_t int_or(std::string_view key, std::int64_t otherwise) const noexcept;
  /// Any number as a double, or `otherwise`.
  double number_or(std::string_view key, double otherwise) const noexcept;
  double to_double(double otherwise = 0) const noexcept;

  friend bool operator==(const value&, const value&) = default;

private:
  storage held_;
};

/// A key that stands in `entries` more than once, if any does.
std::optional<std::string_view> repeated_key(const value::map& entries);
/// The same with the keys of every map sorted: one form of what a client may send in any order.
value in_key_order(value v);

} // namespace careline
