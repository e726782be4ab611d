#include "messages/asyncapi.hpp"

#include <type_traits>

#include "messages/vocabulary.hpp"

namespace careline {

namespace {

value map_of(std::initializer_list<std::pair<std::string, value>> entries) {
  value out{value::map{}};
  for (const auto& [key, item] : entries)
    out.add(key, item);
  return out;
}

value text_list(std::initializer_list<std::string_view> items) {
  value::list out;
  for (const auto item : items)
    out.emplace_back(item);
  return out;
}

value of_type(std::string_view type) {
  return map_of({{"type", type}});
}

value ref(std::string to) {
  return map_of({{"$ref", std::move(to)}});
}

/// Any of these.
value any_of(std::initializer_list<value> kinds) {
  return map_of({{"anyOf", value{value::list(kinds)}}});
}

template <class T>
value schema_of();

/// What a sealed value is: bytes in MessagePack, and in the clear what it is made of in a command.
enum class personal_is { clear, sealed };

/// Writes a message's fields as properties of an object.
template <personal_is How>
class properties {
public:
  template <class T>
  void must(std::string_view key, T&) {
    required_.emplace_back(key);
    all_.add(key, one<T>());
  }
  template <class T>
  void may(std::string_view key, T&) {
    all_.add(key, one<T>());
  }
  value take() {
    auto out = map_of({{"type", "object"}, {"properties", std::move(all_)}});
    if (!required_.empty())
      out.add("required", std::move(required_));
    return out;
  }

private:
  template <class T>
  struct kind {
    static value text() { return schema_of<T>(); }
  };
  template <class T>
  struct kind<std::optional<T>> {
    static value text() { return kind<T>::text(); }
  };
  template <class T>
  struct kind<personal<T>> {
    static value text() {
      if constexpr (How == personal_is::clear)
        return kind<T>::text();
      else
        return map_of(
            {{"description", "Sealed: MessagePack bin, readable with the person's key."}});
    }
  };
  template <class T>
  struct kind<std::vector<T>> {
    static value text() { return map_of({{"type", "array"}, {"items", kind<T>::text()}}); }
  };
  template <class K, class T>
  struct kind<std::map<K, T>> {
    static value text() {
      return map_of({{"type", "object"}, {"additionalProperties", kind<T>::text()}});
    }
  };
  template <class T>
  static value one() {
    return kind<T>::text();
  }

  value all_{value::map{}};
  value::list required_;
};

template <class T, personal_is How>
value object_of() {
  T item{};
  properties<How> p;
  T::fields(p, item);
  return p.take();
}

value id_schema() {
  return map_of({{"type", "string"}, {"minLength", 1}, {"maxLength", 128}});
}

template <class T>
value schema_of() {
  if constexpr (std::is_same_v<T, routing::added_rule>) {
    return map_of({{"type", "object"}, {"description", "A rule, as in `rules`."}});
  } else if constexpr (std::is_same_v<T, routing::membership>) {
    return any_of({of_type("integer"),
                   map_of({{"type", "object"},
                           {"properties", map_of({{"tier", of_type("integer")},
                                                  {"priority", of_type("integer")},
                                                  {"delay_s", of_type("number")}})}})});
  } else if constexpr (std::is_same_v<T, routing::blocking>) {
    return any_of({map_of({{"type", "array"}, {"items", id_schema()}}),
                   map_of({{"enum", text_list({"others", "self"})}})});
  } else if constexpr (std::is_same_v<T, routing::cost>) {
    return any_of({of_type("integer"), map_of({{"const", "all"}})});
  } else if constexpr (std::is_same_v<T, routing::words>) {
    return any_of({of_type("string"),
                   map_of({{"type", "array"}, {"items", of_type("string")}})});
  } else if constexpr (has_fields<T>) {
    return object_of<T, personal_is::clear>();
  } else if constexpr (named_enum<T>) {
    value::list words;
    for (const auto& [item, word] : names(T{}))
      words.emplace_back(word);
    return map_of({{"type", "string"}, {"enum", std::move(words)}});
  } else if constexpr (std::is_same_v<T, bool>) {
    return of_type("boolean");
  } else if constexpr (std::is_same_v<T, double>) {
    return of_type("number");
  } else if constexpr (std::is_integral_v<T>) {
    return of_type("integer");
  } else if constexpr (std::is_same_v<T, span>) {
    return map_of({{"type", "number"}, {"description", "Seconds."}});
  } else if constexpr (std::is_same_v<T, instant>) {
    return map_of({{"type", "string"}, {"format", "date-time"}});
  } else if constexpr (std::is_same_v<T, std::string>) {
    return of_type("string");
  } else if constexpr (std::is_same_v<T, code_word>) {
    return map_of({{"type", "string"}, {"pattern", "^[A-Za-z0-9_.:-]{0,64}$"}});
  } else if constexpr (std::is_same_v<T, value>) {
    return map_of({{"description", "Any value, of one kind with its field."}});
  } else {
    return id_schema();  // a name_of<…>: the only kind that is left
  }
}

/// What is around every command.
value command_payload(std::string_view type, value data) {
  return map_of(
      {{"type", "object"},
       {"required", text_list({"id", "type"})},
       {"properties",
        map_of({{"id", map_of({{"type", "string"},
                               {"format", "uuid"},
                               {"description", "UUIDv7, made by the client; put it first."}})},
                {"type", map_of({{"const", type}})},
                {"source", map_of({{"type", "string"}, {"maxLength", 128}})},
                {"time", map_of({{"type", "integer"}, {"description", "ms since 1970, UTC"}})},
                {"traceparent", map_of({{"type", "string"}, {"maxLength", 64}})},
                {"data", std::move(data)}})}});
}

value event_payload(std::string_view type, std::uint16_t version, value data) {
  return map_of({{"type", "object"},
                 {"required", text_list({"specversion", "id", "source", "type", "subject", "time",
                                         "position", "previous", "data"})},
                 {"properties",
                  map_of({{"specversion", map_of({{"const", "1.0"}})},
                          {"id", of_type("string")},
                          {"source", of_type("string")},
                          {"type", map_of({{"const", type}})},
                          {"subject", of_type("string")},
                          {"time", map_of({{"type", "string"}, {"format", "date-time"}})},
                          {"partition", of_type("string")},
                          {"position", map_of({{"type", "integer"}, {"minimum", 1}})},
                          {"previous", map_of({{"type", "integer"}, {"minimum", 0}})},
                          {"causationid", of_type("string")},
                          {"correlationid", of_type("string")},
                          {"actor", of_type("string")},
                          {"dataversion", map_of({{"type", "integer"},
                                                  {"minimum", 1},
                                                  {"maximum", static_cast<int>(version)}})},
                          {"traceparent", of_type("string")},
                          {"data", std::move(data)}})}});
}

value reply_message() {
  const auto outcomes = text_list({"accepted", "refused", "busy", "invalid"});
  const auto problem = map_of({{"type", "object"},
                               {"required", text_list({"type", "title"})},
                               {"properties", map_of({{"type", of_type("string")},
                                                      {"title", of_type("string")},
                                                      {"field", of_type("string")},
                                                      {"detail", of_type("string")}})}});
  auto payload = map_of({{"type", "object"},
                         {"required", text_list({"id", "outcome"})},
                         {"properties", map_of({{"id", of_type("string")},
                                                {"outcome", map_of({{"enum", outcomes}})},
                                                {"position", of_type("integer")},
                                                {"data", of_type("object")},
                                                {"problem", problem},
                                                {"retry_ms", of_type("integer")},
                                                {"fallback", of_type("string")},
                                                {"engine_time", of_type("string")}})}});
  return map_of({{"name", "reply"},
                 {"title", "The one reply to each command and query; `id` says to which."},
                 {"payload", std::move(payload)}});
}

/// Collects the parts of the document, message by message.
struct document {
  value messages{value::map{}};
  value command_messages{value::map{}};
  value channels{value::map{}};
  value operations{value::map{}};

  template <class T>
  void add_command() {
    const std::string type{T::type};
    auto data = object_of<T, personal_is::clear>();
    messages.add(type, map_of({{"name", type},
                               {"payload", command_payload(type, std::move(data))}}));
    command_messages.add(type, ref("#/components/messages/" + type));
    const auto replies = map_of({{"channel", ref("#/channels/replies")}});
    const auto mine = value{value::list{ref("#/channels/commands/messages/" + type)}};
    operations.add("receive." + type, map_of({{"action", "receive"},
                                              {"channel", ref("#/channels/commands")},
                                              {"messages", mine},
                                              {"reply", replies}}));
  }
  template <class T>
  void add_event() {
    const std::string type{T::type};
    const auto data = object_of<T, personal_is::sealed>();
    messages.add("event." + type,
                 map_of({{"name", type}, {"payload", event_payload(type, version_of<T>(), data)}}));
    const auto mine = map_of({{"event", ref("#/components/messages/event." + type)}});
    channels.add("event." + type,
                 map_of({{"address", type},
                         {"servers", value{value::list{ref("#/servers/events")}}},
                         {"messages", mine}}));
    operations.add("send." + type, map_of({{"action", "send"},
                                           {"channel", ref("#/channels/event." + type)}}));
  }
  template <class... T>
  void add_commands(const std::variant<T...>*) {
    (add_command<T>(), ...);
  }
  template <class... T>
  void add_events(const std::variant<T...>*) {
    (add_event<T>(), ...);
  }
};

template <class Variant>
constexpr const Variant* all_of = nullptr;

value server(std::string_view host, std::string_view says) {
  return map_of({{"host", host}, {"protocol", "zmtp"}, {"description", says}});
}

} // namespace

value asyncapi(std::string_view version) {
  document d;
  d.add_commands(all_of<command::alternatives>);
  d.add_events(all_of<event::alternatives>);
  d.messages.add("reply", reply_message());
  const auto on_commands = value{value::list{ref("#/servers/commands")}};
  d.channels.add("commands",
                 map_of({{"description", "Every command and query; each gets one reply."},
                         {"servers", on_commands},
                         {"messages", std::move(d.command_messages)}}));
  d.channels.add("replies",
                 map_of({{"servers", on_commands},
                         {"messages", map_of({{"reply", ref("#/components/messages/reply")}})}}));
  return map_of(
      {{"asyncapi", "3.0.0"},
       {"info", map_of({{"title", "Careline's bus"},
                        {"version", version},
                        {"description", "Commands, replies and events over ZeroMQ, each a "
                                        "MessagePack map (docs/wire.md). Perspective: the "
                                        "engine's."}})},
       {"defaultContentType", "application/msgpack"},
       {"servers", map_of({{"commands", server("127.0.0.1:5570", "ROUTER: connect DEALER or REQ.")},
                           {"events", server("127.0.0.1:5571",
                                             "XPUB: connect SUB, subscribe by type or prefix.")}})},
       {"channels", std::move(d.channels)},
       {"operations", std::move(d.operations)},
       {"components", map_of({{"messages", std::move(d.messages)}})}});
}

} // namespace careline
