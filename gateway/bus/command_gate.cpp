#include "gateway/bus/command_gate.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "gateway/log_view.hpp"
#include "messages/ids.hpp"
#include "messages/safety.hpp"
#include "messages/vocabulary.hpp"
#include "messages/z85.hpp"

namespace careline::gateway::bus {

namespace {

constexpr std::string_view nobody = "anonymous";  // the source of a command that names none

bool is_known(std::string_view type) {
  static const auto all = [] {
    const auto types = command_types();
    return std::unordered_set<std::string_view>{types.begin(), types.end()};
  }();
  return all.contains(type);
}

/// The name that a session's command speaks for, where it names one.
std::string_view session_in(const command_envelope& command) {
  return command.type.starts_with("session.") ? command.data.text_or("name") : std::string_view{};
}

/// What was claimed, fit to be written down.
std::string shown(std::string_view word) {
  return is_valid_id(word) ? std::string{word} : std::string{"?"};
}

} // namespace

std::optional<problem> command_gate::look(const sender_marks& from, command_envelope& command) {
  if (from.connection < 0)
    return std::nullopt;
  const bool helps = is_safety(command.type, command.data);
  auto client = keeper_.client_of(from.key);
  std::optional<problem> why;
  if (client.empty()) {
    client = keeper_.owner_of(from.key);
    why = refuse(from, client, security::refusal::command, command.type,
                 because("security.unknown_key", {}, "the connection's key was revoked"));
  } else {
    why = look_as(client, from, command);
  }
  if (why && !helps)
    return why;
  command.source = client.text();
  if (command.type == query::log_read::type)
    narrow(client, command);
  return std::nullopt;
}

std::optional<problem> command_gate::look_as(const client_id& client, const sender_marks& from,
                                             const command_envelope& command) {
  if (command.source != nobody && command.source != client.text())
    return refuse(from, client, security::refusal::source, shown(command.source),
                  because("security.source_claimed", "source"));
  if (const auto name = session_in(command); !name.empty() && name != client.text())
    return refuse(from, client, security::refusal::source, shown(name),
                  because("security.source_claimed", "data.name"));
  // What nobody knows is the engine's to say no to.
  if (is_known(command.type) && !keeper_.may_send(client, command.type))
    return refuse(from, client, security::refusal::command, command.type,
                  because("security.not_allowed", "type", command.type));
  return std::nullopt;
}

problem command_gate::refuse(const sender_marks& from, const client_id& client,
                             security::refusal what, std::string word, problem why) {
  security::access_refused said;
  said.client = client;
  said.what = what;
  said.word = shown(word);
  said.reason = why.type;
  said.fingerprint = fingerprint_of(from.key);
  said.host = from.address;
  keeper_.note(std::move(said));
  return why;
}

void command_gate::narrow(const client_id& client, command_envelope& command) const {
  narrow_log_read(
      command.data, [&](std::string_view type) { return keeper_.may_see(client, type); },
      [&](std::string_view prefix) { return keeper_.visible_under(client, prefix); });
}

} // namespace careline::gateway::bus
