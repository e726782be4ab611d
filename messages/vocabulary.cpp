#include "messages/vocabulary.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "messages/rule_words.hpp"

namespace careline {

namespace {

template <class Message>
using read_function = answer<Message> (*)(const value&);

template <class Message, class T>
answer<Message> read_as(const value& data) {
  T message;
  if (auto done = from_value(data, message); !done)
    return no(done.error());
  return Message{std::move(message)};
}

/// type word -> how to read it, for each alternative of what may be said.
template <class Message, class Alternatives = typename Message::alternatives>
struct table;
template <class Message, class... T>
struct table<Message, std::variant<T...>> {
  static const std::unordered_map<std::string_view, read_function<Message>>& readers() {
    static const std::unordered_map<std::string_view, read_function<Message>> all{
        {T::type, &read_as<Message, T>}...};
    return all;
  }
  static std::vector<std::string_view> types() { return {T::type...}; }
};

template <class Message>
answer<Message> read_from(std::string_view type, const value& data) {
  const auto& readers = table<Message>::readers();
  const auto found = readers.find(type);
  if (found == readers.end())
    return no(because("command.type_unknown", "type", std::string{type.substr(0, 64)}));
  static const value nothing{value::map{}};
  return found->second(data.is_nil() ? nothing : data);
}

std::optional<problem> check_change(const routing::contact_change& c) {
  if (c.skills && c.skills->size() > routing::skills_max)
    return expected("skills", "at most 64 skills");
  if (!routing::is_urgency(c.urgency.value_or(0)))
    return expected("urgency", "-1,000,000 to 1,000,000");
  return {};
}

std::optional<problem> check_open(const reception::contact_open& c) {
  if (!c.language.empty() && !is_valid_code(c.language))
    return expected("language", std::string{what_a_code_is});
  return {};
}

/// A name that some readers of MessagePack refuse as a key of a map, and with it all that it came
/// in: nothing is called so. Events that have it are read as ever, lest a log could not be.
constexpr std::string_view no_name = "__proto__";

/// Visits the fields of a command and finds that name, wherever it is or could become a key.
class unreadable_names {
public:
  template <class T>
  void must(std::string_view key, const T& item) {
    may(key, item);
  }
  template <class T>
  void may(std::string_view key, const T& item) {
    if (!failure_ && has(item))
      failure_ = expected(std::string{key}, "another name: " + std::string{no_name}
                                                + " is a word of JavaScript's");
  }
  const std::optional<problem>& failure() const noexcept { return failure_; }

private:
  template <class T>
  static bool has(const T&) {
    return false;
  }
  template <class Tag>
  static bool has(const name_of<Tag>& id) {
    return id.text() == no_name;
  }
  static bool has(const value& v) {
    if (const auto* items = v.as<value::list>())
      return std::any_of(items->begin(), items->end(), [](const value& x) { return has(x); });
    const auto* entries = v.as<value::map>();
    return entries && std::any_of(entries->begin(), entries->end(), [](const auto& e) {
             return e.first == no_name || has(e.second);
           });
  }
  static bool has(const personal<value>& item) { return item.is_clear() && has(item.reveal()); }
  template <class T>
  static bool has(const std::optional<T>& item) {
    return item && has(*item);
  }
  template <class T>
  static bool has(const std::vector<T>& items) {
    return std::any_of(items.begin(), items.end(), [](const T& x) { return has(x); });
  }
  template <class K, class T>
  static bool has(const std::map<K, T>& items) {
    return std::any_of(items.begin(), items.end(),
                       [](const auto& e) { return has(e.first) || has(e.second); });
  }
  template <has_fields T>
  static bool has(const T& item) {
    unreadable_names inner;
    T::fields(inner, item);
    return inner.failure().has_value();
  }

  std::optional<problem> failure_;
};

/// The first check of a command after its fields were read.
std::optional<problem> check_command(const command& c) {
  sealed_already look;
  unreadable_names names;
  std::visit(
      [&](const auto& x) {
        using as = std::remove_cvref_t<decltype(x)>;
        as::fields(look, x);
        as::fields(names, x);
      },
      c);
  if (look.failure())
    return look.failure();
  if (names.failure())
    return names.failure();
  if (const auto* queue = std::get_if<routing::queue_define>(&c))
    return check(static_cast<const routing::queue_policy&>(*queue));
  if (const auto* agent = std::get_if<routing::agent_sign_in>(&c))
    return check(static_cast<const routing::abilities&>(*agent));
  if (const auto* change = std::get_if<routing::contact_change>(&c))
    return check_change(*change);
  if (const auto* open = std::get_if<reception::contact_open>(&c))
    return check_open(*open);
  return {};
}

/// It is about no entity: there is one table of its kind.
template <class T>
constexpr bool is_whole_table = std::is_same_v<T, reception::triage_defined>
                                || std::is_same_v<T, reception::wording_forbidden>;

} // namespace

std::string_view type_of(const event& e) noexcept {
  return std::visit([](const auto& x) { return std::remove_cvref_t<decltype(x)>::type; }, e);
}

std::uint16_t version_of(const event& e) noexcept {
  return std::visit([](const auto& x) { return version_of<std::remove_cvref_t<decltype(x)>>(); },
                    e);
}

std::string_view type_of(const command& c) noexcept {
  return std::visit([](const auto& x) { return std::remove_cvref_t<decltype(x)>::type; }, c);
}

bool is_query(const command& c) noexcept {
  return std::visit([](const auto& x) { return one_of<decltype(x), query_variant>; }, c);
}

bool is_of_desk(const event& e) noexcept {
  return std::visit([](const auto& x) { return desk_event<decltype(x)>; }, e);
}

std::vector<std::string_view> event_types() {
  return table<event>::types();
}

std::vector<std::string_view> command_types() {
  return table<command>::types();
}

answer<command> read_command(std::string_view type, const value& data) {
  auto read = read_from<command>(type, data);
  if (read)
    if (auto wrong = check_command(*read))
      return no(*wrong);
  if (read)
    if (auto wrong = unknown_rule_words(type, data))
      return no(*wrong);
  return read;
}

answer<event> read_event(std::string_view type, const value& data) {
  return read_from<event>(type, data);
}

value data_of(const command& c, bool clear_allowed) {
  return std::visit([&](const auto& x) { return to_value(x, clear_allowed); }, c);
}

value data_of(const event& e, bool clear_allowed) {
  return std::visit([&](const auto& x) { return to_value(x, clear_allowed); }, e);
}

person_id person_in(const event& e) {
  return std::visit(
      [](const auto& x) {
        if constexpr (requires { x.person; })
          return x.person;
        else
          return person_id{};
      },
      e);
}

bool may_name_person(const event& e) noexcept {
  return std::visit([](const auto& x) { return requires { x.person; }; }, e);
}

answer<void> seal(event& e, sealer& with) {
  const auto person = person_in(e);
  return std::visit([&](auto& x) { return seal_fields(x, with, person); }, e);
}

answer<void> open(event& e, sealer& with) {
  const auto person = person_in(e);
  return std::visit([&](auto& x) { return open_fields(x, with, person); }, e);
}

contact_id contact_of(const event& e) {
  return std::visit(
      [](const auto& x) {
        if constexpr (requires { x.contact; })
          return x.contact;
        else
          return contact_id{};
      },
      e);
}

std::string subject_of(const event& e) {
  return std::visit(
      [](const auto& x) -> std::string {
        using T = std::remove_cvref_t<decltype(x)>;
        if constexpr (one_of<T, security::event>)
          return x.client.empty() ? "engine/0" : "client/" + x.client.text();
        else if constexpr (requires { x.party; })
          return "party/" + x.party.text();
        else if constexpr (requires { x.promise; })
          return "promise/" + x.promise.text();
        else if constexpr (requires { x.episode; })
          return "episode/" + x.episode.text();
        else if constexpr (requires { x.contact; })
          return "contact/" + x.contact.text();
        else if constexpr (requires { x.agent; })
          return "agent/" + x.agent.text();
        else if constexpr (requires { x.area; })
          return "area/" + x.area.text();
        else if constexpr (requires { x.wording; })
          return "wording/" + x.wording.text();
        else if constexpr (requires { x.queue; })
          return "queue/" + x.queue.text();
        else if constexpr (requires { x.session; })
          return "session/" + x.session.text();
        else if constexpr (requires { x.site; })
          return "site/" + x.site.text();
        else if constexpr (requires { x.form; })
          return "form/" + x.form.text();
        else if constexpr (requires { x.business; })
          return "business/" + x.business.text();
        else {
          static_assert(one_of<T, engine::event> || is_whole_table<T>);
          return "engine/0";
        }
      },
      e);
}

std::string correlation_of(const event& e) {
  const auto contact = contact_of(e);
  return contact.empty() ? std::string{} : contact.text();
}

} // namespace careline
