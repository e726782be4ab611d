#pragma once

#include <map>
#include <string>
#include <vector>

#include "messages/vocabulary.hpp"

namespace careline::test {

/// Fills every field of a message through its own field list, so that an example is never a field
/// short. The same values each time: golden bytes are made of them.
class filling {
public:
  template <class T>
  void must(std::string_view key, T& item) {
    fill(key, item);
  }
  template <class T>
  void may(std::string_view key, T& item) {
    fill(key, item);
  }

private:
  static void fill(std::string_view, bool& b) { b = true; }
  void fill(std::string_view, int& n) { n = ++count_; }
  void fill(std::string_view, std::int64_t& n) { n = 1'000'000 + ++count_; }
  void fill(std::string_view, std::uint64_t& n) { n = 0xFFFF'FFFF'FFFF'0000U + unsigned(++count_); }
  void fill(std::string_view, double& n) { n = 0.25 * ++count_; }
  void fill(std::string_view key, std::string& text) { text = name(key); }
  void fill(std::string_view, span& s) { s = span{1500 * ++count_}; }
  void fill(std::string_view, instant& at) { at = from_ms(1'772'413'200'123 + ++count_); }
  void fill(std::string_view key, value& v) {
    v = value{value::map{}};
    v.add("id", name(key));
    v.add("n", ++count_);
    v.add("list", value::list{value{true}, value{"零"}});
  }
  template <class Tag>
  void fill(std::string_view key, name_of<Tag>& id) {
    id = name_of<Tag>{name(key)};
  }
  template <named_enum E>
  static void fill(std::string_view, E& e) {
    // One that has grown since has the example that it had: the form of the event is the same.
    if constexpr (std::is_same_v<E, security::refusal>)
      e = security::refusal::topic;
    else
      e = names(E{}).back().first;
  }
  template <has_fields T>
  void fill(std::string_view, T& item) {
    if (++depth_ <= depth_of_examples)
      T::fields(*this, item);
    --depth_;
  }
  template <class T>
  void fill(std::string_view key, std::optional<T>& item) {
    fill(key, item.emplace());
  }
  template <class T>
  void fill(std::string_view key, std::vector<T>& items) {
    items.clear();
    if (has_fields<T> && depth_ >= depth_of_examples)
      return;
    for (int i = 0; i < 2; ++i)
      fill(key, items.emplace_back());
  }
  template <class K, class T>
  void fill(std::string_view key, std::map<K, T>& items) {
    items.clear();
    for (int i = 0; i < 2; ++i)
      fill(key, items[K{name(key)}]);
  }
  template <class T>
  void fill(std::string_view key, personal<T>& item) {
    T clear{};
    fill(key, clear);
    item = personal<T>{std::move(clear)};
  }
  void fill(std::string_view key, routing::words& w) { w.any = {name(key), name(key)}; }
  void fill(std::string_view key, routing::added_rule& r) {
    if (depth_ < depth_of_examples)
      fill(key, r.one.emplace_back());
  }
  void fill(std::string_view, routing::membership& m) { m = {++count_, 2, span{5000}}; }
  void fill(std::string_view, routing::cost& c) { c.all = ++count_ % 2 == 0; }
  void fill(std::string_view key, routing::blocking& b) {
    b.channels = {channel_id{name(key)}, channel_id{name(key)}};
  }

  std::string name(std::string_view key) {
    return std::string{key} + "-" + std::to_string(++count_);
  }

  static constexpr int depth_of_examples = 3;
  int depth_ = 0;
  int count_ = 0;
};

template <class T>
T example_of() {
  T message;
  filling f;
  T::fields(f, message);
  return message;
}

namespace detail {
template <class Variant, class... T>
std::vector<Variant> examples(std::variant<T...>*) {
  return {Variant{example_of<T>()}...};
}
} // namespace detail

/// One of each event there is, every field filled in; personal values are in clear.
inline std::vector<event> example_events() {
  return detail::examples<event>(static_cast<event::alternatives*>(nullptr));
}

/// One of each command and query there is, every field filled in.
inline std::vector<command> example_commands() {
  return detail::examples<command>(static_cast<command::alternatives*>(nullptr));
}

} // namespace careline::test
