#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <vector>

#include "tools/careline/config_table.hpp"
#include "tools/careline/toml.hpp"

namespace careline::program {

namespace {

/// A file on its way into a configuration; stops at the first thing that is wrong.
class file_reader {
public:
  file_reader(const std::string& path, loaded_config& into) : path_(path), into_(into) {}

  void read(const toml::table& table, const std::string& prefix) {
    for (const auto& [name, node] : table) {
      if (failure_)
        return;
      const auto key = prefix + std::string{name.str()};
      if (key == "triage")
        read_triage(node);
      else if (node.is_table() && is_section(key))
        read(*node.as_table(), key + ".");
      else if (const auto* field = find_field(key))
        read_field(*field, node);
      else
        fail(name.source(), fmt::format("there is no \"{}\" here.{}", key, suggestion_for(key)));
    }
  }
  const std::optional<std::string>& failure() const noexcept { return failure_; }

private:
  static bool is_section(const std::string& key) {
    for (const auto& field : config_fields())
      if (field.key.starts_with(key + "."))
        return true;
    return false;
  }

  static std::string suggestion_for(std::string_view key) {
    std::vector<std::string_view> known{"triage"};
    for (const auto& field : config_fields())
      known.push_back(field.key);
    if (auto said = suggestion(key, known); !said.empty())
      return said;
    // A known name in the wrong section, or in none.
    const auto last = key.substr(key.rfind('.') + 1);
    for (const auto& field : config_fields())
      if (field.key.substr(field.key.rfind('.') + 1) == last)
        return fmt::format(" Did you mean \"{}\"?", field.key);
    return {};
  }

  void read_field(const config_field& field, const toml::node& node) {
    const auto given = text_in(field, node);
    if (!given)
      return fail(node.source(), fmt::format("\"{}\" must be {}", field.key, word_for(field.kind)));
    if (const auto wrong = set_field(into_.values, field.key, *given))
      return fail(node.source(), fmt::format("\"{}\" {}", field.key, *wrong));
    into_.origins[std::string{field.key}] = place(node.source());
  }

  /// The value as text when it is of the field's kind: a port in quotes is no number.
  static std::optional<std::string> text_in(const config_field& field, const toml::node& node) {
    switch (field.kind) {
      case field_kind::text: return node.value_exact<std::string>();
      case field_kind::whole: {
        const auto n = node.value_exact<std::int64_t>();
        return n ? std::optional{fmt::format("{}", *n)} : std::nullopt;
      }
      case field_kind::number: {
        if (!node.is_number())
          return {};
        return fmt::format("{}", *node.value<double>());
      }
      case field_kind::flag: {
        const auto b = node.value_exact<bool>();
        return b ? std::optional<std::string>{*b ? "true" : "false"} : std::nullopt;
      }
    }
    return {};
  }

  static std::string_view word_for(field_kind kind) {
    switch (kind) {
      case field_kind::text: return "text in quotes";
      case field_kind::whole: return "a whole number";
      case field_kind::number: return "a number";
      case field_kind::flag: return "true or false";
    }
    return {};
  }

  void read_triage(const toml::node& node) {
    const auto* list = node.as_array();
    if (!list)
      return fail(node.source(), "triage is a list: write each row under [[triage]]");
    into_.values.triage.clear();
    for (const auto& item : *list) {
      if (!item.is_table())
        return fail(item.source(), "triage is a list: write each row under [[triage]]");
      read_triage_row(*item.as_table());
    }
    into_.origins["triage"] = place(node.source());
  }

  void read_triage_row(const toml::table& table) {
    triage_row row;
    std::string queue;
    for (const auto& [name, node] : table) {
      auto* into = name == "need"    ? &row.need
                   : name == "queue" ? &queue
                   : name == "duty"  ? &row.duty
                                     : nullptr;
      constexpr std::array<std::string_view, 3> known{"need", "queue", "duty"};
      if (!into)
        return fail(name.source(), fmt::format("a triage row has no \"{}\".{}", name.str(),
                                               suggestion(name.str(), known)));
      const auto given = node.value_exact<std::string>();
      if (!given || given->empty() || !is_valid_utf8(*given))
        return fail(node.source(), fmt::format("\"{}\" must be text in quotes", name.str()));
      *into = *given;
    }
    if (row.need.empty() || !is_valid_id(queue))
      return fail(table.source(), "a triage row needs \"need\" and \"queue\"");
    row.queue = queue_id{std::move(queue)};
    constexpr std::array<std::string_view, 5> duties{"consult", "business", "fault", "complaint",
                                                     "support"};
    if (!row.duty.empty() && std::ranges::find(duties, row.duty) == duties.end())
      return fail(table.source(), fmt::format("\"duty\" must be one of consult, business, fault, "
                                              "complaint, support.{}",
                                              suggestion(row.duty, duties)));
    into_.values.triage.push_back(std::move(row));
  }

  std::string place(const toml::source_region& at) const {
    return fmt::format("{}:{}", path_, at.begin.line);
  }
  void fail(const toml::source_region& at, std::string what) {
    if (!failure_)
      failure_ = fmt::format("{}: {}", place(at), what);
  }

  const std::string& path_;
  loaded_config& into_;
  std::optional<std::string> failure_;
};

bool gives_up(std::string_view text) {
  try {
    static_cast<void>(toml::parse(text));
  } catch (const toml::parse_error&) {
    return false;
  } catch (const toml_gave_up&) {
    return true;
  }
  return false;
}

/// It reads from the front: all lines up to the one at fault make it give up too.
std::size_t line_given_up(std::string_view text) {
  std::vector<std::size_t> ends;
  for (std::size_t at = 0; at != text.npos && at < text.size();) {
    at = text.find('\n', at);
    ends.push_back(at == text.npos ? text.size() : ++at);
  }
  const auto at = std::ranges::partition_point(
      ends, [&](std::size_t end) { return !gives_up(text.substr(0, end)); });
  return std::min<std::size_t>(static_cast<std::size_t>(at - ends.begin()) + 1, ends.size());
}

} // namespace

result<void, std::string> read_config_file(const std::string& path, loaded_config& into) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  // One with nothing in it is a file all the same.
  if (file.peek() != std::ifstream::traits_type::eof())
    text << file.rdbuf();
  if (!file.is_open() || file.bad() || !text)
    return no(fmt::format("{}: the configuration file cannot be read", path));
  try {
    file_reader reader{path, into};
    reader.read(toml::parse(text.view(), path), "");
    if (reader.failure())
      return no(*reader.failure());
  } catch (const toml::parse_error& wrong) {
    return no(fmt::format("{}:{}: this is not TOML: {}", path, wrong.source().begin.line,
                          wrong.description()));
  } catch (const toml_gave_up&) {
    return no(fmt::format("{}:{}: this is not TOML", path, line_given_up(text.view())));
  }
  return {};
}

} // namespace careline::program
