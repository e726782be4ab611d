#include "tools/careline/typed_fields.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "messages/catalogue.hpp"
#include "messages/json.hpp"
#include "messages/vocabulary.hpp"
#include "tools/careline/asking.hpp"
#include "tools/careline/config.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

namespace {

/// One key=value, and how its value is to be read.
struct typed_field {
  enum class reading { as_it_looks, text, list };
  std::string key;
  std::string text;
  reading as = reading::as_it_looks;
};

value list_of(std::string_view text) {
  value::list out;
  for (;;) {
    const auto comma = text.find(',');
    out.emplace_back(std::string{text.substr(0, comma)});
    if (comma == text.npos)
      return out;
    text.remove_prefix(comma + 1);
  }
}

value value_of(const typed_field& f) {
  using enum typed_field::reading;
  if (f.as == list)
    return list_of(f.text);
  if (f.as == as_it_looks)
    if (auto v = from_json(f.text))
      return *v;
  return f.text;
}

void put(value& into, std::string_view key, value item) {
  const auto dot = key.find('.');
  if (dot == std::string_view::npos)
    return into.set(key, std::move(item));
  const auto outer = key.substr(0, dot);
  const auto* there = into.find(outer);
  auto inner = there && there->is_map() ? *there : value{value::map{}};
  put(inner, key.substr(dot + 1), std::move(item));
  into.set(outer, std::move(inner));
}

value data_of(const value& under, const std::vector<typed_field>& fields) {
  auto data = under;
  for (const auto& f : fields)
    put(data, f.key, value_of(f));
  return data;
}

/// Reads as the field that was not understood wants to be read, one step further each time. False
/// when there is nothing left to try.
bool read_otherwise(std::vector<typed_field>& fields, const std::string& not_understood) {
  using enum typed_field::reading;
  for (auto& f : fields) {
    if (f.key != not_understood || f.as == list)
      continue;
    const bool is_text = !from_json(f.text);
    f.as = f.as == as_it_looks && !is_text ? text : list;
    return true;
  }
  return false;
}

} // namespace

std::optional<std::string> unknown_type(std::string_view type) {
  const auto types = command_types();
  if (std::ranges::find(types, type) != types.end())
    return {};
  return fmt::format("there is no command \"{}\".{} \"careline catalogue\" lists them.",
                     printable(type.substr(0, 64)), suggestion(type, types));
}

std::optional<std::string> unknown_field(std::string_view type, const value& data) {
  const auto* all = data.as<value::map>();
  if (!all)
    return {};
  const auto known = field_names_of(type);
  for (const auto& [key, item] : *all)
    if (std::ranges::find(known, key) == known.end())
      return fmt::format("{} has no field \"{}\".{} \"careline catalogue\" lists them.", type,
                         printable(key.substr(0, 64)), suggestion(key, known));
  return {};
}

std::vector<std::string> fields_from_flags(std::string_view type,
                                           const std::vector<std::string>& words) {
  const auto known = field_names_of(type);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word{words[i]};
    const auto key = word.starts_with("--") ? word.substr(2) : std::string_view{};
    const auto name = key.substr(0, key.find_first_of(".="));
    if (name.empty() || std::ranges::find(known, name) == known.end())
      out.push_back(words[i]);
    else if (key.find('=') != key.npos)
      out.emplace_back(key);
    else if (i + 1 < words.size() && !words[i + 1].starts_with("--"))
      out.push_back(std::string{key} + "=" + words[++i]);
    else
      out.push_back(std::string{key} + "=true");
  }
  return out;
}

result<value, std::string> data_from_fields(std::string_view type, const std::string& json,
                                            const std::vector<std::string>& fields) {
  value under{value::map{}};
  if (!json.empty()) {
    auto given = from_json(json);
    if (!given)
      return no("--data: " + sentence_of(given.error()));
    if (!given->is_map())
      return no(std::string{"--data must be a JSON object, like {\"queue\":\"care\"}"});
    under = std::move(*given);
  }
  std::vector<typed_field> typed;
  for (const auto& field : fields) {
    const auto equals = field.find('=');
    if (equals == std::string::npos || equals == 0)
      return no(fmt::format("\"{}\" is no field; write KEY=VALUE", printable(field.substr(0, 64))));
    typed.push_back({field.substr(0, equals), field.substr(equals + 1), {}});
  }
  auto data = data_of(under, typed);
  if (const auto wrong = unknown_field(type, data))
    return no(*wrong);
  for (auto read = read_command(type, data); !read; read = read_command(type, data)) {
    if (!read_otherwise(typed, read.error().field))
      break;
    data = data_of(under, typed);
  }
  return data;
}

} // namespace careline::program
