#include "messages/catalogue.hpp"

#include <string_view>
#include <type_traits>

#include "messages/vocabulary.hpp"

namespace careline {

namespace {

template <class T>
std::string kind_of();

template <class T>
struct kind {
  static std::string text() {
    if constexpr (has_fields<T>) {
      return "map";
    } else if constexpr (named_enum<T>) {
      std::string out;
      for (const auto& [item, word] : names(T{}))
        out += (out.empty() ? "`" : ", `") + std::string{word} + "`";
      return out;
    } else if constexpr (std::is_same_v<T, bool>) {
      return "yes or no";
    } else if constexpr (std::is_same_v<T, double>) {
      return "number";
    } else if constexpr (std::is_integral_v<T>) {
      return "whole number";
    } else if constexpr (std::is_same_v<T, span>) {
      return "seconds";
    } else if constexpr (std::is_same_v<T, instant>) {
      return "moment";
    } else if constexpr (std::is_same_v<T, std::string>) {
      return "text";
    } else if constexpr (std::is_same_v<T, code_word>) {
      return "code";
    } else if constexpr (std::is_same_v<T, value>) {
      return "any";
    } else if constexpr (std::is_same_v<T, routing::words>) {
      return "text or list of text";
    } else if constexpr (std::is_same_v<T, routing::membership>) {
      return "tier, or map of `tier`, `priority`, `delay_s`";
    } else if constexpr (std::is_same_v<T, routing::blocking>) {
      return "list of channels, `others` or `self`";
    } else if constexpr (std::is_same_v<T, routing::cost>) {
      return "whole number, or `all`";
    } else if constexpr (std::is_same_v<T, routing::added_rule>) {
      return "a rule";
    } else {
      return "id"; // a name_of<…>: the only kind that is left
    }
  }
};
template <class T>
struct kind<std::optional<T>> {
  static std::string text() { return kind_of<T>(); }
};
template <class T>
struct kind<personal<T>> {
  static std::string text() { return kind_of<T>() + ", sealed"; }
};
template <class T>
struct kind<std::vector<T>> {
  static std::string text() { return "list of " + kind_of<T>(); }
};
template <class K, class T>
struct kind<std::map<K, T>> {
  static std::string text() { return "map from " + kind_of<K>() + " to " + kind_of<T>(); }
};
template <class T>
std::string kind_of() {
  return kind<T>::text();
}

/// Visits a field list and writes a row for each field; those of lists of maps below it.
class describing {
public:
  template <class T>
  void must(std::string_view key, T& item) {
    row(key, item, "yes");
  }
  template <class T>
  void may(std::string_view key, T& item) {
    row(key, item, "");
  }
  std::string take() { return std::move(out_); }

private:
  template <class T>
  void row(std::string_view key, T& item, std::string_view needed) {
    out_ += "| `" + path_ + std::string{key} + "` | " + std::string{needed} + " | " + kind_of<T>()
            + " |\n";
    inside(key, item);
  }
  template <class T>
  void inside(std::string_view, T&) {}
  template <has_fields T>
  void inside(std::string_view key, T& item) {
    const auto before = path_;
    path_ += std::string{key} + ".";
    T::fields(*this, item);
    path_ = before;
  }
  template <has_fields T>
  void inside(std::string_view key, std::vector<T>&) {
    T one;
    inside(std::string{key} + "[]", one);
  }

  std::string path_;
  std::string out_;
};

/// What a list of fields cannot say.
std::string_view note_on(std::string_view type) {
  if (type == routing::dial_reported::type)
    return "Told by a gateway's `dial.report`; with `failed` by the engine itself where none came "
           "within 90 s ([decision 8](decisions/0008-a-dial-has-an-end.md)).\n\n";
  return {};
}

template <class T>
std::string section() {
  T message{};
  describing d;
  T::fields(d, message);
  auto rows = d.take();
  auto out = "\n### " + std::string{T::type} + "\n\n";
  if (version_of<T>() != first_version)
    out += "Data version " + std::to_string(version_of<T>()) + ".\n\n";
  out += note_on(T::type);
  if (rows.empty())
    return out + "No fields.\n";
  return out + "| field | needed | type |\n|---|---|---|\n" + rows;
}

template <class Variant>
struct sections;
template <class... T>
struct sections<std::variant<T...>> {
  static std::string text() { return (section<T>() + ...); }
};

/// Visits a field list and keeps its names.
struct naming {
  std::vector<std::string_view> names;
  template <class T>
  void must(std::string_view key, T&) {
    names.push_back(key);
  }
  template <class T>
  void may(std::string_view key, T&) {
    names.push_back(key);
  }
};

template <class Variant>
struct names_in;
template <class... T>
struct names_in<std::variant<T...>> {
  template <class Message>
  static bool take(std::string_view type, std::vector<std::string_view>& into) {
    if (Message::type != type)
      return false;
    Message message{};
    naming n;
    Message::fields(n, message);
    into = std::move(n.names);
    return true;
  }
  static bool has(std::string_view type) { return ((T::type == type) || ...); }
  static std::vector<std::string_view> of(std::string_view type) {
    std::vector<std::string_view> out;
    (take<T>(type, out) || ...);
    return out;
  }
};

} // namespace

std::vector<std::string_view> field_names_of(std::string_view command_type) {
  auto out = names_in<command::alternatives>::of(command_type);
  if (names_in<query_variant>::has(command_type))
    out.push_back("min_position");
  return out;
}

std::string catalogue() {
  return "# Messages\n\n"
         "Every command, query and event with the fields of its `data`. Made by `careline "
         "catalogue` from the field lists in `messages/`; a test keeps it so.\n\n"
         "Seconds may have decimals. A moment is RFC 3339 in UTC with milliseconds. A code is 1 to "
         "64 bytes of letters, digits and `_ - . :`, not free text. What is sealed is text or a "
         "map in a command and bytes in an event. An event's data version is 1 where none is "
         "said.\n\n"
         "## Commands of reception\n"
         + sections<reception::command>::text() + "\n## Commands of routing\n"
         + sections<routing::command>::text() + "\n## Commands of sessions\n"
         + sections<session::command>::text() + "\n## Commands of registration\n"
         + sections<registration::command>::text() + "\n## Commands about promises\n"
         + sections<promise::command>::text() + "\n## Commands of security\n"
         + sections<security::command>::text() + "\n## Queries\n"
         + sections<query_variant>::text()
         + "\n## Events of the engine\n" + sections<engine::event>::text()
         + "\n## Events of sessions\n" + sections<session::event>::text()
         + "\n## Events of reception\n" + sections<reception::event>::text()
         + "\n## Events of routing\n" + sections<routing::event>::text()
         + "\n## Events of registration\n" + sections<registration::event>::text()
         + "\n## Events of promises\n" + sections<promise::event>::text()
         + "\n## Events of security\n" + sections<security::event>::text();
}

} // namespace careline
