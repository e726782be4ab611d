#pragma once

#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "messages/engine.hpp"
#include "messages/promise.hpp"
#include "messages/queries.hpp"
#include "messages/reception.hpp"
#include "messages/registration_events.hpp"
#include "messages/routing_events.hpp"
#include "messages/security.hpp"
#include "messages/session.hpp"

namespace careline {

namespace detail {
template <class... Variants>
struct joined;
template <class... A>
struct joined<std::variant<A...>> {
  using type = std::variant<A...>;
};
template <class... A, class... B, class... Rest>
struct joined<std::variant<A...>, std::variant<B...>, Rest...>
    : joined<std::variant<A..., B...>, Rest...> {};

template <class T, class Variant>
struct is_in : std::false_type {};
template <class T, class... A>
struct is_in<T, std::variant<A...>> : std::bool_constant<(std::is_same_v<T, A> || ...)> {};
} // namespace detail

using command_variant =
    detail::joined<reception::command, routing::command, session::command, query_variant,
                   registration::command, promise::command, security::command>::type;
using event_variant =
    detail::joined<engine::event, session::event, reception::event, routing::event,
                   registration::event, promise::event, security::event>::type;

// Types of their own, so that what copies, moves and ends one of forty alternatives is compiled
// once and not in every file that has one. To `std::visit` and `std::get_if` they are variants.

/// Everything that can be said to the engine: commands of all capabilities, and queries.
struct command : command_variant {
  using alternatives = command_variant;
  using command_variant::command_variant;
  command();
  command(const command&);
  command(command&&) noexcept;
  command& operator=(const command&);
  command& operator=(command&&) noexcept;
  ~command();
};

/// Everything that can have happened.
struct event : event_variant {
  using alternatives = event_variant;
  using event_variant::event_variant;
  event();
  event(const event&);
  event(event&&) noexcept;
  event& operator=(const event&);
  event& operator=(event&&) noexcept;
  ~event();
};

/// T is one of the alternatives of Variant: lets a model name a whole capability's messages at once
/// where they do not concern it, and the compiler still finds a new capability.
template <class T, class Variant>
concept one_of = detail::is_in<std::remove_cvref_t<T>, Variant>::value;

/// An event of a capability that decides in turns of its own: reception, routing and the sessions
/// never hear of it while they live, and leave it aside in a replay too.
template <class T>
concept desk_event = one_of<T, registration::event> || one_of<T, promise::event>
                     || one_of<T, security::event>;
/// The same of a command.
template <class T>
concept desk_command = one_of<T, registration::command> || one_of<T, promise::command>
                       || one_of<T, security::command>;

template <class... F>
struct overloaded : F... {
  using F::operator()...;
};

/// The wire word of a message: "contact.queued".
std::string_view type_of(const event& e) noexcept;
std::string_view type_of(const command& c) noexcept;
/// The version that the fields of an event are written in (CloudEvents extension `dataversion`).
std::uint16_t version_of(const event& e) noexcept;
bool is_query(const command& c) noexcept;
bool is_of_desk(const event& e) noexcept;
/// All event types, in the order of the catalogue.
std::vector<std::string_view> event_types();
/// All command types, then all query types.
std::vector<std::string_view> command_types();

/// Reads a command's `data` by its type word. Refuses `command.type_unknown`,
/// `command.field_missing`, `command.field_invalid`.
answer<command> read_command(std::string_view type, const value& data);
/// The data of a command as a map; clear personal values only when `clear_allowed`.
value data_of(const command& c, bool clear_allowed);

/// Reads an event's data by its type word, of any version ever written.
answer<event> read_event(std::string_view type, const value& data);
/// The data of an event as a map. Personal values must have been sealed (else they are left out),
/// unless `clear_allowed`.
value data_of(const event& e, bool clear_allowed);
/// The same as the MessagePack bytes that the log and the bus have.
std::string pack_data(const event& e, bool clear_allowed = false);
/// Reads what `pack_data` made, in this version or in an earlier one. Refuses what `unpack_said`
/// and `read_event` refuse.
answer<event> unpack_event(std::string_view type, std::string_view data);
/// Whose key seals the personal values in it; empty when it has none.
person_id person_in(const event& e);
/// Events of its kind have personal values; others need no sealing.
bool may_name_person(const event& e) noexcept;
/// Seals the personal fields of an event under the key of person_in(e).
answer<void> seal(event& e, sealer& with);
/// Opens them again.
answer<void> open(event& e, sealer& with);

/// "contact/C-7", "agent/A", "queue/care", "session/phone-1", "party/party-7", "form/fault",
/// "promise/P-7", "area/hall", "wording/greeting", "business/sim", "episode/E-7", "engine/0".
std::string subject_of(const event& e);
/// The contact or case that all of it belongs to; empty for none.
std::string correlation_of(const event& e);
/// The contact a message is about, or an empty id.
contact_id contact_of(const event& e);

} // namespace careline
