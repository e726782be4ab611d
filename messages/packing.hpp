#pragma once

// A struct written to and read from MessagePack bytes by its one field list, without a `value` in
// between: the way of every event into the log and out of it again.

#include <algorithm>
#include <array>

#include "messages/fields.hpp"
#include "messages/forms.hpp"

namespace careline {

/// Writes fields behind each other as one MessagePack map: the same bytes as `pack(to_value(x))`.
class packer {
public:
  /// Begins a map at the end of `out`. Personal values that are still clear are left out unless
  /// `clear_allowed`.
  explicit packer(std::string& out, bool clear_allowed = false);

  template <class T>
  void must(std::string_view key, const T& item) {
    put(key, item);
  }
  template <class T>
  void may(std::string_view key, const T& item) {
    if (!is_unset(item))
      put(key, item);
  }
  /// A field whose value is there as bytes already.
  void packed(std::string_view key, std::string_view bytes);
  /// Closes the map. Nothing may follow.
  void end();

private:
  template <class T>
  void put(std::string_view key, const T& item) {
    const auto before = out_.size();
    write(key);
    if (write(item))
      ++count_;
    else
      out_.resize(before);
  }

  // Each writes one value; false: it has none, and nothing was written.
  bool write(bool b);
  bool write(std::int64_t n);
  bool write(std::uint64_t n);
  bool write(int n) { return write(std::int64_t{n}); }
  bool write(double n);
  bool write(std::string_view text);
  bool write(const std::string& text) { return write(std::string_view{text}); }
  bool write(const char* text) { return write(std::string_view{text}); }
  bool write(const value& v);
  bool write(instant at);
  bool write(span s);

  template <class Tag>
  bool write(const name_of<Tag>& id) {
    return write(std::string_view{id.text()});
  }
  template <named_enum E>
  bool write(E e) {
    return write(word_of(e));
  }
  template <class T>
    requires requires(const T& t) { write_value(t); }
  bool write(const T& item) {
    return write(write_value(item));
  }
  template <has_fields T>
  bool write(const T& item) {
    packer inner{out_, clear_allowed_};
    T::fields(inner, item);
    inner.end();
    return true;
  }
  template <class T>
  bool write(const std::optional<T>& item) {
    return item && write(*item);
  }
  template <class T>
  bool write(const std::vector<T>& items) {
    pack_list_head(items.size(), out_);
    for (const auto& item : items)
      if (!write(item))
        pack_nil(out_);
    return true;
  }
  template <class K, class T>
  bool write(const std::map<K, T>& items) {
    pack_map_head(items.size(), out_);
    for (const auto& [key, item] : items) {
      write(key);
      if (!write(item))
        pack_nil(out_);
    }
    return true;
  }
  template <class T>
  bool write(const personal<T>& item) {
    if (item.is_sealed()) {
      pack_bytes(item.sealed_form(), out_);
      return true;
    }
    return item.is_clear() && clear_allowed_ && write(item.reveal());
  }

  std::string& out_;
  std::size_t begin_;
  std::size_t count_ = 0;
  bool clear_allowed_;
};

// --- reading -----------------------------------------------------------------------------------

/// The bytes of the one value in front of `from`, with `from` moved behind it. Nothing when they
/// are broken or too deep, or a text in them is no UTF-8.
std::optional<std::string_view> take_packed(std::string_view& from);
std::optional<std::string_view> take_text(std::string_view& from);
/// The number of items (of entries) behind the head of a list (of a map), which is taken off.
std::optional<std::size_t> take_list(std::string_view& from);
std::optional<std::size_t> take_map(std::string_view& from);

/// Outside of `unpacker`, whose own `read` would hide the one that is meant.
template <class T>
bool is_read(const value& v, T& out) {
  return !read(v, out, std::string{});
}

/// Reads a struct from the bytes of one map. It understands what `packer` writes, and not all else
/// that may be right: the caller then reads again by way of a `value`, which also knows what is
/// wrong. What it does understand, the `value` would have been read as too.
class unpacker {
public:
  explicit unpacker(std::string_view map);

  template <class T>
  void must(std::string_view key, T& into) {
    const auto item = find(key);
    good_ = good_ && item && read(*item, into);
  }
  template <class T>
  void may(std::string_view key, T& into) {
    if (const auto item = find(key))
      good_ = good_ && read(*item, into);
  }
  /// The bytes under `key`; nothing when it is not there, or nil.
  std::optional<std::string_view> find(std::string_view key);
  /// Until here all was understood.
  bool good() const noexcept { return good_; }
  /// And nothing was there that nobody has asked for.
  bool good_and_whole() const noexcept { return good_ && asked_ == count_; }

private:
  static bool read(std::string_view item, bool& out);
  static bool read(std::string_view item, int& out);
  static bool read(std::string_view item, std::int64_t& out);
  static bool read(std::string_view item, std::uint64_t& out);
  static bool read(std::string_view item, double& out);
  static bool read(std::string_view item, std::string& out);
  static bool read(std::string_view item, span& out);
  static bool read(std::string_view item, instant& out);
  static bool read(std::string_view item, code_word& out);
  static bool read(std::string_view item, value& out);
  static bool read_id(std::string_view item, std::string& out);
  static std::optional<std::string_view> bytes_in(std::string_view item);
  static std::optional<std::string_view> text_in(std::string_view item);

  template <class Tag>
  static bool read(std::string_view item, name_of<Tag>& out) {
    std::string text;
    if (!read_id(item, text))
      return false;
    out = name_of<Tag>{std::move(text)};
    return true;
  }
  template <named_enum E>
  static bool read(std::string_view item, E& out) {
    const auto text = text_in(item);
    if (text)
      for (const auto& [each, word] : names(E{}))
        if (*text == word) {
          out = each;
          return true;
        }
    return false;
  }
  template <class T>
    requires requires(const T& t) { write_value(t); }
  static bool read(std::string_view item, T& out) {
    value v;
    return read(item, v) && is_read(v, out);
  }
  template <has_fields T>
  static bool read(std::string_view item, T& out) {
    unpacker inner{item};
    if (inner.good())
      T::fields(inner, out);
    return inner.good_and_whole();
  }
  template <class T>
  static bool read(std::string_view item, std::optional<T>& out) {
    return read(item, out.emplace());
  }
  template <class T>
  static bool read(std::string_view from, std::vector<T>& out) {
    const auto count = take_list(from);
    if (!count || *count > list_items_max)
      return false;
    out.clear();
    out.reserve(*count);
    for (std::size_t i = 0; i < *count; ++i) {
      const auto item = take_packed(from);
      if (!item || !read(*item, out.emplace_back()))
        return false;
    }
    return true;
  }
  template <class K, class T>
  static bool read(std::string_view from, std::map<K, T>& out) {
    const auto count = take_map(from);
    if (!count || *count > list_items_max)
      return false;
    out.clear();
    for (std::size_t i = 0; i < *count; ++i) {
      const auto key = take_text(from);
      const auto item = key ? take_packed(from) : std::nullopt;
      if (!item || !is_valid_id(*key))
        return false;
      const auto [at, is_new] = out.try_emplace(K{*key});
      if (!is_new || !read(*item, at->second))
        return false;
    }
    return true;
  }
  template <class T>
  static bool read(std::string_view item, personal<T>& out) {
    if (const auto sealed = bytes_in(item)) {
      out = personal<T>::sealed(std::string{*sealed});
      return true;
    }
    T clear{};
    if (!read(item, clear))
      return false;
    out = personal<T>{std::move(clear)};
    return true;
  }

  bool has(std::string_view key) const;

  struct entry {
    std::string_view key;
    std::string_view item;
  };
  static constexpr std::size_t entries_max = 48;

  std::array<entry, entries_max> entries_;
  std::size_t count_ = 0;
  std::size_t asked_ = 0;  ///< of them, by a field
  std::size_t next_ = 0;   ///< fields mostly come in the order of their list
  bool good_ = false;
};

} // namespace careline
