#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace careline_gateway {

/// Bytes that are no text: what the engine has sealed.
struct bytes {
  std::string content;
  friend bool operator==(const bytes&, const bytes&) = default;
};

/// One field, or all of them: what a command, a reply or an event holds under `data`.
///
///     value::map person{{"id", "c-17"}, {"name", "Li Wei"}};
///     gateway.open("phone", {{"queue", "care"}, {"customer", person}});
class value {
public:
  using list = std::vector<value>;
  using map = std::vector<std::pair<std::string, value>>;
  using storage = std::variant<std::monostate, bool, std::int64_t, double, std::string, bytes, list,
                               map>;

  value() = default;  ///< nothing: a field that is left out
  value(bool b) : held_(b) {}
  template <std::integral N>
    requires(!std::same_as<N, bool>)
  value(N n) : held_(static_cast<std::int64_t>(n)) {}
  value(double n) : held_(n) {}
  value(std::string text) : held_(std::move(text)) {}
  value(std::string_view text) : held_(std::string{text}) {}
  value(const char* text) : held_(std::string{text}) {}
  value(bytes b) : held_(std::move(b)) {}
  value(list items) : held_(std::move(items)) {}
  value(map fields) : held_(std::move(fields)) {}

  bool is_nothing() const noexcept { return held_.index() == 0; }
  /// What it is, where it is a T; else null.
  template <class T>
  const T* as() const noexcept {
    return std::get_if<T>(&held_);
  }
  const storage& held() const noexcept { return held_; }

  /// The field of that name; null where there is none, or this is no map.
  const value* find(std::string_view key) const noexcept;
  /// The text, whole number, number or truth under `key`, or `otherwise`.
  std::string text(std::string_view key, std::string_view otherwise = {}) const;
  std::int64_t whole(std::string_view key, std::int64_t otherwise = 0) const noexcept;
  double number(std::string_view key, double otherwise = 0) const noexcept;
  bool is_true(std::string_view key) const noexcept;

  friend bool operator==(const value&, const value&) = default;

private:
  storage held_;
};

} // namespace careline_gateway
