#include "messages/rule_words.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "messages/routing_commands.hpp"

namespace careline {

namespace {

/// Collects the keys of a field list.
struct key_list {
  std::vector<std::string_view> keys;
  template <class T>
  void must(std::string_view key, const T&) {
    keys.push_back(key);
  }
  template <class T>
  void may(std::string_view key, const T&) {
    keys.push_back(key);
  }
};

template <class T>
const std::vector<std::string_view>& keys_of() {
  static const auto all = [] {
    key_list list;
    T none;
    T::fields(list, none);
    return list.keys;
  }();
  return all;
}

template <class T>
std::optional<problem> unknown_in(const value* map, const std::string& path) {
  const auto* entries = map ? map->as<value::map>() : nullptr;
  if (!entries)
    return {};
  const auto& known = keys_of<T>();
  for (const auto& [key, item] : *entries)
    if (std::find(known.begin(), known.end(), key) == known.end())
      return because("command.field_invalid", path, "\"" + key.substr(0, 64) + "\" is not known");
  return {};
}

std::optional<problem> unknown_in_rule(const value& rule, const std::string& path) {
  if (auto wrong = unknown_in<routing::rule_condition>(rule.find("when"), path + ".when"))
    return wrong;
  const auto* does = rule.find("do");
  const auto* actions = does ? does->as<value::list>() : nullptr;
  for (std::size_t i = 0; actions && i < actions->size(); ++i) {
    const auto at = path + ".do[" + std::to_string(i) + "]";
    if (auto wrong = unknown_in<routing::rule_action>(&(*actions)[i], at))
      return wrong;
    if (const auto* added = (*actions)[i].find("add_rule"))
      if (auto wrong = unknown_in_rule(*added, at + ".add_rule"))
        return wrong;
  }
  return {};
}

} // namespace

std::optional<problem> unknown_rule_words(std::string_view type, const value& data) {
  const auto* rules = type == routing::queue_define::type ? data.find("rules") : nullptr;
  const auto* items = rules ? rules->as<value::list>() : nullptr;
  for (std::size_t i = 0; items && i < items->size(); ++i)
    if (auto wrong = unknown_in_rule((*items)[i], "rules[" + std::to_string(i) + "]"))
      return wrong;
  return {};
}

} // namespace careline
