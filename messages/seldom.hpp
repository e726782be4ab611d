#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "messages/fields.hpp"

namespace careline {

// For fields that most of a great many structs never have, as contacts in a model.

/// A text or a list that few have: one pointer, null as long as it is empty. Read like the T
/// itself; changed by giving it a new one, or through `edit`.
template <class T>
class seldom {
public:
  seldom() = default;
  seldom(T item) {
    if (!is_unset(item))
      held_ = std::make_unique<T>(std::move(item));
  }
  seldom(const seldom& other) : held_(other.held_ ? std::make_unique<T>(*other.held_) : nullptr) {}
  seldom(seldom&&) noexcept = default;
  seldom& operator=(const seldom& other) { return *this = seldom{other}; }
  seldom& operator=(seldom&&) noexcept = default;
  ~seldom() = default;

  const T& get() const noexcept {
    static const T nothing{};
    return held_ ? *held_ : nothing;
  }
  operator const T&() const noexcept { return get(); }
  T& edit() {
    if (!held_)
      held_ = std::make_unique<T>();
    return *held_;
  }
  void clear() noexcept { held_.reset(); }
  bool empty() const noexcept { return !held_ || is_unset(*held_); }

  // Of a text.
  decltype(auto) text() const noexcept { return get().text(); }

  // Of a list.
  auto begin() const noexcept { return get().begin(); }
  auto end() const noexcept { return get().end(); }
  std::size_t size() const noexcept { return get().size(); }
  const auto& operator[](std::size_t n) const noexcept { return get()[n]; }
  template <class Item>
  void push_back(Item&& item) {
    edit().push_back(std::forward<Item>(item));
  }
  /// Takes out what `is_one` holds for.
  template <class Test>
  void erase_if(Test is_one) {
    if (!held_)
      return;
    std::erase_if(*held_, is_one);
    if (held_->empty())
      held_.reset();
  }

  friend bool operator==(const seldom& a, const T& b) { return a.get() == b; }
  friend bool operator==(const seldom& a, const seldom& b) { return a.get() == b.get(); }

private:
  std::unique_ptr<T> held_;
};

/// A moment that most have not, in the room of one.
class maybe_instant {
public:
  maybe_instant() = default;
  maybe_instant(std::nullopt_t) {}
  maybe_instant(instant at) : at_(at) {}
  maybe_instant(std::optional<instant> at) : at_(at.value_or(none)) {}

  bool has_value() const noexcept { return at_ != none; }
  explicit operator bool() const noexcept { return has_value(); }
  /// Requires: there is one.
  instant operator*() const noexcept { return at_; }
  instant value_or(instant otherwise) const noexcept { return has_value() ? at_ : otherwise; }
  operator std::optional<instant>() const noexcept {
    return has_value() ? std::optional{at_} : std::nullopt;
  }
  void reset() noexcept { at_ = none; }

  friend bool operator==(const maybe_instant&, const maybe_instant&) = default;
  friend bool operator==(const maybe_instant& a, instant b) noexcept { return a.at_ == b; }
  // The library's own would take two that are absent for different.
  friend bool operator==(const maybe_instant&, const std::optional<instant>&) = delete;

private:
  static constexpr instant none = instant::min();
  instant at_ = none;
};

/// A field of a list of fields, when it is one of these two: written as what it holds.
template <class V, class T>
void may_seldom(V& v, std::string_view key, const seldom<T>& x) {
  v.may(key, x.get());
}
template <class V, class T>
void may_seldom(V& v, std::string_view key, seldom<T>& x) {
  T item = x.get();
  v.may(key, item);
  x = std::move(item);
}
template <class V>
void may_seldom(V& v, std::string_view key, const maybe_instant& x) {
  v.may(key, std::optional<instant>{x});
}
template <class V>
void may_seldom(V& v, std::string_view key, maybe_instant& x) {
  std::optional<instant> item = x;
  v.may(key, item);
  x = item;
}

} // namespace careline
