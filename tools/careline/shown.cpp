#include "tools/careline/shown.hpp"

#include <fmt/format.h>

#include "messages/json.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

namespace {

std::string text_of_item(const value& item) {
  return item.is_text() ? printable(*item.as<std::string>()) : to_json(item);
}

} // namespace

std::string word(const value& of, std::string_view key) {
  const auto* item = of.find(key);
  return item && !item->is_nil() ? text_of_item(*item) : "-";
}

std::string seconds(const value& of, std::string_view key) {
  const auto* item = of.find(key);
  return item && item->is_number() ? fmt::format("{:.0f} s", item->to_double()) : "-";
}

std::string percent(const value& of, std::string_view key) {
  const auto* item = of.find(key);
  return item && item->is_number() ? fmt::format("{:.1f} %", item->to_double() * 100) : "-";
}

std::string words(const value& of, std::string_view key) {
  std::string out;
  for (const auto& item : list_in(of, key))
    out += (out.empty() ? "" : ", ") + text_of_item(item);
  return out.empty() ? "-" : out;
}

const value::list& list_in(const value& of, std::string_view key) {
  static const value::list none;
  const auto* item = of.find(key);
  const auto* all = item ? item->as<value::list>() : nullptr;
  return all ? *all : none;
}

const value& map_in(const value& of, std::string_view key) {
  static const value none{value::map{}};
  const auto* item = of.find(key);
  return item && item->is_map() ? *item : none;
}

} // namespace careline::program
