#include "messages/unbuilt.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "messages/routing_commands.hpp"

namespace careline {

namespace {

struct unbuilt_row {
  std::string_view type;
  std::string_view field;
};

constexpr std::array unbuilt{
    unbuilt_row{"agent.change", "blocks"},       unbuilt_row{"agent.change", "capacity"},
    unbuilt_row{"agent.change", "costs"},        unbuilt_row{"agent.sign_in", "capacity"},
    unbuilt_row{"agent.sign_in", "costs"},       unbuilt_row{"queue.define", "fair_share"},
    unbuilt_row{"queue.define", "offer_when_busy"}, unbuilt_row{"queue.define", "resume_s"},
};

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

std::optional<problem> unbuilt_words(std::string_view type, const value& data) {
  for (const auto& row : unbuilt) {
    const auto* item = row.type == type ? data.find(row.field) : nullptr;
    // Nothing and false ask for what is.
    if (item && !item->is_nil() && *item != value{false})
      return because("command.field_invalid", std::string{row.field},
                     "not available in this version");
  }
  const auto* rules = type == routing::queue_define::type ? data.find("rules") : nullptr;
  const auto* items = rules ? rules->as<value::list>() : nullptr;
  for (std::size_t i = 0; items && i < items->size(); ++i)
    if (auto wrong = unknown_in_rule((*items)[i], "rules[" + std::to_string(i) + "]"))
      return wrong;
  return {};
}

} // namespace careline
