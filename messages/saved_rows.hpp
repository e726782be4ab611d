#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "messages/time.hpp"
#include "messages/value.hpp"

namespace careline {

// The saved state of what there is much of: rows without the names of their fields.

/// A saved row. Built one value after the other: gcc 12 takes a long list in braces for one that
/// may not be initialised.
template <class... T>
value row_of(T&&... items) {
  value::list out;
  out.reserve(sizeof...(items));
  (out.emplace_back(std::forward<T>(items)), ...);
  return out;
}

/// Reads a saved row, a list of plain values, one after the other. `ok` is false from the first
/// value that is missing or of another kind on, and nothing after it is changed.
class row_reader {
public:
  explicit row_reader(const value& from) : items_(from.as<value::list>()) {}

  template <std::integral N>
  row_reader& operator>>(N& out) {
    const auto* item = next();
    if (const auto* n = item ? item->as<std::int64_t>() : nullptr)
      out = static_cast<N>(*n);
    else
      ok_ = false;
    return *this;
  }
  row_reader& operator>>(bool& out) {
    int n = 0;
    *this >> n;
    out = ok_ ? n != 0 : out;
    return *this;
  }
  row_reader& operator>>(instant& out) {
    std::int64_t ms = 0;
    *this >> ms;
    out = ok_ ? from_ms(ms) : out;
    return *this;
  }
  row_reader& operator>>(std::string& out) {
    const auto* item = next();
    if (const auto* text = item ? item->as<std::string>() : nullptr)
      out = *text;
    else
      ok_ = false;
    return *this;
  }
  /// The next value as it stands; a nil one when there is none.
  const value& any() {
    static const value nothing;
    const auto* item = next();
    return item ? *item : nothing;
  }
  explicit operator bool() const noexcept { return ok_; }

private:
  const value* next() {
    if (!ok_ || !items_ || at_ >= items_->size()) {
      ok_ = false;
      return nullptr;
    }
    return &(*items_)[at_++];
  }

  const value::list* items_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

/// A long list as a list of lists of at most 1,000: no single one is longer than the codec reads.
class long_list {
public:
  void push_back(value row) {
    if (chunks_.empty() || chunks_.back().as<value::list>()->size() >= chunk_max)
      chunks_.push_back(value::list{});
    chunks_.back().as<value::list>()->push_back(std::move(row));
  }
  value take() { return std::move(chunks_); }

  /// Calls `f(row)` for each row of what `take` gave; false at another form or when `f` says so.
  template <class F>
  static bool each(const value& from, F&& f) {
    const auto* chunks = from.as<value::list>();
    if (!chunks)
      return false;
    for (const auto& chunk : *chunks) {
      const auto* rows = chunk.as<value::list>();
      if (!rows)
        return false;
      for (const auto& row : *rows)
        if (!f(row))
          return false;
    }
    return true;
  }

private:
  static constexpr std::size_t chunk_max = 1000;
  value::list chunks_;
};

} // namespace careline
