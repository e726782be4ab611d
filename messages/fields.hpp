#pragma once

// How a struct is read from and written to a `value`, by its one field list. A message says
//
//   template <class V, class Self> static void fields(V& v, Self& x) {
//     v.must("contact", x.contact);           // absent: command.field_missing
//     v.may("urgency", x.urgency);            // absent: keeps its default
//   }
//
// and the same list drives MessagePack, JSON, comparison of stored bytes and docs/events.md.

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/ids.hpp"
#include "messages/personal.hpp"
#include "messages/problem.hpp"
#include "messages/time.hpp"
#include "messages/value.hpp"

namespace careline {

/// Limits inside one message (design §5.19); the codec has those of the bytes.
inline constexpr std::size_t list_items_max = 4096;
/// Ten years: beyond it a duration in a command is a mistake. What the engine itself has found to
/// be longer is written as this, so that whatever is written can be read again.
inline constexpr span span_max = std::chrono::seconds{315'360'000};

/// An enum whose words on the wire are given by `names(E)`: an array of pairs.
template <class E>
concept named_enum = std::is_enum_v<E> && requires(E e) { names(e).size(); };

/// The word of an enum's value.
template <named_enum E>
std::string_view word_of(E e) {
  for (const auto& [item, word] : names(e))
    if (item == e)
      return word;
  return "?";
}

/// The version of an event's fields in its first form. An event that has changed since says
/// `static constexpr std::uint16_t version = n;`.
inline constexpr std::uint16_t first_version = 1;

/// The version that events of this kind are written in.
template <class T>
constexpr std::uint16_t version_of() noexcept {
  if constexpr (requires { T::version; })
    return T::version;
  else
    return first_version;
}

template <class T>
concept has_fields = requires(T t) { typename T::has_field_list; };

/// Reads one value at a time and remembers the first thing that was wrong.
/// `open_with` null leaves personal values as they came.
class reader {
public:
  explicit reader(const value& from, std::string path = {}) : from_(from), path_(std::move(path)) {}

  template <class T>
  void must(std::string_view key, T& into) {
    const auto* item = from_.find(key);
    if (!item || item->is_nil())
      fail("command.field_missing", key, "");
    else
      take(key, *item, into);
  }
  template <class T>
  void may(std::string_view key, T& into) {
    const auto* item = from_.find(key);
    if (item && !item->is_nil())
      take(key, *item, into);
  }
  const std::optional<problem>& failure() const noexcept { return failure_; }

private:
  template <class T>
  void take(std::string_view key, const value& item, T& into);
  void fail(std::string_view code, std::string_view key, std::string detail) {
    if (!failure_)
      failure_ = because(code, path_ + std::string{key}, std::move(detail));
  }

  const value& from_;
  std::string path_;
  std::optional<problem> failure_;
};

/// Reads a struct from a map.
template <class T>
answer<void> from_value(const value& from, T& into, std::string path = {}) {
  if (!from.is_map())
    return no(because("command.field_invalid", path.empty() ? "data" : path, "a map is expected"));
  reader r{from, path.empty() ? path : path + "."};
  T::fields(r, into);
  if (r.failure())
    return no(*r.failure());
  return {};
}

// --- reading one value; an empty optional string = understood, else what is expected -----------

using complaint_text = std::optional<problem>;

inline complaint_text expected(const std::string& path, std::string what) {
  return because("command.field_invalid", path, std::move(what));
}

complaint_text read(const value& v, bool& out, const std::string& path);
complaint_text read(const value& v, std::int64_t& out, const std::string& path);
complaint_text read(const value& v, int& out, const std::string& path);
complaint_text read(const value& v, std::uint64_t& out, const std::string& path);
complaint_text read(const value& v, double& out, const std::string& path);
complaint_text read(const value& v, std::string& out, const std::string& path);
/// Seconds, whole or not, from 0 to `span_max`.
complaint_text read(const value& v, span& out, const std::string& path);
/// RFC 3339 text or milliseconds since 1970, in the years 1970 to 9999.
complaint_text read(const value& v, instant& out, const std::string& path);
complaint_text read_id(const value& v, std::string& out, const std::string& path);
inline complaint_text read(const value& v, value& out, const std::string&) {
  out = v;
  return {};
}

template <class Tag>
complaint_text read(const value& v, name_of<Tag>& out, const std::string& path) {
  std::string text;
  if (auto wrong = read_id(v, text, path))
    return wrong;
  out = name_of<Tag>{std::move(text)};
  return {};
}

inline constexpr std::string_view what_a_code_is =
    "a code, not free text: 1 to 64 bytes of letters, digits and _ - . :";
complaint_text read(const value& v, code_word& out, const std::string& path);

template <named_enum E>
complaint_text read(const value& v, E& out, const std::string& path) {
  std::string all;
  for (const auto& [item, word] : names(E{})) {
    if (const auto* text = v.as<std::string>(); text && *text == word) {
      out = item;
      return {};
    }
    all += (all.empty() ? "one of " : ", ") + std::string{word};
  }
  return expected(path, all);
}

template <has_fields T>
complaint_text read(const value& v, T& out, const std::string& path) {
  if (auto done = from_value(v, out, path); !done)
    return done.error();
  return {};
}

template <class T>
complaint_text read(const value& v, std::optional<T>& out, const std::string& path) {
  return read(v, out.emplace(), path);
}

template <class T>
complaint_text read(const value& v, std::vector<T>& out, const std::string& path) {
  const auto* items = v.as<value::list>();
  if (!items)
    return expected(path, "a list");
  if (items->size() > list_items_max)
    return expected(path, "at most 4096 items");
  out.clear();
  out.reserve(items->size());
  for (std::size_t i = 0; i < items->size(); ++i)
    if (auto wrong = read((*items)[i], out.emplace_back(), path + "[" + std::to_string(i) + "]"))
      return wrong;
  return {};
}

template <class K, class T>
complaint_text read(const value& v, std::map<K, T>& out, const std::string& path) {
  const auto* entries = v.as<value::map>();
  if (!entries)
    return expected(path, "a map");
  if (entries->size() > list_items_max)
    return expected(path, "at most 4096 entries");
  out.clear();
  for (const auto& [key, item] : *entries) {
    if (!is_valid_id(key))
      return expected(path, "keys of 1 to 128 bytes without control characters");
    if (auto wrong = read(item, out[K{key}], path + "." + key))
      return wrong;
  }
  return {};
}

/// Clear values come as they are; sealed ones, of an event, as binary.
template <class T>
complaint_text read(const value& v, personal<T>& out, const std::string& path) {
  if (const auto* sealed = v.as<binary>()) {
    out = personal<T>::sealed(sealed->bytes);
    return {};
  }
  T clear{};
  if (auto wrong = read(v, clear, path))
    return wrong;
  out = personal<T>{std::move(clear)};
  return {};
}

template <class T>
void reader::take(std::string_view key, const value& item, T& into) {
  if (failure_)
    return;
  failure_ = read(item, into, path_ + std::string{key});
}

// --- writing -----------------------------------------------------------------------------------

/// A field that is left out where it may be.
template <class T>
bool is_unset(const T&) {
  return false;
}
template <class T>
bool is_unset(const std::optional<T>& x) {
  return !x;
}
template <class T>
bool is_unset(const std::vector<T>& x) {
  return x.empty();
}
template <class K, class T>
bool is_unset(const std::map<K, T>& x) {
  return x.empty();
}
inline bool is_unset(const std::string& x) { return x.empty(); }
template <class Tag>
bool is_unset(const name_of<Tag>& x) {
  return x.empty();
}
inline bool is_unset(const value& x) { return x.is_nil(); }
template <class T>
bool is_unset(const personal<T>& x) {
  return x.empty();
}

/// Writes the fields of a struct into a map; keys with no value are left out.
/// Personal values must be sealed before (see `seal_fields`); clear ones are written as they are
/// only when `clear_allowed`, else left out: nothing personal leaves by mistake.
class writer {
public:
  explicit writer(bool clear_allowed = false) : clear_allowed_(clear_allowed) {
    constexpr std::size_t usual_fields = 8;
    value::map entries;
    entries.reserve(usual_fields);
    out_ = value{std::move(entries)};
  }

  template <class T>
  void must(std::string_view key, const T& item) {
    put(key, item);
  }
  template <class T>
  void may(std::string_view key, const T& item) {
    if (!is_unset(item))
      put(key, item);
  }
  value take() { return std::move(out_); }

private:
  template <class T>
  void put(std::string_view key, const T& item) {
    if (auto v = write(item); !v.is_nil())
      out_.add(key, std::move(v));
  }

  static value write(bool b) { return b; }
  static value write(int n) { return n; }
  static value write(std::int64_t n) { return n; }
  static value write(std::uint64_t n) { return n; }
  static value write(double n) { return n; }
  static value write(const std::string& s) { return s; }
  static value write(const value& v) { return v; }
  static value write(instant at) { return to_rfc3339(std::clamp(at, instant_min, instant_max)); }
  static value write(span s) {
    s = std::clamp(s, span{0}, span_max);
    return s.count() % 1000 == 0 ? value{s.count() / 1000} : value{to_seconds(s)};
  }
  template <class Tag>
  static value write(const name_of<Tag>& id) {
    return id.text();
  }
  template <named_enum E>
  static value write(E e) {
    return word_of(e);
  }
  /// For types with a form of their own on the wire: found by argument-dependent look-up.
  template <class T>
    requires requires(const T& t) { write_value(t); }
  static value write(const T& item) {
    return write_value(item);
  }
  template <has_fields T>
  value write(const T& item) const {
    writer inner{clear_allowed_};
    T::fields(inner, item);
    return inner.take();
  }
  template <class T>
  value write(const std::optional<T>& item) const {
    return item ? write(*item) : value{};
  }
  template <class T>
  value write(const std::vector<T>& items) const {
    value::list out;
    out.reserve(items.size());
    for (const auto& item : items)
      out.push_back(write(item));
    return out;
  }
  template <class K, class T>
  value write(const std::map<K, T>& items) const {
    value::map out;
    out.reserve(items.size());
    for (const auto& [key, item] : items)
      out.emplace_back(key.text(), write(item));
    return out;
  }
  template <class T>
  value write(const personal<T>& item) const {
    if (item.is_sealed())
      return binary{item.sealed_form()};
    return item.is_clear() && clear_allowed_ ? write(item.reveal()) : value{};
  }

  value out_;
  bool clear_allowed_;
};

/// A struct as a map. Personal values that are still clear are left out unless `clear_allowed`.
template <class T>
value to_value(const T& item, bool clear_allowed = false) {
  writer w{clear_allowed};
  T::fields(w, item);
  return w.take();
}

// --- sealing -----------------------------------------------------------------------------------

/// Text that stands for a personal value inside its seal: text as it is, a map as compact JSON.
std::string clear_text(const std::string& clear);
std::string clear_text(const value& clear);
void from_clear_text(std::string_view text, std::string& out);
void from_clear_text(std::string_view text, value& out);

/// Visits the personal fields at the top of a message and seals or opens them.
class sealing {
public:
  sealing(sealer& with, const person_id& person, bool open)
      : with_(with), person_(person), open_(open) {}
  template <class T>
  void must(std::string_view, T& item) {
    visit(item);
  }
  template <class T>
  void may(std::string_view, T& item) {
    visit(item);
  }
  const std::optional<problem>& failure() const noexcept { return failure_; }

private:
  template <class T>
  void visit(T&) {}
  template <class T>
  void visit(personal<T>& item) {
    if (open_ ? !item.is_sealed() : !item.is_clear())
      return;
    auto done = open_ ? with_.open(person_, item.sealed_form())
                      : with_.seal(person_, clear_text(item.reveal()));
    if (!done) {
      if (!failure_)
        failure_ = done.error();
      return;
    }
    if (!open_) {
      item = personal<T>::sealed(std::move(*done));
      return;
    }
    T clear{};
    from_clear_text(*done, clear);
    item = personal<T>{std::move(clear)};
  }

  sealer& with_;
  const person_id& person_;
  bool open_;
  std::optional<problem> failure_;
};

/// Visits the personal fields at the top of a message and says which was sealed already. A command
/// has none: taken for sealed, what a client sends as bytes would get into the log as it is.
class sealed_already {
public:
  template <class T>
  void must(std::string_view, const T&) {}
  template <class T>
  void may(std::string_view, const T&) {}
  template <class T>
  void must(std::string_view key, const personal<T>& item) {
    look(key, item.is_sealed());
  }
  template <class T>
  void may(std::string_view key, const personal<T>& item) {
    look(key, item.is_sealed());
  }
  const std::optional<problem>& failure() const noexcept { return failure_; }

private:
  void look(std::string_view key, bool is_sealed) {
    if (is_sealed && !failure_)
      failure_ = expected(std::string{key}, "text or a map, not bytes: the engine seals it");
  }

  std::optional<problem> failure_;
};

/// Seals every clear personal field of `item` under `person`'s key.
template <class T>
answer<void> seal_fields(T& item, sealer& with, const person_id& person) {
  sealing s{with, person, false};
  T::fields(s, item);
  if (s.failure())
    return no(*s.failure());
  return {};
}

/// Opens every sealed personal field of `item`.
template <class T>
answer<void> open_fields(T& item, sealer& with, const person_id& person) {
  sealing s{with, person, true};
  T::fields(s, item);
  if (s.failure())
    return no(*s.failure());
  return {};
}

} // namespace careline
