#include <unordered_map>

#include "messages/codec.hpp"
#include "messages/packing.hpp"
#include "messages/vocabulary.hpp"

// An event's data as the bytes of the log and of the bus.

namespace careline {

namespace {

using read_function = std::optional<event> (*)(std::string_view);

template <class T>
std::optional<event> read_as(std::string_view bytes) {
  T message;
  unpacker from{bytes};
  if (from.good())
    T::fields(from, message);
  if (!from.good_and_whole())
    return std::nullopt;
  return std::optional<event>{std::in_place, std::move(message)};
}

template <class Variant>
struct table;
template <class... T>
struct table<std::variant<T...>> {
  static const std::unordered_map<std::string_view, read_function>& readers() {
    static const std::unordered_map<std::string_view, read_function> all{{T::type, &read_as<T>}...};
    return all;
  }
};

} // namespace

std::string pack_data(const event& e, bool clear_allowed) {
  std::string out;
  out.reserve(256);
  packer to{out, clear_allowed};
  std::visit([&](const auto& x) { std::remove_cvref_t<decltype(x)>::fields(to, x); }, e);
  to.end();
  return out;
}

answer<event> unpack_event(std::string_view type, std::string_view data) {
  const auto& readers = table<event_variant>::readers();
  if (const auto found = readers.find(type); found != readers.end())
    if (auto read = found->second(data))
      return std::move(*read);
  const auto slowly = unpack_said(data, data.size());
  if (!slowly)
    return no(slowly.error());
  return read_event(type, *slowly);
}

} // namespace careline
